"""Terms that the words in the search line may mean, with their number of images."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import sleep
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from psygnal import Signal, SignalGroupDescriptor

from napari_cellib.jobs import Progress, drive
from napari_cellib.library.several import SeveralLibraries
from napari_cellib.model import FacetField, Query, TermField
from napari_cellib.model.search_fields import field_called, in_words
from napari_cellib.ontology.completion import Reason, complete
from napari_cellib.viewmodels.opening import place_typed
from napari_cellib.viewmodels.term_rows import NONE, Key
from napari_cellib.viewmodels.words import count_in_words, term_field_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import Library
    from napari_cellib.model.query import Filters
    from napari_cellib.ontology.completion import Completion
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.terms import SharedTerms

_SHOWN = 5
_LOOKED_AT = 30  # terms, of which many say nothing that one can filter by
_COUNTED = 8  # of these, since each may be a question to a server
_SHORTEST = 2  # letters
_PATIENCE_S = 0.5  # with one of several libraries; a hint that comes late is none
_MOST_WORDS = 4  # of a term, when other words stand before it
_REST_S = 0.15  # without a key pressed, before images are counted
_STEPS = 5  # in which that time passes, so that the next key ends it
Counts: TypeAlias = dict[tuple[TermField, str], int]
_LABEL = "Looking for terms"
_FACETS = {field.value: field for field in FacetField}


@dataclass(frozen=True, slots=True)
class Hint:
    """A term to ask for instead of searching for the words.

    Parameters
    ----------
    field : TermField
        What it says something about.
    curie, title : str
        Its identifier and name.
    images : int
        How many images of the library have it.
    rest : str
        Words of the line that are not meant by it, and stay.
    why : str
        Why it is offered, where its name does not say so.
    """

    field: TermField
    curie: str
    title: str
    images: int
    rest: str = ""
    why: str = ""

    @property
    def facet(self) -> FacetField | None:
        """The facet to filter by; None where the term has to be asked for in words.

        Some fields have no facet, and what stands after OR or NOT is no filter.
        """
        joined = self.rest.split()[-1:]
        return None if joined in (["OR"], ["NOT"]) else _FACETS.get(self.field.value)

    @property
    def words(self) -> str:
        """What to write in the line: the words that stay, and the term if need be."""
        if self.facet is not None:
            return self.rest.removesuffix("AND").strip()
        return f"{self.rest} {_asked_for(self.field, self.title)}".strip()

    @property
    def tag(self) -> str:
        """Number of images, in words."""
        return count_in_words(self.images, "image")

    @property
    def note(self) -> str:
        """What kind of term it is, and its identifier."""
        return f"{term_field_in_words(self.field).lower()} · {self.curie}"

    @property
    def path(self) -> tuple[str, ...]:
        """Nothing: one line has no room for it."""
        return ()

    @property
    def spoken(self) -> str:
        """Everything in one sentence, for a screen reader."""
        field = term_field_in_words(self.field)
        parts = (self.title, field, self.curie, self.tag, self.why)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class HintAnswer:
    """What was found for a text."""

    text: str
    hints: tuple[Hint, ...]


@dataclass
class TermHints:
    """What is offered below the search line; tells its listeners when it changes.

    Parameters
    ----------
    libraries : Libraries
        Where images are counted.
    terms : SharedTerms
        What may be meant; asked in a job, since it may have to open a file.
    """

    libraries: Libraries
    terms: SharedTerms
    hints: tuple[Hint, ...] = ()
    current: int = NONE
    announcement: str = field(default="", init=False)

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
    taken: ClassVar[Signal] = Signal(Hint)

    _asked: str = field(default="", init=False)
    # While one line is typed, the same terms are counted again and again.
    _counts: Counts = field(default_factory=dict, init=False)

    def job(
        self, text: str, filters: Filters, usage: Mapping[str, int]
    ) -> Job[HintAnswer] | None:
        """Return the job that finds terms, or None where there is nothing to find.

        Parameters
        ----------
        text : str
            What stands in the line.
        filters : mapping
            What narrows the search down already.
        usage : mapping of str to int
            How often the library uses terms, as far as that is known.
        """
        words = " ".join(text.encode(errors="replace").decode().split())
        self._asked = words
        if len(words) < _SHORTEST or place_typed(words) is not None:
            self.close()
            return None
        counts = self._counts
        return _find(self.libraries, self.terms, words, filters, usage, counts)

    def take_answer(self, answer: HintAnswer) -> None:
        """Offer what was found, unless something else was typed since."""
        if answer.text != self._asked:
            return
        self.current = NONE
        self.hints = answer.hints
        if self.hints:
            number = count_in_words(len(self.hints), "term")
            self.announcement = f"{number} to choose from; Down leads to them."

    def close(self) -> None:
        """Offer nothing, and drop an answer that is still to come."""
        self._asked = ""
        self._counts = {}
        self.current = NONE
        self.hints = ()

    def press(self, key: Key) -> bool:
        """Do what a key stands for; say whether it was used up.

        Nothing is chosen until Down is pressed, so that Enter searches for the
        words as ever.
        """
        if not self.hints:
            if key in (Key.TAKE, Key.CLOSE, Key.LEAVE):
                self._asked = ""  # whoever goes on wants no list to pop up later
            return False
        if key is Key.DOWN and self.current < len(self.hints) - 1:
            return self._go_to(self.current + 1)
        if key is Key.UP and self.current > NONE:
            return self._go_to(self.current - 1)
        if key is Key.TAKE and self.take(self.current):
            return True
        self.close()
        return key is Key.CLOSE

    def take(self, number: int) -> bool:
        """Choose one of the terms; say whether there was one."""
        if not 0 <= number < len(self.hints):
            return False
        hint = self.hints[number]
        self.close()
        self.announcement = f"Filtered by {hint.title}."
        self.taken.emit(hint)
        return True

    def _go_to(self, number: int) -> bool:
        self.current = number
        if number != NONE:
            self.announcement = self.hints[number].spoken
        return True


def _find(
    libraries: Libraries,
    terms: SharedTerms,
    text: str,
    filters: Filters,
    usage: Mapping[str, int],
    counts: Counts,
) -> Job[HintAnswer]:
    yield Progress(_LABEL)
    library, store = libraries.searched(), terms.get()
    words = text.split()
    for start in _starts(len(words)):
        yield Progress(_LABEL)
        asked, rest = " ".join(words[start:]), " ".join(words[:start])
        field, value = _in_field(asked)
        meant = complete(store, value, field, limit=_LOOKED_AT, usage=usage)
        alone = field is not None or len(words) == 1
        pairs = _askable(meant, field, filters, alone=alone)
        hints = yield from _counted(library, pairs, filters, counts)
        if hints:
            told = tuple(replace(hint, rest=rest) for hint in hints)
            return HintAnswer(text, told)
    return HintAnswer(text, ())


def _in_field(asked: str) -> tuple[TermField | None, str]:
    """Part ``organism:mou`` into the field and what is typed of the value."""
    name, colon, value = asked.partition(":")
    field = field_called(name) if colon else None
    if field not in set(TermField):
        return None, asked
    return TermField(field), value.lstrip('="')


def _asked_for(field: TermField, name: str) -> str:
    """Return the words by which a search asks for a term."""
    bare = " ".join(name.replace('"', " ").split())
    return (
        f'{in_words(field.value)}:"{bare}"'
        if " " in bare
        else (f"{in_words(field.value)}:{bare}")
    )


def _starts(words: int) -> Iterator[int]:
    """Yield 0, then where an end of the line begins: "mouse mitoch" is two things."""
    yield 0
    yield from range(max(1, words - _MOST_WORDS), words)


def _askable(
    meant: list[Completion],
    wanted: TermField | None,
    filters: Filters,
    *,
    alone: bool,
) -> list[tuple[TermField, Completion]]:
    """Return terms with the field to ask for them in, one with a facet if it can be."""
    pairs = []
    for one in meant:
        # Of several words, a term that is only similar may leave one out.
        if one.reason is Reason.SIMILAR and not alone:
            continue
        fields = sorted(one.fields, key=lambda field: field.value not in _FACETS)
        field = wanted or next(iter(fields), None)
        if field is None:
            continue
        facet = _FACETS.get(field.value)
        if facet is None or one.curie not in filters.get(facet, ()):
            pairs.append((field, one))
    return pairs[:_COUNTED]


def _counted(
    library: Library,
    pairs: list[tuple[TermField, Completion]],
    filters: Filters,
    counts: Counts,
) -> Job[list[Hint]]:
    """Return hints for the terms that lead to images at all."""
    hints: list[Hint] = []
    seen: set[tuple[TermField, str]] = set()
    rested = False
    for about, one in pairs:
        key = (about, one.curie if about.value in _FACETS else one.label)
        if key in seen:
            continue  # several ontologies have a liver, and words mean all of them
        seen.add(key)
        if key not in counts:
            if not rested:
                yield from _rest()
                rested = True
            yield Progress(_LABEL)
            counts[key] = _total(library, _query(*key, filters))
        if images := counts[key]:
            hints.append(Hint(about, one.curie, one.label, images, why=one.why))
        if len(hints) == _SHOWN:
            break
    return hints


def _rest() -> Job[None]:
    """Wait while somebody goes on typing, whose next key cancels the job."""
    for _ in range(_STEPS):
        yield Progress(_LABEL)
        sleep(_REST_S / _STEPS)


def _query(field: TermField, meant: str, filters: Filters) -> Query:
    """Ask for a term by its identifier, or by its name where words have to do."""
    facet = _FACETS.get(field.value)
    if facet is None:
        text = _asked_for(field, meant)
        return Query(text=text, filters=filters, limit=1, facets=False)
    return Query(filters={**filters, facet: (meant,)}, limit=1, facets=False)


def _total(library: Library, query: Query) -> int:
    if isinstance(library, SeveralLibraries):
        return drive(library.search_job(query, patience_s=_PATIENCE_S)).total
    return library.search(query).total
