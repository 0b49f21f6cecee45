"""What the ``cellib`` command prints: records, results and findings as plain text."""

from __future__ import annotations

import json
import shutil
import textwrap
from typing import TYPE_CHECKING

from napari_cellib.model import Status, TermField, citation_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from napari_cellib.library import Results
    from napari_cellib.model import ImageRecord, Problem

_NAME_WIDTH = 21


def results_json(results: Results) -> Iterator[str]:
    """Yield an answer in JSON, piece by piece: total, facets and records.

    Thousands of records would not fit into the memory of every computer.
    """
    head = {
        "total": results.total,
        "total_is_exact": results.total_is_exact,
        "warnings": list(results.warnings),
        "suggestion": results.suggestion,
        "facets_are_exact": not results.facets_note,
        "facets": [facet.model_dump(mode="json") for facet in results.facets],
    }
    yield f'{_json(head)[:-2]},\n  "hits": ['
    start, end = "\n", "]"
    for image in results:
        hit = image.record.model_dump(mode="json", exclude_none=True)
        yield start + textwrap.indent(_json(hit), "    ")
        start, end = ",\n", "\n  ]"
    yield f"{end}\n}}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def results_lines(results: Results, *, facets: bool) -> Iterator[str]:
    """Yield one line per image, then, if asked for, the counts of the fields."""
    yield f"{results.total_in_words} found"
    is_one = len(results.libraries) == 1
    for image in results:
        title = _short(image.record.title, 60)
        # Of several libraries, a number alone does not say which image it is.
        name = image.id if is_one else image.address
        line = f"{name:<12} {title:<60} {_short(_summary(image.record), 60)}"
        yield line.rstrip()
    if facets:
        if results.facets_note:
            yield results.facets_note
        for facet in results.facets:
            yield f"{_readable(facet.field)}:"
            for value in facet.values:
                label = "  " * value.depth + clean(value.label)
                yield f"  {value.count:>6}  {label}  ({clean(value.value)})"


def record_lines(record: ImageRecord, library_name: str) -> Iterator[str]:
    """Return a record for a terminal; what is unknown is said to be unknown."""
    yield clean(record.title)
    yield ""
    for name, text in _facts(record, library_name):
        yield from _paragraph(name, text)


def doctor_lines(
    versions: Mapping[str, str], problems: Sequence[Problem]
) -> Iterator[str]:
    """Return the versions, then each finding with its mend."""
    yield ", ".join(f"{name} {version}" for name, version in versions.items())
    if not problems:
        yield "All is well."
    for problem in problems:
        mark = "ERROR " if problem.severity == "error" else "advice"
        yield f"{mark} {problem.where}: {problem.message}"
        yield f"       {problem.fix}"


def _facts(record: ImageRecord, library_name: str) -> Iterator[tuple[str, str]]:
    yield "number", record.cited_as
    yield "library", library_name
    if record.status is not Status.PUBLISHED:
        reason = dict(record.extra).get(record.status.value)
        words = record.status.value.replace("_", " ")
        yield "status", f"{words}, {reason}" if reason else words
    if record.description:
        yield "description", record.description
    for field in TermField:
        if names := _names(record, field, with_ids=True):
            yield _readable(field), names
    yield "size", _size(record)
    yield "pixel size", _spacing(record)
    yield "made by", _people(record) or "not stated"
    for one in record.funding:
        yield "funded by", " ".join(part for part in (one.funder, one.award) if part)
    yield "licence", _licence(record)
    for publication in record.publications:
        yield (
            "article",
            " ".join(part for part in (publication.citation, publication.link) if part),
        )
    for link in record.links:
        yield "see also", f"{link.label}: {link.url}" if link.label else link.url
    yield "cite as", citation_text(record, library_name)


def _summary(record: ImageRecord) -> str:
    licence = record.licence.spdx or record.licence.raw if record.licence else None
    organism = _names(record, TermField.ORGANISM)
    method = _names(record, TermField.IMAGING_METHOD)
    return " · ".join(fact for fact in (organism, method, licence) if fact)


def _paragraph(name: str, text: str) -> list[str]:
    width = max(60, shutil.get_terminal_size().columns)
    return textwrap.wrap(
        clean(text),
        width=width,
        initial_indent=f"{name:<{_NAME_WIDTH}}",
        subsequent_indent=" " * _NAME_WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _readable(name: str) -> str:
    return name.replace("_", " ")


def clean(text: str) -> str:
    """Take out control characters: those of a record must not reach a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _short(text: str, length: int) -> str:
    plain = clean(text)
    return plain if len(plain) <= length else f"{plain[: length - 1]}…"


def _names(record: ImageRecord, field: TermField, *, with_ids: bool = False) -> str:
    def shown(name: str, curie: str | None) -> str:
        return f"{name} ({curie})" if with_ids and curie else name

    return ", ".join(shown(term.name, term.id) for term in record.terms(field))


def _people(record: ImageRecord) -> str:
    return "; ".join(c.name for c in record.contributors) or record.attribution or ""


def _licence(record: ImageRecord) -> str:
    if record.licence is None:
        return "not stated"
    parts = [record.licence.name]
    if record.licence.spdx and record.licence.raw:
        parts.append(f"({record.licence.raw})")
    if record.licence.version_assumed:
        parts.append("(version assumed)")
    if record.licence.link:
        parts.append(record.licence.link)
    return " ".join(parts)


def _size(record: ImageRecord) -> str:
    dimensions = record.dimensions
    if dimensions is None:
        return "not stated"
    return ", ".join(f"{axis} {n}" for axis, n in dimensions.sizes.items())


def _spacing(record: ImageRecord) -> str:
    spacing: Iterable[tuple[str, float]] = (
        record.dimensions.spacing_um.items() if record.dimensions else ()
    )
    return ", ".join(f"{axis} {value:g} µm" for axis, value in spacing) or "not stated"
