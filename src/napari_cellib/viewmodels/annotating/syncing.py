"""What writing back would change, and the job that writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.syncing import compare, write_back
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.annotating.keeping import read_draft, write_draft
from napari_cellib.viewmodels.annotating.ledger import keyed

if TYPE_CHECKING:
    from napari_cellib.annotate.syncing import Difference
    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Statement, Statements
    from napari_cellib.viewmodels.annotating.keeping import Loaded
    from napari_cellib.viewmodels.libraries import Libraries


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines of what would be written, under one heading."""

    title: str
    why: str
    lines: tuple[str, ...]


def compare_job(loaded: Loaded, libraries: Libraries) -> Job[Difference]:
    """Return the job that asks the library again, and tells what would change."""
    # Read here, on the thread that says things, not in the job.
    return _compare(loaded, loaded.book.waiting, libraries)


def write_job(loaded: Loaded, libraries: Libraries) -> Job[dict[str, Statement]]:
    """Return the job that writes what waits, and returns all that is written by now.

    That is what others have said, too; by key, as many keys take a moment.
    """
    return _write(loaded, loaded.book.waiting, libraries)


def _compare(
    loaded: Loaded, waiting: Statements, libraries: Libraries
) -> Job[Difference]:
    yield Progress("Asking the library what it has by now")
    loaded.book.journal.keep()
    subject = loaded.subject
    if subject.record is not None:
        written = libraries.get(subject.library).statements(subject.record)
    else:
        written = read_draft(libraries, subject.draft or "")
    return compare(waiting, loaded.book.base, written)


def _write(
    loaded: Loaded, waiting: Statements, libraries: Libraries
) -> Job[dict[str, Statement]]:
    subject, journal = loaded.subject, loaded.book.journal
    yield Progress("Writing what was said")
    journal.keep()
    with journal.open() as pending:
        if subject.record is not None:
            library = libraries.get(subject.library)
            written = write_back(library, subject.record, pending)
        else:
            written = write_draft(libraries, subject.draft or "", waiting)
            pending.clear(waiting.keys)
    return keyed(written.all)


def groups_of(difference: Difference) -> tuple[Group, ...]:
    """Return what would be written, as a person reads it; empty groups are left out."""
    parts = (
        ("New", "", difference.new),
        ("Changed", "takes the place of what was said before", difference.changed),
        ("Taken away", "that it was said stays known", difference.removed),
        (
            "Somebody else has said something else",
            "both are kept: look at them and say which holds",
            difference.conflicts,
        ),
        ("There already", "is not written again", difference.already),
    )
    return tuple(
        Group(title, why, tuple(line.words for line in lines))
        for title, why, lines in parts
        if lines
    )
