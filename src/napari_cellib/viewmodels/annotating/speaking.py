"""What a person may say in the panel, and take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.annotate import saying
from napari_cellib.annotate.history import region_of
from napari_cellib.model import Term
from napari_cellib.model.statement import Annotation
from napari_cellib.viewmodels.annotating.ledger import keyed
from napari_cellib.viewmodels.words import count_in_words, term_field_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.model import TermField
    from napari_cellib.model.statement import Qualifier, Region, Remark, Statement
    from napari_cellib.ontology.info import TermInfo
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.annotating.keeping import Loaded
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.rows import Chip


class Speaking:
    """Says things of what is chosen in a model; each can be undone.

    Parameters
    ----------
    model : AnnotatingModel
        What is said of, and who says it.
    """

    def __init__(self, model: AnnotatingModel) -> None:
        self._model = model

    # -- terms

    def say(
        self, field: TermField, term: Term, *, qualifier: Qualifier = "present"
    ) -> None:
        """Say that a term applies to what is chosen."""
        loaded = self._writable()
        if loaded is None:
            return
        name = _name(term)
        has = {
            one.region
            for one in self._model.annotations().values()
            if one.field is field and _name(one.term) == name
        }
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
        )

    def accept(self, one: Suggestion) -> None:
        """Say what was suggested; what it rests on is kept."""
        if loaded := self._writable():
            evidence = " ".join(one.reasons)
            said = saying.say(loaded.speaker, one.field, one.term, evidence=evidence)
            self._do(f"{one.term.name}, as suggested", [said])

    def reject(self, one: Suggestion) -> None:
        """Say that what was suggested does not hold; it is suggested no more."""
        if loaded := self._writable():
            evidence = " ".join(one.reasons)
            said = saying.reject(loaded.speaker, one.field, one.term, evidence=evidence)
            self._do(f"{one.term.name} does not fit", [said])

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
            old = [ledger[key] for key in chip.keys if key in ledger]
            self._take_away(f"{chip.name} taken away", old)

    # -- remarks

    def remark(self, text: str, about: str | None = None) -> None:
        """Remark something in plain words, on what is chosen or on a statement."""
        loaded = self._writable()
        words = text.strip()
        if loaded is None or not words:
            return
        noted = loaded.book.ledger.get(about) if about else None
        places = self._places if noted is None else (region_of(noted),)
        self._do(
            "Remark",
            (
                saying.remark(loaded.speaker, words, region=one, about=about)
                for one in places
            ),
        )

    def forget_remark(self, remark: Remark) -> None:
        """Take a remark back."""
        self._take_away("Remark taken away", [remark])

    # -- regions

    def take_regions(self, regions: Iterable[Region]) -> None:
        """Take over what was done by hand: regions drawn, moved or deleted."""
        loaded = self._writable()
        if loaded is None:
            return
        book = loaded.book
        added: list[Statement] = []
        taken: list[Statement] = []
        for one in regions:
            old = book.ledger.region(one.id)
            if one.status == "retracted" and old is not None and old.key in book.new:
                keys = book.ledger.keys_of(one.id)
                taken += [book.ledger[key] for key in keys if key in book.new]
            else:
                added.append(one)
        words = count_in_words(len(added) or len(taken), "region")
        self._do(f"{words} drawn, moved or deleted", added, taken)

    # -- undoing

    @property
    def undo_words(self) -> str:
        """What would be undone; "" where there is nothing."""
        return self._model.book.undo_words if self._model.book else ""

    def undo(self) -> bool:
        """Undo what was done last; say whether there was anything."""
        loaded = self._writable()
        if loaded is None or not loaded.book.undo_words:
            return False
        words, touched = loaded.book.undo(loaded.speaker)
        self._model.note_changed(touched)
        self._model.told.emit(f"Undone: {words}.")
        return True

    # -- inside

    @property
    def _places(self) -> tuple[str | None, ...]:
        return self._model.scope or (None,)

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
        added: list[Statement] = []
        taken: list[Statement] = []
        for key in chip.keys:
            old = loaded.book.ledger.get(key)
            if not isinstance(old, Annotation):
                continue
            new = saying.change(loaded.speaker, old, **values)
            if key in loaded.book.new:
                # Nobody else has seen it, so it need not be told what it was.
                taken.append(old)
                new = new.model_copy(update={"supersedes": old.supersedes})
            added.append(new)
        self._do(words, added, taken)

    def _take_away(self, words: str, old: Iterable[Statement]) -> None:
        loaded = self._writable()
        if loaded is None:
            return
        added: list[Statement] = []
        taken: list[Statement] = []
        for one in old:
            if one.key in loaded.book.new and not one.supersedes:
                taken.append(one)
            else:
                added.append(saying.retract(loaded.speaker, one))
        self._do(words, added, taken)

    def _do(
        self,
        words: str,
        added: Iterable[Statement],
        taken: Iterable[Statement] = (),
    ) -> None:
        book = self._model.book
        if book is not None and (touched := book.do(words, keyed(added), taken)):
            self._model.note_changed(touched)


def _name(term: Term) -> str:
    return term.id or term.name.casefold()
