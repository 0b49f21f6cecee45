"""Make the images that streaming is measured with.

Cells-like pixels that pack to about half, every chunk other than the next: the same
ones each time. The levels lie in the folder as plain arrays, to compare with, and as
OME-Zarr, 0.4 in plain chunks and 0.5 in shards, each also with consolidated metadata.
"""

from __future__ import annotations

import json
import shutil
import warnings
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import prod
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numcodecs import Blosc
from zarr.codecs import BloscCodec

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 512
SHARD = (10, 2048)  # planes, pixels of y and x
LAYOUTS = {"plain": "0.4", "sharded": "0.5"}
WINDOW = (100, 6000)
SPACING_UM = (0.5, 0.1)  # z, and y and x
COLORS = ("0000FF", "00FF00", "FF0000")
_SEED = 5


@dataclass(frozen=True)
class Stack:
    """How large an image is.

    Attributes
    ----------
    channels, planes : int
        Lengths of c and z.
    side : int
        Length of y and x, a power of two.
    levels : int
        Each halves y and x.
    """

    channels: int = 3
    planes: int = 40
    side: int = 4096
    levels: int = 5

    def shape(self, level: int) -> tuple[int, int, int, int]:
        """Return (C, Z, Y, X) of one level."""
        return (self.channels, self.planes, self.side >> level, self.side >> level)

    def chunk(self, level: int) -> tuple[int, int, int, int]:
        """Return the shape of its chunks."""
        return (1, 1, *(min(CHUNK, self.side >> level),) * 2)

    def shard(self, level: int) -> tuple[int, int, int, int]:
        """Return the shape of its shards."""
        return (1, SHARD[0], *(min(SHARD[1], self.side >> level),) * 2)


def make_stack(folder: Path, stack: Stack) -> None:
    """Make all forms of the image in `folder`, unless they are there."""
    done = folder / "stack.json"
    if done.exists() and json.loads(done.read_text()) == asdict(stack):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _make_arrays(folder, stack)
    levels = raw_levels(folder)
    for layout, version in LAYOUTS.items():
        place = folder / f"{layout}.zarr"
        _write_group(place, stack.levels, version)
        for number, level in enumerate(levels):
            _write_level(place, number, level, stack, layout)
        _consolidated(place, folder / f"{layout}-consolidated.zarr", stack, version)
    done.write_text(json.dumps(asdict(stack)))


def raw_levels(folder: Path) -> list[NDArray[np.uint16]]:
    """Return the levels (C, Z, Y, X), which stay on the drive until looked at."""
    files = sorted((folder / "levels").glob("*.npy"))
    return [np.load(file, mmap_mode="r") for file in files]


def plane_of(folder: Path, path: str, part: str) -> int | None:
    """Return the plane that a request is for; None if it is for no chunk.

    Parameters
    ----------
    folder : pathlib.Path
        Where the images lie.
    path : str
        What was asked for.
    part : str
        Which bytes of it, as HTTP says it; empty if all.
    """
    *place, z, y, x = ("", "", "", *path.strip("/").split("/"))
    if not (z.isdigit() and y.isdigit() and x.isdigit()):
        return None
    if not part:
        return int(z)
    first = part.removeprefix("bytes=").split("-")[0]
    starts = _starts_in_shard(folder.joinpath(*place[:5]), folder / path.strip("/"))
    within = starts.get(int(first)) if first else None
    return None if within is None else int(z) * SHARD[0] + within


@lru_cache
def _starts_in_shard(level: Path, shard: Path) -> dict[int, int]:
    """Return the plane within a shard of each chunk, by where the chunk begins."""
    array = zarr.open_array(level, mode="r")
    assert array.shards is not None
    counts = [s // c for s, c in zip(array.shards, array.chunks, strict=True)]
    with shard.open("rb") as file:  # 16 bytes for each chunk, and a checksum of four
        file.seek(-16 * prod(counts) - 4, SEEK_END)
        index = np.frombuffer(file.read()[:-4], "<u8").reshape(*counts, 2)
    return {int(index[at][0]): at[1] for at in np.ndindex(*counts)}


def make_large(folder: Path, stack: Stack, source: Path) -> None:
    """Make an image of any size in little room: the same few chunks everywhere.

    Folders of chunks are links to one another, so that the server has a chunk for
    each place, and reads it from the same file.
    """
    if folder.exists():
        return
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    _write_group(partial, stack.levels, "0.4")
    pixels = raw_levels(source)[0]
    for level in range(stack.levels):
        array = _array(partial, level, stack, "plain")
        size = array.chunks[-1]
        array[0, 0, :size, :size] = pixels[0, 0, :size, :size]
        _repeat(partial / str(level), array.cdata_shape)
    partial.rename(folder)


def make_empty(folder: Path, stack: Stack) -> None:
    """Make levels as arrays of zeros, which take no room on the drive."""
    (folder / "levels").mkdir(parents=True, exist_ok=True)
    for level in range(stack.levels):
        _array_on_the_drive(folder, stack, level)


def _repeat(level: Path, counts: tuple[int, ...]) -> None:
    """Fill the grid with its first chunk: one row of files, all else links to it."""
    row = level / "0" / "0" / "0"
    data = (row / "0").read_bytes()
    for x in range(1, counts[3]):
        (row / str(x)).write_bytes(data)
    for folder, count in zip((level, level / "0", row.parent), counts, strict=False):
        for number in range(1, count):
            (folder / str(number)).symlink_to("0", target_is_directory=True)


def _make_arrays(folder: Path, stack: Stack) -> None:
    """Write the levels, each the mean of 2 x 2 pixels of the one below."""
    (folder / "levels").mkdir()
    levels = [_array_on_the_drive(folder, stack, n) for n in range(stack.levels)]
    scene = _Scene(stack.side)
    for channel in range(stack.channels):
        for z in range(stack.planes):
            plane = scene.plane(channel, z)
            for level in levels:
                level[channel, z] = plane
                plane = _halved(plane)


def _array_on_the_drive(folder: Path, stack: Stack, level: int) -> NDArray[np.uint16]:
    return np.lib.format.open_memmap(
        folder / "levels" / f"{level}.npy",
        mode="w+",
        dtype=np.uint16,
        shape=stack.shape(level),
    )


class _Scene:
    """Cells and noise, each larger than a plane, of which every plane is a piece."""

    def __init__(self, side: int) -> None:
        random = np.random.default_rng(_SEED)
        self._side = side
        self._spare = side // 2
        whole = side + self._spare
        self._noise = random.normal(200, 30, (whole, whole)).astype(np.uint16)
        small = np.zeros((whole // 16, whole // 16), np.float32)
        y, x = np.mgrid[-8:9, -8:9]
        for _ in range(small.size // 160):
            top, left = random.integers(0, small.shape[0] - 17, 2)
            radius = random.uniform(2.5, 7)
            cell = np.clip(1 - (y**2 + x**2) / radius**2, 0, 1)
            small[top : top + 17, left : left + 17] += cell * random.uniform(300, 2500)
        self._cells = np.minimum(small, 5000).repeat(16, 0).repeat(16, 1)
        self._cells = self._cells.astype(np.uint16)

    def plane(self, channel: int, z: int) -> NDArray[np.uint16]:
        """Return (Y, X) of one plane: cells drift with z, noise has no order."""
        cells = self._piece(self._cells, channel * 611 + z * 7, channel * 203 + z * 5)
        noise = self._piece(self._noise, channel * 1009 + z * 433, z * 787)
        return cells + noise

    def _piece(self, whole: NDArray[np.uint16], y: int, x: int) -> NDArray[np.uint16]:
        y, x = y % self._spare, x % self._spare
        return whole[y : y + self._side, x : x + self._side]


def _halved(plane: NDArray[np.uint16]) -> NDArray[np.uint16]:
    wide = plane.astype(np.uint32)
    rows = wide[::2] + wide[1::2]
    return ((rows[:, ::2] + rows[:, 1::2] + 2) // 4).astype(np.uint16)


def _write_level(
    place: Path, number: int, level: NDArray[np.uint16], stack: Stack, layout: str
) -> None:
    array = _array(place, number, stack, layout)
    depth = 1 if layout == "plain" else SHARD[0]
    for channel in range(stack.channels):
        for z in range(0, stack.planes, depth):
            array[channel, z : z + depth] = level[channel, z : z + depth]


def _array(place: Path, level: int, stack: Stack, layout: str) -> zarr.Array[Any]:
    """Make an array; 0.4 is in zarr 2, whose codecs have names of their own."""
    common: dict[str, Any] = {
        "store": str(place),
        "name": str(level),
        "shape": stack.shape(level),
        "chunks": stack.chunk(level),
        "dtype": "uint16",
        "fill_value": 0,
    }
    if layout == "plain":
        return zarr.create_array(
            **common,
            zarr_format=2,
            compressors=Blosc(cname="zstd", clevel=3, shuffle=Blosc.BITSHUFFLE),
            chunk_key_encoding={"name": "v2", "separator": "/"},
        )
    return zarr.create_array(
        **common,
        zarr_format=3,
        shards=stack.shard(level),
        compressors=BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"),
        dimension_names=list("czyx"),
    )


def _write_group(place: Path, levels: int, version: str) -> None:
    attributes = _metadata(levels, version)
    if version == "0.5":
        attributes = {"ome": attributes}
    zarr.create_group(
        str(place), zarr_format=3 if version == "0.5" else 2, attributes=attributes
    )


def _metadata(levels: int, version: str) -> dict[str, Any]:
    """Return what OME-NGFF says of an image, with windows for all channels."""
    axes: list[dict[str, str]] = [{"name": "c", "type": "channel"}]
    axes += [{"name": a, "type": "space", "unit": "micrometer"} for a in "zyx"]
    z, yx = SPACING_UM
    datasets = [
        {
            "path": str(level),
            "coordinateTransformations": [
                {"type": "scale", "scale": [1, z, yx * 2**level, yx * 2**level]}
            ],
        }
        for level in range(levels)
    ]
    multiscale: dict[str, Any] = {"name": "stack", "axes": axes, "datasets": datasets}
    start, end = WINDOW
    window = {"min": 0, "max": 65535, "start": start, "end": end}
    channels = [
        {"label": f"channel {n}", "color": color, "window": window, "active": True}
        for n, color in enumerate(COLORS)
    ]
    if version == "0.4":
        multiscale["version"] = version
        return {"multiscales": [multiscale], "omero": {"channels": channels}}
    return {
        "version": version,
        "multiscales": [multiscale],
        "omero": {"channels": channels},
    }


def _consolidated(place: Path, other: Path, stack: Stack, version: str) -> None:
    """Make a second group with the same levels that has all metadata at its top."""
    _write_group(other, stack.levels, version)
    for level in range(stack.levels):
        (other / str(level)).symlink_to(Path("..") / place.name / str(level))
    with warnings.catch_warnings():  # zarr 3 does not specify them yet
        warnings.simplefilter("ignore")
        zarr.consolidate_metadata(str(other), zarr_format=3 if version == "0.5" else 2)
