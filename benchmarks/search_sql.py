"""Measure searches in SQL: without tantivy, and in PostgreSQL.

usage: python benchmarks/search_sql.py --cil ZIP [--records N ...] [--runs N]
                                       [--only sqlite | --only postgresql]

Libraries of N invented records (10,000 and 100,000) are made in a temporary folder
and in a server of PostgreSQL that is started for this alone. The records are like those
in the public dump of the Cell Image Library (the archive of CIL_Public_Data_JSON).
Beside each search in PostgreSQL stands what a person would write by hand for it, over
the same tables: the best hits, how many there are, and how many have which set of
values, also without the filter of a facet. It leaves out to read the records and to
work out what the sets mean.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import create_engine, text
from synthetic import from_cil, invented_like

from napari_cellib._scratch_postgres import scratch_postgres
from napari_cellib.jobs import drive
from napari_cellib.library import DatabaseLibrary, EmbeddedLibrary
from napari_cellib.model import FacetField, ImageRecord, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from napari_cellib.library.catalogued import CataloguedLibrary

SQLITE_LIMIT_MS = 200
MOST_TIMES = 3  # as long as what is written by hand

MAMMALS = {FacetField.ORGANISM: ("NCBITaxon:40674",)}
NEURONS = {FacetField.CELL_TYPE: ("CL:0000540",)}


class Case(NamedTuple):
    """A search, and the conditions that a person would write for it by hand."""

    query: Query
    words: str = ""
    filters: tuple[str, ...] = ()
    rank: str = ""


IS_MAMMAL = "keys @@ '''uorganism:ncbitaxon:40674'''"
IS_NEURON = "keys @@ '''ucell_type:cl:0000540'''"
CASES = {
    "nothing, newest first": Case(Query()),
    "a letter": Case(Query(text="m"), "words @@ '''^m'':*'", rank="'^m':*"),
    "cell": Case(
        Query(text="cell"), "words @@ 'cell | ''^cell'':*'", rank="cell | '^cell':*"
    ),
    "a term with descendants": Case(
        Query(text="membrane-bounded organelle "),
        "(words @@ 'membran & bound & organel' OR keys @@ '''u:go:0043227''')",
        rank="membran | bound | organel",
    ),
    "an identifier": Case(Query(text="GO:0043227"), "keys @@ '''u:go:0043227'''"),
    "a group as filter": Case(Query(filters=MAMMALS), filters=(IS_MAMMAL,)),
    "text and a group": Case(
        Query(text="mitochondria", filters=MAMMALS),
        "(words @@ 'mitochondria | mitochondrion | ''^mitochondria'':*'"
        " OR keys @@ '''u:go:0005739''')",
        (IS_MAMMAL,),
        "mitochondria | mitochondrion | '^mitochondria':*",
    ),
    "frequent text and groups": Case(
        Query(text="cell", filters=MAMMALS | NEURONS),
        "words @@ 'cell | ''^cell'':*'",
        (IS_MAMMAL, IS_NEURON),
        "cell | '^cell':*",
    ),
    "words or others, not some": Case(
        Query(text="actin OR tubulin -yeast"),
        "(words @@ 'actin | (tubulin & !yeast)'"
        " OR keys @@ '''u:go:0005884'' | ''u:go:0015629''')",
        rank="actin | tubulin",
    ),
    "a group, by title": Case(
        Query(filters=MAMMALS, sort=Sort.TITLE), filters=(IS_MAMMAL,)
    ),
}


def by_hand(connection: Connection, case: Case) -> int:
    """Ask what a person would, and return how many hits there are."""
    parts = [case.words, *case.filters]
    where = _where(parts)
    order = "newest DESC"
    if case.query.sort is Sort.TITLE:
        order = "title_order"
    elif case.rank:
        rank = case.rank.replace("'", "''")
        order = f"ts_rank(words, '{rank}') DESC, newest DESC"
    run = connection.exec_driver_sql
    page = f"SELECT record FROM search_entry {where} ORDER BY {order} LIMIT 24"
    ids = [record for (record,) in run(page)]
    documents = "SELECT document FROM record WHERE id = ANY(%s)"
    for (document,) in run(documents, (ids,)):
        ImageRecord.model_validate_json(document)
    total = run(f"SELECT count(*) FROM search_entry {where}").scalar_one()
    for left_out in ("", *case.filters):
        others = _where([part for part in parts if part != left_out])
        run(
            "SELECT number, count(*) FROM"
            f" (SELECT unnest(sets) AS number FROM search_entry {others}) AS each"
            " GROUP BY number"
        ).all()
    return int(total)


def _where(parts: Sequence[str]) -> str:
    found = " AND ".join(part for part in parts if part)
    return f"WHERE {found}" if found else ""


def milliseconds(runs: int, *questions: Callable[[], object]) -> list[list[float]]:
    """Return how long each question takes; they are asked in turns."""
    times: list[list[float]] = [[] for _ in questions]
    for _ in range(runs):
        for question, mine in zip(questions, times, strict=True):
            begun = time.perf_counter()
            question()
            mine.append((time.perf_counter() - begun) * 1000)
    return times


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def fill(library: CataloguedLibrary, records: Iterator[ImageRecord]) -> None:
    """Put records into a library, and say how long it took."""
    begun = time.perf_counter()
    drive(library.add_many(records))
    added = time.perf_counter()
    drive(library.update_index())
    indexed = time.perf_counter()
    library.search(Query())
    print(
        f"{len(library):,} records: added in {added - begun:.1f} s,"
        f" indexed in {indexed - added:.1f} s,"
        f" first answer after {(time.perf_counter() - indexed) * 1000:.0f} ms"
    )


def in_sqlite(real: Sequence[ImageRecord], count: int, runs: int) -> float:
    """Print a table for the embedded library, and return its worst figure."""
    print("\nSQLite, without tantivy")
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="cellib-") as folder:
        made = EmbeddedLibrary.create(
            Path(folder, "library"), id="bench", name="Benchmark", engine="sqlite"
        )
        with closing(made) as library:
            fill(library, invented_like(real, count))
            print(f"{'query':<26} {'hits':>8} {'p50 ms':>8} {'p95 ms':>8}")
            for name, case in CASES.items():
                total = library.search(case.query).total
                (times,) = milliseconds(runs, lambda q=case.query: library.search(q))
                p50 = statistics.median(times)
                print(f"{name:<26} {total:8,d} {p50:8.1f} {p95(times):8.1f}")
                worst = max(worst, p95(times))
    return worst


def in_postgresql(real: Sequence[ImageRecord], count: int, runs: int) -> float:
    """Print a table beside what is written by hand, and return the worst ratio."""
    print("\nPostgreSQL")
    worst = 0.0
    with _server() as (address, connection):
        made = DatabaseLibrary.create(address, id="bench", name="Benchmark")
        with closing(made) as library:
            fill(library, invented_like(real, count))
            connection.exec_driver_sql("VACUUM ANALYZE")
            print(f"{'query':<26} {'hits':>8} {'p50 ms':>8} {'p95 ms':>8} ", end="")
            print(f"{'by hand':>8} {'p50 ms':>8} {'times':>6}")
            for name, case in CASES.items():
                total = library.search(case.query).total
                hand = by_hand(connection, case)
                ours, bare = milliseconds(
                    runs,
                    lambda q=case.query: library.search(q),
                    lambda c=case: by_hand(connection, c),
                )
                p50, least = statistics.median(ours), statistics.median(bare)
                worst = max(worst, p50 / least)
                print(f"{name:<26} {total:8,d} {p50:8.1f} {p95(ours):8.1f} ", end="")
                print(f"{hand:8,d} {least:8.1f} {p50 / least:6.1f}")
    return worst


@contextmanager
def _server() -> Iterator[tuple[str, Connection]]:
    with scratch_postgres("shared_buffers=256MB", "work_mem=32MB") as address:
        engine = create_engine(
            address.replace("postgresql:", "postgresql+psycopg:"),
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as connection:
            version = connection.execute(text("SHOW server_version")).scalar_one()
            print(f"(version {version})")
            yield address, connection
        engine.dispose()


def main() -> int:
    """Print all tables; return 1 when something is too slow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cil", type=Path, required=True, metavar="ZIP")
    parser.add_argument("--records", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    real = list(from_cil(arguments.cil))
    good = True
    for count in arguments.records:
        if arguments.only != "postgresql":
            worst = in_sqlite(real, count, arguments.runs)
            print(f"worst: {worst:.0f} ms; aim: {SQLITE_LIMIT_MS} ms")
            good &= worst <= SQLITE_LIMIT_MS
        if arguments.only != "sqlite":
            worst = in_postgresql(real, count, arguments.runs)
            print(f"worst: {worst:.1f} times; aim: {MOST_TIMES} times")
            good &= worst <= MOST_TIMES
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
