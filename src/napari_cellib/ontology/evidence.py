"""What speaks for a term: how like images, its names and the habit of curators do.

`gather` counts, and `Evidence.likelihood` says how likely the term is right: a sum of
numbers, each times a weight, as in a logistic regression. The weights are those of
`evidence.toml`, one row per field, for fields differ: a curator adds the fixative
that nobody mentions, and only that organism which is named. They were fitted to
captions of the Cell Image Library, each asked for with the records of other people.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from napari_cellib.ontology.dictionary import find_names
from napari_cellib.ontology.neighbours import content_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.model import TermField
    from napari_cellib.ontology.neighbours import Choice, Mask, Neighbours
    from napari_cellib.ontology.store import Terms

# With less than that, a term is not looked at: it would need a name in the text.
_LEAST_NEAR = 0.04
_LEAST_EXPECTED = 0.05
# Curators are taken to choose a term whose name they read one time in three, until
# more is known.
_CHOSE, _READ = 1.0, 3.0
_NEVER = 0.001  # the share of series of what nobody has chosen yet
_AT_ONCE = 900  # SQLite's limit of "?" is 999


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one term.

    Parameters
    ----------
    near : float
        What share of the most alike records, by likeness, have it.
    like, of : int
        How many of them have it, and how many there are.
    expected : float
        How often it was chosen where the words of the text stand.
    usual : float
        How often it was chosen at all.
    name : str
        That of its names of which the text has most.
    words : str
        The name as the text has it; empty where its words lie apart.
    cover : float
        How much of that name the text has, from 0 to 1.
    chose, held : float
        In how many series all words of that name stand, and in how many of these it
        was chosen.
    """

    near: float = 0.0
    like: int = 0
    of: int = 0
    expected: float = 0.0
    usual: float = 0.0
    name: str = ""
    words: str = ""
    cover: float = 0.0
    chose: float = 0.0
    held: float = 0.0

    @property
    def belief(self) -> float:
        """How often curators chose the term where they read its name."""
        return (self.chose + _CHOSE) / (self.held + _READ)

    def measures(self) -> tuple[float, ...]:
        """Return the numbers that are weighed; the last one is always 1."""
        near, expected = math.sqrt(self.near), math.sqrt(self.expected)
        named = float(self.cover == 1)
        odds = math.log((self.belief + 0.01) / (1.01 - self.belief))
        return (
            near,
            expected,
            math.log(self.usual + _NEVER),
            self.cover,
            named,
            named * odds,
            # Two of them that say the same add less, or more, than their sum.
            near * expected,
            near * self.cover,
            expected * self.cover,
            1.0,
        )

    def likelihood(self, field: TermField) -> float:
        """Return how likely a curator would choose the term, from 0 to 1."""
        table = weights()
        row = table.get(field, table["other"])
        points = sum(a * b for a, b in zip(row, self.measures(), strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(points, 30.0))))


@cache
def weights() -> Mapping[str, tuple[float, ...]]:
    """Return the weights of the measures by field; ``other`` is for those not named."""
    text = (resources.files(__package__) / "evidence.toml").read_text("utf-8")
    return {field: tuple(row) for field, row in tomllib.loads(text).items()}


def gather(
    terms: Terms, text: str, neighbours: Neighbours, mask: Mask | None = None
) -> dict[Choice, Evidence]:
    """Return the terms for which anything speaks.

    Parameters
    ----------
    terms : Terms
        Their names.
    text : str
        What was written about an image.
    neighbours : Neighbours
        What published records teach.
    mask : array of bool, optional
        The examples that may be used; all by default.
    """
    expected = neighbours.expected(text, mask)
    near, like, total = _near(text, neighbours, mask)
    spelt = named(terms, text)
    choices = {one for one, share in near.items() if share >= _LEAST_NEAR}
    choices |= {
        choice for choice, often in expected.items() if often >= _LEAST_EXPECTED
    }
    choices |= spelt.keys()
    usual = neighbours.usual(mask)
    covered = _Covering(text, neighbours).best(terms, {curie for _, curie in choices})
    found = {}
    for choice in choices:
        name, cover = covered.get(choice[1], ("", 0.0))
        words = ""
        if choice in spelt:
            (name, words), cover = spelt[choice], 1.0
        read = neighbours.share(content_words(name), choice, mask) if cover == 1 else ()
        found[choice] = Evidence(
            near.get(choice, 0.0),
            like.get(choice, 0),
            total,
            expected.get(choice, 0.0),
            usual.get(choice, 0.0),
            name,
            words,
            cover,
            *read,
        )
    return found


def named(terms: Terms, text: str) -> dict[Choice, tuple[str, str]]:
    """Return the terms whose names stand in a text: name, and words of the text."""
    found: dict[Choice, tuple[str, str]] = {}
    for match in find_names(text, terms):
        for info in match.terms:
            for field in info.fields:
                found.setdefault((field, info.curie), (match.folded, match.words))
    return found


def _near(
    text: str, neighbours: Neighbours, mask: Mask | None
) -> tuple[dict[Choice, float], dict[Choice, int], int]:
    """Return shares and counts of the most alike records, and how many there are."""
    nearest = neighbours.nearest(text, mask=mask)
    total = sum(likeness for _, likeness in nearest)
    near: dict[Choice, float] = defaultdict(float)
    like: dict[Choice, int] = defaultdict(int)
    for example, likeness in nearest:
        for choice in example.choices:
            near[choice] += likeness / total
            like[choice] += 1
    return near, like, len(nearest)


class _Covering:
    """How much of each name a text has, wherever its words stand in it."""

    def __init__(self, text: str, neighbours: Neighbours) -> None:
        self._words = frozenset(content_words(text))
        self._neighbours = neighbours

    def best(self, terms: Terms, curies: Iterable[str]) -> dict[str, tuple[str, float]]:
        """Return for each term its best covered name, and how much of it is there."""
        found: dict[str, tuple[str, float]] = {}
        for curie, name in _names(terms, list(curies)):
            cover = self._cover(name)
            if cover > found.get(curie, ("", 0.0))[1]:
                found[curie] = (name, cover)
        return found

    def _cover(self, name: str) -> float:
        words = _words_of(name)
        if not words or words.isdisjoint(self._words):
            return 0.0
        if words <= self._words:
            return 1.0
        rarity = {word: self._neighbours.rarity(word) for word in words}
        there = sum(rarity[word] for word in words & self._words)
        return there / max(sum(rarity.values()), 1e-9) * 0.999


def _names(terms: Terms, curies: list[str]) -> list[tuple[str, str]]:
    rows = []
    for start in range(0, len(curies), _AT_ONCE):
        some = curies[start : start + _AT_ONCE]
        rows += terms.reader.rows(
            "SELECT term.curie, name.folded FROM term JOIN name ON name.term = term.id"
            " WHERE name.scope IN ('label', 'exact', 'alias', 'related')"
            f" AND term.curie IN ({','.join('?' * len(some))})",
            some,
        )
    return rows


@lru_cache(maxsize=50_000)
def _words_of(name: str) -> frozenset[str]:
    return frozenset(content_words(name))
