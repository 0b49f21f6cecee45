"""Other ways to read what was typed: other spellings, other endings, slips."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING

from napari_cellib.ontology.normalising import singular, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from napari_cellib.ontology.reading import Reader

MOST_WORDS = 12

# British first. Both are looked for, so that a rule may be too general.
_SPELLINGS = [
    (re.compile(british), american)
    for british, american in (
        ("ae|oe", "e"),
        ("our(?=$|i|e)", "or"),
        ("(?<=[tb])re$", "er"),
        ("is(?=ation$|e$|ed$|ing$)", "iz"),
        ("ys(?=e$|ed$|ing$)", "yz"),
        ("sulph", "sulf"),
        ("^grey", "gray"),
        ("^mould", "mold"),
        ("leuco", "leuko"),
        ("disc$", "disk"),
        ("ll(?=ed$|ing$)", "l"),
    )
]
_OTHER_WAY = {
    "disk": "disc", "gray": "grey", "color": "colour", "fiber": "fibre",
    "center": "centre", "leukocyte": "leucocyte", "neurone": "neuron",
}  # fmt: skip

# What people add to a name, and names mostly do without.
_GENERIC = frozenset(
    {
        *("cell", "line", "tissue", "organism", "species", "strain", "virus", "plant"),
        *("animal", "protein", "dye", "stain", "staining", "labeling", "labelling"),
        *("marker", "microscope", "microscopy", "imaging", "image", "method"),
        *("technique", "process", "disease", "syndrome", "structure", "organelle"),
        *("membrane", "fixation", "embedding", "culture", "primary", "human", "wild"),
        *("type", "the", "a", "an", "and", "of", "in", "with", "by"),
    }
)
# The longest first: "fixation" and "fixative" become "fix".
_ENDINGS = (
    "ization", "ational", "ation", "ative", "ically", "ional", "ities", "osis", "ized",
    "ical", "able", "ment", "ness", "ular", "eal", "ial", "ian", "ing", "ion", "ity",
    "ive", "oid", "ous", "ory", "al", "ar", "ed", "er", "ic", "or", "um", "us", "es",
    "on", "a", "e", "y", "s",
)  # fmt: skip
_SHORTEST_STEM = 4
_SHORTEST_REPAIR, _LONGEST_REPAIR = 4, 30
_SHORTEST_REPAIR_OF_PART = 6
_SHORTEST_DOUBLE_REPAIR = 7
_SHORTEST_PART = 3
_MOST_REPAIRS = 40
_MOST_SIMILAR = 1_500
LAST_SIGN = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was typed.

    Parameters
    ----------
    choices : tuple of tuple of str
        For each word, what it may be, or be the beginning of.
    cost : float
        Points to take off for the liberty.
    """

    choices: tuple[tuple[str, ...], ...]
    cost: float = 0.0

    def queries(self, most: int = 48) -> list[str]:
        """Return what may have been meant, in full."""
        found = [""]
        for choice in self.choices:
            found = [f"{one} {word}" for word in choice for one in found][:most]
        return [one.strip() for one in found]

    def fts(self, field_word: str | None) -> str:
        """Return the expression for the full-text index.

        Parameters
        ----------
        field_word : str or None
            The index's word for the field to stay in.

        Returns
        -------
        str
            All words are wanted, in any order.
        """
        wanted = [field_word] if field_word else []
        last = len(self.choices) - 1
        for place, choice in enumerate(self.choices):
            parts = [_begins(word, place == last) for word in choice]
            wanted.append(f"({' OR '.join(parts)})")
        return " AND ".join(wanted)


def _begins(word: str, is_last: bool) -> str:
    # A number that is followed by something is complete: the 3 of 3T3.
    return f'"{word}"' if word.isdigit() and not is_last else f'"{word}"*'


class Speller:
    """Finds other ways to read a text, among the words of one field.

    Parameters
    ----------
    reader : Reader
        The store whose words count.
    mask : int or None
        Bit of the field; None for all fields.
    text : str
        What was typed.
    """

    def __init__(self, reader: Reader, mask: int | None, text: str) -> None:
        self._reader = reader
        self._mask = mask
        # No name has other letters, and the index splits some of them.
        typed = [word for word in words(text) if word.isascii()]
        self.words = typed[:MOST_WORDS]

    def plain(self) -> Reading:
        """Return the words as they are, with their usual spellings."""
        return self._reading(self.words, 0)

    def others(self, *, nothing_found: bool) -> Iterator[list[Reading]]:
        """Yield ever freer readings, those of one kind of liberty at a time.

        Each is worked out only when it is asked for.
        """
        yield [*self._joined(), *self._split()]
        kept = [word for word in self.words if singular(word) not in _GENERIC]
        if nothing_found and kept and len(kept) < len(self.words):
            yield [self._reading(kept, 14)]
        if nothing_found or len(self.words) == 1:
            yield [*self._stemmed(), *self._repaired(self._one_slip, 18)]
        if nothing_found:
            yield [*self._repaired(self._two_slips, 26)]
            yield [*self._shortened()]

    def _reading(self, kept: Sequence[str], cost: float) -> Reading:
        return Reading(tuple(_forms(word) for word in kept), cost)

    def _joined(self) -> Iterator[Reading]:
        """Two words that are one: micro tubule."""
        pairs = list(zip(self.words, self.words[1:], strict=False))
        known = self._beginnings(a + b for a, b in pairs)
        for place, (a, b) in enumerate(pairs):
            if a + b in known:
                joined = [*self.words[:place], a + b, *self.words[place + 2 :]]
                yield self._reading(joined, 6)

    def _split(self) -> Iterator[Reading]:
        """One word that is two: lightsheet, and the skov of SKOV3, which is SK-OV-3."""
        has_number = any(word.isdigit() for word in self.words)
        least = 1 if has_number else _SHORTEST_PART
        for place, word in enumerate(self.words):
            cuts = range(least, min(len(word), _LONGEST_REPAIR) - least + 1)
            parts = [(word[:cut], word[cut:]) for cut in cuts]
            firsts = self._known(singular(a) for a, _ in parts)
            seconds = self._beginnings(singular(b) for _, b in parts)
            for a, b in parts:
                if singular(a) in firsts and singular(b) in seconds:
                    before, after = self.words[:place], self.words[place + 1 :]
                    yield self._reading([*before, a, b, *after], 10)

    def _stemmed(self) -> Iterator[Reading]:
        """Other words of one family: fixation and fixed, neuronal and neuron."""
        stems = [_stem(word) for word in self.words]
        if stems != self.words:
            both = zip(map(_forms, self.words), stems, strict=True)
            yield Reading(tuple((*forms, stem) for forms, stem in both), 16)

    def _shortened(self) -> Iterator[Reading]:
        """Fewer of the words: without those that most names have."""
        kept = [word for word in self.words if singular(word) not in _GENERIC]
        names = {word: self._count(word) for word in kept}
        rare_first = sorted(
            (word for word in names if names[word]), key=names.__getitem__
        )
        number = len(rare_first)
        for most, cost in ((number, 30), (number - 1, 34), (1, 40)):
            if 0 < most <= number and most < len(self.words):
                yield self._reading(rare_first[:most], cost)

    # -- slips

    def _repaired(
        self, repair: Callable[[str], tuple[str, ...]], cost: float
    ) -> Iterator[Reading]:
        """Words that the field does not have, as one that it has."""
        forms = {word: _forms(word) for word in self.words}
        known = self._beginnings(form for some in forms.values() for form in some)
        wrong = [word for word in self.words if known.isdisjoint(forms[word])]
        repairs = {word: repair(word) for word in wrong or self.words}
        if all(repairs.values()) if wrong else any(repairs.values()):
            choices = (
                repairs[word]
                if word in wrong
                else (*forms[word], *repairs.get(word, ()))
                for word in self.words
            )
            yield Reading(tuple(choices), cost)

    def _one_slip(self, word: str) -> tuple[str, ...]:
        if not _can_be_repaired(word):
            return ()
        slips = set().union(*map(_slips, _forms(word)))
        # Some word begins with nearly every four letters.
        is_short = len(word) < _SHORTEST_REPAIR_OF_PART
        found = self._known(slips) if is_short else self._beginnings(slips)
        meant = {form for one in found for form in _forms(one)}
        return tuple(sorted(meant, key=len))[:_MOST_REPAIRS]

    def _two_slips(self, word: str) -> tuple[str, ...]:
        if not _can_be_repaired(word) or len(word) < _SHORTEST_DOUBLE_REPAIR:
            return ()
        # With two slips in all, the first half has one at most, or both halves
        # are so wrong that nobody could tell.
        half = word[: len(word) // 2]
        heads = self._beginnings({half, *_slips(half)})
        rows = self._reader.rows(
            "SELECT DISTINCT text FROM json_each(?) JOIN word ON text >= value"
            f" AND text < value || ? WHERE length(text) >= ? {self._in_field}"
            " LIMIT ?",
            (json.dumps(sorted(heads)), LAST_SIGN, len(word) - 2, _MOST_SIMILAR),
        )
        near = [text for (text,) in rows if begins_similarly(text, word, 2)]
        # Of "mitochondrial", what was meant may be the plural with which it begins.
        meant = [form for text in near for form in (text, singular(text[: len(word)]))]
        return tuple(dict.fromkeys(meant))[:_MOST_REPAIRS]

    # -- the words of the store

    @property
    def _in_field(self) -> str:
        return "" if self._mask is None else f"AND fields & {self._mask}"

    def _beginnings(self, texts: Iterable[str]) -> set[str]:
        """Return those with which a word of the field begins."""
        return self._among(texts, "text >= value AND text < value || ?", (LAST_SIGN,))

    def _known(self, texts: Iterable[str]) -> set[str]:
        """Return those that are words of the field."""
        return self._among(texts, "text = value", ())

    def _count(self, word: str) -> int:
        """Return how many names have a word that begins like this one."""
        first = _forms(word)[0]
        row = self._reader.row(
            "SELECT total(names) FROM word WHERE text >= ? AND text < ?"
            f" {self._in_field}",
            (first, first + LAST_SIGN),
        )
        return int(row[0])

    def _among(
        self, texts: Iterable[str], condition: str, values: tuple[str, ...]
    ) -> set[str]:
        rows = self._reader.rows(
            "SELECT value FROM json_each(?) WHERE EXISTS"
            f" (SELECT 1 FROM word WHERE {condition} {self._in_field})",
            (json.dumps(sorted(set(texts))), *values),
        )
        return {str(value) for (value,) in rows}


def _forms(word: str) -> tuple[str, ...]:
    """Return a word as names have it, in both spellings.

    It stays as it is too, as people are still typing: "endothelia" may become
    "endothelial", and "bodie" will become "bodies", which is "body".
    """
    forms = [singular(word), word, singular(f"{word}s")]
    american = forms[0]
    for british, replacement in _SPELLINGS:
        american = british.sub(replacement, american)
    forms += [american, _OTHER_WAY.get(forms[0], american)]
    # What begins with the first form is found with it.
    return tuple(
        form
        for form in dict.fromkeys(forms)
        if form == forms[0] or not form.startswith(forms[0])
    )


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def _can_be_repaired(word: str) -> bool:
    return _SHORTEST_REPAIR <= len(word) <= _LONGEST_REPAIR and word.isalpha()


def _slips(word: str) -> set[str]:
    """Return all that one slip of the fingers turns into `word`."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {a + b[1:] for a, b in cuts if b}
    found |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    found |= {a + c + b[1:] for a, b in cuts if b for c in ascii_lowercase}
    found |= {a + c + b for a, b in cuts for c in ascii_lowercase}
    return found - {word}


def begins_similarly(text: str, typed: str, most: int) -> bool:
    """Return whether some beginning of `text` is at most so many slips away.

    Examples
    --------
    >>> begins_similarly("mitochondrion", "mitocondir", 2)
    True
    >>> begins_similarly("microtubule", "mitocondira", 2)
    False
    """
    before: list[int] = []
    row = list(range(len(typed) + 1))
    best = row[-1]
    for i, letter in enumerate(text[: len(typed) + most], start=1):
        older, before, row = before, row, [i]
        for j, other in enumerate(typed, start=1):
            least = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if older and j > 1 and letter == typed[j - 2] and text[i - 2] == other:
                least = min(least, older[j - 2] + 1)
            row.append(least)
        best = min(best, row[-1])
        if min(row) > most:
            break
    return best <= most
