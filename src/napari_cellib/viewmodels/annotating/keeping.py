"""Where what was said lies: read in a job, and brought to the disk in a job."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_cellib.annotate.pending import Pending
from napari_cellib.annotate.saying import Speaker
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.deposit.own import FILLED
from napari_cellib.jobs import Progress
from napari_cellib.model.statement import Statements
from napari_cellib.viewmodels.annotating.flags import flags_of
from napari_cellib.viewmodels.annotating.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import LibraryInfo
    from napari_cellib.model import ImageRecord
    from napari_cellib.model.statement import Statement
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.annotating.rows import Flag
    from napari_cellib.viewmodels.annotating.subject import Subject
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.terms import SharedTerms


@dataclass(frozen=True)
class Loaded:
    """A subject with all that is known of it.

    Parameters
    ----------
    subject : Subject
        With what is known of it by now.
    ledger : Ledger
        All that was said, what waits among it.
    base : frozenset of str
        Keys of what is in the library, the draft or the layers.
    journal : Journal
        Keeps what waits.
    speaker : Speaker
        Who says what is said from now on.
    terms : Terms
        The terms to choose from.
    record : ImageRecord, optional
        What the library knows of it.
    place : str
        Where it is written to, for a person.
    why_not : str
        Why nothing can be written, and what can be done; "" where it can.
    flags : mapping of str to Flag
        What is odd about what was said, by key.
    """

    subject: Subject
    ledger: Ledger
    base: frozenset[str]
    journal: Journal
    speaker: Speaker
    terms: Terms
    record: ImageRecord | None = None
    place: str = ""
    why_not: str = ""
    flags: Mapping[str, Flag] | None = None


class Journal:
    """Brings what was said to the disk, from whatever thread has time.

    The file is open only while it is written, so nobody has to close a journal.

    Parameters
    ----------
    folder : pathlib.Path
        Where journals are kept.
    subject : str
        Whose journal it is.
    """

    def __init__(self, folder: Path, subject: str) -> None:
        self._folder = folder
        self._subject = subject
        self._waiting: deque[tuple[bool, tuple[Any, ...]]] = deque()
        self._lock = Lock()

    @property
    def is_kept(self) -> bool:
        """Whether there is nothing that must be brought to the disk."""
        return not self._waiting

    def open(self) -> closing[Pending]:
        """Open the file, to be used by ``with``, within a job."""
        return closing(Pending.open(self._folder, self._subject))

    def add(self, *statements: Statement) -> None:
        """Note what was said; it is on the disk once `keep` was called."""
        if statements:
            self._waiting.append((True, statements))

    def take_back(self, *keys: str) -> None:
        """Note what is said no more."""
        if keys:
            self._waiting.append((False, keys))

    def keep(self) -> None:
        """Bring to the disk what is not there yet.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written; it is tried again at the next call.
        """
        with self._lock:
            if self.is_kept:
                return
            with self.open() as pending:
                while self._waiting:
                    is_new, what = self._waiting[0]
                    if is_new:
                        pending.add(*what)
                    else:
                        pending.take_back(*what)
                    self._waiting.popleft()

    def job(self) -> Job[None]:
        """Return the job that brings it to the disk."""
        yield Progress("Keeping what was said")
        self.keep()


def load_job(
    libraries: Libraries,
    terms: SharedTerms,
    subject: Subject,
    kept: object = None,
) -> Job[Loaded]:
    """Return the job that reads what was said of a subject.

    Parameters
    ----------
    libraries : Libraries
        Where records are found.
    terms : SharedTerms
        Which terms there are.
    subject : Subject
        What is to be annotated.
    kept : object
        What the layers keep, as plain JSON, where they have no record.

    Raises
    ------
    CellibError
        When the record or the draft is gone, or cannot be read.
    """
    yield Progress("Reading what was said")
    record, place, why_not = None, "", ""
    if subject.record is not None:
        library = libraries.get(subject.library)
        record = library.record(subject.record)
        base = library.statements(subject.record)
        place, why_not = library.info.name, why_not_writable(library.info)
        subject = replace(subject, title=record.title, writable=not why_not)
    elif subject.draft is not None:
        draft = Drafts(libraries.settings.drafts_folder).open(subject.draft)
        base = Statements(annotations=draft.annotations)
        place = "the draft"
        layers = tuple(one.layer for one in draft.sources if one.layer)
        subject = replace(
            subject,
            title=draft.title or subject.title,
            layers=subject.layers or layers,
        )
    else:
        base, place = read_kept(kept), "the layers"
    yield Progress("Reading what waits to be written")
    journal = Journal(libraries.settings.annotations_folder, subject.key)
    with journal.open() as pending:
        waiting = pending.said
    ledger = Ledger(base)
    base_keys = ledger.keys
    ledger.add(*waiting.all)
    yield Progress("Looking the terms up")
    opened = terms.get()
    flags = yield from flags_of(ledger, opened, record)
    return Loaded(
        subject=subject,
        ledger=ledger,
        base=base_keys,
        journal=journal,
        speaker=Speaker.of(libraries.settings),
        terms=opened,
        record=record,
        place=place,
        why_not=why_not,
        flags=flags,
    )


def why_not_writable(info: LibraryInfo) -> str:
    """Say why nothing can be written into a library, and what can be done."""
    if info.id in FILLED:
        return (
            f"{info.name} is filled by a program, which would undo what you write. "
            "Deposit the image into a library of your own to annotate it there."
        )
    if not info.writable:
        return (
            f"{info.name} can only be read. Ask who keeps it, or deposit the image "
            "into a library of your own to annotate it there."
        )
    return ""


def read_kept(kept: object) -> Statements:
    """Return what layers keep; nothing where somebody has written something else."""
    if not isinstance(kept, dict):
        return Statements()
    try:
        return Statements.model_validate(kept)
    except ValidationError:
        return Statements()


def write_draft(libraries: Libraries, draft_id: str, said: Statements) -> Statements:
    """Write what was said of a draft into it.

    Terms of the image stand among the draft's own, where the form shows them.
    """
    drafts = Drafts(libraries.settings.drafts_folder)
    draft = drafts.open(draft_id)
    everything = Statements(annotations=draft.annotations).with_all(said)
    drafts.save(draft.model_copy(update={"annotations": everything.annotations}))
    return everything


def kept_job(subject: Subject, said: Statements) -> Job[tuple[Subject, dict[str, Any]]]:
    """Return the job that makes plain JSON of what layers are to keep."""
    yield Progress("Keeping what was said with the layers")
    return subject, said.model_dump(mode="json", exclude_defaults=True)
