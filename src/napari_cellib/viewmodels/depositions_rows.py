"""What the list of depositions shows of each: where it stands, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_cellib.deposit.afterwards import is_due
from napari_cellib.deposit.depositions import Stage
from napari_cellib.deposit.drafts import SavedDraft
from napari_cellib.deposit.states import State, is_peer_reviewed
from napari_cellib.errors import LibraryNotFound, TransferBusy
from napari_cellib.viewmodels.depositions_words import (
    moment_in_words,
    progress_in_words,
    stuck_in_words,
)
from napari_cellib.viewmodels.words import review_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.deposit.depositions import Deposition, SavedDeposition
    from napari_cellib.deposit.journal import TransferStatus
    from napari_cellib.jobs import Progress

_NO_TITLE = "Without a title"
_OLDEST = datetime.min.replace(tzinfo=UTC)


class Deed(StrEnum):
    """What a person can do with one line of the list; the value is what it is called.

    Three dots say that something is asked first.
    """

    CONTINUE = "Continue"
    ANNOTATE = "Annotate"
    PAUSE = "Pause"
    GO_ON = "Go on"
    RETRY = "Try again"
    FIND_LIBRARY = "Find its library…"
    SHOW = "Show in library"
    OPEN = "Open in napari"
    COPY_LINK = "Copy link"
    CITE = "Copy citation"
    SAVE_CRATE = "Save as RO-Crate…"
    VERIFY = "Verify the files"
    PUBLISH = "Publish now…"
    CORRECT = "Correct…"
    NEW_VERSION = "New version…"
    WITHDRAW = "Withdraw…"
    HISTORY = "History"
    GIVE_UP = "Give up…"
    DELETE = "Delete…"


class Phase(StrEnum):
    """How a line is marked."""

    DRAFT = "draft"
    WAITING = "waiting"
    RUNNING = "running"
    UNFINISHED = "unfinished"
    STUCK = "stuck"
    DONE = "done"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Underway:
    """How far a deposition is that is sent, or waits to be.

    Attributes
    ----------
    progress : Progress or None
        The last that was heard; None while others are sent before it.
    is_stopping : bool
        Whether a person has paused it, and it has yet to stop.
    """

    progress: Progress | None = None
    is_stopping: bool = False


@dataclass(frozen=True, slots=True)
class DepositionRow:
    """One line: a draft, or a deposition.

    Attributes
    ----------
    id : str
        Of the draft or of the deposition.
    title, state : str
        What it is called, and where it stands, in words.
    phase : Phase
        How it is marked.
    deeds : tuple of Deed
        What can be done, what is most likely meant first.
    detail : str
        What else there is to say: how fast it is, or what is wrong and how to mend it.
    changed : datetime or None
        When it changed last.
    deposition : Deposition or None
        None for a draft, and for what is damaged.
    is_draft : bool
        Whether it was not submitted yet.
    share : float or None
        How much of it was sent, 0 to 1, while that is of interest.
    problems : dict of str to str
        Why a file was not sent, by its path.
    """

    id: str
    title: str
    state: str
    phase: Phase
    deeds: tuple[Deed, ...]
    detail: str = ""
    changed: datetime | None = None
    deposition: Deposition | None = None
    is_draft: bool = False
    share: float | None = None
    problems: Mapping[str, str] | None = None

    @property
    def accession(self) -> str:
        """Its number; empty for a draft, which has none yet."""
        return self.deposition.record if self.deposition else ""

    @property
    def library(self) -> str:
        """Short name of its library; empty for a draft."""
        return self.deposition.library if self.deposition else ""

    @property
    def is_due(self) -> bool:
        """Whether it is held until a day that has come."""
        return self.phase is Phase.HELD and self.deeds[0] is Deed.PUBLISH

    @property
    def can_go_on(self) -> bool:
        """Whether it was stopped, and nobody is sending it."""
        return self.phase in (Phase.UNFINISHED, Phase.STUCK)

    def spoken(self, now: datetime) -> str:
        """Return the whole line in one sentence, for a screen reader."""
        when = f"changed {moment_in_words(self.changed, now)}" if self.changed else ""
        parts = (self.title, self.accession, self.state, when)
        return ", ".join(part for part in parts if part) + "."


def newest_first(rows: list[DepositionRow]) -> tuple[DepositionRow, ...]:
    """Return lines in the order in which they are listed."""
    return tuple(sorted(rows, key=lambda row: row.changed or _OLDEST, reverse=True))


def draft_row(saved: SavedDraft) -> DepositionRow:
    """Return the line of a draft."""
    if saved.problem is not None:
        return _damaged(saved, saved.problem)
    return DepositionRow(
        id=saved.id,
        title=saved.title or _NO_TITLE,
        state="draft",
        phase=Phase.DRAFT,
        deeds=(Deed.CONTINUE, Deed.ANNOTATE, Deed.DELETE),
        detail="All that was typed is kept. Continue to describe and deposit it.",
        changed=saved.saved,
        is_draft=True,
    )


def deposition_row(
    saved: SavedDeposition,
    *,
    status: TransferStatus | None = None,
    underway: Underway | None = None,
    error: Exception | None = None,
) -> DepositionRow:
    """Return the line of a deposition.

    Parameters
    ----------
    saved : SavedDeposition
        As it is on the drive.
    status : TransferStatus, optional
        How much of it was sent, where nobody is sending it.
    underway : Underway, optional
        How far it is, where this program is sending it.
    error : Exception, optional
        What stopped it last.
    """
    found = saved.deposition
    if found is None:
        problem = saved.problem or "It cannot be read."
        return _damaged(saved, problem)
    problems = dict(status.problems) if status else {}
    share = status.size_sent / status.size if status and status.size else None
    if found.stage is Stage.DONE:
        standing = _settled(found)
    elif underway is not None:
        standing = _underway(underway, share)
    else:
        standing = _stopped(share, error, problems)
    return DepositionRow(
        id=saved.id,
        title=found.draft.title or _NO_TITLE,
        state=standing.state,
        phase=standing.phase,
        deeds=standing.deeds,
        detail=standing.detail,
        changed=saved.saved,
        deposition=found,
        share=standing.share,
        problems=problems,
    )


# ------------------------------------------------------------------------------ within


def _damaged(saved: SavedDraft | SavedDeposition, problem: str) -> DepositionRow:
    return DepositionRow(
        id=saved.id,
        title=saved.title or _NO_TITLE,
        state="damaged",
        phase=Phase.DAMAGED,
        deeds=(Deed.DELETE,),
        detail=problem,
        changed=saved.saved,
        is_draft=isinstance(saved, SavedDraft),
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a deposition stands: a part of its line."""

    phase: Phase
    state: str
    deeds: tuple[Deed, ...]
    detail: str = ""
    share: float | None = None


_OF_RECORD = (Deed.COPY_LINK, Deed.CITE, Deed.SAVE_CRATE)
_OF_FILES = (Deed.SHOW, Deed.OPEN, Deed.ANNOTATE, *_OF_RECORD, Deed.VERIFY)


def _settled(found: Deposition) -> _Standing:
    """Say where a deposition stands that was sent."""
    deeds: tuple[Deed, ...]
    if found.state is State.WITHDRAWN:
        deeds = (Deed.SHOW, *_OF_RECORD, Deed.HISTORY)
        detail = "Its record stays, and says why; its files are no longer offered."
        return _Standing(Phase.WITHDRAWN, "withdrawn", deeds, detail)
    if found.state is State.HELD:
        return _held(found)
    if found.state is State.PUBLISHED:
        reviewed = is_peer_reviewed(event.action for event in found.history)
        state = f"published, {review_in_words(peer_reviewed=reviewed)}"
        after = (Deed.CORRECT, Deed.NEW_VERSION, Deed.WITHDRAW, Deed.HISTORY)
        return _Standing(Phase.DONE, state, (*_OF_FILES, *after))
    return _Standing(Phase.DONE, found.state.words, (*_OF_FILES, Deed.HISTORY))


def _held(found: Deposition) -> _Standing:
    day = (found.draft.embargo_until or "").strip()
    state = f"held until {day}"
    after = (Deed.WITHDRAW, Deed.HISTORY)
    if is_due(found):
        detail = "That day has come. It is public once its library can be written."
        deeds = (Deed.PUBLISH, *_OF_FILES, *after)
        return _Standing(Phase.HELD, f"{state}, to be published", deeds, detail)
    detail = "It has its number, and is not public before that day."
    return _Standing(Phase.HELD, state, (*_OF_FILES, Deed.PUBLISH, *after), detail)


def _underway(now: Underway, share: float | None) -> _Standing:
    """Say how far a deposition is that this program is sending."""
    progress = now.progress
    deeds: tuple[Deed, ...]
    if progress is None:
        detail = "It is sent when those before it are through."
        deeds = (Deed.PAUSE, Deed.GIVE_UP, Deed.HISTORY)
        return _Standing(Phase.WAITING, "waiting for its turn", deeds, detail, share)
    detail = progress_in_words(progress)
    if now.is_stopping:
        return _Standing(Phase.RUNNING, "stopping…", (), detail, share)
    # A label may say in a second sentence what is waited for.
    label, _, why = progress.label.partition(". ")
    state = label[:1].lower() + label[1:]
    if progress.total:
        share = min(1.0, progress.done / progress.total)
        state = f"{state} {int(100 * share)} %"
    deeds = (Deed.PAUSE, Deed.HISTORY)
    return _Standing(Phase.RUNNING, state, deeds, why or detail, share)


def _stopped(
    share: float | None, error: Exception | None, problems: Mapping[str, str]
) -> _Standing:
    """Say where a deposition stands that was not sent, and is not being sent here."""
    if isinstance(error, TransferBusy):  # not stuck: somebody else is at it
        state, detail = "sent by another program", "Go on there, or close it first."
        return _Standing(Phase.RUNNING, state, (Deed.RETRY, Deed.HISTORY), detail)
    deeds: tuple[Deed, ...]
    if error is not None or problems:
        state, detail = stuck_in_words(error, problems)
        deeds = (Deed.RETRY, Deed.GIVE_UP, Deed.HISTORY)
        if isinstance(error, LibraryNotFound):
            deeds = (Deed.RETRY, Deed.FIND_LIBRARY, *deeds[1:])
        return _Standing(Phase.STUCK, state, deeds, detail, share)
    state = f"stopped at {int(100 * share)} %" if share else "not sent yet"
    deeds = (Deed.GO_ON, Deed.GIVE_UP, Deed.HISTORY)
    detail = "It goes on where it was stopped; nothing is sent twice."
    return _Standing(Phase.UNFINISHED, state, deeds, detail, share)
