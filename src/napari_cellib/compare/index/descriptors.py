"""What describes tiles, by a name that no other way of describing has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_cellib.compare.describing import classical, network, tiles
from napari_cellib.compare.describing.whitening import edition, shipped
from napari_cellib.compare.index import planes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cellib.compare.describing.tiles import Tile

    Floats = NDArray[np.float32]

_CUT = f"tiles {tiles.VERSION}, planes {planes.VERSION}"


class Descriptor(Protocol):
    """One way to describe tiles.

    Vectors of two ways are never compared: their `key` is kept with each. Up to the
    first blank it is the family, of which a library keeps one version only.
    """

    @property
    def key(self) -> str:
        """Name and version of all that has a part in its vectors."""
        ...

    def describe(self, some: Sequence[Tile]) -> tuple[Floats, Floats]:
        """Return a vector of length 1 per tile, and numbers that have names.

        Returns
        -------
        tuple of numpy.ndarray
            Of shapes (N, K) and (N, M); M may be 0.
        """
        ...


class Classical:
    """By numbers that have names: how a picture is made, and what it looks like."""

    @property
    def key(self) -> str:
        """Name and version of all that has a part in its vectors."""
        numbers = f"{classical.NAME} {classical.VERSION}"
        return f"{numbers} ({edition('classical')}), {_CUT}"

    def describe(self, some: Sequence[Tile]) -> tuple[Floats, Floats]:
        """Return vectors, and the numbers in spreads from their mean."""
        whitening = shipped("classical")
        raw = np.array([classical.describe(tile.pixels) for tile in some])
        spreads = (raw - whitening.mean) / np.maximum(whitening.spread, 1e-9)
        return whitening(raw), spreads.astype("float32")


class ByNetwork:
    """By a network: what is in a picture, however it was made.

    Parameters
    ----------
    path : pathlib.Path, optional
        The user's own, in ONNX.

    Raises
    ------
    MissingExtra
        When networks cannot be run here.
    ModelUnusable
        When the file is no such network.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._network = network.network_at(path)
        name = f"{self._network.name} {self._network.version}"
        if path is None:
            name = f"{name} ({edition('structure')})"
        self.key = f"{name}, {_CUT}"

    def describe(self, some: Sequence[Tile]) -> tuple[Floats, Floats]:
        """Return vectors; the numbers of a network have no names."""
        vectors = self._network.describe([tile.pixels for tile in some])
        return vectors, np.zeros((len(vectors), 0), "float32")


def family_of(key: str) -> str:
    """Return what a key has in common with others of which one replaces another.

    Examples
    --------
    >>> family_of("classical 1 (0a1b2c3d), tiles 1, planes 1")
    'classical'
    """
    return key.partition(" ")[0].rstrip(",")


def descriptors(own: Path | None = None) -> tuple[Descriptor, ...]:
    """Return by what a library is described: the network only where it can be run.

    Parameters
    ----------
    own : pathlib.Path, optional
        A user's own network, instead of the one that is shipped.
    """
    if own is None and not network.is_installed():
        return (Classical(),)
    return (Classical(), ByNetwork(own))


def difference_of(feature: int, spreads: float) -> tuple[str, float]:
    """Return the words of a feature, and a number in spreads as it was measured."""
    whitening = shipped("classical")
    value = spreads * whitening.spread[feature] + whitening.mean[feature]
    return classical.FEATURES[feature], float(value)
