"""A library in memory, for our own tests and for those of other plugins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import QueryInvalid, RecordNotFound
from napari_cellib.jobs import Progress
from napari_cellib.library.facets import NO_LICENCE, NO_LICENCE_NAME
from napari_cellib.library.protocol import LibraryInfo
from napari_cellib.model import (
    Facet,
    FacetField,
    FacetValue,
    Hit,
    ImageRecord,
    Page,
    Query,
    Sort,
    TermField,
)
from napari_cellib.model.statement import Statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model import Representation

_TERM_FIELDS = {
    FacetField.ORGANISM: TermField.ORGANISM,
    FacetField.CELL_TYPE: TermField.CELL_TYPE,
    FacetField.CELLULAR_COMPONENT: TermField.CELLULAR_COMPONENT,
    FacetField.BIOLOGICAL_PROCESS: TermField.BIOLOGICAL_PROCESS,
    FacetField.IMAGING_METHOD: TermField.IMAGING_METHOD,
}


def a_record(
    record_id: str = "CLB000001X", title: str = "HeLa cell", **fields: Any
) -> ImageRecord:
    """Return a valid record; name only what your test is about."""
    return ImageRecord(id=record_id, title=title, **fields)


class ShelfLibrary:
    """A few records that are searched one by one: small, slow and plain.

    Parameters
    ----------
    records : iterable of ImageRecord
        What stands on the shelf; each is told the id of this library.
    library_id : str, default: "shelf"
        Its id in addresses.
    thumbnails : mapping of str to bytes, optional
        PNG or JPEG bytes by record id.
    """

    def __init__(
        self,
        records: Iterable[ImageRecord] = (),
        *,
        library_id: str = "shelf",
        thumbnails: Mapping[str, bytes] | None = None,
    ) -> None:
        self._info = LibraryInfo(id=library_id, name="Shelf", location="memory")
        self._records = {
            record.id: record.model_copy(update={"library": library_id})
            for record in records
        }
        self._thumbnails = dict(thumbnails or {})
        self._said: dict[str, Statements] = {}

    @property
    def info(self) -> LibraryInfo:
        """Id, name and place of the library."""
        return self._info

    def search(self, query: Query) -> Page:
        """Return one page of the records that hold all words of the query."""
        everything = map(self._searched, self._records.values())
        named = [r for r in everything if _has_words(r, query.text)]
        found = [r for r in named if _passes(r, query)]
        if query.sort is Sort.TITLE:
            found.sort(key=lambda record: record.title.casefold())
        elif query.sort is Sort.NEWEST:
            found.sort(key=lambda record: record.dates.published or "", reverse=True)
        start = _offset(query)
        end = start + query.limit
        return Page(
            hits=tuple(Hit(record=self._records[r.id]) for r in found[start:end]),
            total=len(found),
            facets=tuple(_facets(named, query)) if query.facets else (),
            next=f"{_fingerprint(query)}:{end}" if end < len(found) else None,
        )

    def record(self, record_id: str) -> ImageRecord:
        """Return one record."""
        try:
            return self._records[record_id]
        except KeyError as error:
            raise RecordNotFound(record_id, library=self._info.name) from error

    def statements(self, record_id: str) -> Statements:
        """Return all that was ever said of a record and its regions."""
        return self._all_said(self.record(record_id))

    def annotate(self, record_id: str, said: Statements) -> Statements:
        """Add what was not yet said of a record; nothing said before is changed."""
        record = self.record(record_id)
        known = self.statements(record_id)
        new = said.without(known.keys)
        if not len(new):
            return known
        notes = tuple(note for note in new.annotations if note.region is None)
        modified = datetime.now(UTC).date().isoformat()
        dates = record.dates.model_copy(update={"modified": modified})
        changes = {"annotations": (*record.annotations, *notes), "dates": dates}
        self._records[record_id] = record.model_copy(update=changes)
        self._said[record_id] = known.with_all(new)
        return self.statements(record_id)

    def annotate_many(self, said: Mapping[str, Statements]) -> Job[int]:
        """Add what was not yet said of many records."""
        changed = 0
        for done, (record_id, one) in enumerate(said.items(), start=1):
            before = len(self.statements(record_id))
            changed += len(self.annotate(record_id, one)) > before
            yield Progress("Annotating images", done, len(said))
        return changed

    def siblings(self, record_id: str) -> tuple[ImageRecord, ...]:
        """Return the other records of the same group or study."""
        me = self.record(record_id)
        family = [
            other
            for other in self._records.values()
            if other.id != me.id
            and (
                (me.group is not None and me.group in (other.group, other.id))
                or other.group == me.id
                or (me.study is not None and other.study == me.study)
            )
        ]
        return tuple(sorted(family, key=lambda record: record.title))

    def thumbnail(self, record_id: str) -> bytes | None:
        """Return the thumbnail, or None if there is none."""
        return self._thumbnails.get(record_id)

    def locate(self, representation: Representation) -> str:
        """Return the address as the record gives it."""
        return representation.url

    def close(self) -> None:
        """Do nothing: a shelf holds no file open."""

    def _all_said(self, record: ImageRecord) -> Statements:
        whole = Statements(annotations=record.annotations)
        return whole.with_all(self._said.get(record.id, Statements()))

    def _searched(self, record: ImageRecord) -> ImageRecord:
        """Return a record that has the terms of its regions as its own."""
        present = self._all_said(record).present
        return record.model_copy(update={"annotations": present.annotations})


def _has_words(record: ImageRecord, text: str) -> bool:
    terms = (a.term for a in record.standing_annotations)
    names = [part for t in terms for part in (t.id, t.label, t.text, *t.synonyms)]
    story = [record.id, record.title, record.description, *names]
    heap = " ".join(part for part in story if part).casefold()
    return all(word in heap for word in text.casefold().split())


def _values(record: ImageRecord, field: FacetField) -> dict[str, str]:
    """Return the values of one facet, each with the label that people read."""
    if term_field := _TERM_FIELDS.get(field):
        return {term.id or term.name: term.name for term in record.terms(term_field)}
    if field is FacetField.KIND:
        return {kind.value: kind.label for kind in record.kinds}
    if field is FacetField.LICENCE:
        licence = record.licence
        if licence is None:
            return {NO_LICENCE: NO_LICENCE_NAME}
        return {licence.spdx or licence.name: licence.name}
    return {record.library: record.library} if record.library else {}


def _passes(
    record: ImageRecord, query: Query, *, ignoring: FacetField | None = None
) -> bool:
    return all(
        field is ignoring or not _values(record, field).keys().isdisjoint(wanted)
        for field, wanted in query.filters.items()
    )


def _facets(named: list[ImageRecord], query: Query) -> Iterable[Facet]:
    for field in FacetField:
        counts: dict[str, int] = {}
        labels: dict[str, str] = {}
        for record in named:
            # A facet ignores its own filter, so that alternatives stay in sight.
            alive = _passes(record, query, ignoring=field)
            for value, label in _values(record, field).items():
                labels[value] = label
                counts[value] = counts.get(value, 0) + alive
        chosen = query.filters.get(field, ())
        listed = [
            FacetValue(value=value, label=labels.get(value, value), count=count)
            for value, count in (dict.fromkeys(chosen, 0) | counts).items()
            if count or value in chosen
        ]
        if listed:
            listed.sort(key=lambda one: (-one.count, one.label))
            yield Facet(field=field, values=tuple(listed))


def _fingerprint(query: Query) -> str:
    return f"{query.text}|{sorted(query.filters.items())}|{query.sort}"


def _offset(query: Query) -> int:
    if query.cursor is None:
        return 0
    owner, _, number = query.cursor.rpartition(":")
    if owner != _fingerprint(query):
        raise QueryInvalid("the page is one of another search")
    return int(number)
