"""Which parts of which chunks make up a picture, also at a coarser level."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from napari_cellib.pixels.streaming.sources import ChunkKey, ChunkSource

# Which pixels of a level, per axis, ascending.
Ranges: TypeAlias = tuple[range, ...]
Box: TypeAlias = tuple[slice, ...]
_Part: TypeAlias = "slice | np.ndarray[Any, Any]"


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A picture as it is put together from the chunks of one level.

    Attributes
    ----------
    keys : tuple of ChunkKey
        The chunks, the nearest to the middle first.
    boxes : tuple of tuple of slice
        Where each lies in the picture.
    """

    keys: tuple[ChunkKey, ...]
    boxes: tuple[Box, ...]
    _parts: tuple[tuple[_Part, ...], ...]

    def around(self, numbers: Sequence[int]) -> Box:
        """Return the smallest box that holds the boxes of these chunks."""
        boxes = [self.boxes[number] for number in numbers]
        return tuple(
            slice(min(s.start for s in sides), max(s.stop for s in sides))
            for sides in zip(*boxes, strict=True)
        )

    def paint(
        self,
        picture: np.ndarray[Any, Any],
        chunks: Sequence[np.ndarray[Any, Any] | None],
    ) -> None:
        """Paint those chunks that are there; they come in the order of `keys`."""
        for number, chunk in enumerate(chunks):
            if chunk is not None:
                self.paint_one(picture, number, chunk)

    def paint_one(
        self,
        picture: np.ndarray[Any, Any],
        number: int,
        chunk: np.ndarray[Any, Any],
    ) -> None:
        """Paint the chunk of one number."""
        parts = self._parts[number]
        cut = chunk[tuple(p if isinstance(p, slice) else slice(None) for p in parts)]
        # From the last axis, whose few rows are made long, to the first, where long
        # rows are copied as a whole.
        for axis in range(len(parts) - 1, -1, -1):
            if not isinstance(part := parts[axis], slice):
                cut = cut.take(part, axis=axis)
        picture[self.boxes[number]] = cut


def mosaic(source: ChunkSource, shape: Sequence[int], ranges: Ranges) -> Mosaic:
    """Work out how a level makes up a picture.

    Parameters
    ----------
    source : ChunkSource
        The level whose chunks are used.
    shape : sequence of int
        Shape of the level that is shown: the same one, or a finer one.
    ranges : tuple of range
        Which pixels of that level, per axis, ascending.

    Returns
    -------
    Mosaic
        With the nearest pixel of `source` for each pixel that is shown; nothing is
        blended, so it is right for labels too.
    """
    axes = [
        _pieces(pixels, shown, own, chunk)
        for pixels, shown, own, chunk in zip(
            ranges, shape, source.shape, source.chunks, strict=True
        )
    ]
    pieces = list(product(*axes))
    far = np.zeros(())
    for axis in axes:
        numbers = np.array([piece.number for piece in axis])
        far = np.add.outer(far, (2 * numbers - numbers[0] - numbers[-1]) ** 2)
    pieces = [pieces[n] for n in np.argsort(far, axis=None, kind="stable")]
    identity: Hashable = source.identity
    return Mosaic(
        tuple((identity, tuple(p.number for p in piece)) for piece in pieces),
        tuple(tuple(p.place for p in piece) for piece in pieces),
        tuple(tuple(p.part for p in piece) for piece in pieces),
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one row of chunks gives to one axis of the picture."""

    number: int
    place: slice
    part: _Part


def _pieces(pixels: range, shown: int, own: int, chunk: int) -> list[_Piece]:
    if shown != own:
        return _sampled(_nearest(pixels, shown, own), chunk)
    if pixels.step != 1:
        return _sampled(np.arange(pixels.start, pixels.stop, pixels.step), chunk)
    first, last = pixels.start // chunk, (pixels.stop - 1) // chunk
    pieces = []
    for number in range(first, last + 1):
        start = max(pixels.start, number * chunk)
        stop = min(pixels.stop, (number + 1) * chunk)
        place = slice(start - pixels.start, stop - pixels.start)
        part = slice(start - number * chunk, stop - number * chunk)
        pieces.append(_Piece(number, place, part))
    return pieces


def _nearest(pixels: range, shown: int, own: int) -> np.ndarray[Any, Any]:
    """Return the pixels of one level that lie below the middles of another's."""
    at = np.arange(pixels.start, pixels.stop, pixels.step)
    return np.minimum((2 * at + 1) * own // (2 * shown), own - 1)


def _sampled(at: np.ndarray[Any, Any], chunk: int) -> list[_Piece]:
    numbers = at // chunk
    cuts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(at)]
    # Many layers keep what they know of many pictures.
    small = np.min_scalar_type(chunk)
    pieces = []
    for start, stop in pairwise(cuts):
        number = int(numbers[start])
        part = (at[start:stop] - number * chunk).astype(small)
        pieces.append(_Piece(number, slice(start, stop), part))
    return pieces
