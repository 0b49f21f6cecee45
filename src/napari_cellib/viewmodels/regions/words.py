"""What is written beside a region on the canvas, and in its layer's table."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.model.statement import RegionShape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.model.statement import Annotation, Region

_MOST = 3  # terms beside a region; the panel lists all


class Words(NamedTuple):
    """The columns of a region: what is shown, and which terms that are."""

    terms: str = ""
    curies: str = ""


def words_of(annotations: Iterable[Annotation], region: Region | None = None) -> Words:
    """Return what is written beside a region.

    Parameters
    ----------
    annotations : iterable of Annotation
        What holds of it at present.
    region : Region, optional
        Gives its name, or the number of its label.

    Returns
    -------
    Words
        "not …" stands before a term that does not apply, "?" behind one of which
        that is uncertain.
    """
    said = tuple(annotations)
    names = list(dict.fromkeys(_name(one) for one in said))
    text = ", ".join(names[:_MOST])
    if len(names) > _MOST:
        text += f" +{len(names) - _MOST}"
    head = _head(region)
    text = f"{head}: {text}" if head and text else head or text
    curies = dict.fromkeys(one.term.id for one in said if one.term.id)
    return Words(text, "; ".join(curies))


def all_words(
    regions: Iterable[Region], annotations: Iterable[Annotation]
) -> dict[str, Words]:
    """Return what is written beside each region, by its id."""
    said: defaultdict[str, list[Annotation]] = defaultdict(list)
    for one in annotations:
        if one.region is not None:
            said[one.region].append(one)
    return {region.id: words_of(said.get(region.id, ()), region) for region in regions}


def _name(said: Annotation) -> str:
    if said.qualifier == "absent":
        return f"not {said.term.name}"
    return f"{said.term.name}?" if said.qualifier == "uncertain" else said.term.name


def _head(region: Region | None) -> str:
    if region is None:
        return ""
    if region.shape is RegionShape.LABEL:
        return region.name or f"label {region.value}"
    return region.name or ""
