"""Convert the same OME-TIFF with several programs, in one run.

usage: python benchmarks/converters.py [--peer-python PYTHON] [--runs N] [--folder DIR]

Beside ours stand bioio-conversion, where PYTHON is of an environment that has it

    uv venv .venv-conversion
    uv pip install --python .venv-conversion bioio-conversion bioio-ome-tiff
    .venv/bin/python benchmarks/converters.py --peer-python .venv-conversion/bin/python

and the way of working that bioformats2raw publishes: every processor takes a part of
1024 x 1024 pixels, reads it and writes it, then makes the next level of the one that is
stored, every other pixel of it. That program itself is for Java and not on PyPI; the
way is written here, with tifffile and zarr-python. Chunks, levels and codec are the
same for all. Exits with 1 when ours takes longer than another.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (2, 15, 2048, 2048)
CHUNK, PART, COARSEST = 512, 1024, 256
CODEC = {"cname": "zstd", "clevel": 3, "shuffle": "shuffle"}


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer-python", help="of an environment with bioio-conversion")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where there is room")
    parser.add_argument("--run", choices=CONVERTERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run_one(options.run, options.folder)
    folder = Path(tempfile.mkdtemp(prefix="cellib-converters-", dir=options.folder))
    try:
        return measure(folder, options)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, options: argparse.Namespace) -> int:
    """Let all convert in turn, and print a table."""
    write_source(folder / "source.ome.tif")
    pythons = dict.fromkeys(CONVERTERS, sys.executable)
    pythons["bioio-conversion"] = options.peer_python
    found: dict[str, list[dict[str, float]]] = {n: [] for n, p in pythons.items() if p}
    for _ in range(options.runs):
        for name, runs in found.items():
            runs.append(measure_one(folder, name, pythons[name]))
    size = (folder / "source.ome.tif").stat().st_size / 1e6
    extent = " x ".join(map(str, SHAPE))
    print(
        f"{extent} uint16 in an OME-TIFF of {size:.0f} MB, {os.cpu_count()} processors"
    )
    print(f"median of {options.runs}")
    print("converter                wall s   CPU s  most MB    MB out    ratio")
    basis = statistics.median(run["wall"] for run in found["cellib"])
    slower = False
    for name, runs in found.items():
        values = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        slower |= values["wall"] < basis
        print(
            f"{name:22} {values['wall']:8.1f} {values['cpu']:7.1f} "
            f"{values['memory']:8.0f} {values['size']:9.0f} "
            f"{values['wall'] / basis:8.2f}"
        )
    return int(slower)


def measure_one(folder: Path, name: str, python: str) -> dict[str, float]:
    """Let one convert, in a process of its own that may start others."""
    os.sync()
    command = [python, __file__, "--run", name, "--folder", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(anonymous_mb, family(process.pid))))
        time.sleep(0.02)
    answer = process.stdout.read() if process.stdout else ""
    told: dict[str, float] = json.loads(answer.splitlines()[-1])
    files = (file for file in (folder / "out").rglob("*") if file.is_file())
    told |= {"memory": most, "size": sum(f.stat().st_size for f in files) / 1e6}
    shutil.rmtree(folder / "out")
    return told


def family(pid: int) -> list[int]:
    """Return a process and all that it has started (Linux)."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:  # it has ended
                continue
    return found


def anonymous_mb(pid: int) -> float:
    """Return the memory of a process without what is a file of its own (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    words = status.partition("RssAnon:")[2].split()
    return int(words[0]) / 1000 if words else 0.0


def run_one(name: str, folder: Path) -> int:
    """Convert once; print what it took."""
    convert = CONVERTERS[name]()  # what has to be imported is imported
    before, wall = os.times(), time.perf_counter()
    convert(folder / "source.ome.tif", folder / "out")
    wall, after = time.perf_counter() - wall, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    print(json.dumps({"wall": wall, "cpu": cpu}))
    return 0


def write_source(file: Path) -> None:
    """Make cells-like pixels in tiles, packed as microscopes' programs do."""
    import tifffile

    random = np.random.default_rng(6)
    y, x = np.mgrid[: SHAPE[2], : SHAPE[3]].astype("float32")
    light = 200 + 1500 * (np.sin(x / 40) * np.sin(y / 50)) ** 8
    plane = random.poisson(light).astype("uint16")

    def tiles() -> Any:
        for channel, depth in product(*map(range, SHAPE[:2])):
            shifted = np.roll(plane, (97 * depth, 389 * channel), (0, 1)) + channel
            for top, left in product(range(0, SHAPE[2], CHUNK), repeat=2):
                yield shifted[top : top + CHUNK, left : left + CHUNK]

    tifffile.imwrite(
        file, tiles(), shape=SHAPE, dtype="uint16", tile=(CHUNK, CHUNK),
        compression="zlib", photometric="minisblack", metadata={"axes": "CZYX"},
    )  # fmt: skip


def shapes() -> list[tuple[int, ...]]:
    """Return the shapes of all levels."""
    found = [SHAPE]
    while max(found[-1][2:]) > COARSEST:
        found.append((*SHAPE[:2], *(n // 2 for n in found[-1][2:])))
    return found


def cellib() -> Callable[[Path, Path], object]:
    """Ours."""
    from napari_cellib.jobs import drive
    from napari_cellib.pixels.conversion import Wishes, convert_all

    wishes = Wishes(keep_original=False)
    return lambda file, out: drive(convert_all([file], out, wishes))


def bioio_conversion() -> Callable[[Path, Path], object]:
    """Run bioio-conversion, as many processes as it likes."""
    from bioio_conversion.converters import OmeZarrConverter
    from zarr.codecs import BloscCodec

    def convert(file: Path, out: Path) -> None:
        out.mkdir()
        # Its axes are always five.
        OmeZarrConverter(
            source=str(file),
            destination=str(out),
            level_shapes=[(1, *shape) for shape in shapes()],
            chunk_shape=(1, 1, 1, CHUNK, CHUNK),
            compressor=BloscCodec(**CODEC),
        ).convert()

    return convert


def chunks_in_parallel() -> Callable[[Path, Path], object]:
    """Work as bioformats2raw does: parts in parallel, level after level."""
    import tifffile
    import zarr
    from zarr.codecs import BloscCodec

    workers = os.cpu_count() or 1

    def convert(file: Path, out: Path) -> None:
        levels = [
            zarr.create_array(
                str(out / str(number)), shape=shape, dtype="uint16",
                chunks=(1, 1, *(min(n, CHUNK) for n in shape[2:])),
                compressors=BloscCodec(**CODEC),
            )
            for number, shape in enumerate(shapes())
        ]  # fmt: skip
        with tifffile.TiffFile(file) as tif, ThreadPoolExecutor(workers) as threads:
            pages, read = list(tif.series[0].pages), tif.filehandle.read_segments
            tif.filehandle.set_lock(True)  # threads share its place in the file
            across = SHAPE[3] // CHUNK

            def finest(where: tuple[int, ...]) -> None:
                channel, depth, top, left = where
                page = pages[channel * SHAPE[1] + depth]
                part = np.empty((PART, PART), "uint16")
                numbers = [
                    (top // CHUNK + row) * across + left // CHUNK + column
                    for row, column in product(range(PART // CHUNK), repeat=2)
                ]
                for packed in read(
                    [page.dataoffsets[n] for n in numbers],
                    [page.databytecounts[n] for n in numbers],
                    numbers,
                ):
                    tile, (_, _, y, x, _), _ = page.keyframe.decode(*packed)
                    place = slice(y - top, y - top + CHUNK), slice(x - left, None)
                    part[place][:, :CHUNK] = tile[0, ..., 0]
                ends = slice(top, top + PART), slice(left, left + PART)
                levels[0][(channel, depth, *ends)] = part

            def coarser(number: int, where: tuple[int, ...]) -> None:
                channel, depth, top, left = where
                ends = (
                    slice(2 * top, 2 * (top + PART)),
                    slice(2 * left, 2 * (left + PART)),
                )
                part = np.asarray(levels[number - 1][(channel, depth, *ends)])[::2, ::2]
                ends = slice(top, top + PART), slice(left, left + PART)
                levels[number][(channel, depth, *ends)] = part

            for number, level in enumerate(levels):
                steps = [range(n) for n in SHAPE[:2]]
                steps += [range(0, n, PART) for n in level.shape[2:]]
                work = finest if number == 0 else lambda w, n=number: coarser(n, w)
                list(threads.map(work, product(*steps)))

    return convert


CONVERTERS: dict[str, Callable[[], Callable[[Path, Path], object]]] = {
    "cellib": cellib,
    "bioio-conversion": bioio_conversion,
    "chunks in parallel": chunks_in_parallel,
}

if __name__ == "__main__":
    sys.exit(main())
