"""Measure how images are deposited into an embedded library.

usage: python benchmarks/deposit.py [--files N] [--mb N] [--runs N]

Files of random bytes are copied and their sha256 taken by plain Python, on one thread,
and are deposited, in turns; then they are deposited once more, as another record. Each
is a process of its own, so that its memory can be told. Both end when what was written
is on the drive. How long that takes depends on what else the computer does; for how
long its processors are at work, hardly.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from napari_cellib.deposit import transfer
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.fixity import find_files, hash_files
from napari_cellib.deposit.manifest import Entry, Manifest
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary

SMALL_FILES = 4097


def make_image(folder: Path, files: int, size: int) -> None:
    """Write what is as many files, and bytes, as an image with its metadata."""
    chunk = max(1, size // files)
    for number in range(files - 1):
        path = folder / "0" / "c" / str(number // 100) / str(number % 100)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(chunk))
    (folder / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group"}')


def copy(source: Path, target: Path) -> None:
    """Copy a folder and take the sha256 of each file, in the plainest way."""
    shutil.copytree(source, target)
    for path in target.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")
    os.sync()


def empty(folder: Path) -> None:
    """Make room; no file is removed, as ext4 takes long to pass over those."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.truncate(path, 0)
    os.sync()


def deposit(source: Path, library: Path, record: str, former: Path | None) -> None:
    """Deposit a folder as a record."""
    journal = library.with_name(f"{record}.sqlite")
    sources = {"pyramid.ome.zarr": source}
    transfer.begin(journal, record, sources, former=former)
    drive(transfer.transfer(journal, EmbeddedCarrier(library)))


def hash_all(source: Path) -> None:
    """Hash a folder and make the manifest of it."""
    found = drive(find_files({"pyramid.ome.zarr": source}))
    entries = [
        Entry(file.key, file.size, digests.sha256)
        for batch in hash_files(found)
        for file, digests in batch or ()
    ]
    assert len(Manifest.of(entries).digest) == 64


class Taken(NamedTuple):
    """What a step has taken."""

    seconds: float
    processor: float  # seconds of it, of the program and of the system for it
    memory: float  # MB


def step(name: str, *paths: str) -> Taken:
    """Take one step in a process of its own."""
    command = [sys.executable, __file__, "--step", name, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Taken(*map(float, done.stdout.split()))


def run_step(name: str, paths: list[Path]) -> None:
    """Take a step here, and print what it took."""
    start, before = time.perf_counter(), time.process_time()
    if name == "copy":
        copy(paths[0], paths[1])
    elif name == "hash":
        hash_all(paths[0])
    else:
        deposit(paths[0], paths[1], name, paths[2] if len(paths) > 2 else None)
    seconds, processor = time.perf_counter() - start, time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(seconds, processor, memory)


def report(what: str, taken: list[Taken], note: str = "") -> None:
    """Print one line."""
    seconds = statistics.median(one.seconds for one in taken)
    processor = statistics.median(one.processor for one in taken)
    memory = max(one.memory for one in taken)
    print(f"{what:<34} {seconds:9.2f} {processor:9.2f} {memory:8.0f}  {note}")


def compared(name: str, deposits: list[Taken], copies: list[Taken]) -> str:
    """Return how many times as much a deposit takes as the copy of its run."""
    pairs = zip(deposits, copies, strict=True)
    ratios = sorted(getattr(d, name) / getattr(c, name) for d, c in pairs)
    middle = statistics.median(ratios)
    return f"{middle:.2f} x the copy of its run ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where there is room")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        run_step(arguments.step[0], [Path(path) for path in arguments.step[1:]])
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        measure(folder, arguments.files, arguments.mb, arguments.runs)


def measure(folder: Path, files: int, megabytes: int, runs: int) -> None:
    """Take all steps in turns."""
    source, small = folder / "image.zarr", folder / "small.zarr"
    make_image(source, files, megabytes * 1_000_000)
    make_image(small, SMALL_FILES, SMALL_FILES * 4000)
    os.sync()
    copies, deposits, again = [], [], []
    for run in range(-1, runs):
        library, copied = folder / f"library-{run}", folder / f"copied-{run}"
        with closing(EmbeddedLibrary.create(library, id="lab", name="Lab")):
            pass
        first, second = f"first-{run}", f"second-{run}"
        journal = str(folder / f"{first}.sqlite")

        # In turns: whoever writes first gets memory that is quicker to have.
        for what in ("copy", first) if run % 2 else (first, "copy"):
            if what == "copy":
                copies.append(step("copy", str(source), str(copied)))
                empty(copied)
            else:
                deposits.append(step(first, str(source), str(library)))
            os.sync()
        again.append(step(second, str(source), str(library), journal))
        empty(library)
        if run < 0:  # the first one only warms up
            copies, deposits, again = [], [], []
    hashed = [step("hash", str(small)) for _ in range(max(runs, 3))]

    print(f"{files} files, {megabytes} MB, median of {runs}")
    print(f"{'':<34} {'median s':>9} {'processor':>9} {'most MB':>8}")
    report("plain copy and sha256", copies)
    report("deposit", deposits)
    print("  time:     ", compared("seconds", deposits, copies), "aim 1.3")
    print("  processor:", compared("processor", deposits, copies))
    report("deposit again, as another record", again, "aim 1 s")
    report(f"hash {SMALL_FILES} small files", hashed, "aim 0.5 s")


if __name__ == "__main__":
    main()
