"""The notebook's door: open a library, search it, take an image out of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.errors import LibraryNotFound, QueryInvalid
from napari_cellib.library.library_image import LibraryImage
from napari_cellib.library.marker import is_library
from napari_cellib.library.results import Results
from napari_cellib.model import Address, FacetField, Query, Sort
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from napari_cellib.library.protocol import Library, LibraryInfo

_PAGE = 100


class OpenLibrary:
    """A library that is open; close it, or use it in a ``with`` block.

    Parameters
    ----------
    library : Library
        Any library, embedded or remote.
    timeout_s : float
        Longest wait for one answer when pixels are opened, in seconds.
    """

    def __init__(self, library: Library, *, timeout_s: float = 20.0) -> None:
        self.library = library
        self._timeout_s = timeout_s

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
            Words that must all be found, the last one also as a beginning.
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
            When there is no such facet or order.
        """
        try:
            query = Query(
                text=text,
                sort=Sort(sort),
                filters={
                    FacetField(name): (value,) if isinstance(value, str) else value
                    for name, value in filters.items()
                },
                limit=min(_PAGE, max(limit or _PAGE, 1)),
            )
        except ValueError as error:
            raise QueryInvalid(_reason(error, filters)) from error
        return Results(self.library, query, limit=limit, timeout_s=self._timeout_s)

    def __getitem__(self, record_id: str) -> LibraryImage:
        """Return one image by its id or its ``cellib://`` address."""
        if "://" in record_id:
            address = Address.parse(record_id)
            if address.library != self.info.id:
                fix = f"This is {self.info.id!r}; open the other one first."
                raise LibraryNotFound(address.library, fix=fix)
            record_id = address.record
        record = self.library.record(record_id)
        return LibraryImage(self.library, record, timeout_s=self._timeout_s)

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
        The name of one of the user's libraries, or the folder of any. The
        default library if None.
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
    folder = _folder(where, settings)
    if not is_library(folder):
        raise LibraryNotFound(
            str(where or settings.default_library), fix=_fix(settings)
        )
    from napari_cellib.library.embedded import EmbeddedLibrary  # a database: 0.2 s

    return OpenLibrary(EmbeddedLibrary.open(folder), timeout_s=settings.timeout_s)


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
