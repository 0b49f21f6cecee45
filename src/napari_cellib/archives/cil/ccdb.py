"""The part of a document that comes from the Cell Centered Database.

Its records hold a project, a specimen and a microscope's product instead of term
fields. What a record has a field for is taken; all the rest is kept as pairs of words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.archives.cil.words import one_line
from napari_cellib.model import Annotation, Dimensions, Representation, Term, TermField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.archives.cil.ledger import Ledger, Node
    from napari_cellib.model.dimensions import Axis, SpaceAxis
    from napari_cellib.model.representation import Role

_TERMS = {
    ("Subject", "Scientific_name"): TermField.ORGANISM,
    ("Subject", "Species"): TermField.ORGANISM,
    ("Subject", "Tissue_section", "Anatomical_location"): TermField.ANATOMY,
    ("Microscopy_product", "Microscopy_type"): TermField.IMAGING_METHOD,
    ("Microscopy_product", "Product_type"): TermField.ITEM_TYPE,
}
_TITLES = (
    ("Microscopy_product", "Image_basename"),
    ("Experiment", "Title"),
    ("Project", "Name"),
)
_UNITS = {"um": 1.0, "microns": 1.0, "micrometers": 1.0, "nm": 1e-3, "nanometers": 1e-3}
_AXES: tuple[tuple[str, SpaceAxis], ...] = (("Z", "z"), ("Y", "y"), ("X", "x"))
_NOTHING = {"n/a", "none", "not applicable", "unspecified", "unknown"}
_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"]+")


class CcdbPart(NamedTuple):
    """What a record takes from this part of a document."""

    title: str | None
    description: str | None
    annotations: tuple[Annotation, ...]
    dimensions: Dimensions | None
    representations: tuple[Representation, ...]


def ccdb_part(node: Node, ledger: Ledger) -> CcdbPart:
    """Return what a record takes from the part ``CCDB`` of a document."""
    title = next((t for keys in _TITLES if (t := one_line(node.at(*keys).text))), None)
    described = node.at("Experiment", "Purpose")
    if described.text:
        ledger.mapped(described)
    for keys in _TITLES:
        leaf = node.at(*keys)
        if leaf.text and one_line(leaf.text) == title:
            ledger.mapped(leaf)
    return CcdbPart(
        title=title,
        description=described.text or None,
        annotations=tuple(_annotations(node, ledger)),
        dimensions=_dimensions(node.get("Microscopy_product"), ledger),
        representations=tuple(_files(node, ledger)),
    )


def _annotations(node: Node, ledger: Ledger) -> Iterator[Annotation]:
    for keys, field in _TERMS.items():
        for leaf in node.at(*keys).each():
            words = one_line(leaf.text)
            if words and words.lower() not in _NOTHING:
                ledger.mapped(leaf)
                name = ".".join(("CCDB", *keys))
                yield Annotation(field=field, term=Term(text=words), source_field=name)


def _dimensions(node: Node, ledger: Ledger) -> Dimensions | None:
    sizes: dict[Axis, int] = {}
    spacing: dict[SpaceAxis, float] = {}
    for letter, axis in _AXES:
        size = node.get(f"{letter}_size")
        if size.number and size.number == int(size.number):
            sizes[axis] = int(size.number)
            ledger.mapped(size)
        value = node.at(f"{letter}_resolution", "value")
        unit = node.at(f"{letter}_resolution", "unit")
        factor = _UNITS.get(unit.text.lower())
        if size.number and value.number and factor:
            spacing[axis] = round(value.number * factor, 12)
            ledger.cleaned(value, "in micrometers")
            ledger.cleaned(unit, "in micrometers")
    return Dimensions(sizes=sizes, spacing_um=spacing) if sizes else None


def _files(node: Node, ledger: Ledger) -> Iterator[Representation]:
    for leaf in node.leaves():
        if leaf.path.rpartition(".")[2] == "URL" and _URL.fullmatch(leaf.text):
            ledger.mapped(leaf)
            yield Representation(role=_role(leaf.path), url=leaf.text)


def _role(path: str) -> Role:
    if "Display_image" in path:
        return "preview"
    return "movie" if "Animation" in path else "original"
