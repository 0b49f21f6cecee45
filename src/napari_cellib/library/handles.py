"""The notebook's door: open libraries, search them, take an image out of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError, LibraryNotFound, QueryInvalid
from napari_cellib.library.library_image import LibraryImage
from napari_cellib.library.marker import is_library, read_marker
from napari_cellib.library.members import Member
from napari_cellib.library.results import Results
from napari_cellib.library.several import SeveralLibraries
from napari_cellib.model import Address, FacetField, Query, Sort
from napari_cellib.model.search_link import SearchLink, is_search_link, read_link
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from napari_cellib.library.protocol import Library, LibraryInfo

_PAGE = 100


class OpenLibrary:
    """A library, or several as one; close it, or use it in a ``with`` block.

    Parameters
    ----------
    library : Library
        Any library, embedded or remote.
    settings : Settings, optional
        Say where downloaded images are kept; defaults to those of this user.
    """

    def __init__(self, library: Library, *, settings: Settings | None = None) -> None:
        self.library = library
        self._settings = settings

    @property
    def info(self) -> LibraryInfo:
        """Id, name and place of the library."""
        return self.library.info

    def search(
        self,
        text: str = "",
        *,
        sort: Sort | str = Sort.RELEVANCE,
        limit: int | None = None,
        **filters: str | Sequence[str],
    ) -> Results:
        """Search for words and facet values.

        Parameters
        ----------
        text : str
            Words that must all be found, the last one also as a beginning, with
            fields and operators; or the link to a search.
        sort : {"relevance", "newest", "title"}
            In which order.
        limit : int, optional
            How many images to give at most.
        **filters : str or sequence of str
            Values of facets, e.g. ``organism="NCBITaxon:9606"``.

        Returns
        -------
        Results
            Iterate over it for the images.

        Raises
        ------
        QueryInvalid
            When there is no such facet or order, or the limit is below zero.
        """
        if limit is not None and limit < 0:
            raise QueryInvalid(f"no list has {limit} images")
        try:
            is_link = is_search_link(text)
            linked = read_link(text) if is_link else SearchLink(Query(text=text))
            chosen = {
                FacetField(name): (value,) if isinstance(value, str) else value
                for name, value in filters.items()
            }
            query = linked.query.changed(
                sort=linked.query.sort if sort == Sort.RELEVANCE else Sort(sort),
                filters={**linked.query.filters, **chosen},
                limit=min(_PAGE, max(limit or _PAGE, 1)),
            )
        except ValueError as error:
            raise QueryInvalid(_reason(error, filters)) from error
        return Results(
            self.library,
            query,
            limit=limit,
            settings=self._settings,
            notes=linked.notes,
        )

    def __getitem__(self, record_id: str) -> LibraryImage:
        """Return one image by its id or its ``cellib://`` address.

        Of several libraries that have an image of that id, the first one's is given;
        its ``warnings`` name those before it that did not answer in time.
        """
        warnings: tuple[str, ...] = ()
        if "://" in record_id:
            address = Address.parse(record_id)
            if address.library not in self._ids():
                fix = f"This is {self.info.id!r}; open the other one first."
                raise LibraryNotFound(address.library, fix=fix)
            if not isinstance(self.library, SeveralLibraries):
                record_id = address.record
        home = self.library
        if isinstance(self.library, SeveralLibraries):
            found = self.library.holder(record_id)
            home, record, warnings = (
                found.member.library(),
                found.record,
                found.warnings,
            )
        else:
            record = self.library.record(record_id)
        return LibraryImage(home, record, settings=self._settings, warnings=warnings)

    def _ids(self) -> tuple[str, ...]:
        if isinstance(self.library, SeveralLibraries):
            return tuple(member.id for member in self.library.members)
        return (self.info.id,)

    def close(self) -> None:
        """Release files and connections."""
        self.library.close()

    def __enter__(self) -> OpenLibrary:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<library {self.info.id}: {self.info.name} in {self.info.location}>"


def list_libraries(settings: Settings | None = None) -> tuple[str, ...]:
    """Return the names of the user's embedded libraries, in order.

    Parameters
    ----------
    settings : Settings, optional
        Defaults to those of this user.
    """
    folder = (settings or Settings.load()).libraries_folder
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if is_library(path)))


def open_library(
    where: str | Path | None = None, settings: Settings | None = None
) -> OpenLibrary:
    """Open a library.

    Parameters
    ----------
    where : str or pathlib.Path, optional
        The name of one of the user's libraries, the folder of any, or the address
        of one in a database, ``postgresql://…``. The default library if None.
    settings : Settings, optional
        Defaults to those of this user.

    Returns
    -------
    OpenLibrary
        Search it, or ask it for an image by number.

    Raises
    ------
    LibraryNotFound
        When there is no such library; the message says which there are.
    """
    settings = settings or Settings.load()
    where = settings.default_library if where is None else where
    if is_address(where):
        return OpenLibrary(_in_database(str(where)), settings=settings)
    folder = _folder(where, settings)
    if not is_library(folder):
        raise LibraryNotFound(str(where), fix=_fix(settings))
    return OpenLibrary(_opened(folder), settings=settings)


def open_libraries(*where: str | Path, settings: Settings | None = None) -> OpenLibrary:
    """Open several libraries, to be searched as one.

    Parameters
    ----------
    *where : str or pathlib.Path
        Names of the user's libraries, folders of any, or addresses of some in
        databases. All that the user has when none is named.
    settings : Settings, optional
        Defaults to those of this user.

    Returns
    -------
    OpenLibrary
        What the panel searches: one list, with copies folded. A library that cannot
        be opened is named in the warnings of an answer.

    Raises
    ------
    LibraryNotFound
        When one that was named, or any, is not there.
    """
    settings = settings or Settings.load()
    members = user_members(settings)
    if where:
        members = tuple(_named(place, settings) for place in dict.fromkeys(where))
    if not members:
        return open_library(None, settings)  # says what is missing
    if len(members) == 1:
        return OpenLibrary(members[0].library(), settings=settings)
    return OpenLibrary(SeveralLibraries(members), settings=settings)


def user_members(settings: Settings) -> tuple[Member, ...]:
    """Return the user's libraries, the default one first.

    Those in folders are not opened yet. One in a database is, since only the database
    knows what it is called.

    Parameters
    ----------
    settings : Settings
        Say where they lie.
    """
    named = [settings.libraries_folder / name for name in list_libraries(settings)]
    if is_address(settings.default_library):
        return _in_database_or_not(settings.default_library), *map(_member, named)
    default = _folder(None, settings)
    return tuple(_member(f) for f in dict.fromkeys([default, *named]) if is_library(f))


def is_address(where: str | Path) -> bool:
    """Say whether a place is the address of a library in a database."""
    return isinstance(where, str) and where.startswith(("postgresql:", "postgres:"))


def _named(where: str | Path, settings: Settings) -> Member:
    if is_address(where):
        return Member.of(_in_database(str(where)))
    folder = _folder(where, settings)
    if not is_library(folder):
        raise LibraryNotFound(str(where), fix=_fix(settings))
    return _member(folder)


def _member(folder: Path) -> Member:
    try:
        marker = read_marker(folder)
    except CellibError:  # opening it says what is wrong
        return Member(folder.name, folder.name, lambda: _opened(folder))
    return Member(marker.id, marker.name, lambda: _opened(folder))


def _opened(folder: Path) -> Library:
    from napari_cellib.library.embedded import EmbeddedLibrary  # a database: 0.2 s

    return EmbeddedLibrary.open(folder)


def _in_database(address: str) -> Library:
    from napari_cellib.library.database_library import DatabaseLibrary

    return DatabaseLibrary.open(address)


def _in_database_or_not(address: str) -> Member:
    try:
        return Member.of(_in_database(address))
    except CellibError:  # asking it says what is wrong
        return Member("database", "The default library", lambda: _in_database(address))


def _folder(where: str | Path | None, settings: Settings) -> Path:
    if where is None:
        where = settings.default_library
    if isinstance(where, str) and Path(where).name == where and where not in ("", ".."):
        named = settings.libraries_folder / where
        if is_library(named) or not is_library(Path(where)):
            return named
    return Path(where).expanduser()


def _fix(settings: Settings) -> str | None:
    names = list_libraries(settings)
    return f"Choose one of: {', '.join(names)}." if names else None


def _reason(error: ValueError, filters: Iterable[str]) -> str:
    known = [field.value for field in FacetField]
    unknown = [name for name in filters if name not in known]
    if unknown:
        return f"{unknown[0]!r} is no facet; there are {', '.join(known)}"
    return str(error).splitlines()[0]
