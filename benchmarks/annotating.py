"""Measure what is said of images: reading, adding, searching, and many at once.

usage: python benchmarks/annotating.py [--statements N] [--records N] [--runs N]
                                       [--engine tantivy|sqlite]

One record of a library gets that many statements, half of them regions and half terms
of these. A page with it is searched before and after. Then a term is said of each of
the other records, as the panel does it: looked at first, and then written.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib.annotate.many import Batch, apply, preview
from napari_cellib.annotate.pending import Pending
from napari_cellib.annotate.saying import Speaker, remark, say
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query, Term, TermField
from napari_cellib.model.statement import Region, RegionShape, Statements

if TYPE_CHECKING:
    from collections.abc import Callable

TERMS = (
    Term(id="GO:0005739", label="mitochondrion"),
    Term(id="GO:0005634", label="nucleus"),
    Term(id="GO:0005794", label="Golgi apparatus"),
    Term(id="GO:0005764", label="lysosome"),
    Term(text="something dark"),
)
NEURON = Term(id="CL:0000540", label="neuron")
MICROTUBULE = Term(id="GO:0005874", label="microtubule")
PAGE = Query(text="cell", limit=50)


def many_regions(count: int, speaker: Speaker) -> Statements:
    """Return that many statements: regions, and a term of each."""
    regions = tuple(
        Region(
            id=f"{number:016x}",
            shape=RegionShape.POLYGON,
            axes=("z", "y", "x"),
            points=tuple((number % 40, number + i, (i * i) % 50) for i in range(8)),
            assertion=speaker.assertion(),
        )
        for number in range(count // 2)
    )
    notes = tuple(
        say(
            speaker,
            TermField.CELLULAR_COMPONENT,
            TERMS[number % len(TERMS)],
            region=region.id,
        )
        for number, region in enumerate(regions)
    )
    return Statements(regions=regions, annotations=notes)


class Table:
    """Prints a line for each measurement, as it comes."""

    def __init__(self, runs: int) -> None:
        self._runs = runs
        print(f"{'':<42}{'median ms':>11}{'slowest ms':>12}")

    def line(self, name: str, what: Callable[[], Any], *, runs: int = 0) -> float:
        """Measure something some times, and return the median in milliseconds."""
        taken = []
        for _ in range(runs or self._runs):
            began = time.perf_counter()
            what()
            taken.append((time.perf_counter() - began) * 1000)
        median = statistics.median(taken)
        print(f"{name:<42}{median:>11.1f}{max(taken):>12.1f}", flush=True)
        return median


def measure(library: EmbeddedLibrary, folder: Path, statements: int, runs: int) -> None:
    """Say much of one record, and print what it takes."""
    speaker = Speaker("Doe, Jane", None, "benchmark 1")
    table = Table(runs)
    said = many_regions(statements, speaker)
    library.search(PAGE)
    table.line("a full garbage collection, before", gc.collect)
    before = table.line("search a page, before", lambda: library.search(PAGE))
    with closing(Pending.open(folder, "cellib://lab/cell-0")) as pending:
        table.line("keep one statement in the journal", lambda: pending.add(
            remark(speaker, "Is it?")
        ))  # fmt: skip
    name = f"annotate with {statements:,} statements"
    table.line(name, lambda: library.annotate("cell-0", said), runs=1)
    table.line("search again, index brought up to date", lambda: library.search(PAGE),
               runs=1)  # fmt: skip
    after = table.line("search a page, after", lambda: library.search(PAGE))
    table.line(f"statements() of {statements:,}", lambda: library.statements("cell-0"))
    everything = library.statements("cell-0")
    table.line("what holds of them", lambda: everything.present)
    table.line("a full garbage collection", gc.collect)

    def one_more() -> None:
        note = say(speaker, TermField.CELL_TYPE, NEURON, region=f"{1:016x}")
        library.annotate("cell-0", Statements(annotations=(note,)))

    table.line("annotate with one more", one_more)
    table.line("open its record", lambda: library.record("cell-0"))
    print(f"{'a page after : before':<42}{after / before:>11.2f}")
    found = library.search(Query(text="intracellular organelle")).total
    print(f"found by an ancestor of a region's term: {found}")


def measure_batch(library: EmbeddedLibrary, records: int, runs: int) -> None:
    """Say one thing of many records, and print what it takes."""
    speaker = Speaker("Doe, Jane", None, "benchmark 1")
    ids = [f"cell-{number}" for number in range(1, records + 1)]
    looked, wrote = [], []
    for number in range(runs):
        term = MICROTUBULE if number == 0 else Term(text=f"word {number}")
        batch = Batch(add=((TermField.CELLULAR_COMPONENT, term, "present"),))
        began = time.perf_counter()
        found = drive(preview(library, ids, batch))
        then = time.perf_counter()
        changed = drive(apply(library, found, speaker))
        looked.append(then - began)
        wrote.append(time.perf_counter() - then)
        assert changed == records
    print(f"\n{'batch of ' + format(records, ',') + ' records':<42}{'median s':>11}")
    print(f"{'preview':<42}{statistics.median(looked):>11.2f}")
    print(f"{'apply':<42}{statistics.median(wrote):>11.2f}")
    both = [a + b for a, b in zip(looked, wrote, strict=True)]
    print(f"{'both':<42}{statistics.median(both):>11.2f}")


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=10_000)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--engine", choices=("tantivy", "sqlite"), default="tantivy")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = EmbeddedLibrary.create(
            folder / "lab", id="lab", name="Lab", engine=arguments.engine
        )
        records = (
            ImageRecord(
                id=f"cell-{number}",
                title=f"Cell {number}",
                description="A cell with what is in it, seen from above. " * 10,
            )
            for number in range(arguments.records + 1)
        )
        drive(library.add_many(records))
        measure(library, folder / "journals", arguments.statements, arguments.runs)
        measure_batch(library, arguments.records, arguments.runs)
        library.close()


if __name__ == "__main__":
    main()
