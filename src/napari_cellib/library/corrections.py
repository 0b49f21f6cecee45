"""What a person may have meant by words that find nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.library.analysis import cut
from napari_cellib.model import Query
from napari_cellib.model.search_text import FILLERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.engine import SearchEngine

_LOOKED_AT = 3_000  # records, whose words stand for those of all
_MOST_WORDS = 6  # of a text, each of which is searched for
_MOST_TRIED = 3  # other words for each of them
_ALIKE = 0.65  # of 1: one slip in four letters, two in six
_WORD = re.compile(r"(?<!\w)[^\W\d_]{4,}(?![\w:*])")

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

    def suggestion(self, query: Query) -> str | None:
        """Return a text that finds something where that of `query` does not.

        Only words that find nothing by themselves are replaced.
        """
        text, changed = query.text, False
        for word, is_last in reversed(list(_words(query.text))):
            # After a filler, what was typed is a word and no beginning of one.
            alone = word[0] if is_last else f"{word[0]} in"
            if self._finds(Query(text=alone)):
                continue
            if better := self._meant(word[0]):
                text = f"{text[: word.start()]}{better}{text[word.end() :]}"
                changed = True
        fits = changed and self._finds(query.changed(text=text))
        return text if fits else None

    def _finds(self, query: Query) -> bool:
        few = query.model_copy(update={"limit": 1, "facets": False})
        return self._engine.search(few).total > 0

    def _meant(self, word: str) -> str | None:
        """Return the likeliest word for one that finds nothing, if there is one."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        typed = "".join(cut(word))
        known = self._words()
        near = extract(
            typed,
            [*known, *self._catalogue.vocabulary.alike(word)],
            scorer=OSA.normalized_similarity,
            score_cutoff=_ALIKE,
            limit=20,
        )
        # Of equally near words, what the library says more often.
        found = sorted(
            dict.fromkeys(near),
            key=lambda one: (-one[1], -known.get(one[0], 0), one[0]),
        )
        tried = list(dict.fromkeys(one[0] for one in found))[:_MOST_TRIED]
        return next((one for one in tried if self._finds(Query(text=one))), None)

    def _words(self) -> Counter[str]:
        with self._lock:
            change = self._catalogue.last_change()
            if change != self._change:
                documents = map(json.loads, self._catalogue.documents(_LOOKED_AT))
                self._known = Counter(
                    word
                    for one in documents
                    for word in f"{one['title_start']} {one['other_start']}".split()
                    if len(word) > 3 and word.isalpha()
                )
                self._change = change
            return self._known


def _words(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield the words of a text that may be misspelt, and whether one is the last."""
    found = [
        match
        for match in _WORD.finditer(text)
        if match[0] not in FILLERS
        and match[0] not in ("AND", "OR", "NOT")
        and not _CODED.search(text[: match.start()])
    ]
    for match in found[:_MOST_WORDS]:
        yield match, match.end() == len(text.rstrip())
