"""The cells of one row of a table of annotations, made into statements."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

from napari_cellib.annotate import table_outlines
from napari_cellib.annotate.table_outlines import read_outline
from napari_cellib.annotate.table_texts import Texts, short
from napari_cellib.model import Annotation, Assertion, Term, TermField
from napari_cellib.model.statement import Qualifier, RegionShape, Remark, Statement
from napari_cellib.ontology.curies import normalise_curie
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.model import Problem

_BY = get_args(Assertion.model_fields["by"].annotation)
_STATUS = get_args(Statement.model_fields["status"].annotation)
_QUALIFIERS = get_args(Qualifier)
_OF_A_TERM = ("term", "label", "text", "field")
# Cells that say nothing where the row has none of what they belong to.
_BELONGING = {
    "term": ("qualifier", "ontology_version", "synonyms", "source_field"),
    "remark": ("about",),
}


def read_cells(
    record_id: str, cells: Mapping[str, str]
) -> tuple[list[Statement], list[Problem]]:
    """Return what a row says, and what of it was not understood.

    A row may draw a region and annotate it at once: then it is two statements.

    Parameters
    ----------
    record_id : str
        Of the record that it is about.
    cells : dict of str to str
        The texts of its cells by the names of the columns; empty ones may be missing.
    """
    texts = Texts(record_id, cells)
    said = _said(texts)
    return ([] if texts.is_wrong else said), texts.problems


def _said(texts: Texts) -> list[Statement]:
    common = _common(texts)
    shape = texts.choice("shape", list(RegionShape))
    region = texts.region_id()
    said: list[Statement | None] = []
    if shape is not None:
        said.append(read_outline(texts, RegionShape(shape), region, common))
    if texts.has(*_OF_A_TERM):
        said.append(_annotation(texts, region, common))
    if text := texts.cell("remark"):
        about = texts.key("about")
        said.append(texts.made(Remark, text=text, region=region, about=about, **common))
    _check_whole(texts)
    if not (said or texts.is_wrong):
        texts.wrong(
            "row-says-nothing",
            "cells",
            "It has no term, no remark and no shape.",
            "Fill in one of them, or leave the row out.",
        )
    return [one for one in said if one is not None]


def _check_whole(texts: Texts) -> None:
    """Tell of cells that are filled, and say nothing without another one."""
    outline = [name for name in table_outlines.CELLS if texts.has(name)]
    if outline and not texts.has("shape"):
        texts.wrong(
            "shape-missing",
            "shape",
            f"It has {', '.join(outline)}, and does not say of which shape.",
            f"Write one of {', '.join(RegionShape)}.",
        )
    for what, names in _BELONGING.items():
        if texts.has(*(_OF_A_TERM if what == "term" else (what,))):
            continue
        for name in filter(texts.has, names):
            texts.odd(
                "cell-unused",
                name,
                f"It is not read, as the row has no {what}.",
                f"Add a {what}, or empty the cell.",
            )


def _common(texts: Texts) -> dict[str, Any]:
    """Return what each statement of the row has."""
    asserted: dict[str, Any] = {
        "by": texts.choice("by", _BY),
        "at": _time(texts),
        **{name: texts.cell(name) for name in ("author", "software", "evidence")},
        "orcid": texts.cell("orcid"),
    }
    known = {name: value for name, value in asserted.items() if value is not None}
    made = texts.made(Assertion, problem="orcid-invalid", where="orcid", **known)
    return {
        "assertion": made or Assertion(),
        "status": texts.choice("status", _STATUS) or "asserted",
        "supersedes": texts.key("supersedes"),
    }


def _annotation(texts: Texts, region: str | None, common: dict[str, Any]) -> Any:
    field = _field(texts)
    curie = normalise_curie(text) if (text := texts.cell("term")) else None
    if text and curie is None:
        texts.wrong(
            "term-unreadable",
            "term",
            f"{short(text)} is no identifier of a term.",
            "Write one as in GO:0005634, or put words into the column 'text'.",
        )
    if not texts.has("term", "label", "text"):
        texts.wrong(
            "term-missing",
            "term",
            "It names a field and no term.",
            "Write the identifier of a term, or words into the column 'text'.",
        )
    _check_words(texts)
    qualifier = texts.choice("qualifier", _QUALIFIERS) or "present"
    if texts.is_wrong or field is None:
        return None
    term = texts.made(
        Term,
        id=curie,
        label=texts.cell("label"),
        text=texts.cell("text"),
        ontology_version=texts.cell("ontology_version"),
        synonyms=_synonyms(texts),
    )
    return texts.made(
        Annotation,
        field=field,
        term=term,
        qualifier=qualifier,
        region=region,
        source_field=texts.cell("source_field"),
        **common,
    )


def _check_words(texts: Texts) -> None:
    """Tell of identifiers that stand where words do, and would be mere words there."""
    for column in ("label", "text"):
        words = texts.cell(column)
        if words and not texts.has("term") and normalise_curie(words):
            texts.odd(
                "text-is-identifier",
                column,
                f"{short(words)} looks like the identifier of a term.",
                "Write it into the column 'term', so that it is known as such.",
            )


def _field(texts: Texts) -> TermField | None:
    text = texts.cell("field")
    fix = f"Write one of {', '.join(TermField)}."
    if text is None:
        texts.wrong("field-missing", "field", "It names no field.", fix)
        return None
    folded = text.casefold().replace(" ", "_")
    for field, rule in field_rules().items():
        if folded in (field.value, rule.title.casefold().replace(" ", "_")):
            return field
    texts.wrong("field-unknown", "field", f"There is no field {short(text)}.", fix)
    return None


def _synonyms(texts: Texts) -> tuple[str, ...]:
    text = texts.cell("synonyms")
    if text is None:
        return ()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = text.split(";")
    known = found if isinstance(found, list) else [text]
    names = (one.strip() for one in known if isinstance(one, str))
    return tuple(filter(None, names))


def _time(texts: Texts) -> datetime | None:
    text = texts.cell("at")
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        texts.wrong(
            "date-unreadable",
            "at",
            f"{short(text or '')} is no date with a time.",
            "Write it as in 2026-11-28T14:30:00Z, or leave it empty.",
        )
        return None
