"""What a library knows of ontologies: a store of terms, or the lack of one.

A library works without terms. It then finds images by their own words only, and says
so. Whatever is asked here is therefore answered, by nothing where there are no terms.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from napari_cellib.errors import TermsTooNew, TermsUnreadable
from napari_cellib.library.analysis import cut
from napari_cellib.library.words import fold
from napari_cellib.ontology import normalise_curie, open_terms
from napari_cellib.ontology.completion import complete
from napari_cellib.ontology.naming import terms_beginning, terms_named
from napari_cellib.ontology.store import is_outdated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from napari_cellib.errors import CellibError
    from napari_cellib.ontology import Terms

Answer = TypeVar("Answer")

_ALIKE = 10  # terms whose words are looked at for a misspelt one
_MOST_WORDS = 12  # of a text in which names are looked for
_LONGEST_NAME = 6  # words
# The rank of a term that many choose and that has a short name. Above it are Mammalia,
# Rodentia, membrane, vesicle and light microscopy; below it Euarchontoglires,
# intracellular organelle, cell periphery, microscopy with lenses, and all roots.
_WELL_KNOWN = 30

_opening = Lock()
_shared: list[Terms] = []


def shared_terms() -> Terms:
    """Return the terms that all libraries of this process share.

    Raises
    ------
    TermsUnreadable, TermsTooNew
        When they cannot be read; the next call tries again.
    """
    with _opening:
        if not _shared:
            _shared.append(open_terms())
        return _shared[0]


def forget_shared_terms() -> None:
    """Let libraries that are opened from now on read the terms anew."""
    with _opening:
        _shared.clear()  # not closed: a search of another thread may be using them


@dataclass(frozen=True, slots=True)
class Named:
    """Words of a text that are together the name of some terms.

    Attributes
    ----------
    start, end : int
        Number of the first word, and of the first one after the name.
    curies : tuple of str
        The terms.
    whole : bool
        Whether the words are all of a name, and not only the beginning of some.
    """

    start: int
    end: int
    curies: tuple[str, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Lineage:
    """A term as its ontology has it, and the terms above it.

    Attributes
    ----------
    label : str or None
        Its name; None where the ontology is not at hand.
    counted : bool
        Whether people know it well, so that facets may show it.
    above : mapping of str to int
        Under which terms it is found, with the number of steps; itself is one.
    """

    label: str | None
    counted: bool
    above: dict[str, int]


class Vocabulary:
    """The terms that one library looks up.

    Parameters
    ----------
    terms : Terms, optional
        Those that the process shares by default, opened when first needed.
    """

    def __init__(self, terms: Terms | None = None) -> None:
        self._given = terms
        self._problem: CellibError | None = None

    @property
    def problem(self) -> CellibError | None:
        """Why there are no terms; None while nothing is wrong with them."""
        self._ask(lambda _: None, None)
        return self._problem

    def version(self) -> str:
        """Return when the terms were put together, newer ones sorting last."""
        return self._ask(lambda terms: terms.built, "")

    def is_outdated(self) -> bool:
        """Return whether the program has come with newer terms than are in use."""
        return self._ask(is_outdated, otherwise=False)

    def lineages(self, curies: Iterable[str]) -> dict[str, Lineage] | None:
        """Return what is above each of the terms; None if it cannot be said now."""
        return self._ask(
            lambda terms: {curie: _lineage(terms, curie) for curie in curies}, None
        )

    def named(self, words: Sequence[str]) -> list[Named]:
        """Return the names of terms that a text holds.

        A word that ends in ``*`` may be a beginning. A name within a longer one is
        none: who types "plasma membrane" does not look for the plasma.
        """
        return self._ask(lambda terms: _names_in(terms, words[:_MOST_WORDS]), [])

    def meant(self, value: str) -> tuple[str, ...]:
        """Return the terms that are meant by an identifier or a name."""
        if curie := normalise_curie(value):
            return (curie,)
        return self._ask(lambda terms: terms_named(terms, [value]).get(value, ()), ())

    def alike(self, word: str) -> tuple[str, ...]:
        """Return words of the names of terms that may be meant by a misspelt one."""
        return self._ask(lambda terms: _words_like(terms, word), ())

    def _ask(self, question: Callable[[Terms], Answer], otherwise: Answer) -> Answer:
        if self._problem is not None:
            return otherwise
        try:
            return question(self._given or shared_terms())
        except (TermsUnreadable, TermsTooNew) as error:
            # A copy: the error itself holds on to frames, and these to open files.
            self._problem = copy(error)
            return otherwise


def _lineage(terms: Terms, curie: str) -> Lineage:
    current = terms.resolve(curie).term
    own = normalise_curie(curie) or curie
    if current is None:
        return Lineage(None, counted=False, above={own: 0})
    above = {one.curie: one.distance for one in terms.ancestors(current.curie)}
    return Lineage(
        current.label,
        counted=current.rank >= _WELL_KNOWN,
        above=above | {current.curie: 0, own: 0},
    )


def _words_like(terms: Terms, word: str) -> tuple[str, ...]:
    names = (one.matched for one in complete(terms, word, limit=_ALIKE))
    return tuple(dict.fromkeys(part for name in names for part in cut(fold(name))))


def _names_in(terms: Terms, words: Sequence[str]) -> list[Named]:
    count = len(words)
    spans = [
        (start, end)
        for start in range(count)
        for end in range(start + 1, min(count, start + _LONGEST_NAME) + 1)
    ]
    texts = {span: " ".join(words[slice(*span)]).rstrip("*") for span in spans}
    known = terms_named(terms, set(texts.values()))
    found: list[Named] = []
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        if any(one.start <= start and end <= one.end for one in found):
            continue
        text = texts[start, end]
        curies = dict.fromkeys(known.get(text, ()))
        whole = bool(curies)
        if words[end - 1].endswith("*"):
            curies |= dict.fromkeys(terms_beginning(terms, text))
        if curies:
            found.append(Named(start, end, tuple(curies), whole))
    return found
