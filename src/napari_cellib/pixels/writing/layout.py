"""How a level is cut and packed: chunks, shards, and the file of each.

The metadata of an array are left to zarr. Its bytes are packed and written here, by
several threads at once: through zarr that takes half as much processor time again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import google_crc32c
import numpy as np
import zarr
from numcodecs import Blosc
from zarr.codecs import BloscCodec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zarr.storage import ObjectStore

    from napari_cellib.pixels.writing.metadata import Version
    from napari_cellib.pixels.writing.prepared import Pyramid

# What a screen shows is a few of these, and each is one question of a server.
CHUNK_EDGE = 512
# A shard holds several planes where there are some: who steps through them asks for
# its index once.
_SHARD_EDGE, _FLAT_SHARD_EDGE = 1024, 2048
_SHARD_BYTES = 2**23
# All planes of a shard wait for its last one: of larger planes, a shard holds one.
_LARGEST_STACKED = 2**26
# The index of a shard is one more question, so there are none before a level would
# be more files than drives and servers handle well.
_MOST_FILES = 4096
# Level 5 takes twice to four times as long for 2 % less; level 1 half as long for
# 3 % more. Bytes are shuffled: 20 % less of 16-bit images, at twice the speed.
_LEVEL = 3
_PACK = Blosc(cname="zstd", clevel=_LEVEL, shuffle=Blosc.SHUFFLE)
_ABSENT = 2**64 - 1


@dataclass(frozen=True)
class StoredLevel:
    """One array in its folder.

    Attributes
    ----------
    root : pathlib.Path
        The folder of the whole.
    path : str
        Of the array, within it.
    axes : str
        A letter per axis.
    shape, chunk : tuple of int
        Of the array, and of one chunk.
    shard : tuple of int, optional
        Of one file that holds several chunks, if there are such.
    dtype : numpy.dtype
        Type of the values.
    version : {"0.4", "0.5"}
        Of OME-Zarr: 0.4 is in zarr format 2, 0.5 in zarr format 3.
    """

    root: Path
    path: str
    axes: str
    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    shard: tuple[int, ...] | None
    dtype: np.dtype[Any]
    version: Version

    @property
    def unit(self) -> tuple[int, ...]:
        """Shape of what is one file."""
        return self.shard or self.chunk

    def create(self, store: ObjectStore[Any]) -> zarr.Array[Any]:
        """Write the metadata, unless they are there; return zarr's view of it."""
        name = "zarr.json" if self.version == "0.5" else ".zarray"
        if (self.root / self.path / name).exists():  # of a run that was killed
            return zarr.open_array(store, path=self.path, mode="r+")
        kind: dict[str, Any] = {
            "zarr_format": 3,
            "dimension_names": list(self.axes),
            "shards": self.shard,
            "compressors": BloscCodec(cname="zstd", clevel=_LEVEL, shuffle="shuffle"),
        }
        if self.version == "0.4":
            kind = {
                "zarr_format": 2,
                "chunk_key_encoding": {"name": "v2", "separator": "/"},
                "compressors": _PACK,
            }
        return zarr.create_array(
            store,
            name=self.path,
            shape=self.shape,
            chunks=self.chunk,
            dtype=self.dtype,
            fill_value=0,
            **kind,
        )

    def write(self, block: np.ndarray[Any, Any], start: Sequence[int]) -> int:
        """Write the files that hold a block.

        Black is data too: each chunk is stored, so that a lost one is noticed.

        Parameters
        ----------
        block : numpy.ndarray
            Pixels of whole files, cut where the level ends.
        start : sequence of int
            Where it lies in the level.

        Returns
        -------
        int
            Bytes of the files.
        """
        size = 0
        for part, file in zip(
            _cut(block, self.unit), self.files(block.shape, start), strict=True
        ):
            packed = self._pack_shard(part) if self.shard else self._pack(part)
            try:
                _save(file, packed)
            except FileNotFoundError:
                Path(file).parent.mkdir(parents=True, exist_ok=True)
                _save(file, packed)
            size += len(packed)
        return size

    def files(self, shape: Sequence[int], start: Sequence[int]) -> Iterator[str]:
        """Go through the files that hold a region of a shape."""
        folder = str(self.root / self.path / ("c" if self.version == "0.5" else ""))
        axes = zip(shape, start, self.unit, strict=True)
        for number in product(*(range(s // u, -(-(s + n) // u)) for n, s, u in axes)):
            yield "/".join((folder, *map(str, number)))

    def _pack(self, part: np.ndarray[Any, Any]) -> bytes:
        if part.shape != self.chunk:
            whole = np.zeros(self.chunk, self.dtype)
            whole[tuple(slice(n) for n in part.shape)] = part
            part = whole
        little = np.ascontiguousarray(part, self.dtype.newbyteorder("<"))
        packed: bytes = _PACK.encode(little.view(f"<u{little.itemsize}"))
        return packed

    def _pack_shard(self, part: np.ndarray[Any, Any]) -> bytes:
        """Pack chunks one after another, then where each of them is."""
        counts = [n // c for n, c in zip(self.unit, self.chunk, strict=True)]
        index = np.full((*counts, 2), _ABSENT, "<u8")
        places = product(
            *(range(-(-n // c)) for n, c in zip(part.shape, self.chunk, strict=True))
        )
        pieces, offset = [], 0
        for place, chunk in zip(places, _cut(part, self.chunk), strict=True):
            packed = self._pack(chunk)
            index[place] = offset, len(packed)
            pieces.append(packed)
            offset += len(packed)
        table = index.tobytes()
        checksum = google_crc32c.value(table).to_bytes(4, "little")
        return b"".join((*pieces, table, checksum))


def lay_out(
    root: Path, path: str, pyramid: Pyramid, version: Version
) -> tuple[StoredLevel, ...]:
    """Say how the levels of a pyramid are stored.

    Parameters
    ----------
    root : pathlib.Path
        The folder of the whole.
    path : str
        Of the pyramid's group, within it; empty for the root.
    pyramid : Pyramid
        What is to be written.
    version : {"0.4", "0.5"}
        Of OME-Zarr.

    Returns
    -------
    tuple of StoredLevel
        The finest first.
    """
    shard = _shard(pyramid.levels[0].shape, pyramid.axes, pyramid.dtype.itemsize)
    found = []
    for number, level in enumerate(pyramid.levels):
        chunk = _chunk(level.shape)
        count = prod(-(-n // c) for n, c in zip(level.shape, chunk, strict=True))
        fitting = None
        if version == "0.5" and count > _MOST_FILES:
            # Not longer than the level, but whole chunks.
            fitting = tuple(
                min(s, -(-n // c) * c)
                for s, n, c in zip(shard, level.shape, chunk, strict=True)
            )
        found.append(
            StoredLevel(
                root, f"{path}/{number}".lstrip("/"), pyramid.axes, level.shape, chunk,
                fitting, pyramid.dtype, version,
            )
        )  # fmt: skip
    return tuple(found)


def _chunk(shape: Sequence[int]) -> tuple[int, ...]:
    """One plane at a time is looked at: a chunk is a part of one."""
    return (1,) * (len(shape) - 2) + tuple(min(n, CHUNK_EDGE) for n in shape[-2:])


def _shard(shape: Sequence[int], axes: str, itemsize: int) -> tuple[int, ...]:
    """Take a part of a plane, and as many planes as make 8 MB."""
    whole = prod(shape[-2:]) * itemsize
    stacked = [
        n
        for n, a in enumerate(axes[:-2])
        if a != "c" and shape[n] > 1 and whole <= _LARGEST_STACKED
    ]
    longest = _SHARD_EDGE if stacked else _FLAT_SHARD_EDGE
    edges = [min(longest, -(-n // CHUNK_EDGE) * CHUNK_EDGE) for n in shape[-2:]]
    outer = [1] * (len(shape) - 2)
    if stacked:
        plane = prod(map(min, edges, shape[-2:])) * itemsize
        outer[stacked[-1]] = min(shape[stacked[-1]], max(1, _SHARD_BYTES // plane))
    return (*outer, *edges)


def _save(file: str, content: bytes) -> None:
    with open(file, "wb", buffering=0) as stream:
        rest = memoryview(content)
        while rest:  # a drive may take a part only
            rest = rest[stream.write(rest) :]


def _cut(
    block: np.ndarray[Any, Any], part: Sequence[int]
) -> Iterator[np.ndarray[Any, Any]]:
    axes = zip(block.shape, part, strict=True)
    cuts = [[slice(i, i + step) for i in range(0, n, step)] for n, step in axes]
    return (block[where] for where in product(*cuts))
