"""Tiles described by a network in ONNX: our own, or one that the user has."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.compare.describing.whitening import shipped, unit
from napari_cellib.errors import MissingExtra, ModelUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

NAME, VERSION = "efficientnet-lite0", 1

_FILE = "efficientnet-lite0.onnx"
_MOST_NUMBERS = 4096  # of a tile; what makes more has not drawn them together
_KEPT = 2  # networks in memory

# What onnxruntime says, and what is meant; else its own words are told.
_PLAIN = {
    "INVALID_PROTOBUF": "it is no network in ONNX",
    "No graph was found": "it is no network in ONNX",
    "xternal data": "its weights lie in another file, and must be within this one",
}


def is_installed() -> bool:
    """Say whether networks can be run."""
    return find_spec("onnxruntime") is not None


def network_at(path: Path | None = None) -> Network:
    """Return a network, which stays in memory: to make it ready takes a while.

    Parameters
    ----------
    path : pathlib.Path, optional
        The user's own; see `Network`.

    Raises
    ------
    MissingExtra, ModelUnusable
        When it cannot be run.
    """
    if path is None:
        return _ready(None, 0, 0)
    try:
        known = path.stat()
    except OSError:
        return Network(path)  # which says what is wrong with it
    return _ready(path, known.st_mtime_ns, known.st_size)


@lru_cache(_KEPT)
def _ready(path: Path | None, changed_ns: int, size_bytes: int) -> Network:
    del changed_ns, size_bytes  # others are another network
    return Network(path)


class Network:
    """A network that makes vectors of tiles.

    Parameters
    ----------
    path : pathlib.Path, optional
        A file in ONNX with one input, of shape (N, Y, X), (N, 1, Y, X) or (N, 3, Y, X)
        with values from 0 to 1, whose first output is a vector per tile. The one that
        is shipped by default.

    Attributes
    ----------
    name, version : str
        What tells its vectors from those of all others: of a user's own the name of
        the file, and a digest of what is in it.

    Raises
    ------
    MissingExtra
        When onnxruntime is not installed.
    ModelUnusable
        When the file is no such network.
    """

    def __init__(self, path: Path | None = None) -> None:
        if not is_installed():
            install = "pip install 'napari-cellib[similar]'"
            raise MissingExtra("Comparing structure by a network", install=install)
        self._own = path
        self.name, self.version = NAME, str(VERSION)
        if path is not None:
            content = _read(path)
            self.name = own_name(path)
            self.version = hashlib.sha256(content).hexdigest()[:16]
            self._session = _session(content, path)
            self._check()

    def describe(self, tiles: Sequence[Floats]) -> Floats:
        """Return a vector of length 1 per tile, of shape (N, K)."""
        vectors = self.raw(tiles)
        return unit(vectors) if self._own else shipped("structure")(vectors)

    def raw(self, tiles: Sequence[Floats]) -> Floats:
        """Return what the network itself makes of tiles, of shape (N, D)."""
        shape = self._input.shape
        batch = np.stack([_resized(tile, shape[-2:]) for tile in tiles])
        if len(shape) == 4:
            batch = np.repeat(batch[:, np.newaxis], shape[1], axis=1)
        # Many were saved to take one tile at a time.
        at_once = max(1, shape[0]) if isinstance(shape[0], int) else len(batch)
        starts = range(0, len(batch), at_once)
        found = [self._run(batch[n : n + at_once], at_once) for n in starts]
        return np.asarray(np.nan_to_num(np.concatenate(found)))

    @cached_property
    def _session(self) -> Any:
        # Ours is made ready when it is first needed: most questions do not.
        return _session(_shipped(), None)

    @cached_property
    def _input(self) -> Any:
        return self._session.get_inputs()[0]

    def _run(self, some: Floats, at_once: int) -> Floats:
        """Describe as many tiles as the network takes, or fewer."""
        missing = np.repeat(some[-1:], at_once - len(some), axis=0)
        batch = np.concatenate([some, missing])
        try:
            found = self._session.run(None, {self._input.name: batch})[0]
            vectors = np.asarray(found, "float32").reshape(at_once, -1)
        except Exception as error:
            raise ModelUnusable(str(self._own), _in_words(error)) from error
        return vectors[: len(some)]

    def _check(self) -> None:
        """Refuse a network that takes or gives something else; try it."""
        from napari_cellib.compare.describing.tiles import SIDE  # scipy: 0.3 s

        inputs = self._session.get_inputs()
        if len(inputs) != 1 or not _takes_tiles(inputs[0]):
            told = " and ".join(f"{one.type} of {_shape(one)}" for one in inputs)
            raise ModelUnusable(str(self._own), f"it takes {told or 'nothing'}")
        numbers = self.raw([np.zeros((SIDE, SIDE), np.float32)] * 2).shape[1]
        if not 0 < numbers <= _MOST_NUMBERS:
            raise ModelUnusable(
                str(self._own),
                f"it makes {numbers:,} numbers of a tile, and not 1 to "
                f"{_MOST_NUMBERS:,}",
            )


def own_name(path: Path) -> str:
    """Return the name of a user's own network, without blanks.

    Examples
    --------
    >>> from pathlib import Path
    >>> own_name(Path("nets/my net (2).onnx"))
    'own:my-net-2'
    """
    stem = re.sub(r"[^\w.]+", "-", path.stem).strip("-")
    return f"own:{stem or 'network'}"


def _takes_tiles(one: Any) -> bool:
    shape = one.shape
    return one.type == "tensor(float)" and (
        len(shape) == 3 or (len(shape) == 4 and shape[1] in (1, 3))
    )


def _shape(one: Any) -> str:
    return f"({', '.join('any' if n is None else str(n) for n in one.shape)})"


def _session(content: bytes, path: Path | None) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings are about speed, and go to the terminal
    options.intra_op_num_threads = 1  # the window wants a processor, too
    try:
        return onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise ModelUnusable(str(path), _in_words(error)) from error


def _shipped() -> bytes:
    weights = files("napari_cellib.compare.describing") / "weights" / _FILE
    with as_file(weights) as path:
        return path.read_bytes()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelUnusable(str(path), error.strerror or "no such file") from error


def _resized(tile: Floats, sides: Sequence[object]) -> Floats:
    """Return a tile in the size that a network insists on, if it does."""
    if not all(isinstance(side, int) for side in sides) or tile.shape == tuple(sides):
        return tile
    from PIL import Image

    height, width = (int(str(side)) for side in sides)
    picture = Image.fromarray(tile).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture, "float32")


def _in_words(error: Exception) -> str:
    said = str(error)
    known = (words for sign, words in _PLAIN.items() if sign in said)
    first = said.partition("\n")[0][:160].rstrip(".") or type(error).__name__
    return next(known, first)
