"""All drafts and depositions of a person: where each stands, and what is being sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.deposit.depositions import Depositions, SavedDeposition, Stage
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.deposit.own import OWN_NAME
from napari_cellib.deposit.transfer import Patience, status
from napari_cellib.errors import CellibError, LayersGone
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.cards import Card
from napari_cellib.viewmodels.depositions_deeds import Deeds
from napari_cellib.viewmodels.depositions_handing_in import (
    HandedIn,
    Rehearsal,
    hand_in_job,
    library_of,
    rehearsal_job,
    submit_job,
)
from napari_cellib.viewmodels.depositions_reading import AS_GUESSED
from napari_cellib.viewmodels.depositions_rows import (
    DepositionRow,
    Phase,
    deposition_row,
    draft_row,
    newest_first,
)
from napari_cellib.viewmodels.depositions_target import (
    Targets,
)
from napari_cellib.viewmodels.depositions_transfers import Order, Transfers
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.journal import TransferStatus
    from napari_cellib.jobs import Job
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.model import ImageRecord
    from napari_cellib.pixels.layer_sets.planning import LayerData
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.depositions_deeds import Outcome
    from napari_cellib.viewmodels.depositions_reading import Reading
    from napari_cellib.viewmodels.depositions_target import Target
    from napari_cellib.viewmodels.libraries import Libraries

# How long to wait for a library: about a minute, then others are sent.
_PATIENCE = Patience(longest_s=15.0, tries=7)


@dataclass(frozen=True, slots=True)
class Listed:
    """What is on the drive.

    Attributes
    ----------
    rows : tuple of DepositionRow
        All lines, the newest first, as if none was being sent.
    saved : dict of str to SavedDeposition
        The depositions, by id.
    statuses : dict of str to TransferStatus
        How much was sent of those that nobody is sending.
    errors : dict of str to CellibError
        Why that cannot be said.
    """

    rows: tuple[DepositionRow, ...] = ()
    saved: dict[str, SavedDeposition] = field(default_factory=dict)
    statuses: dict[str, TransferStatus] = field(default_factory=dict)
    errors: dict[str, CellibError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Empty:
    """What is said while there is nothing to list, and on the button below."""

    title: str = ""
    advice: str = ""
    button: str = ""


_LOOKING = Empty("Looking for depositions…")
_NO_LIBRARY = Empty(
    "You have no library of your own yet.",
    "Images are deposited into a library. It is a folder on this computer: they get a "
    "number by which they are found, opened and cited, and stay as they are.",
    f"Make “{OWN_NAME}”",
)
_NOTHING = Empty(
    "Nothing was deposited yet.",
    "Deposit the layers that are open, or files, and they become a record that is "
    "found by search and can be cited. What is typed is kept at every key.",
    "New deposition",
)


@dataclass
class DepositionsModel:
    """What the panel shows; tells its listeners when it changes.

    Attributes
    ----------
    libraries : Libraries
        Where images are deposited.
    rows : tuple of DepositionRow
        Drafts and depositions, the newest first.
    targets : Targets
        Which libraries can be deposited into.
    is_read : bool
        Whether the drive was looked at: what is not listed is not there.
    """

    libraries: Libraries
    rows: tuple[DepositionRow, ...] = ()
    targets: Targets = field(default_factory=Targets)
    is_read: bool = False

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def __post_init__(self) -> None:
        settings = self.libraries.settings
        self.drafts = Drafts(settings.drafts_folder)
        self.depositions = Depositions(settings.depositions_folder, self.drafts)
        self.deeds = Deeds(self.libraries, self.depositions, self.drafts)
        self.transfers = Transfers(self._send)
        self.transfers.changed.connect(self._on_transfer)
        self._listed = Listed()
        self._was_due: set[str] = set()  # once each: its library may be away

    # ------------------------------------------------------------------ the list

    def list_job(self) -> Job[Listed]:
        """Return the job that looks what there is."""
        return _list(self.drafts, self.depositions, self.transfers.ids)

    def take_list(self, listed: Listed) -> None:
        """Show what there is."""
        self._listed = listed
        for gone in self.transfers.errors.keys() - listed.saved.keys():
            self.transfers.forget(gone)  # given up, here or by another program
        self.rows = tuple(self._present(row) for row in listed.rows)
        self.is_read = True

    def row(self, id: str) -> DepositionRow | None:
        """Return the line of a draft or a deposition."""
        return next((row for row in self.rows if row.id == id), None)

    @property
    def unfinished(self) -> tuple[DepositionRow, ...]:
        """What was stopped before it was through, and nobody goes on with."""
        ours = self.transfers.ids
        return tuple(row for row in self.rows if row.can_go_on and row.id not in ours)

    @property
    def unfinished_in_words(self) -> str:
        """What to say of these when the panel opens; empty if there are none."""
        return _unfinished_in_words(len(self.unfinished))

    def publish_due_job(self) -> Job[Outcome] | None:
        """Return the job that publishes what was held until now; None without such."""
        due = [
            row.deposition
            for row in self.rows
            if row.is_due and row.deposition and row.id not in self._was_due
        ]
        self._was_due.update(one.id for one in due)
        return self.deeds.publish_due(due) if due else None

    @property
    def empty(self) -> Empty:
        """What is said where the list is empty."""
        if not self.is_read:
            return _LOOKING
        return _NOTHING if self.targets.all else _NO_LIBRARY

    def choose(self, target: Target) -> None:
        """Deposit into a library from now on."""
        self.targets = replace(self.targets, chosen=target)

    def library(self) -> EmbeddedLibrary:
        """Return the library that is deposited into; waits for a disk, so in a job.

        Raises
        ------
        LibraryNotFound
            When no library was chosen, or it is not there.
        """
        return library_of(self.libraries, self.targets.chosen)

    # ------------------------------------------------------------------ sending

    def submit_job(self, draft: Draft, layers: Sequence[LayerData]) -> Job[HandedIn]:
        """Return the job that hands a draft in; what it returns is to be sent."""
        return submit_job(
            self.libraries, self.depositions, self.targets.chosen, draft, layers
        )

    def rehearsal_job(
        self, table: Path, reading: Reading = AS_GUESSED
    ) -> Job[Rehearsal]:
        """Return the job that looks what a table would deposit."""
        chosen = self.targets.chosen
        return rehearsal_job(self.libraries, self.depositions, chosen, table, reading)

    def hand_in_job(self, rehearsal: Rehearsal) -> Job[HandedIn]:
        """Return the job that hands in what was rehearsed."""
        return hand_in_job(self.libraries, self.depositions, rehearsal)

    def go_on(self, id: str, *, only: str | None = None) -> None:
        """Send what is left of a deposition, or try one file again."""
        self.transfers.add(Order(id, only=only))

    def go_on_with_all(self) -> None:
        """Send what is left of all that are unfinished."""
        for row in reversed(self.unfinished):  # the oldest first
            self.go_on(row.id)

    def lacks_layers(self, id: str) -> bool:
        """Say whether a deposition waits for its layers to be chosen again."""
        return isinstance(self.transfers.errors.get(id), LayersGone)

    def card(self, row: DepositionRow) -> Card | None:
        """Return by what the picture of a deposition is found, once it has one."""
        found = row.deposition
        if found is None or found.stage is not Stage.DONE:
            return None
        return Card(found.library, found.record, row.title, "", (), "", None)

    # ------------------------------------------------------------------ within

    def _send(self, order: Order) -> Job[ImageRecord]:
        yield Progress("Getting ready")
        # What depositing needs takes a second to import: not before it is used.
        from napari_cellib.deposit.depositing import carry_on

        deposition = self.depositions.open(order.id)
        library = self.deeds.library_of(deposition)
        record = yield from carry_on(
            self.depositions,
            order.id,
            library,
            layers=order.layers,
            only=order.only,
            patience=_PATIENCE,
        )
        return record

    def _on_transfer(self, id: str) -> None:
        rows = (self._present(row) if row.id == id else row for row in self.rows)
        self.rows = tuple(rows)

    def _present(self, row: DepositionRow) -> DepositionRow:
        """Return a line as it is now, with what only this program knows of it."""
        saved = self._listed.saved.get(row.id)
        if saved is None or row.phase is Phase.DAMAGED:
            return row
        return deposition_row(
            saved,
            status=self._listed.statuses.get(row.id),
            underway=self.transfers.underway(row.id),
            error=self.transfers.errors.get(row.id) or self._listed.errors.get(row.id),
        )


def unfinished_job(settings: Settings) -> Job[str]:
    """Return the job that looks for what was stopped before it was through.

    Returns
    -------
    str
        What to say of it; empty if there is nothing.
    """
    drafts = Drafts(settings.drafts_folder)
    depositions = Depositions(settings.depositions_folder, drafts)
    listed = yield from _list(drafts, depositions, frozenset())
    return _unfinished_in_words(sum(row.can_go_on for row in listed.rows))


def _unfinished_in_words(count: int) -> str:
    if not count:
        return ""
    are = "is" if count == 1 else "are"
    return f"{count_in_words(count, 'deposition')} {are} not through yet."


def _list(
    drafts: Drafts, depositions: Depositions, sending: frozenset[str]
) -> Job[Listed]:
    yield Progress("Looking for depositions")
    listed = Listed(saved={saved.id: saved for saved in depositions.all()})
    # What was killed while it was handed in is both for a moment.
    begun = [saved for saved in drafts.all() if saved.id not in listed.saved]
    rows = [draft_row(saved) for saved in begun]
    for name, saved in listed.saved.items():
        yield Progress("Looking for depositions")
        found = saved.deposition
        if found is not None and found.stage is not Stage.DONE and name not in sending:
            _look_at_transfer(depositions, name, listed)
        rows.append(
            deposition_row(
                saved,
                status=listed.statuses.get(name),
                error=listed.errors.get(name),
            )
        )
    return replace(listed, rows=newest_first(rows))


def _look_at_transfer(depositions: Depositions, name: str, listed: Listed) -> None:
    journal = depositions.journal(name)
    try:
        if journal.exists():
            listed.statuses[name] = status(journal)
    except CellibError as error:  # another program is at it, or it is damaged
        listed.errors[name] = error
