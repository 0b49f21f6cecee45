"""How far a deposition is, what stopped it and when it changed, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.deposit.pace import TransferProgress
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
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.words import (
    count_in_words,
    duration_in_words,
    size_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from napari_cellib.jobs import Progress

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


def progress_in_words(progress: Progress) -> str:
    """Return what is known of a transfer: bytes, files, speed and time left.

    Examples
    --------
    >>> from napari_cellib.deposit.pace import TransferProgress
    >>> words = progress_in_words(
    ...     TransferProgress(
    ...         "Sending",
    ...         400_000_000,
    ...         1_000_000_000,
    ...         files=20,
    ...         files_total=50,
    ...         bytes_per_s=2e7,
    ...         left_s=30.4,
    ...     )
    ... )
    >>> print(words)
    400 MB of 1.0 GB · 20 of 50 files
    20 MB/s · 30 s left
    """
    if not isinstance(progress, TransferProgress):
        return ""
    amounts, speeds = [], []
    if progress.total:
        done, total = size_in_words(progress.done), size_in_words(progress.total)
        amounts.append(f"{done} of {total}")
    if progress.files_total:
        count = count_in_words(progress.files_total, "file")
        amounts.append(f"{progress.files:,} of {count}")
    if progress.bytes_per_s is not None and progress.done < progress.total:
        speeds.append(f"{size_in_words(round(progress.bytes_per_s))}/s")
        if progress.left_s is not None:
            speeds.append(f"{duration_in_words(max(1, round(progress.left_s)))} left")
    return "\n".join(" · ".join(line) for line in (amounts, speeds) if line)


def moment_in_words(at: datetime, now: datetime) -> str:
    """Return when something was, as people say it; both times are aware.

    Examples
    --------
    >>> from datetime import UTC, datetime
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


def stuck_in_words(
    error: Exception | None, problems: Mapping[str, str]
) -> tuple[str, str]:
    """Return what stopped a deposition in a few words, and what to do in sentences.

    Parameters
    ----------
    error : Exception or None
        What stopped it last; it may be forgotten when files are to blame.
    problems : mapping of str to str
        Why a file was not sent, by its path.
    """
    if problems and (error is None or isinstance(error, TransferIncomplete)):
        was = "was" if len(problems) == 1 else "were"
        reason = f"{count_in_words(len(problems), 'file')} {was} not sent"
        lines = [f"{path}: {why}" for path, why in list(problems.items())[:3]]
        return f"stuck: {reason}", "\n".join(lines)
    if error is None:
        return "stuck", ""
    what, fix = problem_in_words(error)
    kinds = (why for kind, why in _REASONS.items() if isinstance(error, kind))
    usual = what.rstrip(".") if isinstance(error, CellibError) else "see below"
    return f"stuck: {next(kinds, usual)}", f"{what} {fix}"
