"""What was said of one subject: what waits to be written, and how it is undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate import saying
from napari_cellib.annotate.history import region_of
from napari_cellib.viewmodels.annotating.ledger import keyed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.annotate.saying import Speaker
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

    @property
    def undo_words(self) -> str:
        """What would be undone; "" where there is nothing."""
        return self._deeds[-1].words if self._deeds else ""

    def do(
        self,
        words: str,
        added: Mapping[str, Statement],
        taken: Iterable[Statement] = (),
    ) -> Touched:
        """Say something, and take back what was not written yet.

        Parameters
        ----------
        words : str
            What it is, for a person who may undo it.
        added : mapping of str to Statement
            What is said, by key.
        taken : iterable of Statement
            What is said no more.

        Returns
        -------
        frozenset of str or None
            The regions of which something else holds now; None is the whole image.
        """
        deed = Deed(words, added, keyed(taken))
        if not deed.added and not deed.taken:
            return frozenset()
        self._deeds.append(deed)
        return self._put(deed.added, deed.taken)

    def undo(self, speaker: Speaker) -> tuple[str, Touched]:
        """Undo what was done last: take it back, or retract what is written."""
        if not self._deeds:
            return "", frozenset()
        deed = self._deeds.pop()
        back = {key: one for key, one in deed.added.items() if key in self.new}
        again = keyed(
            saying.retract(speaker, one)
            for key, one in deed.added.items()
            if key in self.base and one.status == "asserted"
        )
        return deed.words, self._put({**deed.taken, **again}, back)

    def note_written(self, everything: Mapping[str, Statement]) -> Touched:
        """Take over what is written by now, what others have said among it."""
        fresh = self.ledger.add(everything)
        self.base = frozenset(everything)
        for key in [key for key in self.new if key in everything]:
            del self.new[key]
        return frozenset(map(region_of, fresh.values()))

    def _put(
        self, added: Mapping[str, Statement], taken: Mapping[str, Statement]
    ) -> Touched:
        gone = self.ledger.remove(taken)
        self.journal.take_back(*taken)
        for key in taken:
            self.new.pop(key, None)
        fresh = self.ledger.add(added)
        self.journal.add(*fresh.values())
        self.new.update(dict.fromkeys(fresh))
        return frozenset(map(region_of, (*fresh.values(), *gone)))
