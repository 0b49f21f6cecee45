"""Published records that resemble a text, and what their curators chose.

Texts are compared by their words: rare ones count more, and long texts not more than
short ones (TF-IDF and the cosine). This needs no network and a few megabytes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.normalising import singular, words
from napari_cellib.ontology.plain_words import plain_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from napari_cellib.model import ImageRecord, TermField

    Choice = tuple[TermField, str]
    Mask = npt.NDArray[np.bool_]

NEIGHBOURS = 20

_STEP = 500
_CANDIDATES = 150
_MOST_PER_GROUP = 2  # a series of pictures is one opinion, not twenty
_TOO_FREQUENT = 0.35  # a word in so many of the texts tells nothing


@dataclass(frozen=True, slots=True)
class Example:
    """A published record: what was written of it, and what was chosen for it.

    Parameters
    ----------
    text : str
        Title and description.
    choices : frozenset of (TermField, str)
        Fields and identifiers of terms.
    group : str
        What records of one series have in common.
    """

    text: str
    choices: frozenset[tuple[TermField, str]]
    group: str = ""


def example_of(record: ImageRecord) -> Example:
    """Return what can be learned from a record."""
    choices = frozenset(
        (note.field, note.term.id)
        for note in record.standing_annotations
        if note.term.id and note.qualifier == "present"
    )
    text = f"{record.title}. {record.description or ''}"
    return Example(text, choices, record.group or record.study or record.id)


class Neighbours:
    """Finds, among many examples, those that resemble a text; made by `learn`."""

    def __init__(
        self,
        examples: Sequence[Example],
        postings: dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]],
    ) -> None:
        self.examples = examples
        self._postings = postings
        groups = {
            name: number for number, name in enumerate({e.group for e in examples})
        }
        self._groups = [groups[example.group] for example in examples]

    def __len__(self) -> int:
        return len(self.examples)

    def nearest(
        self,
        text: str,
        *,
        favour: Mapping[Choice, float] | None = None,
        mask: Mask | None = None,
    ) -> list[tuple[Example, float]]:
        """Return the examples that are most like a text, with their likeness.

        Parameters
        ----------
        text : str
            What was written.
        favour : mapping of (TermField, str) to float, optional
            What is known already: examples with these choices count by so much
            more.
        mask : array of bool, optional
            The examples that may be used; all by default.

        Returns
        -------
        list of (Example, float)
            The most alike first; few of one series.
        """
        scores = self._likeness(text)
        if mask is not None:
            scores[~mask] = 0
        found: list[tuple[float, int]] = []
        seen: Counter[int] = Counter()
        for number in (-scores).argsort(kind="stable")[: _CANDIDATES * 20].tolist():
            if not scores[number] or len(found) == _CANDIDATES:
                break
            group = self._groups[number]
            seen[group] += 1
            if seen[group] <= 2 * _MOST_PER_GROUP:
                known = self.examples[number].choices & (favour or {}).keys()
                more = 1 + sum((favour or {})[choice] for choice in known)
                found.append((-float(scores[number]) * more, number))
        seen.clear()
        nearest: list[tuple[Example, float]] = []
        for score, number in sorted(found):
            group = self._groups[number]
            seen[group] += 1
            if seen[group] <= _MOST_PER_GROUP and len(nearest) < NEIGHBOURS:
                nearest.append((self.examples[number], -score))
        return nearest

    def _likeness(self, text: str) -> npt.NDArray[np.float32]:
        import numpy as np  # 0.1 s that looking up a term need not pay

        scores = np.zeros(len(self.examples), np.float32)
        for word, count in Counter(content_words(text)).items():
            if (posting := self._postings.get(word)) is not None:
                where, values = posting
                weight = _weight(count, len(where), len(self.examples))
                scores[where] += values * np.float32(weight)
        return scores

    def share(
        self, name: str, choice: Choice, mask: Mask | None = None
    ) -> tuple[int, int]:
        """Return how many texts hold all words of a name, and how many of them chose.

        Parameters
        ----------
        name : str
            Words, folded.
        choice : (TermField, str)
            A field and the identifier of a term.
        mask : array of bool, optional
            The examples that may be used; all by default.

        Returns
        -------
        chose, held : int
            Numbers of groups, so that a long series counts once.
        """
        postings = [self._postings.get(word) for word in set(content_words(name))]
        holding = sorted((p[0] for p in postings if p is not None), key=len)
        if not holding or len(holding) < len(postings):
            return 0, 0
        found = holding[0]
        for other in holding[1:]:  # both are sorted: to look up is to count
            at = other.searchsorted(found).clip(max=len(other) - 1)
            found = found[other[at] == found]
        if mask is not None:
            found = found[mask[found]]
        held: set[int] = set()
        chose: set[int] = set()
        for number in found.tolist():
            held.add(self._groups[number])
            if choice in self.examples[number].choices:
                chose.add(self._groups[number])
        return len(chose), len(held)


def learn(examples: Collection[Example]) -> Job[Neighbours]:
    """Learn from published records; a thousand take about 0.1 s.

    Parameters
    ----------
    examples : collection of Example
        What was written and chosen.

    Yields
    ------
    Progress
        In examples.

    Returns
    -------
    Neighbours
        Ready to be asked.
    """
    import numpy as np

    counts: list[Counter[str]] = []
    holding: dict[str, list[int]] = defaultdict(list)
    for number, example in enumerate(examples):
        if number % _STEP == 0:
            yield Progress("Learning from published records", number, len(examples))
        counts.append(Counter(content_words(example.text)))
        for word in counts[-1]:
            holding[word].append(number)
    total = len(counts)
    kept = {
        word: where
        for word, where in holding.items()
        if len(where) > 1 and (len(where) < _TOO_FREQUENT * total or total < _STEP)
    }
    lengths = np.zeros(total, np.float64)
    postings = {}
    for word, where in kept.items():
        at = np.array(where, np.int32)
        values = np.array([_weight(counts[i][word], len(where), total) for i in where])
        lengths[at] += values**2
        postings[word] = (at, values)
    lengths = np.sqrt(np.maximum(lengths, 1e-12))
    return Neighbours(
        tuple(examples),
        {
            word: (at, (values / lengths[at]).astype(np.float32))
            for word, (at, values) in postings.items()
        },
    )


def _weight(count: int, held_by: int, total: int) -> float:
    # The root keeps a few very rare words from outweighing all others.
    return (1 + math.log(count)) * math.sqrt(math.log((1 + total) / held_by))


def content_words(text: str) -> list[str]:
    """Return the words of a text by which it is compared with others.

    Examples
    --------
    >>> content_words("The mitochondria of a HeLa cell")
    ['mitochondrion', 'hela', 'cell']
    """
    return [found for word in words(text) if (found := _content(word))]


@lru_cache(maxsize=50_000)
def _content(word: str) -> str:
    if len(word) < 2 or word in plain_words("function_words") or word.isdecimal():
        return ""
    return singular(word)
