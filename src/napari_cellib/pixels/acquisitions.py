"""Several acquisitions of one plate as one array: which one is its first axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.pixels.chunked import ChunkedSource

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from napari_cellib.pixels.chunked import Index, Pixels
    from napari_cellib.pixels.mosaic import MosaicSource


class AcquisitionsSource(ChunkedSource):
    """One level of the mosaics of all acquisitions of a plate.

    Parameters
    ----------
    mosaics : sequence of MosaicSource
        That level of each acquisition; they have one shape.
    names : sequence of str
        What a person calls the acquisitions.
    """

    def __init__(self, mosaics: Sequence[MosaicSource], names: Sequence[str]) -> None:
        first = mosaics[0]
        self.label, self.path, self.dtype = first.label, first.path, first.dtype
        self.shape = (len(mosaics), *first.shape)
        self.chunks = self.stored = (1, *first.chunks)
        self.ndim = len(self.shape)
        self.place = first.place
        self.identity: Hashable = tuple(m.identity for m in mosaics)
        self._mosaics, self._names = tuple(mosaics), tuple(names)

    async def read_chunk(self, index: Index, /) -> Pixels:
        """Read one image of one acquisition."""
        number, *rest = index
        return (await self._mosaics[number].read_chunk(tuple(rest)))[None]

    def absence(self) -> str | None:
        """Say which images of which acquisition are black, as far as is known."""
        named = zip(self._names, self._mosaics, strict=True)
        said = [(name, mosaic.absence()) for name, mosaic in named]
        return "; ".join(f"{name}: {text}" for name, text in said if text) or None

    def absent_warning(self) -> str | None:
        """Say the same, for those who open the plate."""
        return self.absence()


def say_acquisitions(names: Sequence[str]) -> str:
    """Tell a person what the slider goes through."""
    listed = ", ".join(f"{number} is {name}" for number, name in enumerate(names))
    return f"the plate was imaged {len(names)} times, a slider goes through: {listed}"
