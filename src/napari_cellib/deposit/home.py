"""The library of a person's own, into which they deposit."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.deposit.depositions import is_for
from napari_cellib.deposit.own import FILLED, OWN_ID, OWN_NAME
from napari_cellib.errors import CellibError, DepositRefused, LibraryNotFound
from napari_cellib.library.embedded import EmbeddedLibrary
from napari_cellib.library.handles import list_libraries
from napari_cellib.library.marker import is_library, read_marker

if TYPE_CHECKING:
    from napari_cellib.deposit.depositions import Deposition
    from napari_cellib.settings import Settings

_NONE = "there is no library of your own yet"


def own_libraries(settings: Settings) -> tuple[str, ...]:
    """Return the names of the libraries into which a person may deposit."""
    return tuple(name for name in list_libraries(settings) if name not in FILLED)


def open_home(
    settings: Settings, name: str | None = None, *, create: bool = False
) -> EmbeddedLibrary:
    """Open the library of a person's own.

    Parameters
    ----------
    settings : Settings
        Say where libraries are kept.
    name : str, optional
        Its name, or its folder; the only one there is by default, or the first one
        that is made.
    create : bool, default: False
        Whether to make it where there is none of that name.

    Returns
    -------
    EmbeddedLibrary
        To be closed by the caller.

    Raises
    ------
    LibraryNotFound
        When there is none of that name.
    DepositRefused
        When it is one that programs fill, or none can be made there; when none is
        named, and there is not exactly one, or a default one.
    """
    own = own_libraries(settings)
    if name is None:
        if settings.default_library in own:
            name = settings.default_library
        elif len(own) == 1:
            name = own[0]
        elif create and not own:
            name = OWN_ID
        else:
            what = "which library is meant is not said" if own else _NONE
            raise DepositRefused(what, fix=_choices(own))
    folder = _folder(name, settings)
    if folder.name in FILLED and folder.parent == settings.libraries_folder:
        raise DepositRefused(
            f"the library {name} is filled by a program", fix=_choices(own)
        )
    if create and not is_library(folder):
        return _made(folder, settings)
    if not is_library(folder):
        raise LibraryNotFound(name, fix=_choices(own))
    return EmbeddedLibrary.open(folder)


def place_of(settings: Settings, deposition: Deposition) -> Path | None:
    """Return where the library of a deposition is; None if it is nowhere to be found.

    It is known again where it was renamed among the libraries of the person.

    Raises
    ------
    LibraryDamaged, LibraryTooNew
        When what is where it was cannot be used.
    """
    place = Path(deposition.place)
    if is_library(place) and is_for(deposition, place):
        return place
    for name in list_libraries(settings):
        folder = settings.libraries_folder / name
        with suppress(CellibError):  # another one, which is damaged
            if is_for(deposition, folder):
                return folder
    return None


def _folder(name: str, settings: Settings) -> Path:
    if Path(name).name != name or name in ("", ".", ".."):
        return Path(name).expanduser().resolve()
    return settings.libraries_folder / name


def _made(folder: Path, settings: Settings) -> EmbeddedLibrary:
    title = OWN_NAME if folder.name == OWN_ID else folder.name
    try:
        return EmbeddedLibrary.open_or_create(
            folder, id=_unused_id(folder, settings), name=title
        )
    except OSError as error:
        what = f"no library can be made in {folder} ({error.strerror or error})"
        raise DepositRefused(what, fix="Choose another folder.") from error


def _unused_id(folder: Path, settings: Settings) -> str:
    """Return an id for a library in a folder that no other of the person's has.

    All names in letters of another alphabet would else become the same one.
    """
    taken = {*FILLED, OWN_ID} - {folder.name}
    for name in list_libraries(settings):
        other = settings.libraries_folder / name
        with suppress(CellibError):  # one that is damaged
            if other != folder:
                taken.add(read_marker(other).id)
    plain = _id_of(folder.name)
    more = (f"{plain[:58]}-{number}" for number in count(2))
    return next(one for one in chain([plain], more) if one not in taken)


def _id_of(name: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:63] or "mine"


def _choices(own: tuple[str, ...]) -> str:
    make = "make one with 'cellib deposit ... --library NAME --create'"
    if own:
        return f"Name one with --library: {', '.join(own)}; or {make}."
    return f"{make[:1].upper()}{make[1:]}."
