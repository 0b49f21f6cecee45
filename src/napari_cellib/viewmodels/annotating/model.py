"""What the panel knows and shows: what is said of one subject, and of which part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_cellib.annotate.history import history_of, who_said
from napari_cellib.model.statement import Annotation, Remark, Statements
from napari_cellib.viewmodels.annotating.rows import (
    IMAGE_FIELDS,
    REGION_FIELDS,
    Chip,
    chips_of,
)
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.annotate.history import Line
    from napari_cellib.model import TermField
    from napari_cellib.model.statement import Statement
    from napari_cellib.viewmodels.annotating.keeping import Loaded
    from napari_cellib.viewmodels.annotating.notebook import Notebook, Touched
    from napari_cellib.viewmodels.annotating.rows import Flag

_MOST_HISTORIES = 50  # regions of which all that was said is told at a time


class AnnotatingModel:
    """What is said of the subject that is loaded; nothing is loaded at first."""

    changed = Signal(object)  # of which regions something else holds; None: the image
    shown = Signal()  # another subject is loaded, or none
    scoped = Signal()  # other regions are chosen
    flagged = Signal()  # it was looked up what is odd
    told = Signal(str)  # a sentence for the person

    def __init__(self) -> None:
        self.loaded: Loaded | None = None
        self.scope: tuple[str, ...] = ()
        self._awaited: tuple[str, ...] = ()  # chosen, and not there yet
        self._more: dict[TermField, None] = {}  # fields that a person asked for
        self._flags: Mapping[str, Flag] = {}
        self._chosen: _Chosen | None = None  # what holds of what is chosen

    # -- what is shown

    @property
    def is_writable(self) -> bool:
        """Whether anything can be said."""
        return self.loaded is not None and not self.loaded.why_not

    @property
    def book(self) -> Notebook | None:
        """All that was said of what is loaded."""
        return self.loaded.book if self.loaded else None

    @property
    def waiting(self) -> Statements:
        """What was said and is not written yet."""
        return self.book.waiting if self.book else Statements()

    @property
    def everything(self) -> Statements:
        """All that was ever said, what waits among it."""
        return self.book.ledger.everything() if self.book else Statements()

    @property
    def state(self) -> str:
        """Where it lies, and how much is not written yet."""
        if self.loaded is None:
            return ""
        if self.loaded.why_not:
            return self.loaded.why_not
        place, count = self.loaded.place, len(self.loaded.book.new)
        if self.loaded.subject.is_saved_by_hand:
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
        if not self.scope or self.loaded is None:
            return "the whole image"
        region = self.loaded.book.ledger.region(self.scope[0])
        if len(self.scope) > 1 or region is None:
            return count_in_words(len(self.scope), "region")
        row = self.loaded.rows[region.id]
        title = row.title if region.name else row.title.lower()
        return f"the {title}{f' ({row.where})' if row.where else ''}"

    def fields(self) -> tuple[TermField, ...]:
        """Return the fields that are shown: the usual ones, and those with terms."""
        usual = REGION_FIELDS if self.scope else IMAGE_FIELDS
        return tuple(dict.fromkeys((*usual, *self._more, *self._in_scope().terms)))

    def open_field(self, kind: TermField) -> None:
        """Show one more field."""
        self._more[kind] = None

    def chips(self, kind: TermField) -> tuple[Chip, ...]:
        """Return what is said in a field."""
        if self.book is None:
            return ()
        said = self.said_in(kind)
        return chips_of(said, self.book.new.keys(), self._flags, len(self.scope))

    def said_in(self, kind: TermField) -> dict[str, Annotation]:
        """Return what is said of what is chosen in a field, by key."""
        return self._in_scope().terms.get(kind, {})

    def remarks(self) -> tuple[Remark, ...]:
        """Return the remarks on what is chosen."""
        return tuple(self._in_scope().remarks)

    def history(self, key: str | None = None) -> tuple[Line, ...]:
        """Return who said what and when: of one statement, or of what is chosen."""
        if self.book is None:
            return ()
        ledger = self.book.ledger
        if key is not None:
            return history_of(ledger.part_with(key), key)
        if self.scope:
            some = self.scope[:_MOST_HISTORIES]
            return tuple(
                line for one in some for line in history_of(ledger.part(one), one)
            )
        return whole_history(ledger.part(None))

    def who_said(self, key: str) -> str:
        """Return who said something, and when."""
        found = self.book.ledger.get(key) if self.book else None
        return str(who_said(found)) if found else ""

    def extents(self) -> dict[str, tuple[int, int, int]]:
        """Return where the one region that is chosen begins and ends, and how long.

        Along z and t, where the image has them or the region names them, and is not
        drawn along them; the length of the axis is 0 where nobody knows it.
        """
        found = self.loaded
        if found is None or len(self.scope) != 1:
            return {}
        region = found.book.ledger.region(self.scope[0])
        if region is None:
            return {}
        lengths: dict[str, int] = {}
        if found.record is not None and found.record.dimensions is not None:
            sizes = found.record.dimensions.sizes
            lengths = {str(axis): size for axis, size in sizes.items() if size > 1}
        named = {str(one.axis): (one.first, one.last) for one in region.extents}
        return {
            axis: (
                *named.get(axis, (0, max(lengths.get(axis, 1) - 1, 0))),
                lengths.get(axis, 0),
            )
            for axis in ("z", "t")
            if (axis in lengths or axis in named) and axis not in region.axes
        }

    # -- another subject, other regions

    def load(self, loaded: Loaded) -> None:
        """Show another subject."""
        self.loaded = loaded
        self.scope = self._awaited = ()
        self._chosen = None
        self._flags = {}
        self._more.clear()
        self.shown.emit()
        if loaded.book.new and loaded.subject.is_saved_by_hand:
            count = count_in_words(len(loaded.book.new), "statement")
            self.told.emit(f"{count} not yet saved, from when you were here last.")

    def unload(self) -> None:
        """Show nothing."""
        self.loaded = None
        self.scope = self._awaited = ()
        self._chosen = None
        self.shown.emit()

    def choose(self, regions: Iterable[str]) -> None:
        """Say things of these regions from now on; of the image where none.

        What was drawn while much is being noted is not there yet: it is chosen when it
        comes, unless something else was chosen meanwhile.
        """
        if self.book is None:
            return
        there, wanted = self.book.ledger.regions, tuple(regions)
        scope = tuple(one for one in wanted if one in there)
        self._awaited = tuple(one for one in wanted if one not in there)
        if scope != self.scope:
            self.scope = scope
            self._chosen = None
            self.scoped.emit()

    def take_flags(self, flags: Mapping[str, Flag]) -> None:
        """Show what is odd, by key, which was looked up meanwhile."""
        if self.loaded is not None and flags != self._flags:
            self._flags = flags
            self.loaded.rows.take_flags(flags)
            self.flagged.emit()

    def note_changed(self, touched: Touched) -> None:
        """Show what holds by now of some regions."""
        if self.loaded is None:
            return
        self.loaded.rows.forget(touched)
        self._chosen = None
        self.changed.emit(touched)
        self.choose((*self.scope, *self._awaited))

    def _in_scope(self) -> _Chosen:
        """Return what holds of what is chosen; looked up once."""
        if self._chosen is None:
            self._chosen = _Chosen()
            if self.book is not None:
                for part in self.book.ledger.held(*(self.scope or (None,))):
                    self._chosen.take(part)
        return self._chosen


@dataclass
class _Chosen:
    """What holds of what is chosen: terms by field and key, and remarks."""

    terms: dict[TermField, dict[str, Annotation]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def take(self, holding: Mapping[str, Statement]) -> None:
        """Sort what holds by its kinds and fields."""
        for key, one in holding.items():
            if type(one) is Annotation:
                of_field = self.terms.get(one.field)
                if of_field is None:
                    of_field = self.terms[one.field] = {}
                of_field[key] = one
            elif type(one) is Remark:
                self.remarks.append(one)


def whole_history(said: Statements) -> tuple[Line, ...]:
    """Return all that was said of the whole image, field by field, then remarks."""
    fields = dict.fromkeys(one.field for one in said.annotations)
    lines = [line for field in fields for line in history_of(said, field)]
    known = {line.statement.key for line in lines}
    for remark in said.remarks:
        lines += [
            line
            for line in history_of(said, remark.key)
            if line.statement.key not in known
        ]
        known |= {line.statement.key for line in lines}
    return tuple(lines)
