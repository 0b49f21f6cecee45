"""Measure how long the Cell Image Library's public dump takes to become a library.

usage: python benchmarks/import_cil.py ZIP [--again]

The library is made in a temporary folder, in a process of its own, so that the peak
of the memory is that of the import. With --again, a second run follows that finds
nothing new. Exits with 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

LIMIT_S = 60
LIMIT_MB = 500


def main() -> int:
    """Run the imports in a new process each and print what they took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("zip", type=Path, help="the dump")
    parser.add_argument("--again", action="store_true", help="import it twice")
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    missed = False
    print("run        s  peak MB    added  changed  unchanged  refused")
    with tempfile.TemporaryDirectory() as folder:
        for run in ("first", "again") if arguments.again else ("first",):
            with context.Pool(1) as pool:
                found = pool.apply(imported, (arguments.zip, Path(folder)))
            counts = [found[name] for name in ("added", "changed", "unchanged")]
            print(
                f"{run:<6} {found['seconds']:>5.1f} {found['peak_mb']:>8.0f} "
                f"{counts[0]:>8,} {counts[1]:>8,} {counts[2]:>10,} "
                f"{found['refused']:>8,}"
            )
            missed |= found["seconds"] > LIMIT_S or found["peak_mb"] > LIMIT_MB
            size = sum(x.stat().st_size for x in Path(folder).rglob("*") if x.is_file())
    print(f"values: {json.dumps(found['values'])}")
    print(f"library: {size / 1e6:.0f} MB on disk")
    print(f"limits: {LIMIT_S} s, {LIMIT_MB} MB")
    return 1 if missed else 0


def imported(dump: Path, folder: Path) -> dict[str, Any]:
    """Import a dump and return time, memory and counts."""
    from napari_cellib.archives.importing import import_cil
    from napari_cellib.jobs import drive
    from napari_cellib.settings import Settings

    process, peak = psutil.Process(), 0

    def look(_: object) -> None:
        nonlocal peak
        peak = max(peak, process.memory_info().rss)

    start = time.perf_counter()
    report = drive(import_cil(Settings(data_folder=folder), dump), look)
    seconds = time.perf_counter() - start
    look(None)
    return {
        "seconds": seconds,
        "peak_mb": peak / 1e6,
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": report.refused_count,
        "values": {str(fate): count for fate, count in report.values.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
