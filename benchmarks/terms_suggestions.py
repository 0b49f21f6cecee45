"""Measure suggested terms against those that curators of the Cell Image Library chose.

usage: python benchmarks/terms_suggestions.py [ARCHIVE] [--captions N] [--fit FILE]

ARCHIVE is CIL_Public_Data_JSON-master.zip, the records of the Cell Image Library as
JSON; without it, it is looked for in the folder that CELLIB_SHARED names. Records of
the same contributors and series, and those with nearly the same caption, are not
learned from; `cil_captions.py` says how. What a curator left out counts as wrong, so
the precision is a lower bound.

--fit writes the weights of `ontology/evidence.toml`, from the captions of one half of
the labs. The other half says what they are worth.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from cil_captions import FIELDS, Caption, Others, read_captions

from napari_cellib.jobs import drive
from napari_cellib.model import TermField
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.evidence import gather
from napari_cellib.ontology.neighbours import joined, learn
from napari_cellib.ontology.suggestions import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from napari_cellib.ontology import Terms

    Weight = Callable[["Answer"], float]
    Pick = Callable[["Answer"], bool]

RECALL, PRECISION, MILLISECONDS = 0.50, 0.39, 50.0
NAME = "CIL_Public_Data_JSON-master.zip"
WAYS = ("names only", "caption", "with details")
_RIDGE = 1.0  # draws the weights to zero where captions say little
_ROUNDS = 30
_FEWEST = 100  # captions with a term of a field that has weights of its own


@dataclass
class Answer:
    """One caption, and what was suggested for it in each of the ways."""

    caption: Caption
    half: int
    alike: int  # how many records of the same people say and have the same
    once: float  # its weight where each set of contributors counts once
    found: dict[str, set[tuple[TermField, str]]] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)


class Trial:
    """All captions, of which each is asked for with those of others."""

    def __init__(self, terms: Terms, captions: list[Caption]) -> None:
        self.terms = terms
        self.others = Others(captions)
        begun = time.perf_counter()
        self.neighbours = drive(learn([caption.example for caption in captions]))
        seconds = time.perf_counter() - begun
        print(f"learned from {len(captions)} records in {seconds:.1f} s", flush=True)
        self.numbers: dict[Caption, list[int]] = defaultdict(list)
        for number, caption in enumerate(captions):
            if caption.is_described:
                self.numbers[caption].append(number)
        self.sets = Counter(c.people for c in captions if c.is_described)

    def ask(self, chosen: Iterable[Caption]) -> list[Answer]:
        """Ask for each caption in each of the ways."""
        answers = []
        for caption in chosen:
            numbers = self.numbers[caption]
            answer = Answer(
                caption,
                self.others.halves[numbers[0]],
                len(numbers),
                len(numbers) / self.sets[caption.people],
            )
            mask = self.others.of(numbers[0])
            for way in WAYS:
                begun = time.perf_counter()
                found = suggest(
                    self.terms,
                    caption.title,
                    caption.description,
                    caption.details if way == WAYS[2] else "",
                    neighbours=None if way == WAYS[0] else self.neighbours,
                    mask=mask,
                )
                answer.times[way] = 1000 * (time.perf_counter() - begun)
                answer.found[way] = {(s.field, s.term.id) for s in found}
            answers.append(answer)
        return answers


def rates(
    answers: Iterable[Answer], way: str, weight: Weight, fields: Iterable[TermField]
) -> tuple[float, float]:
    """Return precision and recall over some fields."""
    fields = set(fields)
    right = suggested = chosen = 0.0
    for answer in answers:
        found = {choice for choice in answer.found[way] if choice[0] in fields}
        wanted = {choice for choice in answer.caption.choices if choice[0] in fields}
        right += weight(answer) * len(found & wanted)
        suggested += weight(answer) * len(found)
        chosen += weight(answer) * len(wanted)
    return right / max(1, suggested), right / max(1, chosen)


def _once(answer: Answer) -> float:
    return answer.once


def _any(answer: Answer) -> float:
    return answer.alike


def show(answers: list[Answer]) -> bool:
    """Print the tables, and return whether all aims are reached."""
    names = "".join(f"{way:>15}" for way in WAYS)
    reached = True
    for title, weight in (
        ("Each set of contributors once", _once),
        ("Any captions: series of up to 900 similar ones count that often", _any),
    ):
        print(f"\n{title}; precision / recall\n{'':<22}{names}")
        for one in FIELDS:
            _row(one.value, answers, weight, [one])
        _row("these seven", answers, weight, FIELDS)
        _row("  labs fitted to", (a for a in answers if not a.half), weight, FIELDS)
        _row("  labs held out", (a for a in answers if a.half), weight, FIELDS)
        _row("all fields", answers, weight, TermField)
        for way in WAYS[1:]:
            precision, recall = rates(answers, way, weight, FIELDS)
            reached &= precision >= PRECISION and recall >= RECALL
    print(f"\n{'':<22}{names}")
    each = [[len(_of_these(a.found[way])) for a in answers] for way in WAYS]
    cells = "".join(f"{statistics.mean(n):>15.1f}" for n in each)
    print(f"{'suggested per caption':<22}{cells}")
    for title, number in (("ms, median", 50), ("ms, 99 of 100", 99)):
        slow = [[a.times[way] for a in answers] for way in WAYS]
        found = [statistics.quantiles(times, n=100)[number - 1] for times in slow]
        print(f"{title:<22}" + "".join(f"{ms:>15.1f}" for ms in found))
    return reached and max(found) <= MILLISECONDS


def _row(
    title: str,
    answers: Iterable[Answer],
    weight: Weight,
    fields: Iterable[TermField],
) -> None:
    answers = list(answers)
    cells = [rates(answers, way, weight, fields) for way in WAYS]
    print(f"{title:<22}" + "".join(f"{f'{p:.2f} / {r:.2f}':>15}" for p, r in cells))


def _of_these(found: set[tuple[TermField, str]]) -> set[tuple[TermField, str]]:
    return {choice for choice in found if choice[0] in FIELDS}


# -- the weights


def fit(trial: Trial, target: Path) -> None:
    """Write the weights that fit best to the captions of one half of the labs."""
    rows: dict[TermField, list[tuple[tuple[float, ...], bool, float]]]
    rows = defaultdict(list)
    for caption, numbers in trial.numbers.items():
        if trial.others.halves[numbers[0]]:
            continue
        mask = trial.others.of(numbers[0])
        # Between that of one caption and that of one set of contributors; two texts.
        weight = len(numbers) / trial.sets[caption.people] ** 0.5 / 2
        short = joined(caption.title, caption.description)
        for text in (short, joined(short, caption.details)):
            found = gather(trial.terms, text, trial.neighbours, mask)
            for choice, one in found.items():
                right = choice in caption.choices
                rows[choice[0]].append((one.measures(), right, weight))
    pooled = [row for some in rows.values() for row in some]
    lines = [
        "# How much each of the measures of `evidence.py` says, by field: written by",
        "# benchmarks/terms_suggestions.py --fit.",
        "",
    ]
    lines += [
        f"{name.value} = {_weights(rows[name])}"
        for name in TermField
        if sum(right for _, right, _ in rows[name]) >= 2 * _FEWEST
    ]
    lines.append(f"other = {_weights(pooled)}")
    target.write_text("\n".join(lines) + "\n", "utf-8")


def _weights(rows: list[tuple[tuple[float, ...], bool, float]]) -> list[float]:
    """Fit a logistic regression by Newton's method."""
    measures = np.array([row[0] for row in rows])
    right = np.array([row[1] for row in rows], float)
    counts = np.array([row[2] for row in rows])
    found: npt.NDArray[np.float64] = np.zeros(measures.shape[1])
    keep = np.full(len(found), _RIDGE)
    keep[-1] = 0  # the constant is free
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-(measures @ found).clip(-30, 30)))
        slope = measures.T @ (counts * (right - likely)) - keep * found
        bend = (measures.T * (counts * likely * (1 - likely))) @ measures
        found = found + np.linalg.solve(bend + np.diag(keep), slope)
    return [round(float(weight), 3) for weight in found]


def main() -> int:
    """Print the tables; return 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = Path(os.environ.get("CELLIB_SHARED", "../shared/data"))
    parser.add_argument("archive", nargs="?", type=Path, default=shared / "cil" / NAME)
    parser.add_argument("--captions", type=int, help="as many, taken by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fit", type=Path, metavar="FILE", help="write the weights")
    arguments = parser.parse_args()
    if not arguments.archive.is_file():
        print(f"There is no {arguments.archive}.", file=sys.stderr)
        return 2
    with open_terms() as terms:
        trial = Trial(terms, read_captions(arguments.archive, terms))
        if arguments.fit:
            fit(trial, arguments.fit)
            return 0
        chosen = list(trial.numbers)
        if arguments.captions:
            random.Random(arguments.seed).shuffle(chosen)
            chosen = chosen[: arguments.captions]
        answers = trial.ask(chosen)
    described = sum(answer.alike for answer in answers)
    print(f"{described} captions, {len(answers)} of them different")
    reached = show(answers)
    print(f"\naims: precision {PRECISION}, recall {RECALL}, {MILLISECONDS} ms")
    return int(not reached)


if __name__ == "__main__":
    sys.exit(main())
