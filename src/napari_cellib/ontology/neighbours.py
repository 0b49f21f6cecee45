"""Published records that resemble a text, and what their curators chose.

Texts are compared by the stems of their words: rare ones count more, and long texts
not more than short ones (TF-IDF and the cosine). This needs no network and a few
megabytes.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.normalising import stem, words
from napari_cellib.ontology.plain_words import plain_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from napari_cellib.model import ImageRecord, TermField

    Choice = tuple[TermField, str]
    Mask = npt.NDArray[np.bool_]
    Numbers = npt.NDArray[np.float64]
    Posting = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]

NEIGHBOURS = 20

_STEP = 500
_MOST_PER_GROUP = 2  # a series of pictures is one opinion, not twenty
_TOO_FREQUENT = 0.35  # a word in so many of the texts tells nothing
# So many series are added to those with a word, and chose as all series do.
_AS_USUAL = 4.0
_FEWEST = 2  # series with a word, of which a habit can be told


@dataclass(frozen=True, slots=True)
class Example:
    """A published record: what was written of it, and what was chosen for it.

    Parameters
    ----------
    text : str
        Title, description and technical details.
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
    text = joined(record.title, record.description, record.technical_details)
    return Example(text, choices, record.group or record.study or record.id)


def joined(*texts: str | None) -> str:
    """Return what was written about an image as one text.

    Examples
    --------
    >>> joined("A cell", None, "Fixed.")
    'A cell. Fixed.'
    """
    return ". ".join(text for text in texts if text)


class Neighbours:
    """Many examples, asked for those like a text and for habits; made by `learn`."""

    def __init__(
        self, examples: Sequence[Example], postings: dict[str, Posting]
    ) -> None:
        import numpy as np  # 0.1 s that looking up a term need not pay

        self.examples = examples
        self._choices = sorted({c for e in examples for c in e.choices})
        numbers = {choice: number for number, choice in enumerate(self._choices)}
        chosen = [(numbers[c], i) for i, e in enumerate(examples) for c in e.choices]
        pairs = np.array(sorted(chosen), np.int32).reshape(-1, 2)
        self._chosen, self._by = pairs[:, 0].copy(), pairs[:, 1].copy()
        self._numbers = numbers
        self._postings = postings
        sizes = Counter(example.group for example in examples)
        self._opinion = np.array([1 / sizes[e.group] for e in examples], np.float64)
        groups = {name: number for number, name in enumerate(sizes)}
        self._groups = [groups[example.group] for example in examples]

    def __len__(self) -> int:
        return len(self.examples)

    def nearest(
        self, text: str, *, mask: Mask | None = None
    ) -> list[tuple[Example, float]]:
        """Return the examples that are most like a text, with their likeness.

        Parameters
        ----------
        text : str
            What was written.
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
        seen: Counter[int] = Counter()
        nearest: list[tuple[Example, float]] = []
        for number in (-scores).argsort(kind="stable").tolist():
            if not scores[number] or len(nearest) == NEIGHBOURS:
                break
            group = self._groups[number]
            seen[group] += 1
            if seen[group] <= _MOST_PER_GROUP:
                nearest.append((self.examples[number], float(scores[number])))
        return nearest

    def _likeness(self, text: str) -> npt.NDArray[np.float32]:
        import numpy as np

        scores = np.zeros(len(self.examples), np.float32)
        for word, count in Counter(content_words(text)).items():
            if (posting := self._postings.get(word)) is not None:
                where, values = posting
                weight = _weight(count, len(where), len(self.examples))
                scores[where] += values * np.float32(weight)
        return scores

    def usual(self, mask: Mask | None = None) -> dict[Choice, float]:
        """Return in what share of the series each choice was made."""
        return self._named(self._usual(self._opinions(mask)))

    def expected(self, text: str, mask: Mask | None = None) -> dict[Choice, float]:
        """Return how often each choice goes with the words of a text.

        That is the mean, over the words, of the share of series with that word for
        which it was made. Rare words count more, and what little is known of a
        word is drawn towards what is usual.

        Parameters
        ----------
        text : str
            What was written.
        mask : array of bool, optional
            The examples that may be used; all by default.
        """
        import numpy as np

        opinion = self._opinions(mask)
        total = opinion.sum()
        each = np.zeros(len(self.examples))
        as_usual = all_words = 0.0
        for word in set(content_words(text)):
            posting = self._postings.get(word)
            if posting is None or not posting[1].any():
                continue
            where = posting[0]
            held = opinion[where].sum()
            if held >= _FEWEST:
                rarity = math.log(total / held)
                each[where] += rarity / (held + _AS_USUAL) * opinion[where]
                as_usual += rarity * _AS_USUAL / (held + _AS_USUAL)
                all_words += rarity
        if not all_words:
            return {}
        return self._named(
            (self._count(each) + as_usual * self._usual(opinion)) / all_words
        )

    def share(
        self, name: Iterable[str], choice: Choice, mask: Mask | None = None
    ) -> tuple[float, float]:
        """Return how many series have all words of a name, and how many chose a term.

        Parameters
        ----------
        name : iterable of str
            Words, as `content_words` gives them.
        choice : (TermField, str)
            A field and the identifier of a term.
        mask : array of bool, optional
            The examples that may be used; all by default.

        Returns
        -------
        chose, held : float
            Numbers of series; of a part of one, that part.
        """
        postings = [self._postings.get(word) for word in set(name)]
        holding = sorted((p[0] for p in postings if p is not None), key=len)
        if not holding or len(holding) < len(postings):
            return 0.0, 0.0
        found = holding[0]
        for other in holding[1:]:
            found = _common(found, other)
        opinion = self._opinions(mask)
        chose = _common(found, self._who_chose(choice))
        return float(opinion[chose].sum()), float(opinion[found].sum())

    def _who_chose(self, choice: Choice) -> npt.NDArray[np.int32]:
        number = self._numbers.get(choice, -1)
        begin, end = self._chosen.searchsorted([number, number + 1])
        return self._by[begin:end]

    def rarity(self, word: str) -> float:
        """Return how much a word says: 0 when it is in each text."""
        posting = self._postings.get(word)
        held = len(posting[0]) if posting else 1
        return math.log((1 + len(self.examples)) / held)

    def _opinions(self, mask: Mask | None) -> Numbers:
        return self._opinion if mask is None else self._opinion * mask

    def _usual(self, opinion: Numbers) -> Numbers:
        return self._count(opinion) / max(float(opinion.sum()), 1.0)

    def _count(self, each: Numbers) -> Numbers:
        import numpy as np

        counts = np.bincount(self._chosen, each[self._by], len(self._choices))
        return counts.astype(np.float64)

    def _named(self, values: Numbers) -> dict[Choice, float]:
        return dict(zip(self._choices, values.tolist(), strict=True))


def learn(examples: Collection[Example]) -> Job[Neighbours]:
    """Learn from published records; a thousand take about 0.2 s.

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

    # Which texts hold a word, and how often each: plain numbers, for there are many.
    holding: dict[str, tuple[array[int], array[int]]]
    holding = defaultdict(lambda: (array("i"), array("i")))
    for number, example in enumerate(examples):
        if number % _STEP == 0:
            yield Progress("Learning from published records", number, len(examples))
        for word, count in Counter(content_words(example.text)).items():
            holding[word][0].append(number)
            holding[word][1].append(count)
    total = len(examples)
    lengths = np.zeros(total, np.float64)
    postings = {}
    for word, (where, counts) in holding.items():
        if len(where) == 1:
            continue
        at = np.array(where, np.int32)
        values = np.zeros(len(at))
        if _tells(word) and (len(at) < _TOO_FREQUENT * total or total < _STEP):
            values += [_weight(count, len(at), total) for count in counts]
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


def _common(
    some: npt.NDArray[np.int32], others: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Return the numbers in both; both are sorted, so to look up is to count."""
    if not len(others):
        return others
    at = others.searchsorted(some).clip(max=len(others) - 1)
    both: npt.NDArray[np.int32] = some[others[at] == some]
    return both


def _weight(count: int, held_by: int, total: int) -> float:
    # The root keeps a few very rare words from outweighing all others.
    return (1 + math.log(count)) * math.sqrt(math.log((1 + total) / held_by))


def _tells(word: str) -> bool:
    """Return whether texts are compared by a word, not by numbers and letters."""
    return len(word) > 1 and not word.isdecimal()


def content_words(text: str) -> list[str]:
    """Return the stems of the words of a text, without those that say nothing.

    Examples
    --------
    >>> content_words("The mitochondrial membrane of a HeLa cell")
    ['mitochondr', 'membran', 'hela', 'cell']
    """
    return [found for word in words(text) if (found := _content(word))]


@lru_cache(maxsize=50_000)
def _content(word: str) -> str:
    return "" if word in plain_words("function_words") else stem(word)
