"""How long a table of many annotations takes, in and out, and how much memory.

    python benchmarks/annotation_tables.py [--rows 100000] [--records 1000]

A scratch library gets a table with so many rows: a region for every second row, and a
term of it. It is checked, taken in, written out and checked again.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib.annotate.tables import apply_table, check_table
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.annotation_table import annotation_rows, annotations_csv
from napari_cellib.model import Assertion, Dimensions
from napari_cellib.ontology import open_terms
from napari_cellib.testing import a_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--records", type=int, default=1_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, open_terms() as terms:
        folder = Path(name)
        sizes = Dimensions(sizes={"y": 2_000, "x": 2_000})
        names = [f"R{number}" for number in range(arguments.records)]
        with closing(
            EmbeddedLibrary.create(folder / "library", id="many", name="Many")
        ) as library:
            drive(library.add_many([a_record(n, dimensions=sizes) for n in names]))
            table = folder / "table.csv"
            with table.open("w", encoding="utf-8") as file:
                file.writelines(_rows(names, arguments.rows))
            print(f"{arguments.rows:,} rows of {arguments.records:,} records")
            print(f"{'':<14}{'seconds':>10}{'peak MB':>10}  more than before")
            check = _timed("check", lambda: drive(check_table(table, library, terms)))
            say = Assertion(by="curator", author="Bench")
            _timed(
                "take in",
                lambda: drive(apply_table(check, library, terms, lambda _: say)),
            )
            out = folder / "out.csv"
            _timed("write", lambda: _write(out, library, names))
            again = _timed(
                "check again", lambda: drive(check_table(out, library, terms))
            )
            print(f"{again.already:,} of {again.rows:,} rows are there already")


def _rows(names: list[str], count: int) -> Iterator[str]:
    yield "record,region,shape,coordinates,field,term\n"
    each = max(1, count // (2 * len(names)))
    for number in range(count // 2):
        record, cell = names[number // each % len(names)], f"cell {number}"
        y, x = number % 1_900, number // 7 % 1_900
        yield f"{record},{cell},rectangle,{y} {x}; {y + 20} {x + 30},,\n"
        yield f"{record},{cell},,,cellular_component,GO:0005634\n"


def _write(path: Path, library: EmbeddedLibrary, names: list[str]) -> None:
    rows = (
        row for name in names for row in annotation_rows(name, library.statements(name))
    )
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(annotations_csv(rows))


def _timed(label: str, work: Callable[[], Any]) -> Any:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{label:<14}{seconds:>10.1f}{peak:>10.0f}  {peak - before:.0f} MB")
    return found


if __name__ == "__main__":
    main()
