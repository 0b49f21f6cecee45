"""Measure the dry run of a table of many images, and its deposit after that.

usage: python benchmarks/deposit_table.py [--rows N] [--deposit N]

Small TIFF files are described by a table with terms, as `cellib deposit --table` reads
it. The dry run looks at every row and every file; then the first rows are deposited,
and the table is looked at once more, as after an interruption.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import tifffile

from napari_cellib.deposit.depositions import Depositions
from napari_cellib.deposit.many import Plan, deposit_all, plan_table
from napari_cellib.deposit.table import read_table
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.ontology import open_terms
from napari_cellib.settings import Settings

HEAD = (
    "file,title,description,organism,imaging method,specimen,preparation,instrument,"
    "contributors,licence,published"
)
ROW = (
    'disc_{n}.tif,Wing disc {n},"A wing disc of the third instar, stained for actin.",'
    "Drosophila melanogaster,confocal microscopy,Wing disc,Fixed,Confocal microscope,"
    '"Doe, Jane",CC-BY-4.0,no'
)


def make(folder: Path, rows: int) -> Path:
    """Write files and the table that describes them."""
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 4000, (64, 64), dtype="uint16")
    for number in range(rows):
        tifffile.imwrite(folder / f"disc_{number}.tif", pixels + number, ome=True)
    lines = [HEAD, *(ROW.format(n=number) for number in range(rows))]
    table = folder / "table.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    return table


def dry_run(
    table: Path, depositions: Depositions, library: EmbeddedLibrary
) -> tuple[Plan, float]:
    """Look at a table, and return what is to be done and the seconds it took."""
    start = time.perf_counter()
    with open_terms(settings=Settings.load()) as terms:
        read = drive(read_table(table, terms=terms))
    plan = drive(plan_table(read, depositions, library))
    return plan, time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--deposit", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = make(folder / "images", arguments.rows)
        depositions = Depositions(folder / "depositions")
        home = EmbeddedLibrary.create(folder / "library", id="lab", name="Lab")
        with closing(home) as library:
            runs = [dry_run(table, depositions, library) for _ in range(arguments.runs)]
            plan = runs[0][0]
            seconds = statistics.median(taken for _, taken in runs)
            print(f"{'':<34} {'s':>8}")
            print(f"{f'dry run of {arguments.rows} rows':<34} {seconds:8.2f}  aim 5 s")
            first = dict(list(plan.drafts.items())[: arguments.deposit])
            some = Plan(first, {}, frozenset(), frozenset(), ())
            start = time.perf_counter()
            drive(deposit_all(some, depositions, library))
            each = (time.perf_counter() - start) / len(first)
            print(f"{'deposit of one small image':<34} {each:8.2f}")
            plan, again = dry_run(table, depositions, library)
            done = f"dry run with {len(plan.done)} done before"
            print(f"{done:<34} {again:8.2f}")


if __name__ == "__main__":
    main()
