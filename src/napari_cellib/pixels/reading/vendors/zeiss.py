"""Zeiss's CZI: which pieces it holds, and planes put together of them.

A CZI is a list of pieces, each with its place on all axes. One plane may be one piece
or a mosaic; coarser copies are pieces, too, and are left aside.
"""

from __future__ import annotations

import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from math import isqrt, prod
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from napari_cellib.errors import FormatUnknown, PixelsUnreadable
from napari_cellib.pixels.reading.ome_xml import NOTHING
from napari_cellib.pixels.reading.source import SourceFile, reading
from napari_cellib.pixels.reading.vendors.frames import Frames, Kept, source_of
from napari_cellib.pixels.reading.vendors.zeiss_packing import can_unpack, unpack
from napari_cellib.pixels.reading.vendors.zeiss_xml import read_facts, scene_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from napari_cellib.pixels.reading.source import SourceImage

_SEGMENT = 32  # bytes before what a segment holds
_ENTRY = struct.Struct("<2siqiiBB4si")
_DIMENSION = struct.Struct("<4siifi")
_PIECE_HEAD = 16 + 240
_TYPES = {
    0: ("u1", 1), 1: ("u2", 1), 2: ("f4", 1), 3: ("u1", 3), 4: ("u2", 3),
    8: ("f4", 3), 9: ("u1", 4), 12: ("i4", 1), 13: ("f8", 1),
}  # fmt: skip
_IN_PLANE = "XYMS"
_PART = 2**26  # bytes; a larger mosaic is put together by parts of at most so many
_LARGEST_PIECE = 4_000_000_000  # pixels
# By how much an image may be larger than all of its pieces: else a number is wrong.
_SPARSE = 100


@dataclass(frozen=True)
class Piece:
    """One rectangle of pixels, and where it lies."""

    offset: int
    packing: int
    dtype: np.dtype[Any]
    samples: int
    start: dict[str, int]
    size: dict[str, int]
    is_coarse: bool

    @property
    def order(self) -> int:
        """Number in a mosaic: later ones lie above."""
        return self.start.get("M", 0)


@contextmanager
def open_czi(path: Path) -> Iterator[SourceFile]:
    """Open all scenes of a CZI, reading no pixels.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.

    Yields
    ------
    SourceFile
        To be read as long as the context lasts.

    Raises
    ------
    FormatUnknown
        When its pixels are packed, or are of a type, in a way not known here.
    PixelsUnreadable
        When it is damaged, or cut short.
    """
    with path.open("rb") as file:
        with reading(path):
            pieces, xml = _contents(file, path)
            fine = [piece for piece in pieces if not piece.is_coarse]
            if not fine:
                raise PixelsUnreadable(path.name, "it holds no picture")
            _check(fine, path)
            numbers = sorted({piece.start.get("S", 0) for piece in fine})
            names = scene_names(xml, numbers)
        lock = threading.Lock()

        def image(number: int) -> SourceImage:
            with reading(path):
                wanted = numbers[number]
                own = [piece for piece in fine if piece.start.get("S", 0) == wanted]
                return _Scene(file, lock, own).source(path, xml)

        yield SourceFile("CZI", names, image)


def _contents(file: BinaryIO, path: Path) -> tuple[list[Piece], str]:
    head = _at(file, _SEGMENT, 72)
    directory, metadata = struct.unpack_from("<2q", head, 52)
    if not directory:
        raise PixelsUnreadable(path.name, "it is cut short: its table is missing")
    (count,) = struct.unpack("<i", _at(file, directory + _SEGMENT, 4))
    (allocated,) = struct.unpack("<q", _at(file, directory + 16, 8))
    table = _at(file, directory + _SEGMENT + 128, allocated - 128)
    place, pieces = 0, []
    for _ in range(count):
        piece, place = _piece(table, place, path)
        pieces.append(piece)
    return pieces, _xml(file, metadata)


def _at(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    found = file.read(size)
    if len(found) < size:
        raise EOFError("it ends too early")
    return found


def _xml(file: BinaryIO, place: int) -> str:
    """Return what it says of itself; nothing where that is damaged."""
    try:
        (size,) = struct.unpack("<i", _at(file, place + _SEGMENT, 4))
        return _at(file, place + _SEGMENT + 256, size).decode("utf-8", "replace")
    except (EOFError, struct.error, OSError, ValueError):
        return ""


def _piece(table: bytes, place: int, path: Path) -> tuple[Piece, int]:
    schema, pixel, offset, _, packing, _, _, _, count = _ENTRY.unpack_from(table, place)
    if schema != b"DV":
        raise PixelsUnreadable(path.name, "its table makes no sense")
    if pixel not in _TYPES:
        raise FormatUnknown(str(path), f"its pixels are of type {pixel}")
    place += _ENTRY.size
    start, size, is_coarse = {}, {}, False
    for _ in range(count):
        name, first, length, _, stored = _DIMENSION.unpack_from(table, place)
        place += _DIMENSION.size
        letter = name.rstrip(b"\0").decode("ascii", "replace")
        start[letter], size[letter] = first, length
        is_coarse |= letter in "XY" and stored not in (0, length)
    if any(n < 1 for n in size.values()) or prod(size.values()) > _LARGEST_PIECE:
        raise PixelsUnreadable(path.name, "its table makes no sense")
    dtype, samples = _TYPES[pixel]
    piece = Piece(offset, packing, np.dtype(dtype), samples, start, size, is_coarse)
    return piece, place


def _check(pieces: Sequence[Piece], path: Path) -> None:
    strange = {p.packing for p in pieces if not can_unpack(p.packing)}
    if strange:
        words = ", ".join(map(str, sorted(strange)))
        raise FormatUnknown(str(path), f"its pixels are packed in the way {words}")


class _Scene:
    """The pieces of one scene, as one image."""

    def __init__(
        self, file: BinaryIO, lock: threading.Lock, pieces: Sequence[Piece]
    ) -> None:
        self._file, self._lock = file, lock
        self._kept = Kept(2 * _PART)
        letters = {a for p in pieces for a in p.size if a not in _IN_PLANE}
        self._axes = "".join(sorted(letters, key=_slowest_first))
        self._first = {a: min(p.start.get(a, 0) for p in pieces) for a in "XYZCT"}
        self._first |= {a: min(p.start.get(a, 0) for p in pieces) for a in letters}
        self._lengths = {
            a: max(p.start.get(a, 0) + p.size.get(a, 1) for p in pieces)
            - self._first[a]
            for a in (*letters, "X", "Y")
        }
        self._samples = max(p.samples for p in pieces)
        self._dtype = np.result_type(*{p.dtype for p in pieces})
        self._check(pieces)
        self._places: dict[tuple[int, ...], list[Piece]] = {}
        for piece in sorted(pieces, key=lambda p: p.order):
            for index in self._covered(piece):
                self._places.setdefault(index, []).append(piece)

    def _check(self, pieces: Sequence[Piece]) -> None:
        whole = prod(self._lengths.values())
        held = sum(prod(p.size.get(a, 1) for a in self._lengths) for p in pieces)
        if whole > _SPARSE * held:
            raise ValueError(f"{held} pixels for an image of {whole}")

    def _covered(self, piece: Piece) -> Iterator[tuple[int, ...]]:
        counts = [piece.size.get(a, 1) for a in self._axes]
        begin = [piece.start.get(a, 0) - self._first[a] for a in self._axes]
        for step in np.ndindex(*counts):
            yield tuple(b + s for b, s in zip(begin, step, strict=True))

    def source(self, path: Path, xml: str) -> SourceImage:
        warnings = []
        known = [a in "TCZ" for a in self._axes]
        total = prod(self._lengths[a] for a in self._axes if a in "TCZ")
        shown = {
            index
            for index in self._places
            if not any(n for n, k in zip(index, known, strict=True) if not k)
        }
        if absent := total - len(shown):
            warnings.append(
                f"{absent} of the {total} planes were never taken, and are black."
            )
        try:
            facts = read_facts(xml)
        except Exception as error:  # noqa: BLE001 - what is wrong costs no pixel
            words = str(error) or type(error).__name__
            warnings.append(f"What the file says of itself cannot be read: {words}.")
            facts = NOTHING
        within = [("Y", self._lengths["Y"]), ("X", self._lengths["X"])]
        if self._samples > 1:
            within.append(("S", self._samples))
        edge = self._edge()
        frames = Frames(
            numbered=tuple((a, self._lengths[a]) for a in self._axes),
            within=tuple(within),
            dtype=self._dtype,
            read=self._frame,
            part=self._part if edge else None,
            block=(edge, edge),
        )
        return source_of(path, frames, facts, warnings)

    def _edge(self) -> int:
        """Return how long parts of a mosaic are that must be read in parts, else 0."""
        pixel = self._dtype.itemsize * self._samples
        is_mosaic = any(len(pieces) > 1 for pieces in self._places.values())
        if not is_mosaic or self._lengths["Y"] * self._lengths["X"] * pixel <= _PART:
            return 0
        return 1 << (isqrt(_PART // pixel).bit_length() - 1)

    def _frame(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        height, width = self._lengths["Y"], self._lengths["X"]
        pieces = self._places.get(index, [])
        if len(pieces) == 1 and pieces[0].samples == self._samples:
            only = self._read(pieces[0], index)
            if only.shape[:2] == (height, width):
                return only
        return self._put_together(index, slice(0, height), slice(0, width), self._read)

    def _part(
        self, index: tuple[int, ...], rows: slice, columns: slice
    ) -> np.ndarray[Any, Any]:
        """Return a part of a mosaic; a piece may belong to the next part, too."""

        def read(piece: Piece, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
            key = (piece.offset, *index)
            return self._kept.get(key, lambda _: self._read(piece, index))

        return self._put_together(index, rows, columns, read)

    def _put_together(
        self,
        index: tuple[int, ...],
        rows: slice,
        columns: slice,
        read: Callable[[Piece, tuple[int, ...]], np.ndarray[Any, Any]],
    ) -> np.ndarray[Any, Any]:
        shape = [rows.stop - rows.start, columns.stop - columns.start]
        shape += [self._samples] if self._samples > 1 else []
        frame = np.zeros(shape, self._dtype)
        for piece in self._places.get(index, []):
            # Where it begins, as seen from the part.
            top = piece.start["Y"] - self._first["Y"] - rows.start
            left = piece.start["X"] - self._first["X"] - columns.start
            height, width = piece.size["Y"], piece.size["X"]
            down = slice(max(top, 0), min(top + height, shape[0]))
            across = slice(max(left, 0), min(left + width, shape[1]))
            if down.start >= down.stop or across.start >= across.stop:
                continue
            pixels = read(piece, index)
            if pixels.ndim < frame.ndim:
                pixels = pixels[..., np.newaxis]
            frame[down, across] = pixels[
                down.start - top : down.stop - top,
                across.start - left : across.stop - left,
            ]
        return frame

    def _read(self, piece: Piece, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        with self._lock:
            place = piece.offset + _SEGMENT
            head = _at(self._file, place, _PIECE_HEAD)
            notes, _, size = struct.unpack_from("<2iq", head)
            (count,) = struct.unpack_from("<i", head, 16 + 28)
            # The table of its axes is longer than its usual room if there are many.
            table = max(240, _ENTRY.size + _DIMENSION.size * count)
            packed = _at(self._file, place + 16 + table + notes, size)
        letters = [a for a in reversed(piece.size) if a != "M"]
        shape = [piece.size[a] for a in letters] + [piece.samples]
        pixels = unpack(packed, piece.packing, piece.dtype, shape)
        found = dict(zip(self._axes, index, strict=True))
        where: list[Any] = [
            slice(None) if a in "YX"
            else found[a] + self._first[a] - piece.start[a] if a in found
            else 0
            for a in letters
        ]  # fmt: skip
        part = np.asarray(pixels[tuple(where)])
        return part if piece.samples > 1 else np.asarray(part[..., 0])


def _slowest_first(letter: str) -> tuple[int, str]:
    return ("VHIRBTCZ".find(letter), letter)
