"""Graphs of tiles as files: made whole or not at all, and never trusted."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from napari_cellib.library.files import writing_errors

if TYPE_CHECKING:
    from pathlib import Path

_NEIGHBOURS = 16  # of a tile in the graph
_CARE_ADDING, _CARE_SEARCHING = 128, 384  # candidates that are looked at


def is_installed() -> bool:
    """Say whether graphs can be made."""
    return find_spec("usearch") is not None


def empty(width: int) -> Any:
    """Return a graph of vectors of that many numbers, without any as yet."""
    from usearch.index import Index

    return Index(
        ndim=width,
        metric="ip",
        dtype="f16",
        connectivity=_NEIGHBOURS,
        expansion_add=_CARE_ADDING,
        expansion_search=_CARE_SEARCHING,
        enable_key_lookups=False,  # nobody asks for a tile by its number
    )


def read(path: Path, width: int, *, to_add: bool = False) -> Any:
    """Return the graph of a file; one that is damaged, gone or unreadable is None.

    A damaged file is removed, so that the next one who describes makes it anew.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    width : int
        How many numbers its vectors have.
    to_add : bool, default: False
        Whether more is to be added to it, for which it is copied once more.
    """
    graph = empty(width)
    try:
        # Python reads, not usearch, which lets no other thread run meanwhile: the
        # window would stand still for as long as a slow disk takes.
        content = path.read_bytes()
        if to_add:
            graph.load(content)
        else:
            graph.view(content)
            graph.content = content  # in which it looks
    except OSError:  # a newer one has taken its place, or nobody may read it
        return None
    except RuntimeError:
        with suppress(OSError):
            path.unlink()
        return None
    return graph


@lru_cache(2)
def kept(path: Path, width: int) -> Any:
    """Return the graph of a file, or None; it stays in memory."""
    return read(path, width)


def write(graph: Any, path: Path) -> None:
    """Write a graph to a file.

    Raises
    ------
    StorageFull, LibraryReadOnly
        When it cannot be written; nothing is left of it.
    """
    partial = path.with_name(f".partial-{path.name}")
    with writing_errors(path):
        try:
            partial.write_bytes(graph.save())  # by Python, as it is read
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
