"""The embedded library: one folder, no server, nothing to set up.

::

    library.json       what the folder is
    catalogue.sqlite   the records: the only part that cannot be made again
    index/             full text and facets; rebuilt from the catalogue at will
    blobs/             thumbnails, pixels and original files, a folder per record
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from napari_cellib.errors import (
    LibraryDamaged,
    LibraryExists,
    LibraryReadOnly,
    RecordNotFound,
    StorageFull,
)
from napari_cellib.jobs import Job, Progress
from napari_cellib.library import checks, sqlite
from napari_cellib.library.blobs import Blobs
from napari_cellib.library.catalogue import Catalogue
from napari_cellib.library.counted import FacetCounter
from napari_cellib.library.cursor import write_cursor
from napari_cellib.library.files import obstacle, writing_errors
from napari_cellib.library.index import SearchIndex
from napari_cellib.library.marker import Marker, read_marker, write_marker
from napari_cellib.library.protocol import LibraryInfo
from napari_cellib.library.vocabulary import Vocabulary
from napari_cellib.model import (
    Hit,
    ImageRecord,
    Page,
    Problem,
    Query,
    Representation,
    Study,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_cellib.ontology import Terms

CATALOGUE_NAME = "catalogue.sqlite"
INDEX_NAME = "index"
BLOBS_NAME = "blobs"
BUSY_TIMEOUT_S = 10.0

_BATCH = 500
_OURS = {CATALOGUE_NAME, f"{CATALOGUE_NAME}-wal", f"{CATALOGUE_NAME}-shm"}
_REMOTE = ("http://", "https://", "s3://", "gs://")


class EmbeddedLibrary:
    """A library in a folder; made by `create`, opened by `open`.

    All methods may be called from any thread, and several programs may use one
    folder at the same time.
    """

    def __init__(
        self,
        folder: Path,
        marker: Marker,
        catalogue: Catalogue,
        *,
        obstacle: type[LibraryReadOnly | StorageFull] | None = None,
    ) -> None:
        self._folder = folder
        self._marker = marker
        self._catalogue = catalogue
        self._facets = FacetCounter(catalogue.hierarchy, marker)
        self._obstacle = obstacle  # to writing
        self._blobs = Blobs(folder / BLOBS_NAME)
        self._index = SearchIndex(
            catalogue,
            marker.id,
            None if obstacle else folder / INDEX_NAME,
            where=str(folder),
            vocabulary=catalogue.vocabulary,
        )

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        id: str,
        name: str,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        terms: Terms | None = None,
    ) -> EmbeddedLibrary:
        """Make a new, empty library in `folder`.

        Parameters
        ----------
        folder : pathlib.Path
            Made when absent; it must be empty.
        id : str
            Short name for addresses: lower-case letters, digits and hyphens.
        name : str
            Full name, for people.
        busy_timeout_s : float
            How long to wait for another program's transaction, in seconds.
        terms : Terms, optional
            Say what lies above a term; those of the program by default. The caller
            closes them, after the library.

        Returns
        -------
        EmbeddedLibrary
            The library, opened.

        Raises
        ------
        LibraryExists
            When something is there already.
        """
        marker = Marker(id=id, name=name)
        with writing_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            present = {path.name for path in folder.iterdir()}
        # What an interrupted creation has left is taken over.
        if present - _OURS:
            raise LibraryExists(str(folder))
        engine = sqlite.writable_engine(
            folder / CATALOGUE_NAME, busy_timeout_s=busy_timeout_s
        )
        catalogue = Catalogue(engine, str(folder), Vocabulary(terms))
        try:
            catalogue.prepare()
            write_marker(folder, marker)
        except BaseException:
            catalogue.close()
            raise
        return cls(folder, marker, catalogue)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        read_only: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        terms: Terms | None = None,
    ) -> EmbeddedLibrary:
        """Open the library in `folder`, read-only where nothing can be written.

        Parameters
        ----------
        folder : pathlib.Path
            A folder with a ``library.json``.
        read_only : bool
            Change nothing even where that is possible; the index is then kept in
            memory.
        busy_timeout_s : float
            How long to wait for another program's transaction, in seconds.
        terms : Terms, optional
            Say what lies above a term; those of the program by default. The caller
            closes them, after the library.

        Returns
        -------
        EmbeddedLibrary
            The library.

        Raises
        ------
        LibraryNotFound
            When the folder holds no library.
        LibraryTooNew
            When a newer program has written it; it is left as it is.
        LibraryDamaged
            When its marker or its catalogue cannot be read.
        """
        marker = read_marker(folder)
        path = folder / CATALOGUE_NAME
        if not path.is_file():
            raise LibraryDamaged(str(folder), f"{CATALOGUE_NAME} is missing")
        hindered = LibraryReadOnly if read_only else obstacle(folder)
        engine = (
            sqlite.read_only_engine(path)
            if hindered
            else sqlite.writable_engine(path, busy_timeout_s=busy_timeout_s)
        )
        catalogue = Catalogue(engine, str(folder), Vocabulary(terms))
        try:
            if hindered is None:
                catalogue.prepare()
            elif catalogue.is_outdated():
                raise hindered(str(folder))  # and its tables must be changed
            return cls(folder, marker, catalogue, obstacle=hindered)
        except BaseException:
            catalogue.close()
            raise

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
            location=str(self._folder),
            writable=self._obstacle is None,
        )

    @property
    def folder(self) -> Path:
        """The folder that the library is."""
        return self._folder

    def __len__(self) -> int:
        return self._catalogue.count()

    def search(self, query: Query) -> Page:
        """Return one page of hits and, if the query asks for them, facet counts."""
        if self._obstacle is None:
            self._catalogue.hierarchy.follow()
        found = self._index.search(query)
        ids = [record_id for record_id, _ in found.hits]
        records = self._catalogue.records(ids)
        hits = tuple(
            Hit(record=records[record_id], score=score)
            for record_id, score in found.hits
            if record_id in records  # else removed since it was indexed
        )
        return Page(
            hits=hits,
            total=found.total,
            total_is_exact=not found.warnings,
            facets=self._facets.facets(found, query),
            next=write_cursor(query, found.next) if found.next else None,
            warnings=(*found.warnings, *self._catalogue.hierarchy.warnings()),
        )

    def record(self, record_id: str) -> ImageRecord:
        """Return one record, with its raw source document."""
        found = self._catalogue.record(record_id)
        if found is None:
            raise RecordNotFound(record_id, library=self._marker.name)
        return found

    def siblings(self, record_id: str) -> tuple[ImageRecord, ...]:
        """Return the other images of the same group or study, by title."""
        return self._catalogue.siblings(record_id)

    def study(self, study_id: str) -> Study | None:
        """Return one study, or None."""
        return self._catalogue.study(study_id)

    def thumbnail(self, record_id: str) -> bytes | None:
        """Return the thumbnail as PNG or JPEG bytes, or None if there is none."""
        return self._blobs.thumbnail(record_id)

    def locate(self, representation: Representation) -> str:
        """Return the path or URL under which a representation can be opened."""
        if representation.url.startswith(_REMOTE):
            return representation.url
        return str(self._blobs.path(representation.url))

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
        return self._blobs.record_folder(record_id)

    def blob_url(self, record_id: str, name: str) -> str:
        """Return the `url` of a representation that lies in the record's folder.

        Parameters
        ----------
        record_id : str
            Id of the record.
        name : str
            Path within the folder, for example ``"original/cell.tif"``.
        """
        return self._blobs.url(record_id, name)

    def add(
        self, record: ImageRecord, *, thumbnail: bytes | None = None
    ) -> ImageRecord:
        """Add a record, or replace the one of the same id.

        Parameters
        ----------
        record : ImageRecord
            The record; its `library` is filled in.
        thumbnail : bytes, optional
            A PNG or JPEG picture.

        Returns
        -------
        ImageRecord
            The record as it is stored.
        """
        self._check_writable()
        if thumbnail is not None:
            self._blobs.put_thumbnail(record.id, thumbnail)
        stored = record.model_copy(update={"library": self._marker.id})
        self._catalogue.put([stored])
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
        self._blobs.remove_record(record_id)

    def update_index(self) -> Job[bool]:
        """Make what was added searchable now; the next search would do it, too."""
        if self._obstacle is None:
            yield from self._catalogue.hierarchy.update()
        return (yield from self._index.catch_up())

    def rebuild_index(self) -> Job[bool]:
        """Throw the index away and build it anew from the catalogue."""
        if self._obstacle is None:
            yield from self._catalogue.hierarchy.update()
        return (yield from self._index.rebuild())

    def check(self) -> list[Problem]:
        """Look for whatever is wrong with the library; nothing is changed."""
        return checks.check_library(
            self._folder,
            self._catalogue,
            self._index,
            self._blobs,
            self._catalogue.vocabulary.problem,
        )

    # ------------------------------------------------------------------ within

    def _check_writable(self) -> None:
        if self._obstacle is not None:
            raise self._obstacle(str(self._folder))
