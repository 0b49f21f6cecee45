"""What the panel knows and decides: what is said of one subject, and of which part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_cellib.annotate import saying
from napari_cellib.annotate.history import history_of, who_said
from napari_cellib.model import Term
from napari_cellib.model.statement import Annotation, Region, Statements
from napari_cellib.viewmodels.annotating.rows import (
    IMAGE_FIELDS,
    REGION_FIELDS,
    Chip,
    RegionRow,
    chips_of,
    region_row,
)
from napari_cellib.viewmodels.words import count_in_words, term_field_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.annotate.history import Line
    from napari_cellib.jobs import Job
    from napari_cellib.model import TermField
    from napari_cellib.model.statement import Qualifier, Remark, Statement
    from napari_cellib.ontology.info import TermInfo
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.annotating.keeping import Loaded
    from napari_cellib.viewmodels.annotating.rows import Flag


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done, and can be undone.

    Parameters
    ----------
    words : str
        What it was.
    added, taken : tuple of Statement
        What it said, and what it took back of what was not written yet.
    """

    words: str
    added: tuple[Statement, ...] = ()
    taken: tuple[Statement, ...] = ()


class AnnotatingModel:
    """What is said of the subject that is loaded; nothing is loaded at first.

    Whatever is said is in `ledger` at once, and waits in the journal until
    `journal_job` has run, which a widget does on a thread.
    """

    changed = Signal()  # something was said or taken back
    shown = Signal()  # another subject is loaded, or none
    scoped = Signal()  # other regions are chosen
    told = Signal(str)  # a sentence for the person

    def __init__(self) -> None:
        self.loaded: Loaded | None = None
        self.scope: tuple[str, ...] = ()
        self._new: dict[str, None] = {}  # keys of what is not written, in order
        self._base: frozenset[str] = frozenset()
        self._deeds: list[Deed] = []
        self._more: dict[TermField, None] = {}  # fields that a person asked for
        self._flags: dict[str, Flag] = {}

    # -- what is shown

    @property
    def is_writable(self) -> bool:
        """Whether anything can be said."""
        return self.loaded is not None and not self.loaded.why_not

    @property
    def present(self) -> Statements:
        """What holds now."""
        return self.loaded.ledger.present() if self.loaded else Statements()

    @property
    def waiting(self) -> Statements:
        """What was said and is not written yet."""
        if self.loaded is None:
            return Statements()
        return self.loaded.ledger.everything(self._new)

    @property
    def everything(self) -> Statements:
        """All that was ever said, what waits among it."""
        return self.loaded.ledger.everything() if self.loaded else Statements()

    @property
    def base(self) -> frozenset[str]:
        """Keys of what is written."""
        return self._base

    @property
    def state(self) -> str:
        """Where it lies, and how much is not written yet."""
        if self.loaded is None:
            return ""
        if self.loaded.why_not:
            return self.loaded.why_not
        place = self.loaded.place
        count = len(self._new)
        if self.loaded.subject.is_record or self.loaded.subject.draft:
            if not count:
                return f"In {place}. Everything is saved."
            have = "has" if count == 1 else "have"
            words = count_in_words(count, "statement")
            return f"In {place}. {words} {have} not been saved yet."
        return (
            "These layers have no record. What you say is kept with them: it is saved "
            "in their OME-Zarr, and goes into the draft when you deposit them."
        )

    @property
    def scope_in_words(self) -> str:
        """Of what something is said."""
        if not self.scope:
            return "the whole image"
        if len(self.scope) == 1 and self.loaded is not None:
            region = self.loaded.ledger.region(self.scope[0])
            if region is not None:
                row = self.region_row(region)
                title = row.title if region.name else row.title.lower()
                return f"the {title}{f' ({row.where})' if row.where else ''}"
        return count_in_words(len(self.scope), "region")

    def fields(self) -> tuple[TermField, ...]:
        """Return the fields that are shown: the usual ones, and those with terms."""
        usual = REGION_FIELDS if self.scope else IMAGE_FIELDS
        said = dict.fromkeys(one.field for one in self._in_scope())
        return tuple(dict.fromkeys((*usual, *self._more, *said)))

    def open_field(self, field: TermField) -> None:
        """Show one more field."""
        self._more[field] = None

    def chips(self, field: TermField) -> tuple[Chip, ...]:
        """Return what is said in a field."""
        said = (one for one in self._in_scope() if one.field is field)
        return chips_of(said, self._new, self._flags, len(self.scope))

    def regions(self) -> tuple[RegionRow, ...]:
        """Return the lines of all regions."""
        if self.loaded is None:
            return ()
        return tuple(self.region_row(one) for one in self.loaded.ledger.regions())

    def region_row(self, region: Region) -> RegionRow:
        """Return the line of one region."""
        assert self.loaded is not None
        return region_row(region, self.loaded.ledger.annotations(region.id))

    def remarks(self) -> tuple[Remark, ...]:
        """Return the remarks on what is chosen."""
        if self.loaded is None:
            return ()
        places = self.scope or (None,)
        return tuple(r for one in places for r in self.loaded.ledger.remarks(one))

    def history(self, key: str | None = None) -> tuple[Line, ...]:
        """Return who said what and when: of one statement, or of what is chosen."""
        if self.loaded is None:
            return ()
        everything = self.everything
        if key is not None:
            return tuple(history_of(everything, key))
        if self.scope:
            return tuple(
                line for one in self.scope for line in history_of(everything, one)
            )
        return tuple(
            line
            for field in dict.fromkeys(a.field for a in everything.annotations)
            for line in history_of(everything, field)
            if getattr(line.statement, "region", None) is None
        )

    def who_said(self, key: str) -> str:
        """Return who said something, and when."""
        if self.loaded is None or key not in self.loaded.ledger:
            return ""
        return str(who_said(self.loaded.ledger[key]))

    # -- another subject, other regions

    def load(self, loaded: Loaded) -> None:
        """Show another subject."""
        self.loaded = loaded
        self.scope = ()
        self._base = loaded.base
        self._new = dict.fromkeys(
            key for key in loaded.ledger.keys if key not in loaded.base
        )
        self._flags = dict(loaded.flags or {})
        self._deeds.clear()
        self._more.clear()
        self.shown.emit()
        if self._new and loaded.subject.is_record:
            count = count_in_words(len(self._new), "statement")
            self.told.emit(f"{count} not yet saved, from when you were here last.")

    def unload(self) -> None:
        """Show nothing."""
        self.loaded = None
        self.scope = ()
        self._new.clear()
        self._deeds.clear()
        self.shown.emit()

    def choose(self, regions: Iterable[str]) -> None:
        """Say things of these regions from now on; of the image where none."""
        if self.loaded is None:
            return
        ledger = self.loaded.ledger
        scope = tuple(one for one in regions if ledger.region(one) is not None)
        if scope != self.scope:
            self.scope = scope
            self.scoped.emit()

    # -- saying

    def say(
        self, field: TermField, term: Term, *, qualifier: Qualifier = "present"
    ) -> None:
        """Say that a term applies to what is chosen."""
        loaded = self._writable()
        if loaded is None:
            return
        name = term.id or term.name
        has = {
            (one.region, one.term.id or one.term.name)
            for one in self._in_scope()
            if one.field is field
        }
        places = [one for one in self.scope or (None,) if (one, name) not in has]
        if not places:
            self.told.emit(f"{term.name} is said of {self.scope_in_words} already.")
            return
        said = [
            saying.say(loaded.speaker, field, term, qualifier=qualifier, region=one)
            for one in places
        ]
        self._do(f"{term_field_in_words(field)}: {term.name}", said)

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
        loaded = self._writable()
        if loaded is None:
            return
        release = loaded.terms.versions().get(instead.ontology)
        version = (release.version or None) if release else None
        term = Term(id=instead.curie, label=instead.label, ontology_version=version)
        self._change(chip, f"{instead.label} instead of {chip.name}", term=term)

    def remove(self, chip: Chip) -> None:
        """Take back what was said; of what is written, that it was stays known."""
        loaded = self._writable()
        if loaded is not None:
            old = [loaded.ledger[key] for key in chip.keys if key in loaded.ledger]
            self._take_away(f"{chip.name} taken away", old)

    def remark(self, text: str, about: str | None = None) -> None:
        """Remark something in plain words, on what is chosen or on a statement."""
        loaded = self._writable()
        words = text.strip()
        if loaded is None or not words:
            return
        said = [
            saying.remark(loaded.speaker, words, region=one, about=about)
            for one in self.scope or (None,)
        ]
        self._do("Remark", said)

    def forget_remark(self, remark: Remark) -> None:
        """Take a remark back."""
        self._take_away("Remark taken away", [remark])

    def take_regions(self, regions: Iterable[Region]) -> None:
        """Take over what was done by hand: regions drawn, moved or deleted."""
        loaded = self._writable()
        if loaded is None:
            return
        added: list[Statement] = []
        taken: list[Statement] = []
        for one in regions:
            old = loaded.ledger.region(one.id)
            is_fresh = old is not None and old.key in self._new
            if one.status == "retracted" and is_fresh:
                keys = loaded.ledger.keys_of(one.id)
                taken += [loaded.ledger[key] for key in keys if key in self._new]
            else:
                added.append(one)
        words = count_in_words(len(added) or len(taken), "region")
        self._do(f"{words} drawn, moved or deleted", added, taken)
        gone = [one for one in self.scope if loaded.ledger.region(one) is None]
        if gone:
            self.choose(one for one in self.scope if one not in gone)

    # -- undoing

    @property
    def undo_words(self) -> str:
        """What would be undone; "" where there is nothing."""
        return self._deeds[-1].words if self._deeds else ""

    def undo(self) -> Deed | None:
        """Undo what was done last: take it back, or retract it where it is written."""
        loaded = self._writable()
        if loaded is None or not self._deeds:
            return None
        deed = self._deeds.pop()
        back = [one for one in deed.added if one.key in self._new]
        written = [one for one in deed.added if one.key in self._base]
        again = [
            saying.retract(loaded.speaker, one)
            for one in written
            if one.status == "asserted"
        ]
        self._put([*deed.taken, *again], back)
        self.told.emit(f"Undone: {deed.words}.")
        self.changed.emit()
        return deed

    # -- what is written

    def note_written(self, everything: Statements) -> None:
        """Take over what the library has now, what others have said among it."""
        if self.loaded is None:
            return
        ledger = self.loaded.ledger
        ledger.add(*everything.all)
        self._base = everything.keys
        for key in [key for key in self._new if key in self._base]:
            del self._new[key]
        self.changed.emit()

    def journal_job(self) -> Job[None] | None:
        """Return the job that keeps what was said; None where all is kept."""
        if self.loaded is None or self.loaded.journal.is_kept:
            return None
        return self.loaded.journal.job()

    def finish(self) -> None:
        """Bring the rest to the disk at once: the window closes."""
        if self.loaded is not None:
            self.loaded.journal.keep()

    # -- inside

    def _writable(self) -> Loaded | None:
        if self.loaded is None:
            return None
        if self.loaded.why_not:
            self.told.emit(self.loaded.why_not)
            return None
        return self.loaded

    def _in_scope(self) -> tuple[Annotation, ...]:
        if self.loaded is None:
            return ()
        places = self.scope or (None,)
        return tuple(a for one in places for a in self.loaded.ledger.annotations(one))

    def _change(self, chip: Chip, words: str, **values: Any) -> None:
        loaded = self._writable()
        if loaded is None:
            return
        added: list[Statement] = []
        taken: list[Statement] = []
        for key in chip.keys:
            old = loaded.ledger.get(key)
            if not isinstance(old, Annotation):
                continue
            new = saying.change(loaded.speaker, old, **values)
            if key in self._new:
                # Nobody else has seen it, so it need not be told what it was.
                taken.append(old)
                new = new.model_copy(update={"supersedes": old.supersedes})
            added.append(new)
        self._do(words, added, taken)

    def _take_away(self, words: str, old: Iterable[Statement]) -> None:
        loaded = self._writable()
        if loaded is None:
            return
        some = tuple(old)
        taken = [one for one in some if one.key in self._new and not one.supersedes]
        kept = [one for one in some if one not in taken]
        self._do(words, [saying.retract(loaded.speaker, one) for one in kept], taken)

    def _do(
        self,
        words: str,
        added: Iterable[Statement],
        taken: Iterable[Statement] = (),
    ) -> None:
        deed = Deed(words, tuple(added), tuple(taken))
        if not deed.added and not deed.taken:
            return
        self._put(deed.added, deed.taken)
        self._deeds.append(deed)
        self.changed.emit()

    def _put(self, added: Iterable[Statement], taken: Iterable[Statement]) -> None:
        assert self.loaded is not None
        keys = [one.key for one in taken]
        self.loaded.ledger.remove(*keys)
        self.loaded.journal.take_back(*keys)
        for key in keys:
            self._new.pop(key, None)
        fresh = self.loaded.ledger.add(*added)
        self.loaded.journal.add(*fresh)
        self._new.update(dict.fromkeys(one.key for one in fresh))
