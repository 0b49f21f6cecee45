"""Measure how fast the store of terms says what lies above and below a term.

usage: python benchmarks/terms_hierarchy.py [--taxa N]

Asks the store that comes with the program about each of its terms, and a taxonomy of
N invented taxa about its root. Says what a new process pays for the first answer, and
how much memory all of this takes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.jobs import drive
from napari_cellib.model import Term
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.building import build_store
from napari_cellib.ontology.rows import OntologyRow, TermRow
from napari_cellib.ontology.store import embedded_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellib.ontology import Terms

LIMIT_MS = 5.0
LIMIT_ROOT_MS = 100.0
LIMIT_FIRST_MS = 30.0
LIMIT_MB = 60.0

# What a new process does; the imports are those of a session that has begun.
FIRST = """
import time
import psutil
import sqlite3
from napari_cellib.model import Term
from napari_cellib.ontology import hierarchy, store
process = psutil.Process()
before = process.memory_info().rss
start = time.perf_counter()
terms = store.open_terms(store.embedded_path())
terms.descendants("GO:0043227")
print((time.perf_counter() - start) * 1000)
curies = [curie for (curie,) in terms.reader.rows("SELECT curie FROM term")]
for curie in curies:
    terms.descendants(curie)
    terms.ancestors(curie)
    terms.names(curie)
del curies
print((process.memory_info().rss - before) / 1e6)
"""


def timed(ask: Callable[[str], object], asked: Iterable[str]) -> dict[str, float]:
    """Return what each answer took, in ms: the fastest of three, as others are busy."""
    times = {}
    for curie in asked:
        tries = []
        for _ in range(3):
            start = time.perf_counter()
            ask(curie)
            tries.append((time.perf_counter() - start) * 1000)
        times[curie] = min(tries)
    return times


def show(terms: Terms, name: str, times: dict[str, float]) -> float:
    """Print one row; return the slowest time."""
    ordered = sorted(times.values())
    p50, p99 = statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]
    slowest = max(times, key=times.__getitem__)
    print(
        f"{name:<22} {p50:8.3f} {p99:8.3f} {times[slowest]:8.2f}"
        f"   {slowest} {terms.label(slowest)}"
    )
    return times[slowest]


def embedded() -> bool:
    """Ask about every term of the store that comes with the program."""
    with open_terms(embedded_path()) as terms:
        curies = [curie for (curie,) in terms.reader.rows("SELECT curie FROM term")]
        print(f"{len(curies)} terms in the store that comes with the program")
        print(f"{'ms':<22} {'p50':>8} {'p99':>8} {'slowest':>8}")
        slowest = show(terms, "descendants", timed(terms.descendants, curies))
        show(terms, "ancestors", timed(terms.ancestors, curies))
        show(terms, "way from the root", timed(terms.path_to_root, curies))
        show(terms, "resolve", timed(terms.resolve, curies))
        annotated = {curie: Term(id=curie) for curie in curies}
        show(
            terms,
            "expand an annotation",
            timed(lambda curie: terms.expand(annotated[curie]), curies),
        )
    return slowest < LIMIT_MS


def taxonomy(count: int) -> bool:
    """Ask a taxonomy of many taxa about its root and about a branch."""
    chance = random.Random(1)
    rows = [TermRow("NCBITaxon:1", "root")]
    rows += [
        TermRow(
            f"NCBITaxon:{n}",
            f"Genus{n // 7} species{n}",
            # Few taxa have many below, as in life.
            parents=((f"NCBITaxon:{1 + int((n - 1) * chance.random() ** 3)}", "is_a"),),
        )
        for n in range(2, count + 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "taxa.sqlite"
        start = time.perf_counter()
        source = OntologyRow("NCBITaxon", "taxa", "1", "CC0-1.0", "invented")
        drive(build_store(path, [source], rows))
        took = time.perf_counter() - start
        print(
            f"\n{count} invented taxa, {path.stat().st_size / 1e6:.0f} MB, {took:.0f} s"
        )
        with open_terms(path) as terms:
            root = timed(terms.descendants, ["NCBITaxon:1"])["NCBITaxon:1"]
            print(f"all {len(rows) - 1} below the root: {root:.1f} ms")
            show(
                terms,
                "way from the root",
                timed(terms.path_to_root, [r.curie for r in rows[-999:]]),
            )
    return root < LIMIT_ROOT_MS


def first() -> bool:
    """Let a new process open the store and ask once, then about everything."""
    runs = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", FIRST], capture_output=True, text=True, check=True
        )
        runs.append([float(line) for line in done.stdout.split()])
    milliseconds = statistics.median(run[0] for run in runs)
    megabytes = max(run[1] for run in runs)
    print(f"\nnew process: first answer {milliseconds:.1f} ms (limit {LIMIT_FIRST_MS})")
    print(
        f"memory after asking about every term: {megabytes:.1f} MB (limit {LIMIT_MB})"
    )
    return milliseconds < LIMIT_FIRST_MS and megabytes < LIMIT_MB


def main() -> int:
    """Print the tables; return 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--taxa", type=int, default=200_000)
    taxa = parser.parse_args().taxa
    kept = [embedded(), first(), taxonomy(taxa)]
    print(f"limits: descendants {LIMIT_MS} ms, root of taxa {LIMIT_ROOT_MS} ms")
    return int(not all(kept))


if __name__ == "__main__":
    sys.exit(main())
