"""Measure what ``import napari_cellib`` costs, and what it brings in.

usage: python benchmarks/import_time.py [--runs N]

Each run is a new interpreter. The time of an import of nothing but the standard
library, ``import json``, stands beside it for comparison.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

LIMIT_MS = 150
HEAVY = (
    "qtpy", "superqt", "magicgui", "napari", "numpy", "dask", "zarr", "obstore",
    "sqlalchemy", "alembic", "tantivy", "pydantic",
)  # fmt: skip

TIMED = """
import sys, time
before = set(sys.modules)
start = time.perf_counter()
import {module}
elapsed = (time.perf_counter() - start) * 1000
print(elapsed)
print(*sorted(set(sys.modules) - before))
"""


def imported(module: str) -> tuple[float, list[str]]:
    """Return what one import took, in ms, and the modules that it loaded."""
    code = TIMED.format(module=module)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    elapsed, modules = done.stdout.splitlines()
    return float(elapsed), modules.split()


def main() -> int:
    """Print the table; return 1 when the limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs

    print(f"median of {runs} new interpreters, Python {sys.version.split()[0]}")
    print(f"{'import':<16} {'median ms':>10} {'slowest ms':>11} {'modules':>8}")
    for module in ("json", "napari_cellib"):
        imported(module)  # fills the disk's cache and writes the bytecode
        samples = [imported(module) for _ in range(runs)]
        times = [elapsed for elapsed, _ in samples]
        modules = samples[0][1]
        median = statistics.median(times)
        print(f"{module:<16} {median:10.1f} {max(times):11.1f} {len(modules):8d}")

    heavy = sorted({name.partition(".")[0] for name in modules} & set(HEAVY))
    print(f"brought in by napari_cellib: {', '.join(modules)}")
    print(f"of the heavy packages: {', '.join(heavy) or 'none'}")
    print(f"limit: {LIMIT_MS} ms")
    return int(median > LIMIT_MS or bool(heavy))


if __name__ == "__main__":
    sys.exit(main())
