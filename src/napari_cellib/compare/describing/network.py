"""Tiles described by a network in ONNX: our own, or one that the user has."""

from __future__ import annotations

import hashlib
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

NAME, VERSION = "efficientnet-lite0", 1

_FILE = "efficientnet-lite0.onnx"


def is_installed() -> bool:
    """Say whether networks can be run."""
    return find_spec("onnxruntime") is not None


class Network:
    """A network that makes vectors of tiles.

    Parameters
    ----------
    path : pathlib.Path, optional
        A file in ONNX with one input, of shape (N, Y, X), (N, 1, Y, X) or (N, 3, Y, X)
        with values from 0 to 1, whose first output is a vector per tile. The one that
        is shipped by default.

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
        content = _shipped() if path is None else _read(path)
        self.key = f"{NAME}/{VERSION}"
        if path is not None:
            self.key = f"own/{hashlib.sha256(content).hexdigest()[:16]}"
        self._session = _session(content, path)
        self._input = self._session.get_inputs()[0]
        if len(self._session.get_inputs()) != 1 or not self._fits():
            raise ModelUnusable(
                str(path), "it does not take tiles of one or 3 channels"
            )

    def describe(self, tiles: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return a vector of length 1 per tile, of shape (N, K)."""
        vectors = self.raw(tiles)
        return unit(vectors) if self._own else shipped("structure")(vectors)

    def raw(self, tiles: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return what the network itself makes of tiles, of shape (N, D)."""
        shape = self._input.shape
        batch = np.stack([_resized(tile, shape[-2:]) for tile in tiles])
        if len(shape) == 4:
            batch = np.repeat(batch[:, np.newaxis], shape[1], axis=1)
        try:
            found = self._session.run(None, {self._input.name: batch})[0]
        except Exception as error:
            raise ModelUnusable(str(self._own), _first_line(error)) from error
        vectors = np.asarray(found, "float32").reshape(len(tiles), -1)
        return np.asarray(np.nan_to_num(vectors))

    def _fits(self) -> bool:
        shape = self._input.shape
        is_number = self._input.type == "tensor(float)"
        return is_number and (
            len(shape) == 3 or (len(shape) == 4 and shape[1] in (1, 3))
        )


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
        raise ModelUnusable(str(path), _first_line(error)) from error


def _shipped() -> bytes:
    weights = files("napari_cellib.compare.describing") / "weights" / _FILE
    with as_file(weights) as path:
        return path.read_bytes()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelUnusable(str(path), error.strerror or "no such file") from error


def _resized(tile: NDArray[np.float32], sides: Sequence[object]) -> NDArray[np.float32]:
    """Return a tile in the size that a network insists on, if it does."""
    if not all(isinstance(side, int) for side in sides) or tile.shape == tuple(sides):
        return tile
    from PIL import Image

    height, width = (int(str(side)) for side in sides)
    picture = Image.fromarray(tile).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture, "float32")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:160].rstrip(".") or type(error).__name__
