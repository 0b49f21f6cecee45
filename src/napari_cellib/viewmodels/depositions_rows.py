"""What the list of depositions shows of each: where it stands, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_cellib.deposit.depositions import Stage
from napari_cellib.deposit.drafts import SavedDraft
from napari_cellib.deposit.pace import TransferProgress
from napari_cellib.deposit.states import State, is_peer_reviewed
from napari_cellib.errors import (
    CarrierUnreachable,
    CarrierUnsound,
    CellibError,
    FileChanged,
    FilesRefused,
    LayersGone,
    LibraryNotFound,
    LibraryReadOnly,
    StorageFull,
    TransferBusy,
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.words import (
    count_in_words,
    duration_in_words,
    review_in_words,
    size_in_words,
)

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
    PAUSE = "Pause"
    GO_ON = "Go on"
    RETRY = "Try again"
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
    def can_go_on(self) -> bool:
        """Whether sending it may go on at once."""
        return Deed.GO_ON in self.deeds or Deed.RETRY in self.deeds

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
        deeds=(Deed.CONTINUE, Deed.DELETE),
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
    share = status.size_sent / status.size if status and status.size else None
    problems = dict(status.problems) if status else {}
    deeds: tuple[Deed, ...]
    if found.stage is Stage.DONE:
        phase, state, deeds, detail, share = _settled(found)
    elif underway is not None:
        phase, state, deeds, detail, share = _underway(underway, share)
    elif isinstance(error, TransferBusy):
        # Not stuck: somebody else is at it.
        phase, state, deeds = Phase.RUNNING, "sent by another program", (Deed.HISTORY,)
        detail = "Go on there, or close it and go on here."
    elif error is not None or problems:
        phase, deeds = Phase.STUCK, (Deed.RETRY, Deed.GIVE_UP, Deed.HISTORY)
        state, detail = _stuck(error, problems)
    else:
        phase, deeds = Phase.UNFINISHED, (Deed.GO_ON, Deed.GIVE_UP, Deed.HISTORY)
        state = f"stopped at {share:.0%}" if share else "not sent yet"
        state = state.replace("%", " %")
        detail = "It goes on where it was stopped; nothing is sent twice."
    return DepositionRow(
        id=saved.id,
        title=found.draft.title or _NO_TITLE,
        state=state,
        phase=phase,
        deeds=deeds,
        detail=detail,
        changed=saved.saved,
        deposition=found,
        share=share,
        problems=problems,
    )


def progress_in_words(progress: Progress) -> str:
    """Return what is known of a transfer: bytes, files, speed and time left.

    Examples
    --------
    >>> from napari_cellib.deposit.drafts import SavedDraft
from napari_cellib.deposit.pace import TransferProgress
    >>> progress_in_words(
    ...     TransferProgress(
    ...         "Sending", 400_000_000, 1_000_000_000,
    ...         files=20, files_total=50, bytes_per_s=2e7, left_s=30.4,
    ...     )
    ... )
    '400 MB of 1.0 GB · 20 of 50 files · 20 MB/s · 30 s left'
    """
    if not isinstance(progress, TransferProgress):
        return ""
    done, total = size_in_words(progress.done), size_in_words(progress.total)
    parts = [f"{done} of {total}" if progress.total else ""]
    if progress.files_total:
        count = count_in_words(progress.files_total, "file")
        parts.append(f"{progress.files:,} of {count}")
    if progress.bytes_per_s is not None and progress.done < progress.total:
        parts.append(f"{size_in_words(round(progress.bytes_per_s))}/s")
        if progress.left_s is not None:
            parts.append(f"{duration_in_words(max(1, round(progress.left_s)))} left")
    return " · ".join(part for part in parts if part)


def moment_in_words(at: datetime, now: datetime) -> str:
    """Return when something was, as people say it; both times are aware.

    Examples
    --------
    >>> now = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
    >>> moment_in_words(datetime(2026, 11, 28, 9, 5, tzinfo=UTC), now)
    'today, 09:05'
    >>> moment_in_words(datetime(2026, 11, 27, 23, 5, tzinfo=UTC), now)
    'yesterday, 23:05'
    >>> moment_in_words(datetime(2026, 3, 1, 9, 5, tzinfo=UTC), now)
    '2026-03-01'
    """
    there = at.astimezone(now.tzinfo)
    days = (now.date() - there.date()).days
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'}, {there:%H:%M}"
    return f"{there:%Y-%m-%d}"


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


_Standing = tuple[Phase, str, tuple[Deed, ...], str, float | None]

_RECORD = (Deed.COPY_LINK, Deed.CITE, Deed.SAVE_CRATE)


def _settled(found: Deposition) -> _Standing:
    """Say where a deposition stands that was sent."""
    if found.state is State.WITHDRAWN:
        deeds = (Deed.SHOW, *_RECORD, Deed.HISTORY)
        detail = "Its record stays, and says why; its files are no longer offered."
        return Phase.WITHDRAWN, "withdrawn", deeds, detail, None
    if found.state is State.HELD:
        day = f" until {found.draft.embargo_until}" * bool(found.draft.embargo_until)
        deeds = (Deed.SHOW, Deed.OPEN, *_RECORD, Deed.VERIFY, Deed.PUBLISH)
        deeds += (Deed.WITHDRAW, Deed.HISTORY)
        detail = "It has its number, and is not public before that day."
        return Phase.HELD, f"held{day}", deeds, detail, None
    deeds = (Deed.SHOW, Deed.OPEN, *_RECORD, Deed.VERIFY)
    if found.state is not State.PUBLISHED:
        return Phase.DONE, found.state.words, (*deeds, Deed.HISTORY), "", None
    deeds += (Deed.CORRECT, Deed.NEW_VERSION, Deed.WITHDRAW, Deed.HISTORY)
    reviewed = is_peer_reviewed(event.action for event in found.history)
    words = review_in_words(peer_reviewed=reviewed)
    return Phase.DONE, f"published, {words}", deeds, "", None


def _underway(now: Underway, share: float | None) -> _Standing:
    """Say how far a deposition is that this program is sending."""
    progress = now.progress
    if progress is None:
        detail = "It is sent when those before it have been."
        deeds = (Deed.PAUSE, Deed.GIVE_UP)
        return Phase.WAITING, "waiting for its turn", deeds, detail, share
    if now.is_stopping:
        return Phase.RUNNING, "stopping…", (), progress_in_words(progress), share
    state = progress.label[:1].lower() + progress.label[1:]
    if progress.total:
        share = min(1.0, progress.done / progress.total)
        state = f"{state} {int(100 * share)} %"
    state, _, why = state.partition(". ")  # of what the library is waited for
    detail = why or progress_in_words(progress)
    return Phase.RUNNING, state, (Deed.PAUSE, Deed.HISTORY), detail, share


_REASONS: dict[type[Exception], str] = {
    StorageFull: "the drive is full",
    LibraryReadOnly: "nothing can be written there",
    LibraryNotFound: "its library is not there",
    CarrierUnreachable: "the library does not answer",
    CarrierUnsound: "the library's answers make no sense",
    FileChanged: "a file has changed meanwhile",
    FilesRefused: "a file cannot be taken",
    LayersGone: "its layers are no longer open",
    TransferUnreadable: "its journal is damaged",
}


def _stuck(error: Exception | None, problems: Mapping[str, str]) -> tuple[str, str]:
    """Return what stopped it in a few words, and what to do in whole sentences."""
    if problems and (error is None or isinstance(error, TransferIncomplete)):
        was = "was" if len(problems) == 1 else "were"
        reason = f"{count_in_words(len(problems), 'file')} {was} not sent"
        lines = [f"{path}: {why}" for path, why in list(problems.items())[:3]]
        return f"stuck: {reason}", "\n".join(lines)
    assert error is not None
    what, fix = problem_in_words(error)
    kinds = (why for kind, why in _REASONS.items() if isinstance(error, kind))
    usual = what.rstrip(".") if isinstance(error, CellibError) else "see below"
    return f"stuck: {next(kinds, usual)}", f"{what} {fix}"
