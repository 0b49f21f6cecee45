"""Write a large multiscale image, beside what others need for the same.

Each writer is a process of its own, in turn, several rounds; the source is a file in
the cache of the system, so that reading it costs nothing. Chunks, levels and codec are
the same for all; how a level is made of the one before is each writer's own way.

    make test-peers ARGS=--collect-only  # makes an environment with all of them
    .venv-peers/bin/python benchmarks/writing.py
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
import threading
import time
import warnings
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE, LEVELS, CHUNK = 4096, 5, 512
CODEC = {"cname": "zstd", "clevel": 3, "shuffle": "shuffle"}
MEMORY_LIMIT_MB = 700
SLOW = ("ome-zarr-py", "ngff-zarr", "bioio-ome-zarr")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--channels", type=int, default=3)
    parser.add_argument("--planes", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--writers", nargs="+", choices=WRITERS, default=[*WRITERS])
    parser.add_argument("--folder", type=Path, help="where there is room for all")
    parser.add_argument("--run", choices=WRITERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run_one(options.run, options.folder)
    folder = Path(tempfile.mkdtemp(prefix="cellib-writing-", dir=options.folder))
    try:
        return measure(folder, options)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, options: argparse.Namespace) -> int:
    """Let all write in turn, and print a table."""
    make_source(folder / "source.npy", options.channels, options.planes)
    size = (folder / "source.npy").stat().st_size / 1e6
    found: dict[str, list[dict[str, float]]] = {name: [] for name in options.writers}
    for number in range(options.rounds):
        # Another begins each time: what one left to the drive, the next has to bear.
        begin = number % len(options.writers)
        for name in options.writers[begin:] + options.writers[:begin]:
            if number and name in SLOW:
                continue
            found[name].append(measure_one(folder, name))
    extent = f"{options.channels} x {options.planes} x {SIDE} x {SIDE} uint16"
    print(f"{extent}, {size:.0f} MB, {LEVELS} levels, {os.cpu_count()} processors")
    print(f"median of {options.rounds}")
    print("writer                   wall s   CPU s  most MB    MB out   files    ratio")
    ours = [name for name in options.writers if name.startswith("cellib")]
    basis = statistics.median(run["wall"] for run in found[ours[0]]) if ours else 1.0
    for name, runs in found.items():
        values = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(
            f"{name:22} {values['wall']:8.1f} {values['cpu']:7.1f} "
            f"{values['memory']:8.0f} {values['size']:9.0f} {values['files']:7.0f} "
            f"{values['wall'] / basis:8.2f}"
        )
    print(f"limit of memory: {MEMORY_LIMIT_MB} MB")
    return int(any(r["memory"] > MEMORY_LIMIT_MB for n in ours for r in found[n]))


def measure_one(folder: Path, name: str) -> dict[str, float]:
    """Let one write, in a process of its own."""
    os.sync()  # what is still to be put on the drive shall burden nobody
    with (folder / "source.npy").open("rb") as file:  # into the cache of the system
        while file.read(2**24):
            pass
    command = [sys.executable, __file__, "--run", name, "--folder", str(folder)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    files = [file for file in (folder / "out").rglob("*") if file.is_file()]
    told: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    told["size"] = sum(file.stat().st_size for file in files) / 1e6
    told["files"] = len(files)
    shutil.rmtree(folder / "out")
    return told


def run_one(name: str, folder: Path) -> int:
    """Write once; print what it took."""
    warnings.simplefilter("ignore")
    source = np.load(folder / "source.npy", mmap_mode="r")
    prepare = WRITERS[name]
    write = prepare(source, folder / "out")  # what has to be imported is imported
    before = anonymous_mb()
    most = [before]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            most.append(anonymous_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    write()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    done.set()
    watcher.join()
    print(json.dumps({"wall": wall, "cpu": cpu, "memory": max(most)}))
    return 0


def anonymous_mb() -> float:
    """Return the memory of this process without what is a file of its own (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1000
    return 0.0


def make_source(file: Path, channels: int, planes: int) -> None:
    """Make cells-like pixels that pack to about half, no two planes alike."""
    random = np.random.default_rng(6)
    y, x = np.mgrid[:SIDE, :SIDE].astype("float32")
    light = np.full((SIDE, SIDE), 110, "float32")
    for _ in range(40):
        middle, width = random.uniform(0, SIDE, 2), random.uniform(20, 200)
        distance = (y - middle[0]) ** 2 + (x - middle[1]) ** 2
        light += 2000 * np.exp(-distance / (2 * width**2))
    plane = random.poisson(light).astype("uint16")
    data = np.lib.format.open_memmap(
        file, "w+", "uint16", (channels, planes, SIDE, SIDE)
    )
    for channel in range(channels):
        for number in range(planes):
            shift = (97 * number, 389 * channel)
            data[channel, number] = np.roll(plane, shift, (0, 1)) + channel
    data.flush()


# Each imports what it needs and returns what writes.


def cellib(source: Any, out: Path, version: Any = "0.5") -> Callable[[], object]:
    """Ours."""
    from napari_cellib.jobs import drive
    from napari_cellib.pixels.writing import write_image

    return lambda: drive(write_image(out, source, axes="czyx", version=version))


def cellib_old(source: Any, out: Path) -> Callable[[], object]:
    """Ours, in the older version."""
    return cellib(source, out, "0.4")


def shapes(source: Any) -> list[tuple[int, ...]]:
    """Return the shapes of all levels."""
    return [(*source.shape[:2], SIDE >> n, SIDE >> n) for n in range(LEVELS)]


def chunk(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the chunk of a level."""
    return (1, 1, *(min(n, CHUNK) for n in shape[2:]))


def tensorstore(source: Any, out: Path) -> Callable[[], object]:
    """Tensorstore, with our mean of 2 x 2 pixels; a few planes are on their way."""
    import tensorstore as ts

    from napari_cellib.pixels.writing.pyramid import halve_pixels

    def write() -> None:
        codec = {"name": "blosc", "configuration": CODEC | {"typesize": 2}}
        levels = []
        for number, shape in enumerate(shapes(source)):
            grid = {"name": "regular", "configuration": {"chunk_shape": chunk(shape)}}
            metadata = {
                "shape": shape, "data_type": "uint16", "chunk_grid": grid,
                "codecs": [{"name": "bytes"}, codec],
            }  # fmt: skip
            store = {"driver": "file", "path": str(out / str(number))}
            spec = {"driver": "zarr3", "kvstore": store, "metadata": metadata}
            levels.append(ts.open(spec, create=True).result())
        waiting: deque[Any] = deque()
        for index in np.ndindex(source.shape[:2]):
            plane = np.asarray(source[index])
            for level in levels:
                waiting.append(level[index].write(plane))
                plane = halve_pixels(plane)
            while len(waiting) > 2 * LEVELS:
                waiting.popleft().result()
        for future in waiting:
            future.result()

    return write


def plain_zarr(source: Any, out: Path) -> Callable[[], object]:
    """Zarr, the finest level only."""
    import zarr
    from zarr.codecs import BloscCodec

    def write() -> None:
        array = zarr.create_array(
            str(out), shape=source.shape, chunks=chunk(source.shape), dtype="uint16",
            compressors=BloscCodec(**CODEC),
        )  # fmt: skip
        for index in np.ndindex(source.shape[:2]):
            array[index] = source[index]

    return write


def lazy(source: Any) -> Any:
    """Return a dask array with a plane in each chunk."""
    import dask.array as da

    return da.from_array(source, chunks=(1, 1, SIDE, SIDE))


def ome_zarr(source: Any, out: Path) -> Callable[[], object]:
    """Run ome-zarr-py by its own way of making levels."""
    import zarr
    from ome_zarr.writer import write_image
    from zarr.codecs import BloscCodec

    def write() -> None:
        group = zarr.open_group(str(out), mode="w", zarr_format=3)
        stored = [
            {"chunks": chunk(shape), "compressors": BloscCodec(**CODEC)}
            for shape in shapes(source)
        ]
        factors = [{"c": 1, "z": 1, "y": 2**n, "x": 2**n} for n in range(1, LEVELS)]
        write_image(
            lazy(source), group, axes="czyx", scale_factors=factors,
            storage_options=stored,
        )  # fmt: skip

    return write


def ngff_zarr(source: Any, out: Path) -> Callable[[], object]:
    """Run ngff-zarr by its own way of making levels."""
    import ngff_zarr as nz
    from zarr.codecs import BloscCodec

    def write() -> None:
        image = nz.to_ngff_image(lazy(source), dims=list("czyx"))
        factors = [{"z": 1, "y": 2**n, "x": 2**n} for n in range(1, LEVELS)]
        chunks = {"c": 1, "z": 1, "y": CHUNK, "x": CHUNK}
        levels = nz.to_multiscales(image, scale_factors=factors, chunks=chunks)
        nz.to_ngff_zarr(
            str(out), levels, version="0.5", compressors=BloscCodec(**CODEC)
        )

    return write


def bioio(source: Any, out: Path) -> Callable[[], object]:
    """Run the writer of bioio by its own way of making levels."""
    from bioio_ome_zarr.writers import OMEZarrWriter
    from zarr.codecs import BloscCodec

    def write() -> None:
        writer = OMEZarrWriter(
            str(out), level_shapes=shapes(source), dtype="uint16",
            chunk_shape=[chunk(shape) for shape in shapes(source)], zarr_format=3,
            axes_names=list("czyx"), axes_types=["channel", *["space"] * 3],
            compressor=BloscCodec(**CODEC),
        )  # fmt: skip
        writer.write_full_volume(lazy(source))

    return write


WRITERS = {
    "cellib 0.5": cellib, "cellib 0.4": cellib_old, "tensorstore": tensorstore,
    "zarr, finest level": plain_zarr, "ome-zarr-py": ome_zarr, "ngff-zarr": ngff_zarr,
    "bioio-ome-zarr": bioio,
}  # fmt: skip

if __name__ == "__main__":
    raise SystemExit(main())
