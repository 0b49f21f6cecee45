"""Captions of the Cell Image Library, and which of them a lab wrote.

Read by `terms_suggestions.py`. Suggestions are asked for each caption with the records
of others, so what counts is who the others are. Left out are all records

- that share a contributor, whichever way the name is written: surname and first
  initial are compared,
- of the same series,
- with nearly the same caption, whoever gave it.

The two halves share no contributor and no series, even by way of third persons.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.archives.cil.annotations import TermReader
from napari_cellib.archives.cil.document import read_document
from napari_cellib.model import TermField
from napari_cellib.ontology.neighbours import Example, content_words, joined
from napari_cellib.settings import CilAddresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology import Terms

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
_NEARLY_THE_SAME = 0.8  # cosine of the words
_SEVERAL_PEOPLE = re.compile(r";|&|\band\b|/")
# Contests hand in for many people; each is a contributor as it stands.
_CONTEST = re.compile(r"competition|bioscapes")


@dataclass(frozen=True)
class Caption:
    """What one record says, what curators chose, and who contributed it."""

    title: str
    description: str
    details: str
    choices: frozenset[tuple[TermField, str]]
    group: str
    people: frozenset[str]

    @property
    def example(self) -> Example:
        """What is learned from it."""
        text = joined(self.title, self.description, self.details)
        return Example(text, self.choices, self.group)

    @property
    def wanted(self) -> frozenset[tuple[TermField, str]]:
        """What should be suggested."""
        return frozenset(choice for choice in self.choices if choice[0] in FIELDS)

    @property
    def is_described(self) -> bool:
        """Whether enough was chosen for it to be asked for."""
        return len({field for field, _ in self.wanted}) >= LEAST_FIELDS


def read_captions(archive: Path, terms: Terms) -> list[Caption]:
    """Return the records that have a description, as the program takes them in."""
    reader, hosts, found = TermReader(terms), CilAddresses(), []
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if "/CIL_PUBLIC_DATA/" in name and name.endswith(".json"):
                raw = json.loads(files.read(name))
                number = Path(name).stem
                mapped = read_document(raw, number, terms=reader, hosts=hosts)
                if mapped.record.description:
                    found.append(_caption(mapped.record, raw, terms))
    return found


def _caption(record: ImageRecord, raw: dict[str, Any], terms: Terms) -> Caption:
    choices = set()
    for note in record.standing_annotations:
        if note.term.id and note.qualifier == "present":
            current = terms.resolve(note.term.id).term
            if current is not None and not current.obsolete:
                choices.add((note.field, current.curie))
    core = raw["CIL_CCDB"]["CIL"]["CORE"]
    people = core.get("ATTRIBUTION", {}).get("Contributors") or ["unknown"]
    people = people if isinstance(people, list) else [people]
    return Caption(
        record.title,
        record.description or "",
        record.technical_details or "",
        frozenset(choices),
        record.group or (record.description or "")[:80],
        frozenset().union(*(persons(str(name)) for name in people)),
    )


def persons(names: str) -> frozenset[str]:
    """Return surname and first initial of each person in a contributor's name.

    Examples
    --------
    >>> sorted(persons("Withers, Ginger; Dr. D. Brandner (Whitman College)"))
    ['brandner d', 'withers g']
    """
    folded = unicodedata.normalize("NFKD", names.lower())
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    found = set()
    for name in _SEVERAL_PEOPLE.split(folded):
        if _CONTEST.search(name):
            found.add(" ".join(name.split()))
            continue
        name = re.sub(r"^\s*(dr|prof)\b\.?", "", name).partition("(")[0].strip(" .,")
        first, _, last = name.partition(",")
        if last and " " not in first:  # not "Ann Other, University of Somewhere"
            first = f"{last} {first}"
        if words := re.findall(r"[^\W\d_]+", first):
            found.add(f"{words[-1]} {words[0][0]}")
    return frozenset(found)


class Others:
    """Which captions are none of a lab's own."""

    def __init__(self, captions: Sequence[Caption]) -> None:
        self._captions = captions
        self._by_group: dict[str, list[int]] = defaultdict(list)
        self._by_person: dict[str, list[int]] = defaultdict(list)
        self._holding: dict[str, list[int]] = defaultdict(list)
        self._words: list[dict[str, float]] = []
        for number, caption in enumerate(captions):
            self._by_group[caption.group].append(number)
            for person in caption.people:
                self._by_person[person].append(number)
            words = Counter(content_words(caption.description))
            for word in words:
                self._holding[word].append(number)
            self._words.append(dict(words))
        for words in self._words:
            for word in words:
                words[word] *= np.log(1 + len(captions) / len(self._holding[word]))
            length = sum(value**2 for value in words.values()) ** 0.5
            for word in words:
                words[word] /= length

    def of(self, number: int) -> npt.NDArray[np.bool_]:
        """Return which captions may be learned from for that one."""
        caption = self._captions[number]
        mask = np.ones(len(self._captions), bool)
        mask[self._by_group[caption.group]] = False
        for person in caption.people:
            mask[self._by_person[person]] = False
        likeness: dict[int, float] = defaultdict(float)
        for word, value in self._words[number].items():
            if len(self._holding[word]) < len(mask) / 4:
                for other in self._holding[word]:
                    likeness[other] += value * self._words[other][word]
        mask[[o for o, alike in likeness.items() if alike >= _NEARLY_THE_SAME]] = False
        return mask

    @cached_property
    def halves(self) -> list[int]:
        """For each caption, 0 where the weights are fitted and 1 where they are not.

        Labs, with all who share a contributor or a series, are dealt by size, each
        to the half that has fewer captions so far.
        """
        labs = self._labs()
        size = {
            lab: sum(self._captions[i].is_described for i in members)
            for lab, members in labs.items()
        }
        dealt, halves = [0, 0], [0] * len(self._captions)
        for lab in sorted(labs, key=lambda lab: (-size[lab], lab)):
            half = int(dealt[1] < dealt[0])
            dealt[half] += size[lab]
            for number in labs[lab]:
                halves[number] = half
        return halves

    def _labs(self) -> dict[str, list[int]]:
        above: dict[str, str] = {}

        def top(name: str) -> str:
            while above.setdefault(name, name) != name:
                name = above[name]
            return name

        for caption in self._captions:
            names = _ties(caption)
            for name in names[1:]:
                one, other = sorted((top(names[0]), top(name)))
                above[other] = one
        labs = defaultdict(list)
        for number, caption in enumerate(self._captions):
            labs[top(_ties(caption)[0])].append(number)
        return labs


def _ties(caption: Caption) -> list[str]:
    people: Iterable[str] = caption.people
    people = [p for p in people if not _CONTEST.search(p)] or people
    return [f"series {caption.group}", *sorted(people)]
