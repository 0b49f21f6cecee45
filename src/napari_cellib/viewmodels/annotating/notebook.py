"""What was said of one subject: what waits to be written, and how it is undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.viewmodels.annotating.ledger import part_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.model.statement import Statement, Statements
    from napari_cellib.viewmodels.annotating.journals import Journal
    from napari_cellib.viewmodels.annotating.ledger import Ledger

    Touched = frozenset[str | None]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done, and can be undone.

    Parameters
    ----------
    words : str
        What it was.
    added, taken : mapping of str to Statement
        What it said, and what it took back of what was not written yet, by key.
    """

    words: str
    added: Mapping[str, Statement]
    taken: Mapping[str, Statement]


class Notebook:
    """What was said of one subject, written or not.

    Whatever is said is in `ledger` at once, and waits in the journal until that is
    kept, which a widget has done by a thread.

    Parameters
    ----------
    ledger : Ledger
        All that was said, what waits among it.
    base : frozenset of str
        Keys of what is in the library, the draft or the layers.
    journal : Journal
        Keeps what waits.
    """

    def __init__(self, ledger: Ledger, base: frozenset[str], journal: Journal) -> None:
        self.ledger = ledger
        self.base = base
        self.journal = journal
        self.new: dict[str, None] = dict.fromkeys(
            key for key in ledger.snapshot() if key not in base
        )
        self._deeds: list[Deed] = []

    @property
    def waiting(self) -> Statements:
        """What was said and is not written yet."""
        return self.ledger.everything(self.new)

    def do(self, deed: Deed) -> Touched:
        """Say something, and take back what was not written yet.

        Returns
        -------
        frozenset of str or None
            The regions of which something else holds now; None is the whole image.
        """
        self._deeds.append(deed)
        return self._put(deed)

    def undo(self, back: Deed) -> Touched:
        """Do what undoes the last deed, which can itself not be undone."""
        self._deeds.pop()
        return self._put(back)

    @property
    def last(self) -> Deed | None:
        """What was done last, and is not undone yet."""
        return self._deeds[-1] if self._deeds else None

    def note_written(self, everything: Mapping[str, Statement]) -> Touched:
        """Take over what is written by now, what others have said among it."""
        fresh = self.ledger.add(everything)
        self.base = frozenset(everything)
        for key in [key for key in self.new if key in everything]:
            del self.new[key]
        return frozenset(map(part_of, fresh.values()))

    def _put(self, deed: Deed) -> Touched:
        gone = self.ledger.remove(deed.taken)
        self.journal.take_back(*deed.taken)
        for key in deed.taken:
            self.new.pop(key, None)
        fresh = self.ledger.add(deed.added)
        self.journal.add(fresh)
        self.new.update(dict.fromkeys(fresh))
        return frozenset(map(part_of, (*fresh.values(), *gone)))
