"""What a person may say in the panel, and take back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_cellib.annotate import saying
from napari_cellib.annotate.history import term_key
from napari_cellib.jobs import Progress, drive
from napari_cellib.model import Term
from napari_cellib.model.statement import Annotation
from napari_cellib.viewmodels.annotating.ledger import part_of
from napari_cellib.viewmodels.annotating.notebook import Deed
from napari_cellib.viewmodels.words import count_in_words, term_field_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model import TermField
    from napari_cellib.model.statement import Qualifier, Region, Remark, Statement
    from napari_cellib.ontology.info import TermInfo
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.annotating.keeping import Loaded
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.notebook import Notebook
    from napari_cellib.viewmodels.annotating.rows import Chip

_FEW = 100  # statements that are made at once, in some milliseconds


@dataclass(frozen=True, slots=True)
class _Noted:
    """A deed, and in which book it is to be."""

    book: Notebook
    deed: Deed
    is_undoing: bool = False


class Speaking:
    """Says things of what is chosen in a model; each can be undone.

    Parameters
    ----------
    model : AnnotatingModel
        What is said of, and who says it.
    """

    wanted = Signal(object)  # a job, as much is said; its answer is for `take`

    def __init__(self, model: AnnotatingModel) -> None:
        self._model = model
        self.is_busy = False  # while such a job runs
        # What was drawn meanwhile: unlike what is typed, it stands in the viewer.
        self._drawn: list[tuple[Notebook, tuple[Region, ...]]] = []

    # -- terms

    def say(
        self, field: TermField, term: Term, *, qualifier: Qualifier = "present"
    ) -> None:
        """Say that a term applies to what is chosen."""
        loaded = self._writable()
        if loaded is None:
            return
        has = self._having(field, term)
        places = [one for one in self._places if one not in has]
        if not places:
            words = f"{term.name} is said of {self._model.scope_in_words} already."
            self._model.told.emit(words)
            return
        self._do(
            f"{term_field_in_words(field)}: {term.name}",
            (
                saying.say(loaded.speaker, field, term, qualifier=qualifier, region=one)
                for one in places
            ),
            count=len(places),
        )

    def accept(self, one: Suggestion) -> None:
        """Say what was suggested of what is chosen; what it rests on is kept."""
        self._answer(one, saying.say, f"{one.term.name}, as suggested")

    def reject(self, one: Suggestion) -> None:
        """Say that what was suggested does not hold; it is suggested no more."""
        self._answer(one, saying.reject, f"{one.term.name} does not fit")

    def _answer(
        self, one: Suggestion, how: Callable[..., Annotation], words: str
    ) -> None:
        loaded = self._writable()
        if loaded is None:
            return
        evidence, places = " ".join(one.reasons), self._places
        has = self._having(one.field, one.term)
        self._do(
            words,
            (
                how(loaded.speaker, one.field, one.term, region=part, evidence=evidence)
                for part in places
                if part not in has
            ),
            count=len(places),
        )

    def qualify(self, chip: Chip, qualifier: Qualifier) -> None:
        """Say that it is there, that it is not, or that it may be."""
        if chip.qualifier != qualifier:
            self._change(chip, f"{chip.name}: {qualifier}", qualifier=qualifier)

    def supersede(self, chip: Chip, instead: TermInfo) -> None:
        """Put a term that its ontology has in place of one that has decayed."""
        if loaded := self._writable():
            release = loaded.terms.versions().get(instead.ontology)
            version = (release.version or None) if release else None
            term = Term(id=instead.curie, label=instead.label, ontology_version=version)
            self._change(chip, f"{instead.label} instead of {chip.name}", term=term)

    def remove(self, chip: Chip) -> None:
        """Take back what was said; of what is written, that it was stays known."""
        if loaded := self._writable():
            ledger = loaded.book.ledger
            old = {key: ledger[key] for key in chip.keys if key in ledger}
            self._take_away(f"{chip.name} taken away", old)

    # -- remarks

    def remark(self, text: str, about: str | None = None) -> None:
        """Remark something in plain words, on what is chosen or on a statement."""
        loaded = self._writable()
        words = text.strip()
        if loaded is None or not words:
            return
        noted = loaded.book.ledger.get(about) if about else None
        if noted is None:
            about = None
        places = self._places if noted is None else (part_of(noted),)
        self._do(
            "Remark",
            (
                saying.remark(loaded.speaker, words, region=one, about=about)
                for one in places
            ),
            count=len(places),
        )

    def forget_remark(self, remark: Remark) -> None:
        """Take a remark back."""
        self._take_away("Remark taken away", {remark.key: remark})

    # -- regions

    def take_regions(self, regions: Iterable[Region]) -> None:
        """Take over what was done by hand: regions drawn, moved or deleted."""
        loaded = self._writable()
        if loaded is None:
            return
        self._drawn.append((loaded.book, tuple(regions)))
        if not self.is_busy:
            self._say_drawn()

    def _say_drawn(self) -> None:
        drawn, self._drawn = self._drawn, []
        for book, regions in drawn:
            self._note(drive(_drawing(book, regions)))

    # -- undoing

    @property
    def undo_words(self) -> str:
        """What would be undone; "" where there is nothing."""
        last = self._model.book.last if self._model.book else None
        return last.words if last else ""

    def undo(self) -> None:
        """Undo what was done last: take it back, or retract it where it is written."""
        loaded = self._writable()
        last = loaded.book.last if loaded else None
        if loaded is None or last is None:
            return
        book, speaker = loaded.book, loaded.speaker
        back = {key: one for key, one in last.added.items() if key in book.new}
        written = [one for key, one in last.added.items() if key in book.base]
        before = (saying.restore(speaker, one, book.ledger.get) for one in written)
        self._do(
            last.words, chain(last.taken.values(), before), back,
            count=len(last.taken) + len(written), is_undoing=True,
        )  # fmt: skip

    def take(self, noted: _Noted) -> None:
        """Have what a job has made ready to be said."""
        self.is_busy = False
        self._note(noted)
        self._say_drawn()

    def _note(self, noted: _Noted) -> None:
        book, deed = noted.book, noted.deed
        if noted.is_undoing:
            touched = book.undo(deed)
        elif deed.added or deed.taken:
            touched = book.do(deed)
        else:
            return
        if book is self._model.book:
            self._model.note_changed(touched)
            if noted.is_undoing:
                self._model.told.emit(f"Undone: {deed.words}.")

    def give_up(self, _: object = None) -> None:
        """Say nothing of what a job was to make ready: it was stopped."""
        self.is_busy = False
        self._say_drawn()

    # -- inside

    @property
    def _places(self) -> tuple[str | None, ...]:
        return self._model.scope or (None,)

    def _having(self, field: TermField, term: Term) -> set[str | None]:
        """Return of which of the chosen regions a term is said already."""
        key = term_key(term)
        return {
            one.region
            for one in self._model.said_in(field).values()
            if term_key(one.term) == key
        }

    def _writable(self) -> Loaded | None:
        loaded = self._model.loaded
        if loaded is not None and loaded.why_not:
            self._model.told.emit(loaded.why_not)
            return None
        return loaded

    def _change(self, chip: Chip, words: str, **values: Any) -> None:
        loaded = self._writable()
        if loaded is None:
            return
        book, speaker = loaded.book, loaded.speaker
        found = {key: book.ledger.get(key) for key in chip.keys}
        old = {key: one for key, one in found.items() if isinstance(one, Annotation)}
        # Nobody else has seen these, so it need not be told what they were.
        taken = {key: one for key, one in old.items() if key in book.new}

        def changed() -> Iterator[Statement]:
            for key, one in old.items():
                new = saying.change(speaker, one, **values)
                if key in taken:
                    new = new.model_copy(update={"supersedes": one.supersedes})
                yield new

        self._do(words, changed(), taken, count=len(old))

    def _take_away(self, words: str, old: Mapping[str, Statement]) -> None:
        loaded = self._writable()
        if loaded is None:
            return
        book, speaker = loaded.book, loaded.speaker
        taken = {k: o for k, o in old.items() if k in book.new and not o.supersedes}
        others = [one for key, one in old.items() if key not in taken]
        added = (saying.retract(speaker, one) for one in others)
        self._do(words, added, taken, count=len(others))

    def _do(
        self,
        words: str,
        added: Iterable[Statement],
        taken: Mapping[str, Statement] | None = None,
        *,
        count: int = 1,
        is_undoing: bool = False,
    ) -> None:
        """Say it at once, or where it is much, after a job has made it ready."""
        book = self._model.book
        if book is None:
            return
        if self.is_busy:
            self._model.told.emit("What you said before is being noted. Wait for it.")
            return
        job = _noting(book, words, added, taken or {}, is_undoing=is_undoing)
        if count <= _FEW:
            self.take(drive(job))
        else:
            self.is_busy = True
            self.wanted.emit(job)


def _drawing(book: Notebook, regions: Iterable[Region]) -> Job[_Noted]:
    """Return the job that takes over what was done by hand."""
    added: list[Statement] = []
    taken: dict[str, Statement] = {}
    for one in regions:
        keys = book.ledger.keys_of(one.id)
        # Nobody else has seen it, at no place where it was.
        if one.status == "retracted" and keys and all(key in book.new for key in keys):
            taken |= {key: book.ledger[key] for key in keys}
        else:
            added.append(one)
    words = (
        f"{count_in_words(len(added) or len(taken), 'region')} drawn, moved or deleted"
    )
    return _noting(book, words, added, taken, is_undoing=False)


def _noting(
    book: Notebook,
    words: str,
    added: Iterable[Statement],
    taken: Mapping[str, Statement],
    *,
    is_undoing: bool,
) -> Job[_Noted]:
    """Return the job that makes statements, and their keys."""
    found: dict[str, Statement] = {}
    for number, one in enumerate(added):
        if number % _FEW == 0:
            yield Progress("Noting what you said", number)
        found[one.key] = one
    return _Noted(book, Deed(words, found, taken), is_undoing)
