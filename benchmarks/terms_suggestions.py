"""Measure suggested terms against those that curators of the Cell Image Library chose.

usage: python benchmarks/terms_suggestions.py [ARCHIVE] [--captions N] [--seed N]

ARCHIVE is CIL_Public_Data_JSON-master.zip, the records of the Cell Image Library as
JSON; without it, it is looked for in the folder that CELLIB_SHARED names. Records
that share a contributor or a series with the one asked for are not learned from. What a
curator left out counts as wrong, so the precision is a lower bound.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.jobs import drive
from napari_cellib.model import TermField
from napari_cellib.ontology import field_of_cil, open_terms
from napari_cellib.ontology.neighbours import Example, learn
from napari_cellib.ontology.suggestions import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from napari_cellib.ontology import Terms

RECALL, PRECISION, MILLISECONDS = 0.50, 0.39, 50.0
NAME = "CIL_Public_Data_JSON-master.zip"
# Those that describe what is seen and how; the others are nearly always the same.
FIELDS = (
    TermField.ORGANISM,
    TermField.CELL_TYPE,
    TermField.CELLULAR_COMPONENT,
    TermField.BIOLOGICAL_PROCESS,
    TermField.PREPARATION,
    TermField.IMAGING_METHOD,
    TermField.VISUALIZATION,
)
LEAST_FIELDS = 3


@dataclass(frozen=True)
class Caption:
    """One record: its example, and who contributed it."""

    example: Example
    contributors: frozenset[str]


def read_captions(archive: Path, terms: Terms) -> Iterator[Caption]:
    """Yield the records that have a description."""
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if "/CIL_PUBLIC_DATA/" in name and name.endswith(".json"):
                found = _caption(json.loads(files.read(name)), terms)
                if found is not None:
                    yield found


def _caption(document: dict[str, Any], terms: Terms) -> Caption | None:
    core = document["CIL_CCDB"]["CIL"]["CORE"]
    text = " ".join(str(v["free_text"]) for v in _items(core.get("IMAGEDESCRIPTION")))
    if not text:
        return None
    choices = set()
    for key, value in core.items():
        for item in _items(value, "onto_id"):
            current = terms.resolve(str(item["onto_id"])).term
            if current is not None and not current.obsolete:
                choices.add((field_of_cil(key), current.curie))
    people = core.get("ATTRIBUTION", {}).get("Contributors") or ["unknown"]
    people = people if isinstance(people, list) else [people]
    group = str(core.get("GROUP_ID") or text[:80])
    # Not "A. Person (University of Somewhere)": that is the same one.
    names = frozenset(str(p).partition("(")[0].strip().lower() for p in people)
    return Caption(Example(text, frozenset(choices), group), names)


def _items(value: object, key: str = "free_text") -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict) and item.get(key)]


class Table:
    """Right, suggested and chosen terms per field, for one way of suggesting."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.right: Counter[TermField] = Counter()
        self.suggested: Counter[TermField] = Counter()
        self.chosen: Counter[TermField] = Counter()
        self.times: list[float] = []

    def add(self, suggested: set[Any], chosen: frozenset[Any], seconds: float) -> None:
        """Count one caption."""
        self.right.update(field for field, _ in suggested & chosen)
        self.suggested.update(field for field, _ in suggested)
        self.chosen.update(field for field, _ in chosen)
        self.times.append(seconds * 1000)

    def rates(self, fields: Iterable[TermField]) -> tuple[float, float]:
        """Return precision and recall over some fields."""
        fields = list(fields)
        right = sum(self.right[field] for field in fields)
        suggested = sum(self.suggested[field] for field in fields)
        chosen = sum(self.chosen[field] for field in fields)
        return right / max(1, suggested), right / max(1, chosen)


def show(tables: list[Table], captions: int) -> None:
    """Print a table per field, and how long a caption took."""
    names = "".join(f"{table.name:>15}" for table in tables)
    print(f"{captions} captions; precision / recall\n{'':<22}{names}")
    rows = [(field.value, [field]) for field in FIELDS]
    for name, fields in [*rows, ("these seven", FIELDS), ("all fields", TermField)]:
        cells = [table.rates(fields) for table in tables]
        print(f"{name:<22}" + "".join(f"{f'{p:.2f} / {r:.2f}':>15}" for p, r in cells))
    each = [sum(t.suggested[f] for f in FIELDS) / captions for t in tables]
    print(f"{'suggested per caption':<22}" + "".join(f"{n:>15.1f}" for n in each))
    for name, number in (("ms, median", 50), ("ms, 99 of 100", 99)):
        cells = [statistics.quantiles(t.times, n=100)[number - 1] for t in tables]
        print(f"{name:<22}" + "".join(f"{ms:>15.1f}" for ms in cells))


def main() -> int:
    """Print two tables; return 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = Path(os.environ.get("CELLIB_SHARED", "../shared/data"))
    parser.add_argument("archive", nargs="?", type=Path, default=shared / "cil" / NAME)
    parser.add_argument("--captions", type=int, default=700)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not arguments.archive.is_file():
        print(f"There is no {arguments.archive}.", file=sys.stderr)
        return 2
    dice = random.Random(arguments.seed)
    with open_terms() as terms:
        captions = list(read_captions(arguments.archive, terms))
        begun = time.perf_counter()
        trial = Trial(terms, captions)
        seconds = time.perf_counter() - begun
        print(f"learned from {len(captions)} records in {seconds:.1f} s")
        good = [c for c in captions if _fields_of(c) >= LEAST_FIELDS]
        dice.shuffle(good)
        once = list({caption.contributors: caption for caption in good}.values())
        print("\nOne caption of each set of contributors")
        tables = trial.run(once[: arguments.captions])
        print("\nAny captions: series of up to 900 similar ones count that often")
        trial.run(good[: arguments.captions])
    precision, recall = tables[2].rates(FIELDS)
    slow = statistics.quantiles(tables[2].times, n=100)[98]
    print(f"\naims: precision {PRECISION}, recall {RECALL}, {MILLISECONDS} ms")
    return int(recall < RECALL or precision < PRECISION or slow > MILLISECONDS)


class Trial:
    """All captions, of which each is asked for with those of other contributors."""

    def __init__(self, terms: Terms, captions: list[Caption]) -> None:
        self.terms = terms
        self.neighbours = drive(learn([caption.example for caption in captions]))
        self.by_person: dict[str, list[int]] = defaultdict(list)
        self.by_series: dict[str, list[int]] = defaultdict(list)
        for number, caption in enumerate(captions):
            self.by_series[caption.example.group].append(number)
            for person in caption.contributors:
                self.by_person[person].append(number)

    def run(self, chosen: list[Caption]) -> list[Table]:
        """Ask for each caption in three ways, and print a table."""
        tables = [Table("dictionary"), Table("neighbours"), Table("both")]
        for caption in chosen:
            mask = np.ones(len(self.neighbours), bool)
            mask[self.by_series[caption.example.group]] = False
            for person in caption.contributors:
                mask[self.by_person[person]] = False
            for table in tables:
                self._ask(table, caption.example, mask)
        show(tables, len(chosen))
        return tables

    def _ask(self, table: Table, example: Example, mask: npt.NDArray[np.bool_]) -> None:
        begun = time.perf_counter()
        found = suggest(
            self.terms,
            example.text,
            neighbours=None if table.name == "dictionary" else self.neighbours,
            mask=mask,
            names=table.name != "neighbours",
        )
        seconds = time.perf_counter() - begun
        table.add({(s.field, s.term.id) for s in found}, example.choices, seconds)


def _fields_of(caption: Caption) -> int:
    return len({field for field, _ in caption.example.choices} & set(FIELDS))


if __name__ == "__main__":
    sys.exit(main())
