"""What a person may have meant by words that find nothing."""

from __future__ import annotations

import re
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.library.analysis import cut
from napari_cellib.library.search.clauses import START_FIELDS
from napari_cellib.model import Query
from napari_cellib.model.query import LONGEST_TEXT
from napari_cellib.model.search_text import FILLERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.search.engine import SearchEngine

_LOOKED_AT = 2_000  # records, whose words stand for those of all
_MOST_WORDS = 6  # of a text, each of which is searched for
_LIKELY = 20  # other words for each of them
_MOST_TRIED = 4  # of these, which are searched for as well
FEW = 2  # images; who finds more has found something
_MUCH_MORE = 10  # times as many
_ALIKE = 0.65  # of 1: one slip in four letters, two in six
_WORD = re.compile(r"(?<!\w)[^\W\d_]{4,60}(?![\w:*])")  # letters
_CODED = re.compile(r"\b(?:kind|has|date|id|library|licen[cs]e):=?\"?$", re.IGNORECASE)


class Corrector:
    """Corrects words by those of a library and by the names of terms.

    Parameters
    ----------
    catalogue : Catalogue
        Whose words are the right ones, with those of its vocabulary.
    engine : SearchEngine
        Tells whether a text finds anything.
    """

    def __init__(self, catalogue: Catalogue, engine: SearchEngine) -> None:
        self._catalogue = catalogue
        self._engine = engine
        self._lock = Lock()
        self._change: int | None = None
        self._known: Counter[str] = Counter()

    def suggestion(self, query: Query, total: int) -> str | None:
        """Return a text that finds much more than that of `query`.

        Only words that find next to nothing by themselves are replaced.

        Parameters
        ----------
        query : Query
            What was asked.
        total : int
            How many images were found.
        """
        if total > FEW or not query.text or query.cursor is not None:
            return None
        text = query.text
        for word, is_last in reversed(list(_words(query.text))):
            # After a filler, what was typed is a word and no beginning of one.
            found = self._count(Query(text=word[0] if is_last else f"{word[0]} in"))
            if found <= FEW and (better := self._meant(word[0], found)):
                text = f"{text[: word.start()]}{better}{text[word.end() :]}"
        if text == query.text or len(text) > LONGEST_TEXT:
            return None
        much = self._count(query.changed(text=text)) > _MUCH_MORE * total
        return text if much else None

    def _count(self, query: Query) -> int:
        few = query.model_copy(update={"limit": 1, "facets": False})
        return self._engine.search(few).total

    def _meant(self, word: str, found: int) -> str | None:
        """Return the likeliest word for one that finds next to nothing."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        known = self._words()
        near = extract(
            "".join(cut(word)),
            [*known, *self._catalogue.vocabulary.alike(word)],
            scorer=OSA.normalized_similarity,
            score_cutoff=_ALIKE,
            limit=_LIKELY,
        )
        # Of equally near words, what the library says more often.
        near.sort(key=lambda one: (-one[1], -known.get(one[0], 0), one[0]))
        likely = list(dict.fromkeys(text for text, *_ in near))
        for text in likely[:_MOST_TRIED]:
            if self._count(Query(text=text)) > _MUCH_MORE * found:
                return text
        return None

    def _words(self) -> Counter[str]:
        with self._lock:
            change = self._catalogue.last_change()
            if change != self._change:
                documents = self._catalogue.documents(_LOOKED_AT)
                words = Counter(" ".join(map(_said_in, documents)).split())
                for word in [word for word in words if not _WORD.fullmatch(word)]:
                    del words[word]
                self._known = words
                self._change = change
            return self._known


def _said_in(document: str) -> str:
    """Return the words of a record; they hold nothing that JSON would quote."""
    starts = (document.partition(f'"{name}":"')[2] for name in START_FIELDS)
    return " ".join(start.partition('"')[0] for start in starts)


def _words(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield the words of a text that may be misspelt, and whether one is the last."""
    found = [
        match
        for match in _WORD.finditer(text)
        if match[0] not in FILLERS and not _CODED.search(text[: match.start()])
    ]
    for match in found[:_MOST_WORDS]:
        yield match, match.end() == len(text.rstrip())
