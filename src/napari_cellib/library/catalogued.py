"""A library whose records are in a catalogue, wherever that is kept."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from napari_cellib.errors import LibraryWithoutFiles, RecordInvalid, RecordNotFound
from napari_cellib.jobs import Job, Progress, drive
from napari_cellib.library.blobs import is_remote
from napari_cellib.library.manifests import with_manifests
from napari_cellib.library.protocol import LibraryInfo
from napari_cellib.library.search.corrections import Corrector
from napari_cellib.library.search.counted import FacetCounter
from napari_cellib.library.search.cursor import write_cursor
from napari_cellib.model import Hit, ImageRecord, Page, Query, Representation, Study
from napari_cellib.model.search_syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from napari_cellib.errors import LibraryReadOnly, StorageFull
    from napari_cellib.library.blobs import Blobs
    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.marker import Marker
    from napari_cellib.library.search.engine import SearchEngine
    from napari_cellib.model.statement import Statements

_BATCH = 500


class CataloguedLibrary:
    """What libraries with a catalogue have in common.

    All methods may be called from any thread, and several programs may use one
    library at the same time.

    Parameters
    ----------
    marker : Marker
        Its id and its name.
    where : str
        Where it is, as a user would name it.
    catalogue : Catalogue
        Its records.
    index : SearchEngine
        Finds them.
    blobs : Blobs or None
        Its files; None if it has no place for any.
    obstacle : type of error, optional
        Why nothing can be written.
    """

    def __init__(
        self,
        marker: Marker,
        where: str,
        catalogue: Catalogue,
        index: SearchEngine,
        blobs: Blobs | None,
        *,
        obstacle: type[LibraryReadOnly | StorageFull] | None = None,
    ) -> None:
        self._marker = marker
        self._where = where
        self._catalogue = catalogue
        self._index = index
        self._blobs = blobs
        self._obstacle = obstacle
        self._counter = FacetCounter(catalogue.hierarchy, marker)
        self._corrector = Corrector(catalogue, index)

    def close(self) -> None:
        """Release files and connections; the library cannot be used afterwards."""
        self._index.close()
        self._catalogue.close()

    # ------------------------------------------------------------------ reading

    @property
    def info(self) -> LibraryInfo:
        """Id, name and place of the library."""
        return LibraryInfo(
            id=self._marker.id,
            name=self._marker.name,
            location=self._where,
            writable=self._obstacle is None,
        )

    def __len__(self) -> int:
        return self._catalogue.count()

    def search(self, query: Query) -> Page:
        """Return one page of hits and, if the query asks for them, facet counts."""
        if self._obstacle is None:
            drive(self._catalogue.follow())
        records: dict[str, ImageRecord] = {}
        found = self._index.search(
            query, lambda ids: records.update(self._catalogue.records(ids))
        )
        hits = tuple(
            Hit(record=records[record_id], score=score)
            for record_id, score in found.hits
            if record_id in records  # else removed since it was indexed
        )
        return Page(
            hits=hits,
            total=found.total,
            total_is_exact=not found.warnings,
            facets=self._counter.facets(found, query),
            next=write_cursor(query, found.next) if found.next else None,
            warnings=(
                *parse(query.text).notes,
                *found.warnings,
                *self._catalogue.hierarchy.warnings(),
            ),
            suggestion=self._corrector.suggestion(query, found.total),
        )

    def ids(self, query: Query) -> frozenset[str]:
        """Return the ids of all hits, whatever the limit; no record is read."""
        found: set[str] = set()
        page = query.model_copy(
            update={"facets": False, "cursor": None, "limit": _BATCH}
        )
        while True:
            answer = self._index.search(page)
            found.update(record_id for record_id, _ in answer.hits)
            if answer.next is None:
                return frozenset(found)
            cursor = write_cursor(page, answer.next)
            page = page.model_copy(update={"cursor": cursor})

    def last_change(self) -> int:
        """Return the number of the newest change of a record; 0 where there is none."""
        return self._catalogue.last_change()

    def changed(self, after: int) -> tuple[dict[str, bool], int]:
        """Return which records have changed since, and up to which change that is.

        Parameters
        ----------
        after : int
            Number of the last change that is known.

        Returns
        -------
        dict of str to bool
            Whether the record is still to be found, by its id; some hundred at most,
            the oldest change first.
        int
            The number of the last change among them, or `after` if there is none.
        """
        changes = self._catalogue.changes(after, _BATCH)
        found = {one.record_id: one.entry is not None for one in changes}
        return found, changes[-1].number if changes else after

    def record(self, record_id: str) -> ImageRecord:
        """Return one record, with its raw source document."""
        found = self._catalogue.record(record_id)
        if found is None:
            raise RecordNotFound(record_id, library=self._marker.name)
        return found

    def statements(self, record_id: str) -> Statements:
        """Return all that was ever said of a record and its regions."""
        found = self._catalogue.statements(record_id)
        if found is None:
            raise RecordNotFound(record_id, library=self._marker.name)
        return found

    def siblings(self, record_id: str) -> tuple[ImageRecord, ...]:
        """Return the other images of the same group or study, by title."""
        return self._catalogue.siblings(record_id)

    def together(self, study: str | None, group: str | None) -> tuple[ImageRecord, ...]:
        """Return what would be siblings of an image that is not here yet, by title.

        Parameters
        ----------
        study, group : str, optional
            Of that image. A group is named by a word, or by the image it began with.
        """
        return self._catalogue.together(study, group)

    def studies(self) -> tuple[Study, ...]:
        """Return all studies by title, with the numbers of their images."""
        return self._catalogue.studies()

    def study(self, study_id: str) -> Study | None:
        """Return one study, or None."""
        return self._catalogue.study(study_id)

    def thumbnail(self, record_id: str) -> bytes | None:
        """Return the thumbnail as PNG or JPEG bytes, or None if there is none."""
        return self._blobs.thumbnail(record_id) if self._blobs else None

    def locate(self, representation: Representation) -> str:
        """Return the path or URL under which a representation can be opened."""
        if is_remote(representation.url):
            return representation.url
        return str(self._files().path(representation.url))

    # ------------------------------------------------------------------ writing

    def mint_accession(self) -> str:
        """Reserve the next accession; no other program is given the same one."""
        self._check_writable()
        return self._catalogue.mint()

    def blob_folder(self, record_id: str) -> Path:
        """Return the folder where a writer may put the files of a record.

        It is made by whoever writes into it. What `blob_url` returns is the `url` of
        a representation in it.
        """
        return self._files().record_folder(record_id)

    def blob_url(self, record_id: str, name: str) -> str:
        """Return the `url` of a representation that lies in the record's folder.

        Parameters
        ----------
        record_id : str
            Id of the record.
        name : str
            Path within the folder, for example ``"original/cell.tif"``.
        """
        return self._files().url(record_id, name)

    def add(
        self, record: ImageRecord, *, thumbnail: bytes | None = None
    ) -> ImageRecord:
        """Add a record, or replace the one of the same id.

        What was said of that one by `annotate` stays.

        Parameters
        ----------
        record : ImageRecord
            The record; its `library` is filled in, and for an OME-Zarr in the
            folder of the library what opening it has to know.
        thumbnail : bytes, optional
            A PNG or JPEG picture.

        Returns
        -------
        ImageRecord
            The record as it is stored.
        """
        self._check_writable()
        if thumbnail is not None:
            self._files().put_thumbnail(record.id, thumbnail)
        stored = record.model_copy(update={"library": self._marker.id})
        stored = with_manifests(stored, self._folder_of)
        (stored,) = self._catalogue.put([stored])
        return stored

    def add_many(self, records: Iterable[ImageRecord]) -> Job[int]:
        """Add or replace many records, some hundred at a time.

        Parameters
        ----------
        records : iterable of ImageRecord
            Read as they are needed. After a stop, those reported are stored.

        Returns
        -------
        Job
            Its value is how many were stored.
        """
        self._check_writable()
        stored = (
            item.model_copy(update={"library": self._marker.id}) for item in records
        )
        done = 0
        while batch := list(islice(stored, _BATCH)):
            self._catalogue.put(batch)
            done += len(batch)
            yield Progress("Adding images", done)
        return done

    def annotate(self, record_id: str, said: Statements) -> Statements:
        """Add what was not yet said of a record; nothing said before is changed.

        Parameters
        ----------
        record_id : str
            Id of the record.
        said : Statements
            What is said of it; what is known already does no harm.

        Returns
        -------
        Statements
            All that is said of it now, also by others meanwhile.

        Raises
        ------
        RecordNotFound
            When no record has that id.
        LibraryReadOnly
            When nothing can be written.
        """
        self._check_writable()
        self._catalogue.annotate({record_id: said})
        return self.statements(record_id)

    def annotate_many(self, said: Mapping[str, Statements]) -> Job[int]:
        """Add what was not yet said of many records, some hundred at a time.

        Parameters
        ----------
        said : mapping of str to Statements
            What is said, by id of the record. After a stop, what was reported is
            stored; to do all of it again is no harm.

        Returns
        -------
        Job
            Its value is how many records have changed.
        """
        self._check_writable()
        left = iter(said.items())
        done = changed = 0
        while batch := dict(islice(left, _BATCH)):
            changed += self._catalogue.annotate(batch)
            done += len(batch)
            yield Progress("Annotating images", done, len(said))
        return changed

    def add_study(self, study: Study) -> None:
        """Add a study, or replace the one of the same id."""
        self._check_writable()
        self._catalogue.put_study(study)

    def remove(self, record_id: str) -> None:
        """Remove a record and its files.

        Raises
        ------
        RecordNotFound
            When no record has that id.
        """
        self._check_writable()
        if not self._catalogue.remove(record_id):
            raise RecordNotFound(record_id, library=self._marker.name)
        if self._blobs is not None:
            self._blobs.remove_record(record_id)

    def update_index(self) -> Job[bool]:
        """Make what was added searchable now; the next search would do it, too."""
        if self._obstacle is None:
            yield from self._catalogue.update()
        return (yield from self._index.catch_up())

    def prepare_search(self) -> Job[None]:
        """Do what the next search would do first, and tell how far it is.

        That takes long only where an older program has left the library, or where
        very many images are new.
        """
        if self._obstacle is None:
            yield from self._catalogue.follow()
        yield from self._index.catch_up()

    def rebuild_index(self) -> Job[bool]:
        """Throw the index away and build it anew from the catalogue."""
        if self._obstacle is None:
            yield from self._catalogue.update()
        return (yield from self._index.rebuild())

    # ------------------------------------------------------------------ within

    def _folder_of(self, representation: Representation) -> Path | None:
        if self._blobs is None or is_remote(representation.url):
            return None
        try:
            return self._blobs.path(representation.url)
        except RecordInvalid:
            return None  # a path out of the library: only opening it needs to fail

    def _check_writable(self) -> None:
        if self._obstacle is not None:
            raise self._obstacle(self._where)

    def _files(self) -> Blobs:
        if self._blobs is None:
            raise LibraryWithoutFiles(self._where)
        return self._blobs
