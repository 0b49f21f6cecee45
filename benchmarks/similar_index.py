"""What it costs to ask for similar images of very many, and to describe many.

    .venv/bin/python benchmarks/similar_index.py [--tiles N ...] [--describe N ...]

The first table: the nearest 10 tiles of one, among N. Vectors are drawn to be like
real ones: around centres, of an intrinsic dimension of about 24. `exact` compares with
each tile, `graph` is what is used above 100,000 tiles of one pixel size; recall is the
share of the 10 nearest that it finds. The second: describing a library of N tiles in
processes of their own, one of which is killed in the middle, and the memory that took.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from napari_cellib.compare.index import approximate
from napari_cellib.compare.index.asking import Asked
from napari_cellib.compare.index.building import index_library, index_state
from napari_cellib.compare.index.described import TILE, Description
from napari_cellib.compare.index.file import IndexFile
from napari_cellib.compare.index.matrix import table_of
from napari_cellib.compare.index.nearest import Exact
from napari_cellib.compare.index.scoring import nearest_images
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Dimensions, Representation
from napari_cellib.pixels import write_image
from napari_cellib.settings import Settings
from napari_cellib.testing import a_record

WIDTH = 128
NEAREST = 10
PER_IMAGE = 20  # tiles
KEY = "drawn 1"
HEAD = (
    f"{'tiles':>9} {'load, s':>8} {'exact, ms':>10} {'CPU, ms':>8} "
    f"{'12 tiles, ms':>14} {'build, s':>9} {'open, ms':>9} {'graph, ms':>10} "
    f"{'recall':>7}"
)


def drawn(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return vectors like real ones: 2000 centres, 24 directions, a little noise."""
    directions = rng.normal(size=(24, WIDTH))
    centres = rng.normal(size=(2000, 24))
    found = np.empty((count, WIDTH), np.float32)
    for start in range(0, count, 2**16):
        some = found[start : start + 2**16]
        places = centres[rng.integers(len(centres), size=len(some))]
        places = places + 0.35 * rng.normal(size=places.shape)
        some[:] = places @ directions + 0.5 * rng.normal(size=some.shape)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def filled(folder: Path, vectors: np.ndarray) -> IndexFile:
    """Return descriptions with these vectors, all at one pixel size."""
    file = IndexFile(folder / "similar.sqlite", "the benchmark")
    count = len(vectors) // PER_IMAGE
    file.follow({f"image {number}": True for number in range(count)}, 0)
    tiles = np.zeros(PER_IMAGE, TILE)
    tiles["scaled"] = True
    with file._writing() as write:  # a transaction for each would take long
        numbers = np.zeros((PER_IMAGE, 0), np.float16)
        for number in range(count):
            some = vectors[number * PER_IMAGE : (number + 1) * PER_IMAGE]
            one = Description(tiles, some.astype(np.float16), numbers)
            parts = (one.tiles.tobytes(), one.vectors.tobytes(), b"")
            write.execute(
                "INSERT INTO described (image, key, count, tiles, vectors, numbers)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (number + 1, KEY, PER_IMAGE, *parts),
            )
    return file


def median_ms(
    question: object, queries: np.ndarray
) -> tuple[float, float, list[np.ndarray]]:
    """Return how long a question takes, and of processors: medians; and answers."""
    spent, worked, answers = [], [], []
    for one in queries:
        began, work_began = time.perf_counter(), time.process_time()
        answers.append(question(one[np.newaxis], 0, NEAREST).rows[0])  # type: ignore[operator]
        spent.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - work_began))
    return statistics.median(spent), statistics.median(worked), answers


def ask(count: int) -> None:
    """Print one line of the first table."""
    rng = np.random.default_rng(0)
    vectors = drawn(count + 200, rng)
    queries, vectors = vectors[-200:], vectors[:-200]
    with tempfile.TemporaryDirectory() as folder:
        file = filled(Path(folder), vectors)
        began = time.perf_counter()
        table = table_of(file, KEY)
        load = time.perf_counter() - began
        exact, exact_work, right = median_ms(Exact(table).nearest, queries)
        asked = Asked(np.zeros(12, TILE), queries[:12], queries[:12])
        asked.tiles["scaled"] = True
        nearest_images(table, Exact(table), asked, 20)  # sorts the images, once
        began = time.perf_counter()
        nearest_images(table, Exact(table), asked, 20)
        whole = 1000 * (time.perf_counter() - began)
        shown = (
            f"{count:>9,} {load:>8.2f} {exact:>10.1f} {exact_work:>8.1f} {whole:>14.0f}"
        )
        if count > approximate.LARGE:
            began = time.perf_counter()
            drive(approximate.build_graphs(file, KEY))
            build = time.perf_counter() - began
            began = time.perf_counter()
            engine, _ = approximate.engine_for(table, file, KEY)
            opening = 1000 * (time.perf_counter() - began)
            graph, _, found = median_ms(engine.nearest, queries)
            pairs = zip(found, right, strict=True)
            recall = np.mean([len(set(a) & set(b)) / NEAREST for a, b in pairs])
            shown += f" {build:>9.0f} {opening:>9.0f} {graph:>10.2f} {recall:>7.3f}"
        print(shown, flush=True)
        file.close()


def library(folder: Path, tiles: int) -> None:
    """Make a library of as many tiles: 6 of each image."""
    home = EmbeddedLibrary.create(folder, id="bench", name="Bench")
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:512, :512]
    for number in range(tiles // 6):
        period = 8 + number % 50
        plane = 100 + 50 * np.sin(x / period) * np.sin(y / period)
        plane = (plane + rng.normal(0, 3, plane.shape)).astype("uint8")
        record_id = f"CLB{number}"
        place = home.blob_folder(record_id) / "image.ome.zarr"
        spacing = {"y": 0.1, "x": 0.1}
        drive(write_image(place, plane, axes="yx", spacing_um=spacing))
        url = home.blob_url(record_id, "image.ome.zarr")
        home.add(
            a_record(
                record_id,
                f"Image {number}",
                dimensions=Dimensions(sizes={"y": 512, "x": 512}, spacing_um=spacing),
                representations=(Representation(role="pyramid", url=url),),
            )
        )
    home.close()


def work(folder: Path) -> None:
    """Describe a library, and print what it took: run in a process of its own."""
    settings = Settings(data_folder=folder.parent)
    with_library = EmbeddedLibrary.open(folder)
    report = drive(index_library(with_library, settings))
    state = index_state(with_library, settings)
    with_library.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(report.described, report.unchanged, state.tiles, report.seconds, peak)


def describe(tiles: int, *, kill_after_s: float) -> None:
    """Print lines of the second table: in one go, and after a kill."""
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "bench"
        library(folder, tiles)
        command = [sys.executable, __file__, "--work", str(folder)]
        for name, wait in (("killed", kill_after_s), ("then on", None), ("anew", None)):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            if wait is not None:
                time.sleep(wait)
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
                file = IndexFile(folder / "similar.sqlite", "")
                rows = file._connection.execute("SELECT sum(count) FROM described")
                print(f"{tiles:>7,} {name:>8}  {rows.fetchone()[0]:>7} tiles were kept")
                file.close()
                continue
            done, kept, there, seconds, peak = process.communicate()[0].split()
            print(
                f"{tiles:>7,} {name:>8}  {done:>5} described {kept:>5} kept "
                f"{there:>7} tiles {float(seconds):>7.0f} s {float(peak):>6.0f} MB",
                flush=True,
            )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--describe", type=int, nargs="*", default=[])
    parser.add_argument("--kill-after", type=float, default=20.0, help="seconds")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work)
        return
    if arguments.tiles:
        print(HEAD)
    for count in arguments.tiles:
        ask(count)
    for count in arguments.describe:
        describe(count, kill_after_s=arguments.kill_after)


if __name__ == "__main__":
    main()
