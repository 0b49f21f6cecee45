"""Measure the memory that ``cellib search`` needs to write out very many images.

usage: python benchmarks/search_output.py [--records N] [--cil ZIP]

A library of N invented records is made in a temporary folder, or, with --cil, one of
the records in the public dump of the Cell Image Library. Each line of the table is a
process of its own. Beside the commands stands what it takes to hold all images at
once before the first is written, and a search that writes 24.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

_ALL = "1000000"
_COMMAND = (
    "import sys; from napari_cellib.cli import main; sys.exit(main(sys.argv[1:]))"
)
_AT_ONCE = """
import sys
from napari_cellib.library import open_libraries
from napari_cellib.library.table import csv_lines
with open_libraries(sys.argv[1]) as library:
    images = list(library.search(limit=None))
    sys.stdout.writelines(csv_lines(images))
"""


def make(folder: Path, count: int, dump: Path | None) -> None:
    """Make the library, in a process of its own.

    A new process counts as its own what the one that starts it has of memory.
    """
    from search import invented
    from synthetic import from_cil

    from napari_cellib.jobs import drive
    from napari_cellib.library import EmbeddedLibrary

    library = EmbeddedLibrary.create(folder, id="bench", name="Benchmark")
    drive(library.add_many(from_cil(dump) if dump else invented(count)))
    drive(library.update_index())
    library.close()


def measure(code: str, *words: str) -> tuple[float, float, float]:
    """Return the memory at its most in MB, the time in s and the MB that came out."""
    with tempfile.TemporaryFile() as out:
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", code, *words], stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(words)} ends with {process.returncode}")
        # In kB, and on macOS in bytes.
        unit = 1e6 if sys.platform == "darwin" else 1e3
        return used.ru_maxrss / unit, elapsed, os.fstat(out.fileno()).st_size / 1e6


def main() -> int:
    """Print the table; return 1 when writing a table takes as much as holding all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--cil", type=Path, metavar="ZIP")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "library")
        making = get_context("spawn").Process(
            target=make, args=(place, arguments.records, arguments.cil)
        )
        making.start()
        making.join()
        search = ("search", "--library", str(place), "--limit")
        runs = {
            "24 images": (_COMMAND, *search, "24"),
            "all, --csv": (_COMMAND, *search, _ALL, "--csv"),
            "all, --json": (_COMMAND, *search, _ALL, "--json"),
            "all, held at once": (_AT_ONCE, str(place)),
        }
        print(f"{'':<20} {'most memory, MB':>16} {'s':>8} {'written, MB':>12}")
        most = {}
        for name, run in runs.items():
            most[name], elapsed, written = measure(*run)
            print(f"{name:<20} {most[name]:16.0f} {elapsed:8.1f} {written:12.1f}")
    return int(most["all, --csv"] >= most["all, held at once"])


if __name__ == "__main__":
    sys.exit(main())
