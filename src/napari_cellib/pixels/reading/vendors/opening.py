"""Files of microscopes' makers: our readers first, then any plugin of bioio.

Our readers hold each plane apart and know all axes. What they cannot read, bioio may,
by whichever plugins are installed.
"""

from __future__ import annotations

import importlib
import importlib.util
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError, MissingExtra, PixelsUnreadable
from napari_cellib.pixels.reading.vendors.deltavision import open_dv
from napari_cellib.pixels.reading.vendors.leica import open_lif
from napari_cellib.pixels.reading.vendors.nikon import open_nd2
from napari_cellib.pixels.reading.vendors.zeiss import open_czi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from napari_cellib.pixels.reading.source import SourceFile

    Opener = Callable[[Path], AbstractContextManager[SourceFile]]

VENDORS: dict[str, Opener] = {
    "CZI": open_czi,
    "ND2": open_nd2,
    "LIF": open_lif,
    "DV": open_dv,
    "MRC": open_dv,
}
_PLUGINS = {
    "CZI": "bioio_czi",
    "ND2": "bioio_nd2",
    "LIF": "bioio_lif",
    "DV": "bioio_dv",
}
_INSTALL = "pip install 'napari-cellib[vendor]'"


@contextmanager
def open_vendor(path: Path, kind: str) -> Iterator[SourceFile]:
    """Open a file of a microscope's maker.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.
    kind : str
        What it is, as `kind_of` says; "unknown" leaves it to bioio, by its name.

    Yields
    ------
    SourceFile
        To be read as long as the context lasts.

    Raises
    ------
    MissingExtra
        When the package that reads it is not installed.
    PixelsUnreadable
        When nobody can read it.
    """
    with ExitStack() as opened:
        yield _opened(path, kind, opened)


def _opened(path: Path, kind: str, opened: ExitStack) -> SourceFile:
    error: CellibError
    try:
        if kind in VENDORS:
            return opened.enter_context(VENDORS[kind](path))
        reason = "it is no kind of image that is known here"
        error = PixelsUnreadable(path.name, reason)
    except ImportError:
        error = MissingExtra(f"Opening the {kind} {path.name}", install=_INSTALL)
    except PixelsUnreadable as own:
        error = own
    if not _has_bioio(kind):
        raise error
    from napari_cellib.pixels.reading.vendors.bioio_plugins import open_with_bioio

    try:
        return opened.enter_context(open_with_bioio(path, _PLUGINS.get(kind)))
    except PixelsUnreadable as other:
        raise error from other


def _has_bioio(kind: str) -> bool:
    needed = ["bioio", *filter(None, [_PLUGINS.get(kind)])]
    return all(importlib.util.find_spec(name) for name in needed)
