"""Measure an update of the terms to an invented taxonomy, from dump to use.

usage: python benchmarks/terms_update.py [--taxa N]
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import psutil

from napari_cellib.jobs import drive
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.releases import update
from napari_cellib.settings import Settings

ROOT = "131567"  # cellular organisms, below which all that may be chosen is


def write_dump(path: Path, count: int) -> None:
    """Write a dump with the taxa of the embedded store and `count` invented ones."""
    with open_terms() as terms:
        known = terms.reader.rows(
            "SELECT curie, label FROM term WHERE ontology = 'NCBITaxon'"
        )
    labels = {int(curie.partition(":")[2]): label for curie, label in known}
    first = max(labels) + 1
    dice, inner = random.Random(count), max(2, count // 10)
    nodes, names = [("1", "1")], [("1", "root")]
    for number, label in labels.items():
        nodes.append((str(number), "1" if str(number) == ROOT else ROOT))
        names.append((str(number), label))
    for number in range(count):
        parent = first + dice.randrange(min(max(1, number), inner)) if number else ROOT
        nodes.append((str(first + number), str(parent)))
        names.append((str(first + number), f"Genus{number // 9} species{number}"))
    files = {
        "names.dmp": [(number, name, "", "scientific name") for number, name in names],
        "nodes.dmp": nodes,
        "merged.dmp": [],
    }
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, rows in files.items():
            lines = ["\t|\t".join(row) + "\t|\n" for row in rows]
            content = "".join(lines).encode()
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), int(time.time())
            archive.addfile(info, io.BytesIO(content))


def main() -> int:
    """Print time, memory and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--taxa", type=int, default=100_000)
    count = parser.parse_args().taxa
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "taxdump.tar.gz")
        write_dump(dump, count)
        settings = Settings(
            data_folder=Path(folder, "data"),
            release_addresses={"ncbitaxon": str(dump)},
        )
        most, longest = 0, 0.0
        begun = last = time.perf_counter()

        def look(_: object) -> None:
            nonlocal most, longest, last
            now = time.perf_counter()
            most = max(most, psutil.Process().memory_info().rss)
            longest, last = max(longest, now - last), now

        report = drive(update(settings, ["ncbitaxon"]), look)
        seconds = time.perf_counter() - begun
        size = report.path.stat().st_size
    print(f"{report.updated[0].terms} taxa: {seconds:.1f} s, ", end="")
    print(f"{most / 1e6:.0f} MB of memory, {size / 1e6:.0f} MB on the drive")
    print(f"longest wait for a cancel: {longest:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
