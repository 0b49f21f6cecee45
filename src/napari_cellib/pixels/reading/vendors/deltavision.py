"""DeltaVision's DV and its parent MRC: a header, and the planes as they are."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.model import Channel
from napari_cellib.pixels.reading.ome_xml import OmeFacts
from napari_cellib.pixels.reading.source import SourceFile, reading
from napari_cellib.pixels.reading.vendors.frames import Frames, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.pixels.reading.source import SourceImage

HEADER = 1024
_BLOCK = (512, 512)  # of what is not packed, any part can be read
_DV_TYPES = {0: "u1", 1: "i2", 2: "f4", 5: "i2", 6: "u2", 7: "i4"}
_MRC_TYPES = {0: "i1", 1: "i2", 2: "f4", 6: "u2"}
_SLOWEST_FIRST = {0: "CTZ", 1: "TZC", 2: "TCZ"}  # as bytes 182 and 183 number them
_MOST_WAVES = 5


@contextmanager
def open_dv(path: Path) -> Iterator[SourceFile]:
    """Open a DV or MRC, reading no pixels.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.

    Yields
    ------
    SourceFile
        Its only image.

    Raises
    ------
    PixelsUnreadable
        When it is damaged, cut short or of numbers that images do not have.
    """
    with reading(path):
        head = _head(path)
        header = (_deltavision if head[96:98] in _DV_MARKS else _mrc)(head, path)
        size = HEADER + header.extra + prod(header.shape) * header.dtype.itemsize
        if path.stat().st_size < size:
            raise PixelsUnreadable(path.name, "it is cut short")

    def image(_: int) -> SourceImage:
        with reading(path):
            stored: Any = np.memmap(
                path, header.dtype, "r", HEADER + header.extra, header.shape
            )
            frames = Frames(
                numbered=tuple(zip(header.axes[:-2], header.shape[:-2], strict=True)),
                within=tuple(zip("YX", header.shape[-2:], strict=True)),
                dtype=header.dtype,
                read=lambda index: np.asarray(stored[index]),
                part=lambda index, rows, columns: np.asarray(
                    stored[(*index, rows, columns)]
                ),
                block=_BLOCK,
            )
            return source_of(path, frames, header.facts, header.warnings)

    yield SourceFile("DV" if head[96:98] in _DV_MARKS else "MRC", ("Image 1",), image)


_DV_MARKS = {b"\xa0\xc0": "<", b"\xc0\xa0": ">"}


@dataclass(frozen=True)
class _Header:
    axes: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    extra: int  # bytes between the header and the planes
    facts: OmeFacts
    warnings: tuple[str, ...] = ()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER)


def _deltavision(head: bytes, path: Path) -> _Header:
    order = _DV_MARKS[head[96:98]]
    width, height, sections, mode = struct.unpack_from(f"{order}4i", head)
    times, sequence = struct.unpack_from(f"{order}2h", head, 180)
    waves, *lengths = struct.unpack_from(f"{order}{1 + _MOST_WAVES}h", head, 196)
    times, waves = max(times, 1), max(waves, 1)
    if mode not in _DV_TYPES or sequence not in _SLOWEST_FIRST:
        raise PixelsUnreadable(path.name, "its header makes no sense")
    depths, left = divmod(sections, times * waves)
    warnings: tuple[str, ...] = ()
    if left:
        told = f"The file ends within a series: {left} of its planes are left out."
        warnings = (told,)
    axes = _SLOWEST_FIRST[sequence]
    shape = tuple({"C": waves, "T": times, "Z": depths}[axis] for axis in axes)
    channels = tuple(
        Channel(emission_nm=float(wave) if wave > 0 else None)
        for wave in (*lengths, *(0,) * waves)[:waves]
    )
    sizes = struct.unpack_from(f"{order}3f", head, 40)
    return _Header(
        axes=f"{axes}YX",
        shape=(*shape, height, width),
        dtype=np.dtype(order + _DV_TYPES[mode]),
        extra=max(struct.unpack_from(f"{order}i", head, 92)[0], 0),
        facts=OmeFacts(_spacing(sizes), None, channels),
        warnings=warnings,
    )


def _mrc(head: bytes, path: Path) -> _Header:
    order = ">" if head[212:213] == b"\x11" else "<"
    width, height, sections, mode = struct.unpack_from(f"{order}4i", head)
    if mode not in _MRC_TYPES:
        raise PixelsUnreadable(path.name, f"its numbers are of the kind {mode}")
    counts = struct.unpack_from(f"{order}3i", head, 28)
    angstroms = struct.unpack_from(f"{order}3f", head, 40)
    sizes = [
        a / n / 1e4 if n > 0 else 0 for a, n in zip(angstroms, counts, strict=True)
    ]
    return _Header(
        axes="ZYX",
        shape=(sections, height, width),
        dtype=np.dtype(order + _MRC_TYPES[mode]),
        extra=max(struct.unpack_from(f"{order}i", head, 92)[0], 0),
        facts=OmeFacts(_spacing(sizes), None, ()),
    )


def _spacing(sizes: Any) -> dict[str, float]:
    """Return the sizes that are known: 0 and a bare 1 are what writers put else."""
    return {
        axis: float(f"{size:.7g}")
        for axis, size in zip("xyz", sizes, strict=True)
        if isfinite(size) and size > 0 and size not in (1.0, 1e-4)
    }
