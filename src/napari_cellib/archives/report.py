"""What became of everything that a dump holds, counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic import Field

from napari_cellib.archives.cil.ledger import Fate
from napari_cellib.library.files import write_file
from napari_cellib.model._base import Model, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from napari_cellib.archives.cil.ledger import Entry
    from napari_cellib.ontology import Terms

_EXAMPLES = 3
_LONGEST_VALUE = 120
_MOST_REFUSALS = 1000


class Refusal(Model):
    """A document that became no record, and why."""

    document: Text
    reason: Text


class Example(Model):
    """One value as it stands in a document."""

    record: Text
    value: str


class Treatment(Model):
    """What became of some of the values of one field."""

    field: Text
    fate: Fate
    reason: str = ""
    count: int
    examples: tuple[Example, ...] = ()


class ImportReport(Model):
    """What an import found, took and left.

    `mapped` values are in the records as they were written; `cleaned` ones are there
    in another spelling; `kept_raw` and `refused` ones are only in the raw document,
    which every record keeps.
    """

    source: Text
    dump: Text = Field(description="zip, folder or address that was read")
    adapter: Text
    terms: str = Field(default="", description="ontologies that names were taken from")
    documents: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = Field(default=0, description="documents that came twice, alike")
    gone: tuple[str, ...] = Field(
        default=(), description="records of the library that the dump has no more"
    )
    newer: tuple[str, ...] = Field(
        default=(), description="records that are newer here than in the dump, and stay"
    )
    refused: tuple[Refusal, ...] = ()
    refused_count: int = 0
    values: dict[Fate, int] = Field(default_factory=dict)
    fields: tuple[Treatment, ...] = ()

    def summary(self) -> Iterator[str]:
        """Yield, in words, what came and what became of it."""
        yield f"{self.source}, from {self.dump}"
        yield (
            f"{self.documents:,} documents: {self.added:,} added, {self.changed:,} "
            f"changed, {self.unchanged:,} unchanged, {self.refused_count:,} refused"
            + (f", {self.repeated:,} repeated" if self.repeated else "")
        )
        if self.gone:
            yield f"{len(self.gone):,} records are no longer in the dump; they stay"
        if self.newer:
            yield f"{len(self.newer):,} records are newer here than there; they stay"

    def lines(self) -> Iterator[str]:
        """Yield the report in words."""
        yield from self.summary()
        yield "values: " + ", ".join(
            f"{self.values.get(fate, 0):,} {fate.replace('_', ' ')}" for fate in Fate
        )
        for refusal in self.refused[:20]:
            yield f"  refused  {refusal.document}: {refusal.reason}"
        for fate in (Fate.REFUSED, Fate.KEPT_RAW, Fate.CLEANED):
            for item in self.fields:
                if item.fate is fate:
                    yield _line(item)


class UpdateReport(ImportReport):
    """What an update found, took and left."""

    since: str | None = Field(
        default=None, description="changes since that time were asked for"
    )
    kept: tuple[str, ...] = Field(
        default=(), description="records that hold more than their page, and stay"
    )
    waiting: tuple[str, ...] = Field(
        default=(), description="images that could not be read this time"
    )
    trouble: str = Field(default="", description="why the last of them could not")

    def summary(self) -> Iterator[str]:
        """Yield, in words, what came and what became of it."""
        yield from super().summary()
        if self.kept:
            yield f"{len(self.kept):,} records hold more than their pages; they stay"
        if self.waiting:
            why = f": {self.trouble}" if self.trouble else ""
            yield f"{len(self.waiting):,} images could not be read this time{why}"


def write_report(folder: Path, report: ImportReport, stem: str) -> None:
    """Write a report into a library's folder, for people and for programs.

    Parameters
    ----------
    folder : pathlib.Path
        The library's folder.
    report : ImportReport
        The report.
    stem : str
        Name of the files without ``.txt`` and ``.json``.
    """
    text = "\n".join(report.lines())
    write_file(folder / f"{stem}.txt", f"{text}\n".encode())
    write_file(folder / f"{stem}.json", report.model_dump_json(indent=1).encode())


def _line(item: Treatment) -> str:
    example = item.examples[0] if item.examples else None
    told = f"  e.g. {example.value!r} of {example.record}" if example else ""
    name = item.fate.replace("_", " ")
    return f"  {name:<8} {item.count:>7,}  {item.field}: {item.reason}{told}"


class Tally:
    """Counts while an import goes on."""

    def __init__(self) -> None:
        self.documents = self.added = self.changed = self.unchanged = 0
        self.repeated = self.refused_count = 0
        self.refused: list[Refusal] = []
        self.newer: list[str] = []  # records that are newer than what came
        self._counts: Counter[tuple[str, Fate, str]] = Counter()
        self._examples: dict[tuple[str, Fate, str], list[Example]] = {}

    def refuse(self, document: str, reason: str) -> None:
        """Note a document that becomes no record."""
        self.refused_count += 1
        if len(self.refused) < _MOST_REFUSALS:
            self.refused.append(Refusal(document=document, reason=reason))

    def take(self, record_id: str, entries: Iterable[Entry]) -> None:
        """Note what became of the values of one document."""
        for entry in entries:
            key = (entry.pattern, entry.fate, entry.reason)
            self._counts[key] += 1
            if entry.fate is Fate.MAPPED or self._counts[key] > _EXAMPLES:
                continue
            value = str(entry.value)[:_LONGEST_VALUE]
            example = Example(record=record_id, value=value)
            self._examples.setdefault(key, []).append(example)

    def counted(self, terms: Terms) -> dict[str, Any]:
        """Return the fields of a report that were counted."""
        releases = terms.versions().items()
        return {
            "terms": ", ".join(
                f"{name} {row.version}".strip() for name, row in releases
            ),
            "documents": self.documents,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "repeated": self.repeated,
            "newer": tuple(self.newer),
            "refused": tuple(self.refused),
            "refused_count": self.refused_count,
            "values": self.values(),
            "fields": self.fields(),
        }

    def values(self) -> dict[Fate, int]:
        """Return how many values had each fate."""
        total: Counter[Fate] = Counter()
        for (_, fate, _), count in self._counts.items():
            total[fate] += count
        return dict(total)

    def fields(self) -> tuple[Treatment, ...]:
        """Return what became of the values of each field."""
        return tuple(
            Treatment(
                field=field,
                fate=fate,
                reason=reason,
                count=count,
                examples=tuple(self._examples.get((field, fate, reason), ())),
            )
            for (field, fate, reason), count in sorted(self._counts.items())
        )
