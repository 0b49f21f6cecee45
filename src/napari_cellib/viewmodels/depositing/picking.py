"""A line in which something is typed, and what is there already and may be meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import Signal, SignalGroupDescriptor

from napari_cellib.viewmodels.term_rows import NONE, Key

if TYPE_CHECKING:
    from napari_cellib.viewmodels.cards import Card


@dataclass(frozen=True, slots=True)
class Choice:
    """A study or an image that may be meant: a `Row` of the list below the line.

    Attributes
    ----------
    id : str or None
        Of the study, or the name of the group; None for a study that the library does
        not have yet.
    title : str
        What is read first.
    tag : str
        Its number.
    note : str
        What tells it from others of the same title.
    card : Card, optional
        The image, whose picture is shown.
    """

    id: str | None
    title: str
    tag: str = ""
    note: str = ""
    card: Card | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """Nothing is above it."""
        return ()

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""
        return ", ".join(part for part in (self.title, self.tag, self.note) if part)


@dataclass
class Picking:
    """The list below one line, and the keys that mean something there.

    Nothing is chosen until Down is pressed: what is typed means itself.
    """

    rows: tuple[Choice, ...] = field(default=(), init=False)
    current: int = field(default=NONE, init=False)
    announcement: str = field(default="", init=False)

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
    taken: ClassVar[Signal] = Signal(object)  # Choice
    wanted: ClassVar[Signal] = Signal()  # Down was pressed, and nothing is offered

    def offer(self, rows: tuple[Choice, ...]) -> None:
        """Offer other things, or nothing."""
        self.current = NONE
        self.rows = rows

    def close(self) -> None:
        """Offer nothing any more."""
        self.offer(())

    def press(self, key: Key) -> bool:
        """Do what a key stands for; say whether it was used up."""
        if not self.rows:
            if key is Key.DOWN:
                self.wanted.emit()
            return key is Key.DOWN
        if key in (Key.DOWN, Key.UP):
            self._go_to(self.current + (1 if key is Key.DOWN else -1))
            return True
        if key is Key.TAKE and self.take(self.current):
            return True
        if key not in (Key.BROWSE, Key.REMOVE):
            self.close()
        return key is Key.CLOSE

    def take(self, number: int) -> bool:
        """Choose one; say whether there was one."""
        if not 0 <= number < len(self.rows):
            return False
        one = self.rows[number]
        self.close()
        self.announcement = f"{one.title} is chosen."
        self.taken.emit(one)
        return True

    def _go_to(self, number: int) -> None:
        self.current = max(NONE, min(number, len(self.rows) - 1))
        if self.current != NONE:
            self.announcement = self.rows[self.current].spoken
