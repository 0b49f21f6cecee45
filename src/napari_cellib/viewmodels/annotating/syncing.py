"""What writing back would change, and the job that writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.syncing import compare, write_back
from napari_cellib.errors import DepositRefused
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.annotating.keeping import write_draft

if TYPE_CHECKING:
    from napari_cellib.annotate.syncing import Difference
    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Statements
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.libraries import Libraries


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines of what would be written, under one heading."""

    title: str
    why: str
    lines: tuple[str, ...]


def compare_job(model: AnnotatingModel, libraries: Libraries) -> Job[Difference]:
    """Return the job that asks the library again, and tells what would change."""
    loaded = model.loaded
    assert loaded is not None
    waiting, base = model.waiting, model.base
    subject = loaded.subject
    yield Progress("Asking the library what it has by now")
    loaded.journal.keep()
    if subject.record is None:
        return compare(waiting, base, model.everything)
    library = libraries.get(subject.library)
    return compare(waiting, base, library.statements(subject.record))


def write_job(model: AnnotatingModel, libraries: Libraries) -> Job[Statements]:
    """Return the job that writes what waits, together with what others said."""
    loaded = model.loaded
    assert loaded is not None
    subject, waiting = loaded.subject, model.waiting
    yield Progress("Writing what was said")
    loaded.journal.keep()
    with loaded.journal.open() as pending:
        if subject.record is not None:
            library = libraries.get(subject.library)
            return write_back(library, subject.record, pending)
        if subject.draft is not None:
            written = write_draft(libraries, subject.draft, waiting)
            pending.clear(waiting.keys)
            return written
    raise DepositRefused(
        "these layers have no record", fix="Save or deposit them instead."
    )


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
