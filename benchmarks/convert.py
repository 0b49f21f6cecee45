"""Measure how long a conversion takes, how much memory, and how often planes are read.

usage: python benchmarks/convert.py [--folder DIR] [--runs N] [--only WORD]

Each conversion is a process of its own: of a common stack, of many small planes, and of
one that is large. Beside the stack stands the same through bioio: its reader, which
reads the whole image because its lazy one closes such files too early, and its writer
with the same levels, chunks and codec. For that run it in the environment of
`make test-peers`. Exits with 1 when a plane is read twice, or when more than a gigabyte
is taken.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import struct
import sys
import tempfile
import threading
import time
from math import prod
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_MB = 1000
STACK = (2, 30, 1024, 1024)
MANY = (100_000, 32, 32)
LARGE = (16_384, 16_384)


def write_stack(file: Path) -> None:
    """Write a DV, which both read by themselves: 126 MB."""
    channels, depths, height, width = STACK
    head = bytearray(1024)
    struct.pack_into("<4i", head, 0, width, height, channels * depths, 6)
    struct.pack_into("<3f", head, 40, 0.1, 0.1, 0.3)
    extra = -(-channels * depths * 160 // 1024) * 1024
    struct.pack_into("<i", head, 92, extra)
    struct.pack_into("<h", head, 96, -16224)
    struct.pack_into("<2h", head, 128, 8, 32)
    struct.pack_into("<2h", head, 180, 1, 2)
    struct.pack_into("<3h", head, 196, channels, 525, 632)
    with file.open("wb") as out:
        out.write(head + bytes(extra))
        for number in range(channels * depths):
            out.write(cells(number, height, width).tobytes())


def cells(seed: int, height: int, width: int) -> np.ndarray[Any, Any]:
    """Return a plane with what a camera adds: blobs and the noise of photons."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    light = 200 + 1500 * (np.sin(x / 40 + seed) * np.sin(y / 50)) ** 8
    return random.poisson(light).astype("uint16")


def write_many(file: Path) -> None:
    """Write as many planes as a long movie has, packed one by one."""
    with tifffile.TiffWriter(file, bigtiff=True) as writer:
        plane = np.zeros(MANY[1:], "uint8")
        for number in range(MANY[0]):
            plane[0, 0] = number % 251
            writer.write(
                plane,
                contiguous=False,
                photometric="minisblack",
                metadata=None,
                compression="zlib",
            )


def write_large(file: Path) -> None:
    """Write one plane of 537 MB."""
    side = 2048
    tile = cells(1, side, side)
    plane = np.tile(tile, (LARGE[0] // side, LARGE[1] // side))
    tifffile.imwrite(file, plane, tile=(512, 512), compression="zstd")


FILES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "stack of 60 planes, 126 MB": ("stack.dv", write_stack, ""),
    "100,000 planes of 32 x 32": ("many.tif", write_many, "t"),
    "one plane of 537 MB": ("large.tif", write_large, ""),
}


def ours(file: Path, target: Path, axes: str) -> tuple[int, int]:
    """Convert a file; return how many pixels were read, and how many there are."""
    from napari_cellib.jobs import drive
    from napari_cellib.pixels.conversion import Wishes, convert_all
    from napari_cellib.pixels.reading.source import Planes

    read = pixels = 0
    plain = Planes.__getitem__

    def counted(planes: Planes, index: tuple[Any, ...]) -> Any:
        nonlocal read, pixels
        found = plain(planes, index)
        read, pixels = read + found.size, prod(planes.shape)
        return found

    Planes.__getitem__ = counted  # type: ignore[method-assign]
    drive(convert_all([file], target, Wishes(axes=axes, keep_original=False)))
    return read, pixels


def with_bioio(file: Path, target: Path, axes: str) -> tuple[int, int]:
    """Convert a file with bioio alone."""
    from bioio import BioImage
    from bioio_ome_zarr.writers import OMEZarrWriter
    from zarr.codecs import BloscCodec

    data = BioImage(file).get_image_data("TCZYX")
    shapes = [data.shape]
    while max(shapes[-1][-2:]) > 256:
        *others, height, width = shapes[-1]
        shapes.append((*others, -(-height // 2), -(-width // 2)))
    writer = OMEZarrWriter(
        str(target),
        level_shapes=shapes,
        dtype=data.dtype,
        chunk_shape=(1, 1, 1, 512, 512),
        zarr_format=3,
        compressor=BloscCodec(cname="zstd", clevel=3, shuffle="noshuffle"),
    )
    writer.write_full_volume(data)
    return 0, 0


def run(name: str, file: Path, target: Path, axes: str, answer: Any) -> None:
    """Convert in this process; answer with seconds, megabytes and reads."""
    most = Most()
    begun = time.perf_counter()
    reads = {"ours": ours, "bioio": with_bioio}[name](file, target, axes)
    answer.send((time.perf_counter() - begun, most.end(), *reads))


class Most:
    """Watches how much memory is taken that is no file's."""

    def __init__(self) -> None:
        self._most, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.01):
            status = Path("/proc/self/status").read_text()
            anonymous = status.partition("RssAnon:")[2].split()[0]
            self._most = max(self._most, int(anonymous) // 1024)

    def end(self) -> int:
        """Return the most megabytes that were taken."""
        self._ended.set()
        self._thread.join()
        return self._most


def measured(
    name: str, file: Path, axes: str, runs: int
) -> tuple[float, int, int, int]:
    """Return the median of seconds, the most megabytes, and the reads of a run."""
    context = get_context("spawn")
    found = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            answer, asked = context.Pipe(duplex=False)
            words = (name, file, Path(folder) / "made.zarr", axes, asked)
            process = context.Process(target=run, args=words)
            process.start()
            asked.close()  # then an end of the process is an end of the answer
            found.append(answer.recv())
            process.join()
    seconds = statistics.median(one[0] for one in found)
    return seconds, max(one[1] for one in found), *found[0][2:]


def main() -> int:
    """Print the table; return 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keeps the files for the next run")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="a word in the names of the files")
    chosen = parser.parse_args()
    beside = importlib.util.find_spec("bioio_ome_zarr") is not None
    missed = False
    print(f"{'':<28}{'s':>8}{'most MB':>9}{'reads':>9}{'bioio s':>9}{'MB':>7}{'x':>7}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        for name, (file_name, write, axes) in FILES.items():
            if chosen.only not in name:
                continue
            file = folder / file_name
            if not file.exists():
                write(file)
            runs = 1 if "100,000" in name else chosen.runs
            seconds, most, reads, planes = measured("ours", file, axes, runs)
            row = f"{name:<28}{seconds:>8.1f}{most:>9}{reads / planes:>9.2f}"
            if beside and file.suffix == ".dv":
                other, other_most, *_ = measured("bioio", file, axes, runs)
                row += f"{other:>9.1f}{other_most:>7}{other / seconds:>7.1f}"
            print(row, flush=True)
            missed |= reads > planes or most > LIMIT_MB
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
