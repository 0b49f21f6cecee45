"""State and decisions of a box to choose ontology terms in, without a widget in sight.

A widget hands over what is typed and the few keys that mean something, and shows
what the box says. Choices are looked up at once, on the thread that asks: that takes
about 2 ms, so that Enter always takes the line that is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, ClassVar

from psygnal import Signal, SignalGroupDescriptor

from napari_cellib.model import Term
from napari_cellib.ontology.completion import Reason, complete
from napari_cellib.ontology.normalising import fold
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.term_rows import NONE, Key, Kind, Suggestion
from napari_cellib.viewmodels.words import count_in_words, term_field_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.model import TermField
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.completion import Completion
    from napari_cellib.ontology.ols import OnlineTerm

LONGEST_TEXT = 400  # of free text that is kept; an annotation is no story
_SHOWN = 8
_LIKE_ENOUGH = 0.75  # a slip or two of the fingers


@dataclass
class TermBoxModel:
    """What a box shows; every field tells its listeners when it changes.

    Parameters
    ----------
    terms : Terms
        The terms to choose from.
    field : TermField, optional
        Only terms that may fill this field; all terms by default.
    several : bool, default: True
        Whether more than one may be chosen; else a choice replaces the one before.
    free_text : bool, default: True
        Whether words that no ontology has may be kept.
    online : callable, optional
        Makes the job that looks words up in a service; it is started only when a
        person takes the line that says so.
    usage : mapping of str to int, optional
        How often the library at hand uses which term, by identifier.
    """

    terms: Terms
    field: TermField | None = None
    several: bool = True
    free_text: bool = True
    online: Callable[[str, TermField | None], Job[tuple[OnlineTerm, ...]]] | None = None
    usage: Mapping[str, int] | None = None
    text: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    current: int = NONE
    chosen: tuple[Term, ...] = ()
    announcement: str = ""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
    browse_wanted: ClassVar[Signal] = Signal()
    online_wanted: ClassVar[Signal] = Signal()

    @property
    def is_open(self) -> bool:
        """Whether there is a list to choose from."""
        return bool(self.suggestions)

    @property
    def pending(self) -> str:
        """Words that were typed and not chosen: a form should point them out."""
        return self.text.strip()

    # -- what a person does

    def set_text(self, text: str) -> None:
        """Take over what was typed, and offer what may be meant."""
        # A pasted half of a surrogate pair is no text: it cannot even be encoded.
        self.text = text.encode(errors="replace").decode()
        self._suggest()

    def press(self, key: Key) -> bool:
        """Do what a key stands for; say whether it was used up."""
        if key is Key.DOWN or key is Key.UP:
            return self._move(1 if key is Key.DOWN else -1)
        if key is Key.TAKE:
            return self.take(self.current)
        if key is Key.CLOSE:
            return self._close_or_clear()
        if key is Key.BROWSE:
            self._close()
            self.browse_wanted.emit()
            return True
        if key is Key.REMOVE:
            return not self.text and self.remove(len(self.chosen) - 1)
        self._close()  # the keyboard goes on to the next control
        return False

    def take(self, number: int) -> bool:
        """Choose one line of the list; say whether the list was open."""
        if not 0 <= number < len(self.suggestions):
            if self.is_open:
                self.announcement = "Nothing is chosen. Down leads to the terms."
            return self.is_open
        taken = self.suggestions[number]
        if taken.kind is Kind.ONLINE:
            self._ask_online()
        elif taken.term is not None:
            self.choose(taken.term)
        return True

    def choose(self, term: Term) -> None:
        """Add a term to the chosen ones and make room for the next."""
        if any(_same(term, other) for other in self.chosen):
            said = f"{term.name} is chosen already."
        else:
            self.chosen = (*self.chosen, term) if self.several else (term,)
            kept = " as free text" if term.is_free_text else ""
            said = f"{term.name} chosen{kept}."
        self.text = ""
        self._close()
        self.announcement = said

    def remove(self, number: int) -> bool:
        """Take a chosen term away again; say whether there was one."""
        if not 0 <= number < len(self.chosen):
            return False
        gone = self.chosen[number]
        self.chosen = self.chosen[:number] + self.chosen[number + 1 :]
        self.announcement = f"{gone.name} removed."
        return True

    # -- online

    def online_job(self) -> Job[tuple[OnlineTerm, ...]] | None:
        """Return the job that looks the words up, or None where that is not wanted."""
        if self.online is None or not self.pending:
            return None
        return self.online(self.pending, self.field)

    def take_online(self, asked: str, found: Sequence[OnlineTerm]) -> None:
        """Offer what a service has found, unless something else was typed since."""
        if asked != self.pending:
            return
        known = {one.tag for one in self.suggestions if one.kind is Kind.TERM}
        fresh = [_of_online(one) for one in found if one.curie not in known]
        fresh = fresh[:_SHOWN]
        here = [one for one in self.suggestions if one.kind is Kind.TERM]
        self._show([*here, *fresh, *self._keeping()])
        self.current = len(here) if fresh else self.current
        self.announcement = f"{count_in_words(len(fresh), 'more term')} found online."

    def take_online_error(self, asked: str, error: Exception) -> None:
        """Say why nothing came from the service; what is here stays."""
        if asked != self.pending:
            return
        what, fix = problem_in_words(error)
        self._replace_online(Suggestion(Kind.ONLINE, "Search online again", note=what))
        self.announcement = f"{what} {fix}"

    # -- inside

    def _suggest(self) -> None:
        if not self.pending:
            self._close()
            return
        found = complete(
            self.terms, self.text, self.field, limit=_SHOWN, usage=self.usage
        )
        rows = [self._of_completion(one) for one in found]
        self._show([*rows, *self._asking(), *self._keeping()])
        if rows:
            first = self.suggestions[0].spoken
            self.announcement = f"{count_in_words(len(rows), 'term')}. {first}"
        else:
            self.announcement = "No term fits."

    def _show(self, rows: Sequence[Suggestion]) -> None:
        # Enter takes the first line, but never what is only guessed at.
        sure = bool(rows) and not self._is_a_guess(rows[0])
        self.current = 0 if sure else NONE
        self.suggestions = tuple(rows)

    def _is_a_guess(self, row: Suggestion) -> bool:
        found = row.completion
        if found is None or found.reason is not Reason.SIMILAR:
            return False
        likeness = SequenceMatcher(None, fold(self.text), fold(found.matched))
        return likeness.ratio() < _LIKE_ENOUGH

    def _close(self) -> None:
        self._show(())

    def _close_or_clear(self) -> bool:
        if self.is_open:
            self._close()
            return True
        had_text = bool(self.text)
        self.text = ""
        return had_text

    def _move(self, step: int) -> bool:
        if not self.is_open:
            self._suggest()
            return self.is_open
        # Round and round, so that Up leads to free text at the end at once.
        start = self.current if self.current != NONE else min(-step, 0)
        self.current = (start + step) % len(self.suggestions)
        self.announcement = self.suggestions[self.current].spoken
        return True

    def _of_completion(self, found: Completion) -> Suggestion:
        fields = () if self.field else found.fields
        words = ", ".join(map(term_field_in_words, fields))
        note = " · ".join(part for part in (words, found.why) if part)
        return Suggestion(Kind.TERM, found.label, found.term, note, found)

    def _asking(self) -> list[Suggestion]:
        if self.online is None:
            return []
        note = "sends the words to the EBI's term service"
        return [Suggestion(Kind.ONLINE, "Search online", note=note)]

    def _keeping(self) -> list[Suggestion]:
        if not self.free_text:
            return []
        words = " ".join(self.pending.split())[:LONGEST_TEXT].rstrip()
        note = "will be marked: no ontology stands behind it"
        title = f"Keep “{words}” as free text"
        return [Suggestion(Kind.FREE_TEXT, title, Term(text=words), note)]

    def _ask_online(self) -> None:
        note = "for up to five seconds; you may go on typing"
        self._replace_online(Suggestion(Kind.ONLINE, "Searching online…", note=note))
        self.announcement = "Searching online."
        self.online_wanted.emit()

    def _replace_online(self, row: Suggestion) -> None:
        current = self.current
        self.suggestions = tuple(
            row if one.kind is Kind.ONLINE else one for one in self.suggestions
        )
        self.current = current


def _of_online(found: OnlineTerm) -> Suggestion:
    term = Term(id=found.curie, label=found.label)
    return Suggestion(Kind.TERM, found.label, term, f"found online · {found.source}")


def _same(one: Term, other: Term) -> bool:
    if one.id or other.id:
        return one.id == other.id
    return one.name.casefold() == other.name.casefold()
