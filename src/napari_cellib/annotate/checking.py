"""What is wrong with what holds: places that are not there, terms that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.jobs import drive
from napari_cellib.model import ImageRecord, Problem
from napari_cellib.model.statement import RegionShape
from napari_cellib.ontology.decay import check
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from napari_cellib.model import Term, TermField
    from napari_cellib.model.dimensions import Axis
    from napari_cellib.model.statement import Annotation, Region, Statements
    from napari_cellib.ontology import Terms

_HALF = 0.5  # of a pixel; the middle of the first one is 0


def problems(
    statements: Statements,
    *,
    sizes: Mapping[Axis, int] | None = None,
    terms: Terms | None = None,
    label_values: Mapping[str, Collection[int]] | None = None,
) -> tuple[Problem, ...]:
    """Return what is wrong with what holds at present.

    Parameters
    ----------
    statements : Statements
        All that was ever said of an image.
    sizes : mapping of str to int, optional
        Length of each axis, in pixels; where it is not known, no place is judged.
    terms : Terms, optional
        The ontologies; without them, no term is judged.
    label_values : mapping of str to collection of int, optional
        Values that occur in each segmentation, by its name; without it, no label is
        judged. In a segmentation that is not named, nothing is judged either.

    Returns
    -------
    tuple of Problem
        Each says in `where` the key of the statement that it is about.
    """
    present = statements.present
    found: list[Problem] = []
    for region in present.regions:
        if sizes is not None:
            found += _misplaced(region, sizes)
        if label_values is not None:
            found += _label_gone(region, label_values)
    if terms is not None:
        found += _misfits(present.annotations, terms)
        found += _decayed(present.annotations, terms)
    return tuple(found)


def _misplaced(region: Region, sizes: Mapping[Axis, int]) -> Iterator[Problem]:
    for axis, (first, last) in _reach(region).items():
        length = sizes.get(axis)
        if length is None:
            yield Problem(
                id="axis-unknown",
                where=region.key,
                message=f"It lies along {axis}, which the image does not have.",
                fix="Draw it anew on this image.",
            )
        elif first > length - _HALF or last < -_HALF:
            yield Problem(
                id="region-outside",
                where=region.key,
                message=f"It lies outside of the {length} pixels along {axis}.",
                fix="Move it into the image, or delete it.",
            )
        elif first < -_HALF or last > length - _HALF:
            yield Problem(
                id="region-beyond",
                severity="advice",
                where=region.key,
                message=f"It reaches beyond the {length} pixels along {axis}.",
                fix="Look at it; outside of the image there is nothing.",
            )


def _reach(region: Region) -> dict[Axis, tuple[float, float]]:
    reach = {e.axis: (float(e.first), float(e.last)) for e in region.extents}
    for at, axis in enumerate(region.axes):
        numbers = [point[at] for point in region.points]
        if numbers:
            reach[axis] = min(numbers), max(numbers)
    return reach


def _label_gone(
    region: Region, values: Mapping[str, Collection[int]]
) -> Iterator[Problem]:
    if region.shape is not RegionShape.LABEL:
        return
    known = values.get(region.labels or "")
    if known is not None and region.value not in known:
        yield Problem(
            id="label-gone",
            where=region.key,
            message=f"There is no label {region.value} any more"
            + (f" in {region.labels}." if region.labels else "."),
            fix="Choose the label that it has now, or delete the region.",
        )


def _misfits(notes: Collection[Annotation], terms: Terms) -> Iterator[Problem]:
    judged: dict[tuple[TermField, str], str | None] = {}
    for note in notes:
        if note.term.id is None:
            continue
        asked = note.field, note.term.id
        if asked not in judged:
            judged[asked] = _misfit(note.field, note.term, terms)
        if reason := judged[asked]:
            yield Problem(
                id="term-misplaced",
                where=note.key,
                message=reason,
                fix="Choose another field, or a term that may fill this one.",
            )


def _misfit(field: TermField, term: Term, terms: Terms) -> str | None:
    """Return why a term may not fill a field; None where it may, or nobody knows."""
    rule = field_rules().get(field)
    now = terms.resolve(term.id or "").term
    if rule is None or not rule.restrictions or now is None or field in now.fields:
        return None
    title = rule.title.lower()
    return f"{term.name} ({term.id}) is no term for the field {title}."


def _decayed(notes: tuple[Annotation, ...], terms: Terms) -> Iterator[Problem]:
    # Thousands of regions share some terms: each is looked up once.
    first = {(note.field, note.term): note for note in notes}
    whole = ImageRecord(id="said", title="said", annotations=tuple(first.values()))
    report = drive(check([whole], terms))
    found = {(one.annotation.field, one.annotation.term): one for one in report.decayed}
    for note in notes:
        if one := found.get((note.field, note.term)):
            named = " or ".join(f"{t.label} ({t.curie})" for t in one.proposed)
            yield Problem(
                id=f"term-{one.kind}",
                severity="advice",
                where=note.key,
                message=one.reason,
                fix=f"Use {named}." if named else "Choose another term.",
            )
