"""Where what was said lies: read in a job, and written in a job."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_cellib.annotate.saying import Speaker
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.deposit.own import FILLED
from napari_cellib.jobs import Progress
from napari_cellib.model.statement import Annotation, Region, Remark, Statements
from napari_cellib.viewmodels.annotating.ledger import Ledger, keyed
from napari_cellib.viewmodels.annotating.notebook import Notebook
from napari_cellib.viewmodels.annotating.region_rows import RegionRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import LibraryInfo
    from napari_cellib.model import ImageRecord
    from napari_cellib.model.statement import Statement
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.annotating.journals import Journals
    from napari_cellib.viewmodels.annotating.subject import Subject
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.terms import SharedTerms

# By which layers, files and drafts keep them.
_KINDS: dict[type[Statement], str] = {
    Annotation: "annotations",
    Region: "regions",
    Remark: "remarks",
}
_PART = 200  # statements between two looks whether to stop


@dataclass(frozen=True)
class Loaded:
    """A subject with all that is known of it.

    Parameters
    ----------
    subject : Subject
        With what is known of it by now.
    book : Notebook
        All that was said.
    rows : RegionRows
        The lines of its regions.
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
    """

    subject: Subject
    book: Notebook
    rows: RegionRows
    speaker: Speaker
    terms: Terms
    record: ImageRecord | None = None
    place: str = ""
    why_not: str = ""


def load_job(
    libraries: Libraries,
    terms: SharedTerms,
    journals: Journals,
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
    journals : Journals
        Have what waits to be written.
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
    record, why_not = None, ""
    if subject.record is not None:
        library = libraries.get(subject.library)
        record = library.record(subject.record)
        base = keyed(library.statements(subject.record).all)
        place, why_not = library.info.name, why_not_writable(library.info)
        subject = replace(subject, title=record.title, writable=not why_not)
    elif subject.draft is not None:
        draft = Drafts(libraries.settings.drafts_folder).open(subject.draft)
        base, place = keyed(_said_of(draft).all), "the draft"
        layers = tuple(one.layer for one in draft.sources if one.layer)
        subject = replace(
            subject,
            title=draft.title or subject.title,
            layers=subject.layers or layers,
        )
    else:
        base, place = (yield from read_kept(kept)), "the layers"
    yield Progress("Reading what waits to be written")
    ledger = Ledger(base)
    journal = journals.of(subject.key)
    ledger.add(journal.read())
    rows = RegionRows(ledger)
    yield from rows.job()
    yield Progress("Opening the terms")
    return Loaded(
        subject=subject,
        book=Notebook(ledger, frozenset(base), journal),
        rows=rows,
        speaker=Speaker.of(libraries.settings),
        terms=terms.get(),
        record=record,
        place=place,
        why_not=why_not,
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


def read_kept(kept: object) -> Job[dict[str, Statement]]:
    """Return what layers keep, by key, without what somebody has damaged.

    One by one: to check thousands at a time would stop the thread that draws.
    """
    found: dict[str, Statement] = {}
    if not isinstance(kept, dict):
        return found
    for kind, name in _KINDS.items():
        documents = kept.get(name)
        some = documents if isinstance(documents, list | tuple) else ()
        for number, document in enumerate(some):
            if number % _PART == 0:
                yield Progress("Reading what the layers keep", number)
            with suppress(ValidationError):
                one = kind.model_validate(document)
                found[one.key] = one
    return found


class Documents:
    """Makes plain JSON of what layers are to keep, of what is new each time."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def job(
        self, subject: Subject, said: Mapping[str, Statement]
    ) -> Job[tuple[Subject, dict[str, Any]]]:
        """Return the job that makes it of statements by their keys."""
        yield Progress("Keeping what was said with the layers")
        kept: dict[str, list[Any]] = {}
        known, made = self._made, {}  # a job that was given up may still be at it
        for number, (key, one) in enumerate(said.items()):
            if number % _PART == 0:
                yield Progress("Keeping what was said with the layers", number)
            document = known.get(key)
            if document is None:
                document = one.model_dump(mode="json", exclude_defaults=True)
            made[key] = document
            kept.setdefault(_KINDS[type(one)], []).append(document)
        self._made = made
        return subject, kept


def read_draft(libraries: Libraries, draft_id: str) -> Statements:
    """Return all that was said of a draft by now."""
    return _said_of(Drafts(libraries.settings.drafts_folder).open(draft_id))


def _said_of(draft: Draft) -> Statements:
    """Return all that was said of a draft, in its form or here."""
    return Statements(annotations=draft.annotations).with_all(draft.statements)


def write_draft(libraries: Libraries, draft_id: str, said: Statements) -> Statements:
    """Write what was said of a draft into it, and return all that was said of it.

    Terms of the image that apply stand among the draft's own, where the form shows
    them; all else goes with it, into the record that it becomes.
    """
    drafts = Drafts(libraries.settings.drafts_folder)
    while True:
        draft = drafts.open(draft_id)
        everything = _said_of(draft).with_all(said)
        of_form = tuple(
            note
            for note in everything.present.annotations
            if note.region is None and note.qualifier == "present"
        )
        others = everything.without(note.key for note in of_form)
        saving = drafts.save(draft.typed(annotations=of_form, statements=others))
        if not saving.is_copy:
            return everything
        # Saved elsewhere since it was read: add to what it is now, beside no copy.
        drafts.delete(saving.draft.id)
