"""What is said of an image as W3C Web Annotations, for viewers and archives of others.

The form is that of the Web Annotation Data Model (https://www.w3.org/TR/annotation-model/).
What it has no words for has names that begin with ``cellib:``; they are listed in
`docs/how-to/exchange-annotations.md`.
"""

from __future__ import annotations

import math
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from napari_cellib.citing.parts import ORCID, term_address
from napari_cellib.model import Address, Annotation
from napari_cellib.model.statement import Extent, Region, RegionShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellib.model import ImageRecord
    from napari_cellib.model.statement import Assertion, Statement, Statements

Json = dict[str, Any]

TERMS = "cellib://terms#"
CONTEXT = ["http://www.w3.org/ns/anno.jsonld", {"cellib": TERMS}]
_MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
_WORDS = {"absent": "not", "uncertain": "perhaps"}
_TOLERANCE = 1e-6  # pixels, by which a rectangle may be askew


def web_annotations(record: ImageRecord, said: Statements) -> Json:
    """Return what is said of an image as a collection of annotations.

    Parameters
    ----------
    record : ImageRecord
        The image.
    said : Statements
        What holds at present, or all that was ever said.

    Returns
    -------
    dict
        JSON-LD. Places are in pixels of the finest level, and the corner of the first
        pixel is 0.
    """
    image = address_of_image(record)
    regions = {region.id: region for region in said.regions}
    items = list(_items(said, regions, image))
    page: Json = {"id": f"{image}#annotations-1", "type": "AnnotationPage"}
    page |= {"partOf": f"{image}#annotations", "startIndex": 0, "items": items}
    return {
        "@context": CONTEXT,
        "id": f"{image}#annotations",
        "type": "AnnotationCollection",
        "label": f"What is said of {record.title}",
        "total": len(items),
        "first": page,
    }


def address_of_image(record: ImageRecord) -> str:
    """Return the ``cellib://`` address by which annotations name an image."""
    return str(Address(library=record.library or "library", record=record.id))


def _items(
    said: Statements, regions: Mapping[str, Region], image: str
) -> Iterator[Json]:
    told_of = {note.region for note in said.annotations}
    told_of |= {remark.region for remark in said.remarks}
    for region in said.regions:
        # One of which nothing is said yet, or which was moved, is worth showing, too.
        if region.id not in told_of or regions[region.id] is not region:
            yield _item(region, region, image, "highlighting")
    for note in said.annotations:
        found = _item(note, regions.get(note.region or ""), image, "tagging")
        yield found | {"body": _bodies(note)} | _own_of(note)
    for remark in said.remarks:
        found = _item(remark, regions.get(remark.region or ""), image, "commenting")
        about = f"{image}#statement-{remark.about}" if remark.about else None
        yield (
            found
            | {"body": _text(remark.text, "commenting")}
            | _given({"cellib:about": about})
        )


def _item(one: Statement, region: Region | None, image: str, motivation: str) -> Json:
    said = one.assertion
    former = f"{image}#statement-{one.supersedes}" if one.supersedes else None
    named: Json = {
        "id": f"{image}#statement-{one.key}",
        "type": "Annotation",
        "motivation": motivation,
        "created": said_at(said),
        "creator": _creator(said),
        "generator": said.software and {"type": "Software", "name": said.software},
        "target": _target(region, image) if region else image,
        "cellib:by": said.by,
        "cellib:evidence": said.evidence,
        "cellib:status": None if one.status == "asserted" else one.status,
        "cellib:supersedes": former,
    }
    return _given(named)


def _own_of(note: Annotation) -> Json:
    return _given(
        {
            "cellib:field": note.field.value,
            "cellib:qualifier": note.qualifier,
            "cellib:term": note.term.id,
            "cellib:ontologyVersion": note.term.ontology_version,
        }
    )


def _bodies(note: Annotation) -> list[Json] | Json:
    """Return the term: as an address, and as words for those who show words alone."""
    if note.qualifier != "present":  # which no tag can say
        return _text(words_of(note), "describing")
    tag = _text(note.term.name, "tagging")
    address = term_address(note.term)
    if address is None:
        return tag
    source = {"id": address, "label": note.term.name}
    return [{"type": "SpecificResource", "purpose": "tagging", "source": source}, tag]


def _text(value: str, purpose: str) -> Json:
    kind = {"type": "TextualBody", "format": "text/plain"}
    return {**kind, "purpose": purpose, "value": value}


def _creator(said: Assertion) -> Json | None:
    if said.author is None and said.orcid is None:
        return None
    person = {"type": "Person", "name": said.author}
    return _given({"id": said.orcid and ORCID + said.orcid, **person})


def words_of(note: Annotation) -> str:
    """Return an annotation in words.

    Examples
    --------
    >>> from napari_cellib.model import Term, TermField
    >>> term = Term(text="cilium")
    >>> said = {"field": TermField.OTHER, "term": term}
    >>> words_of(Annotation(**said, qualifier="absent"))
    'not cilium'
    """
    return " ".join(filter(None, (_WORDS.get(note.qualifier), note.term.name)))


def said_at(said: Assertion) -> str | None:
    """Return when something was said, as JSON-LD has it: in UTC."""
    if said.at is None:
        return None
    at = said.at.replace(tzinfo=UTC) if said.at.tzinfo is None else said.at
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _given(values: Json) -> Json:
    return {name: value for name, value in values.items() if value}


# ---------------------------------------------------------------------------- places


def _target(region: Region, image: str) -> Json:
    found: Json = {"type": "SpecificResource", "source": image}
    found["cellib:region"] = region.id
    if region.name:
        found["cellib:regionName"] = region.name
    if selector := selector_of(region):
        found["selector"] = selector
    return found


def selector_of(region: Region) -> Json | None:
    """Return what selects a region: its outline, refined by how deep it reaches.

    Parameters
    ----------
    region : Region
        A region in pixels, of which the middle of the first one is 0.

    Returns
    -------
    dict or None
        A ``FragmentSelector`` of rectangles along the axes, an ``SvgSelector`` of all
        else; a ``cellib:LabelSelector`` of labels. Each other axis refines it as a
        ``cellib:ExtentSelector``. None where it has neither outline nor extents.
    """
    chain = [outline] if (outline := _outline(region)) else []
    chain += [
        {
            "type": "cellib:ExtentSelector",
            "cellib:axis": extent.axis,
            "cellib:first": extent.first,
            "cellib:last": extent.last,
        }
        for extent in reaches_of(region)
    ]
    found: Json | None = None
    for part in reversed(chain):
        found = part | ({"refinedBy": found} if found else {})
    return found


def reaches_of(region: Region) -> tuple[Extent, ...]:
    """Return how far a region reaches along each axis but y and x, in whole pixels."""
    found = list(region.extents)
    for place, axis in enumerate(region.axes):
        if axis not in ("y", "x") and region.points:
            numbers = [point[place] for point in region.points]
            first, last = (max(0, round(n)) for n in (min(numbers), max(numbers)))
            found.append(Extent(axis=axis, first=first, last=last))
    return tuple(found)


def _outline(region: Region) -> Json | None:
    if region.shape is RegionShape.LABEL:
        named = {"cellib:value": region.value, "cellib:labels": region.labels}
        return _given({"type": "cellib:LabelSelector", **named})
    if not {"y", "x"} <= set(region.axes):
        return None
    y, x = region.axes.index("y"), region.axes.index("x")
    # The corner of the first pixel is 0 there, and its middle here.
    points = [(point[x] + 0.5, point[y] + 0.5) for point in region.points]
    if region.shape in (RegionShape.RECTANGLE, RegionShape.BOX) and _is_straight(
        points
    ):
        (left, right), (top, bottom) = (
            (min(numbers), max(numbers)) for numbers in zip(*points, strict=True)
        )
        place = ",".join(map(_number, (left, top, right - left, bottom - top)))
        found = {"type": "FragmentSelector", "conformsTo": _MEDIA_FRAGMENTS}
        return {**found, "value": f"xywh=pixel:{place}"}
    drawn = _svg(region.shape, points)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'
    return {"type": "SvgSelector", "value": svg}


def _is_straight(points: list[tuple[float, float]]) -> bool:
    """Say whether the sides of a rectangle, or of a box, lie along the axes."""
    return len(points) == 2 or all(
        min(abs(x - other_x), abs(y - other_y)) < _TOLERANCE
        for (x, y), (other_x, other_y) in pairwise(points)
    )


def _svg(shape: RegionShape, points: list[tuple[float, float]]) -> str:
    if shape is RegionShape.POINT:
        x, y = map(_number, points[0])
        return f'<circle cx="{x}" cy="{y}" r="0.5"/>'
    if shape is RegionShape.ELLIPSE and len(points) == 4:
        return _ellipse(points)
    name = "polyline" if shape in (RegionShape.LINE, RegionShape.PATH) else "polygon"
    told = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
    return f'<{name} points="{told}"/>'


def _ellipse(corners: list[tuple[float, float]]) -> str:
    """Draw the ellipse in a rectangle, which may be turned."""
    xs, ys = zip(*corners, strict=True)
    x, y = _number(sum(xs) / 4), _number(sum(ys) / 4)
    first, second, third = corners[:3]
    along, across = math.dist(first, second) / 2, math.dist(second, third) / 2
    angle = math.degrees(math.atan2(second[1] - first[1], second[0] - first[0])) % 180
    size = f'rx="{_number(along)}" ry="{_number(across)}"'
    turned = f' transform="rotate({_number(angle)} {x} {y})"' if angle else ""
    return f'<ellipse cx="{x}" cy="{y}" {size}{turned}/>'


def _number(value: float) -> str:
    return f"{value:.10g}"
