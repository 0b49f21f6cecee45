"""The same terms for many images, looked at before anything is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.checking import problems
from napari_cellib.annotate.history import term_key
from napari_cellib.annotate.saying import retract, say
from napari_cellib.errors import RecordNotFound
from napari_cellib.jobs import Job, Progress
from napari_cellib.library.protocol import annotatable
from napari_cellib.model.statement import Annotation, Statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.annotate.saying import Speaker
    from napari_cellib.library.protocol import Library
    from napari_cellib.model import ImageRecord, Problem, Term, TermField
    from napari_cellib.model.statement import Qualifier
    from napari_cellib.ontology import Terms

_STEP = 25


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be said of each of many images.

    Attributes
    ----------
    add : tuple
        Field, term and qualifier of each new statement.
    remove : tuple
        Field and term of what is to be taken away: by the term's identifier, or by its
        words where it has none.
    """

    add: tuple[tuple[TermField, Term, Qualifier], ...] = ()
    remove: tuple[tuple[TermField, Term], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """What would become of one image.

    Attributes
    ----------
    record_id : str
        Its id.
    title : str
        What it is called; the id if it is not there.
    new : tuple
        Field, term and qualifier of what would be said.
    already : tuple
        What is said of it already.
    gone : tuple of Annotation
        What would be taken away.
    contrary : tuple of Annotation
        What is said of it and does not agree with what would be new.
    problem : str or None
        Why nothing can be said of it.
    """

    record_id: str
    title: str
    new: tuple[tuple[TermField, Term, Qualifier], ...] = ()
    already: tuple[tuple[TermField, Term, Qualifier], ...] = ()
    gone: tuple[Annotation, ...] = ()
    contrary: tuple[Annotation, ...] = ()
    problem: str | None = None

    @property
    def is_changed(self) -> bool:
        """Whether anything would be said."""
        return bool(self.new or self.gone)


@dataclass(frozen=True, slots=True)
class BatchPreview:
    """What would become of many images.

    Attributes
    ----------
    batch : Batch
        What is to be said.
    records : tuple of RecordPreview
        Each image, in the order in which they were named.
    problems : tuple of Problem
        What is wrong with the terms themselves.
    """

    batch: Batch
    records: tuple[RecordPreview, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def changed(self) -> int:
        """How many images something would be said of."""
        return sum(one.is_changed for one in self.records)

    @property
    def new(self) -> int:
        """How many statements would be new."""
        return sum(len(one.new) for one in self.records)

    @property
    def already(self) -> int:
        """How many are there already."""
        return sum(len(one.already) for one in self.records)

    @property
    def gone(self) -> int:
        """How many would be taken away."""
        return sum(len(one.gone) for one in self.records)


def preview(
    library: Library,
    record_ids: Sequence[str],
    batch: Batch,
    *,
    terms: Terms | None = None,
) -> Job[BatchPreview]:
    """Return the job that looks what a batch would do; it changes nothing.

    Parameters
    ----------
    library : Library
        The library that has the records.
    record_ids : sequence of str
        Of which records; each counts once.
    batch : Batch
        What is to be said of them.
    terms : Terms, optional
        The ontologies, to check whether the terms may fill their fields.
    """
    ids = tuple(dict.fromkeys(record_ids))
    found = []
    for number, record_id in enumerate(ids):
        if number % _STEP == 0:
            yield Progress("Looking at the images", number, len(ids))
        try:
            record = library.record(record_id)
        except RecordNotFound as error:
            found.append(RecordPreview(record_id, record_id, problem=str(error)))
        else:
            found.append(_preview_of(record, batch))
    added = Statements(
        annotations=tuple(
            Annotation(field=field, term=term) for field, term, _ in batch.add
        )
    )
    return BatchPreview(batch, tuple(found), problems(added, terms=terms))


def _preview_of(record: ImageRecord, batch: Batch) -> RecordPreview:
    notes = [note for note in record.standing_annotations if note.region is None]
    to_go = {(field, term_key(term)) for field, term in batch.remove}
    gone: list[Annotation] = []
    staying: list[Annotation] = []
    for note in notes:
        goes = (note.field, term_key(note.term)) in to_go
        (gone if goes else staying).append(note)
    said = {(n.field, term_key(n.term), n.qualifier) for n in staying}
    added = {(f, term_key(t)): (f, t, q) for f, t, q in batch.add}  # the last counts
    new: list[tuple[TermField, Term, Qualifier]] = []
    already: list[tuple[TermField, Term, Qualifier]] = []
    for (field, key), one in added.items():
        is_there = (field, key, one[2]) in said
        (already if is_there else new).append(one)
    fresh = {(field, term_key(term)): qualifier for field, term, qualifier in new}
    contrary = [
        note
        for note in staying
        if fresh.get((note.field, term_key(note.term)), note.qualifier)
        != note.qualifier
    ]
    return RecordPreview(
        record.id, record.title, tuple(new), tuple(already), tuple(gone),
        tuple(contrary),
    )  # fmt: skip


def apply(
    library: Library,
    preview: BatchPreview,
    speaker: Speaker,
    *,
    evidence: Mapping[tuple[TermField, str], str] | None = None,
) -> Job[int]:
    """Return the job that says what was looked at; its value is how many changed.

    Parameters
    ----------
    library : Library
        The library that was looked at.
    preview : BatchPreview
        What was found.
    speaker : Speaker
        Who says it.
    evidence : dict, optional
        What a statement rests on, by the field and the `term_key` of its term.

    Raises
    ------
    LibraryReadOnly
        When nothing can be written.
    RecordNotFound
        When a record has gone meanwhile; what was said before of others stays said.
    """
    rests_on = evidence or {}
    said = {
        one.record_id: Statements(
            annotations=(
                *(retract(speaker, note) for note in one.gone),
                *(
                    say(
                        speaker,
                        f,
                        term,
                        qualifier=q,
                        evidence=rests_on.get((f, term_key(term))),
                    )
                    for f, term, q in one.new
                ),
            )
        )
        for one in preview.records
        if one.is_changed
    }
    return (yield from annotatable(library).annotate_many(said))
