"""The embedded library: one folder, no server, nothing to set up.

::

    library.json       what the folder is
    catalogue.sqlite   the records: the only part that cannot be made again
    index/             full text and facets; rebuilt from the catalogue at will
    words.sqlite       the same, where tantivy is not to be had
    similar.sqlite     what images are described by; see compare/index
    blobs/             thumbnails, pixels and original files, a folder per record
"""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Literal, TypeAlias
from uuid import uuid4

from napari_cellib.errors import (
    CellibError,
    LibraryBusy,
    LibraryDamaged,
    LibraryExists,
    LibraryReadOnly,
    StorageFull,
)
from napari_cellib.library import checks, sqlite
from napari_cellib.library.blobs import Blobs
from napari_cellib.library.catalogue import Catalogue
from napari_cellib.library.catalogued import CataloguedLibrary
from napari_cellib.library.database import Database, readable_errors
from napari_cellib.library.files import (
    MAKING_NAME,
    is_junk,
    is_partial,
    obstacle,
    writing_errors,
)
from napari_cellib.library.marker import Marker, is_library, read_marker, write_marker
from napari_cellib.library.vocabulary import Vocabulary
from napari_cellib.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.library.search.engine import SearchEngine
    from napari_cellib.model import Problem
    from napari_cellib.ontology import Terms

CATALOGUE_NAME = "catalogue.sqlite"
INDEX_NAME = "index"
WORDS_NAME = "words.sqlite"
BLOBS_NAME = "blobs"
BUSY_TIMEOUT_S = 10.0

_OURS = {
    CATALOGUE_NAME,
    f"{CATALOGUE_NAME}-wal",
    f"{CATALOGUE_NAME}-shm",
    f"{CATALOGUE_NAME}-journal",
    MAKING_NAME,
    f"{MAKING_NAME}-journal",
}

Engine: TypeAlias = Literal["tantivy", "sqlite"]


class EmbeddedLibrary(CataloguedLibrary):
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
        engine: Engine | None = None,
        obstacle: type[LibraryReadOnly | StorageFull] | None = None,
    ) -> None:
        place = None if obstacle else folder
        index = _search_engine(engine, catalogue, marker, place, where=str(folder))
        blobs = Blobs(folder / BLOBS_NAME)
        super().__init__(
            marker, str(folder), catalogue, index, blobs, obstacle=obstacle
        )
        self._folder = folder

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        id: str,
        name: str,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        terms: Terms | None = None,
        engine: Engine | None = None,
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
        engine : {"tantivy", "sqlite"}, optional
            What searches: tantivy by default, or SQLite where it is not installed.

        Returns
        -------
        EmbeddedLibrary
            The library, opened.

        Raises
        ------
        LibraryExists
            When something is there already, or another program has just made it.
        LibraryBusy
            When another program is making it, and takes longer than one waits.
        """
        marker = Marker(id=id, name=name, key=uuid4().hex)
        with writing_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with _making(folder, busy_timeout_s):
            made = sqlite.writable_engine(
                folder / CATALOGUE_NAME, busy_timeout_s=busy_timeout_s
            )
            catalogue = Catalogue(Database(made, str(folder)), Vocabulary(terms))
            try:
                catalogue.prepare()
                write_marker(folder, marker)
            except BaseException:
                catalogue.close()
                raise
        return cls(folder, marker, catalogue, engine=engine)

    @classmethod
    def open_or_create(cls, folder: Path, *, id: str, name: str) -> EmbeddedLibrary:
        """Open the library in `folder`, and make it where there is none.

        Several programs may do so at the same time: one makes it, all open it.

        Parameters
        ----------
        folder : pathlib.Path
            Made when absent.
        id, name : str
            Of a library that is made; the name of one that is there may be another.

        Returns
        -------
        EmbeddedLibrary
            The library, opened.

        Raises
        ------
        LibraryExists
            When something else is there already, such as a library of another id.
        """
        if not is_library(folder):
            try:
                return cls.create(folder, id=id, name=name)
            except LibraryExists:
                if not is_library(folder):
                    raise
        library = cls.open(folder)
        if library.info.id != id:
            library.close()
            raise LibraryExists(str(folder), found=library.info.id)
        return library

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        read_only: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        terms: Terms | None = None,
        engine: Engine | None = None,
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
        engine : {"tantivy", "sqlite"}, optional
            What searches: tantivy by default, or SQLite where it is not installed.

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
        found = (
            sqlite.read_only_engine(path)
            if hindered
            else sqlite.writable_engine(path, busy_timeout_s=busy_timeout_s)
        )
        catalogue = Catalogue(Database(found, str(folder)), Vocabulary(terms))
        try:
            if hindered is None:
                catalogue.prepare()
            elif catalogue.is_outdated():
                raise hindered(str(folder))  # and its tables must be changed
            return cls(folder, marker, catalogue, engine=engine, obstacle=hindered)
        except BaseException:
            catalogue.close()
            raise

    # ------------------------------------------------------------------ the folder

    @property
    def folder(self) -> Path:
        """The folder that the library is."""
        return self._folder

    def check(self) -> list[Problem]:
        """Look for whatever is wrong with the library; nothing is changed."""
        return checks.check_library(
            self._folder,
            self._catalogue,
            self._index,
            self._files(),
            self._catalogue.vocabulary.problem,
        )


@contextmanager
def _making(folder: Path, patience_s: float) -> Iterator[None]:
    """Let one program at a time make a library of a folder that is empty."""
    _refuse_what_is_there(folder)
    if hindered := obstacle(folder):
        raise hindered(str(folder))
    with readable_errors(str(folder)):
        lock = try_lock(folder / MAKING_NAME, patience_s=patience_s)
    if lock is None:
        raise LibraryBusy(str(folder))
    with closing(lock):
        _refuse_what_is_there(folder)  # made while this one waited
        yield


def _refuse_what_is_there(folder: Path) -> None:
    """Raise unless all there is was left by a creation that was interrupted.

    Or by the system: who makes a folder in the Finder and looks into it sees nothing,
    and yet it is not empty.
    """
    with writing_errors(folder):
        names = (path.name for path in folder.iterdir())
        left = {name for name in names if name not in _OURS and not is_junk(name)}
    if is_library(folder):
        found = None
        with suppress(CellibError):  # one that is damaged, or of a newer program
            found = read_marker(folder).id
        raise LibraryExists(str(folder), found=found)
    if not all(is_partial(folder / name) for name in left):
        raise LibraryExists(str(folder))


def _search_engine(
    name: Engine | None,
    catalogue: Catalogue,
    marker: Marker,
    folder: Path | None,
    *,
    where: str,
) -> SearchEngine:
    """Return what searches; it is kept in memory if there is no folder."""
    if name != "sqlite":
        try:
            from napari_cellib.library.search.tantivy_index import SearchIndex
        except ImportError:  # there are systems for which nobody builds tantivy
            name = "sqlite"
    if name == "sqlite":
        from napari_cellib.library.search.sqlite_index import SqliteIndex

        path = folder and folder / WORDS_NAME
        return SqliteIndex(catalogue, marker.id, path, where)
    index_folder = folder and folder / INDEX_NAME
    return SearchIndex(catalogue, marker.id, index_folder, where)
