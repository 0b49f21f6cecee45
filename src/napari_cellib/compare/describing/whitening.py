"""What of a vector counts: fitted once, shipped, and never fitted again in silence.

Noise, blur, brightness curves and turning change some numbers much and others little.
How much was measured on pictures that were so changed; what such changes move is held
down, so that distance is about what is in the picture. The same numbers hold in every
library, so that distances can be compared from one library to the next.
``scripts/build_whitening.py`` makes them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Whitening:
    """From the numbers of a descriptor to a vector whose lengths mean something.

    Attributes
    ----------
    mean, spread : numpy.ndarray
        Of each number, over many pictures; shape (D,).
    matrix : numpy.ndarray
        What is done to numbers less their mean; shape (D, K).
    """

    mean: Floats
    spread: Floats
    matrix: Floats

    def __call__(self, numbers: NDArray[np.floating]) -> Floats:
        """Return whitened vectors of length 1, of shape (N, K)."""
        return unit(
            (np.atleast_2d(numbers).astype("float32") - self.mean) @ self.matrix
        )


def unit(vectors: Floats) -> Floats:
    """Return vectors of shape (N, K) at a length of 1; one of zeros stays so."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), "float32")


@cache
def shipped(name: str) -> Whitening:
    """Return the whitening of ``"classical"`` or of ``"structure"``."""
    path = _weights(name)
    with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
        parts = (found[key].astype("float32") for key in ("mean", "spread", "matrix"))
        return Whitening(*parts)


@cache
def edition(name: str) -> str:
    """Return what tells a whitening from others of its name: a part of its digest."""
    return hashlib.sha256(_weights(name).read_bytes()).hexdigest()[:8]


def _weights(name: str) -> Traversable:
    return files("napari_cellib.compare.describing") / "weights" / f"{name}.npz"
