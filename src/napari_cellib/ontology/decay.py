"""What has become of the terms that records are annotated with.

A published annotation is never changed. `apply` returns a record with every old
annotation as it was and, after them, new ones that supersede those that have decayed;
who writes that record to a library makes it a new version, which says by whom and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from napari_cellib.errors import ChoiceRefused, TermUnknown
from napari_cellib.jobs import Job, Progress
from napari_cellib.model import Annotation, Assertion, Term
from napari_cellib.ontology.curies import normalise_curie, prefix_of
from napari_cellib.ontology.info import Status
from napari_cellib.ontology.normalising import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology.info import Resolution, TermInfo
    from napari_cellib.ontology.store import Terms

_STEP = 50


class Annotatable(Protocol):
    """What has annotations: a record, or what is said of other images."""

    @property
    def id(self) -> str:
        """By which it is told from others."""
        ...

    @property
    def standing_annotations(self) -> tuple[Annotation, ...]:
        """The annotations that hold at present."""
        ...


class Kind(StrEnum):
    """In which way a term has decayed."""

    MERGED = "merged"
    REPLACED = "replaced"
    OBSOLETE = "obsolete"
    RELABELLED = "relabelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Decayed:
    """An annotation whose term is not what it was.

    Parameters
    ----------
    record : str
        Id of the record.
    annotation : Annotation
        As it stands in the record.
    kind : Kind
        What has become of its term.
    proposed : tuple of TermInfo
        Terms to use instead; several where a person has to choose.
    reason : str
        In a sentence for a person.
    certain : bool
        Whether the first proposal means the same, so that nobody has to decide.
    """

    record: str
    annotation: Annotation
    kind: Kind
    proposed: tuple[TermInfo, ...]
    reason: str
    certain: bool = False


@dataclass(frozen=True, slots=True)
class DecayReport:
    """What a check found.

    Parameters
    ----------
    decayed : tuple of Decayed
        In the order of the records.
    records, annotations : int
        How many were looked at; free text is not counted.
    not_judged : int
        Annotations with terms of ontologies that are not here, or only in part.
    """

    decayed: tuple[Decayed, ...]
    records: int
    annotations: int
    not_judged: int


def check(records: Iterable[Annotatable], terms: Terms) -> Job[DecayReport]:
    """Find annotations whose terms are obsolete, merged, renamed or unknown.

    Parameters
    ----------
    records : iterable of Annotatable
        The records; they are not changed.
    terms : Terms
        What is true today.

    Yields
    ------
    Progress
        In records.

    Returns
    -------
    DecayReport
        What was found.
    """
    found: list[Decayed] = []
    count = annotations = not_judged = 0
    whole = {prefix for prefix, row in terms.versions().items() if row.complete}
    known: dict[str, Resolution] = {}
    for count, record in enumerate(records, start=1):
        if count % _STEP == 1:
            yield Progress("Checking terms", count - 1)
        for note in record.standing_annotations:
            if note.term.id is None:
                continue
            annotations += 1
            if note.term.id not in known:
                known[note.term.id] = terms.resolve(note.term.id)
            now = known[note.term.id]
            if now.status is Status.UNKNOWN and prefix_of(now.asked) not in whole:
                not_judged += 1
            elif (one := _judge(record.id, note, now, terms)) is not None:
                found.append(one)
    return DecayReport(tuple(found), count, annotations, not_judged)


def _judge(
    record: str, note: Annotation, now: Resolution, terms: Terms
) -> Decayed | None:
    """Return what is wrong with one annotation, or None."""
    old, info = f"{note.term.name} ({now.asked})", now.term
    if info is None:
        reason = f"{prefix_of(now.asked)} has no term {now.asked}."
        return Decayed(record, note, Kind.UNKNOWN, (), reason)
    new = f"{info.label} ({info.curie})"
    if now.status is Status.MERGED:
        reason = f"{old} was merged into {new}."
        return Decayed(record, note, Kind.MERGED, (info,), reason, certain=True)
    if now.status is Status.REPLACED:
        reason = f"{old} is obsolete; its ontology replaces it by {new}."
        return Decayed(record, note, Kind.REPLACED, (info,), reason, certain=True)
    if now.status is Status.CONSIDER:
        reason = f"{old} is obsolete; its ontology asks to consider others."
        return Decayed(record, note, Kind.OBSOLETE, now.candidates, reason)
    if now.status is Status.OBSOLETE:
        reason = f"{old} is obsolete, and nothing is named instead."
        return Decayed(record, note, Kind.OBSOLETE, (), reason)
    return _relabelled(record, note, info, terms)


def _relabelled(
    record: str, note: Annotation, info: TermInfo, terms: Terms
) -> Decayed | None:
    label = note.term.label
    if label is None or fold(label) == fold(info.label):
        return None
    names = {fold(name.text) for name in terms.names(info.curie)}
    reason = f"{info.curie} was called {label} and is now called {info.label}"
    if same := fold(label) in names:
        reason += "; the old name is still one of its names."
    else:
        reason += "; the old name is none of its names, so its meaning may be another."
    return Decayed(record, note, Kind.RELABELLED, (info,), reason, certain=same)


def choose(
    report: DecayReport,
    choices: Mapping[str, str],
    terms: Terms,
    *,
    any_term: bool = False,
) -> dict[str, str]:
    """Return which term a person chose for each annotation, as `apply` takes it.

    Parameters
    ----------
    report : DecayReport
        What `check` found.
    choices : mapping of str to str
        Identifier of the term to use from now on, by that of the one that decayed.
    terms : Terms
        What is true today.
    any_term : bool, default: False
        Whether a term may be chosen that was not proposed, if it may fill the field.

    Returns
    -------
    dict of str to str
        Identifier of the chosen term, by key of the annotation.

    Raises
    ------
    ChoiceRefused
        When nothing with the old term has decayed, or the new one was not proposed,
        is obsolete or may not fill the field.
    TermUnknown
        When there is no such term.
    """
    found: dict[str, str] = {}
    for given, new in choices.items():
        old = normalise_curie(given) or given
        those = [one for one in report.decayed if one.annotation.term.id == old]
        if not those:
            raise ChoiceRefused(
                old,
                new,
                f"no annotation with {old} has decayed",
                fix="'cellib terms check' without --choose lists those that have.",
            )
        info = terms.term(new)
        if info is None:
            raise TermUnknown(new)
        for one in those:
            _refuse_unfit(one, info, any_term=any_term)
            found[one.annotation.key] = info.curie
    return found


def _refuse_unfit(one: Decayed, info: TermInfo, *, any_term: bool) -> None:
    old, new = one.annotation.term.name, f"{info.label} ({info.curie})"
    field = one.annotation.field
    if info.obsolete:
        reason = "it is obsolete itself"
        raise ChoiceRefused(old, new, reason, fix="Choose a term that is in use.")
    if info in one.proposed:
        return
    if not any_term:
        proposed = ", ".join(f"{other.label} ({other.curie})" for other in one.proposed)
        raise ChoiceRefused(
            old,
            new,
            f"{proposed or 'no other'} is proposed",
            fix="Choose what is proposed, or add --any to take any term of the field.",
        )
    if field not in info.fields:
        raise ChoiceRefused(
            old,
            new,
            f"it is no term for the field {field}",
            fix=f"'cellib terms complete WORDS --field {field}' lists those that are.",
        )


def apply(
    record: ImageRecord,
    decayed: Iterable[Decayed],
    terms: Terms,
    *,
    at: datetime,
    software: str,
    chosen: Mapping[str, str] | None = None,
    author: str | None = None,
) -> ImageRecord:
    """Return the record with new annotations in place of those that have decayed.

    Every old annotation stays, as it is and where it is. What is certain is asserted
    by lookup; what a person chose, by that person as a curator. The rest is left.
    To do it twice changes nothing.

    Parameters
    ----------
    record : ImageRecord
        As it is.
    decayed : iterable of Decayed
        What `check` found; of other records, nothing is taken.
    terms : Terms
        What is true today.
    at : datetime.datetime
        When this is said.
    software : str
        Name and version of the program that says it.
    chosen : mapping of str to str, optional
        Identifier of the term that a person chose, by key of the annotation.
    author : str, optional
        Name of that person.

    Returns
    -------
    ImageRecord
        The same object where there is nothing to do.

    Raises
    ------
    TermUnknown
        When a term that was chosen is not there, or is obsolete.
    """
    own = [one for one in decayed if one.record == record.id]
    added = successors(
        own, record.standing_annotations, terms,
        at=at, software=software, chosen=chosen, author=author,
    )  # fmt: skip
    if not added:
        return record
    dates = record.dates.model_copy(update={"modified": at.date().isoformat()})
    everything = (*record.annotations, *added)
    return record.model_copy(update={"annotations": everything, "dates": dates})


def successors(
    decayed: Iterable[Decayed],
    holding: Iterable[Annotation],
    terms: Terms,
    *,
    at: datetime,
    software: str,
    chosen: Mapping[str, str] | None = None,
    author: str | None = None,
) -> tuple[Annotation, ...]:
    """Return what takes the place of annotations that have decayed.

    Parameters
    ----------
    decayed : iterable of Decayed
        What `check` found of one image.
    holding : iterable of Annotation
        What holds of the image; of all else, nothing is made.
    terms : Terms
        What is true today.
    at, software, chosen, author
        As `apply` takes them.

    Raises
    ------
    TermUnknown
        When a term that was chosen is not there, or is obsolete.
    """
    standing = {note.key for note in holding}
    chosen = chosen or {}
    added: list[Annotation] = []
    for one in decayed:
        key = one.annotation.key
        if key not in standing:
            continue
        standing.remove(key)
        if key in chosen:
            by, info = "curator", _usable(chosen[key], terms)
        elif one.certain:
            by, info = "lookup", one.proposed[0]
        else:
            continue
        said = Assertion(
            by=by,
            author=author if by == "curator" else None,
            software=software,
            at=at,
            evidence=one.reason,
        )
        added.append(_instead(one.annotation, info, said, terms))
    return tuple(added)


def _usable(curie: str, terms: Terms) -> TermInfo:
    info = terms.term(normalise_curie(curie) or curie)
    if info is None or info.obsolete:
        raise TermUnknown(curie)
    return info


def _instead(
    old: Annotation, info: TermInfo, said: Assertion, terms: Terms
) -> Annotation:
    release = terms.versions().get(info.ontology)
    return Annotation(
        field=old.field,
        term=Term(
            id=info.curie,
            label=info.label,
            text=old.term.text,
            ontology_version=(release.version or None) if release else None,
        ),
        qualifier=old.qualifier,
        region=old.region,
        assertion=said,
        source_field=old.source_field,
        supersedes=old.key,
    )
