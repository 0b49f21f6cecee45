"""Measure an update of the terms to an invented taxonomy, from dump to use.

usage: python benchmarks/terms_update.py [--taxa N] [--again]

The dump has three names for two taxa, as the real one; with ``--taxa 2700000`` it is as
large. With ``--again``, a second dump comes after the first, which is the worst case:
millions of taxa beside the millions that are in use.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import resource
import sys
import tarfile
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.jobs import drive
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.releases import update
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = "131567"  # cellular organisms, below which all that may be chosen is
SYLLABLES = [
    "ba", "ri", "to", "mus", "cor", "len", "dra", "ae", "phi", "lus", "no", "sta",
    "gen", "us", "is", "um", "a", "en", "pha", "ro",
]  # fmt: skip


def write_dump(path: Path, count: int, day: int) -> None:
    """Write a dump with the taxa of the embedded store and `count` invented ones."""
    with open_terms() as terms:
        known = terms.reader.rows(
            "SELECT curie, label FROM term WHERE ontology = 'NCBITaxon'"
        )
    labels = {int(curie.partition(":")[2]): label for curie, label in known}
    first = max(labels) + 1
    files = {
        "merged.dmp": ((first + count + n, first + n) for n in range(count // 30)),
        "names.dmp": names_of(labels, first, count),
        "nodes.dmp": nodes_of(labels, first, count),
    }
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, rows in files.items():
            lines = ["\t|\t".join(map(str, row)) + "\t|\n" for row in rows]
            content = "".join(lines).encode()
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), int(time.time()) + day * 86_400
            archive.addfile(info, io.BytesIO(content))


def nodes_of(labels: dict[int, str], first: int, count: int) -> Iterator[tuple]:
    """Yield taxon and parent: most taxa are species, a tenth has others below."""
    dice, inner = random.Random(count), max(2, count // 10)
    yield 1, 1, "no rank"
    for number in labels:
        yield number, "1" if str(number) == ROOT else ROOT, "clade"
    for number in range(count):
        parent = first + dice.randrange(min(max(1, number), inner)) if number else ROOT
        yield first + number, parent, "species"


def names_of(labels: dict[int, str], first: int, count: int) -> Iterator[tuple]:
    """Yield the names: binomials, strains, what is known only by its sequence."""
    dice = random.Random(count)
    genera = ["".join(dice.choices(SYLLABLES, k=4)).title() for _ in range(count // 25)]
    epithets = ["".join(dice.choices(SYLLABLES, k=4)) for _ in range(count // 12)]
    kinds = ["genbank common name", "synonym", "equivalent name", "authority"]
    yield 1, "root", "", "scientific name"
    for number, label in labels.items():
        yield number, label, "", "scientific name"
    for number in range(first, first + count):
        genus, epithet = dice.choice(genera), dice.choice(epithets)
        name = dice.choices(
            [
                f"{genus} {epithet}",
                f"{genus} sp. {dice.choice('ABCXYZ')}{dice.randrange(100_000)}",
                f"uncultured {genus} bacterium",
            ],
            [6, 3, 1],
        )[0]
        yield number, name, "", "scientific name"
        if number % 2:
            other = f"{dice.choice(genera)} {epithet}"
            yield number, other, "", dice.choice(kinds)


def size_of(folder: Path) -> int:
    """Return how many bytes the files of a folder take."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def measure(dump: Path, data: Path) -> None:
    """Update to one dump; print time, memory and size."""
    settings = Settings(data_folder=data, release_addresses={"ncbitaxon": str(dump)})
    waits: dict[str, float] = {}
    spent: dict[str, float] = {}
    most_drive = 0
    begun = last = time.perf_counter()
    doing = "Starting"

    def look(progress: object) -> None:
        nonlocal last, doing, most_drive
        now = time.perf_counter()
        waits[doing] = max(waits.get(doing, 0), now - last)
        spent[doing] = spent.get(doing, 0) + now - last
        last, doing = now, progress.label
        most_drive = max(most_drive, size_of(data))

    report = drive(update(settings, ["ncbitaxon"]), look)
    look(type("End", (), {"label": ""}))
    seconds = time.perf_counter() - begun
    size, most_drive = report.path.stat().st_size / 1e6, most_drive / 1e6
    # In KiB on Linux, in bytes on macOS.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most /= 1e6 if sys.platform == "darwin" else 1e3
    print(f"{report.updated[0].terms} taxa: {seconds:.0f} s, ", end="")
    print(f"at most {most:.0f} MB of memory, ", end="")
    print(f"{size:.0f} MB on the drive and {most_drive:.0f} MB meanwhile")
    print("longest waits for a cancel:")
    for label, wait in sorted(waits.items(), key=lambda pair: -pair[1])[:5]:
        print(f"  {wait:6.2f} s  {label}")
    print("most time:")
    for label, time_spent in sorted(spent.items(), key=lambda pair: -pair[1])[:12]:
        print(f"  {time_spent:6.1f} s  {label}")


def in_process(function: Callable[..., None], *arguments: object) -> None:
    """Run something where it has its memory for itself."""
    process = get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def main() -> int:
    """Write the dumps, and measure each update in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--taxa", type=int, default=100_000)
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for day in range(1 + options.again):
            dump = Path(folder, f"taxdump-{day}.tar.gz")
            in_process(write_dump, dump, options.taxa, day)
            in_process(measure, dump, Path(folder, "data"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
