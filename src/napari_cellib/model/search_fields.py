"""How people call fields, kinds of images and what a record may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.model.record import Kind
from napari_cellib.model.term import TermField

if TYPE_CHECKING:
    from collections.abc import Mapping

DATE = "date"
HAS = "has"
ID = "id"
KIND = "kind"
LIBRARY = "library"
LICENCE = "licence"
PERSON = "person"
SIBLINGS = "siblings"
TITLE = "title"

# Each with the other names under which people know it.
FIELDS: Mapping[str, tuple[str, ...]] = {
    **{field.value: () for field in TermField},
    "organism": ("species", "taxon"),
    "cell_line": ("line",),
    "cellular_component": ("component", "organelle", "structure"),
    "biological_process": ("process",),
    "molecular_function": ("function",),
    "anatomy": ("tissue", "organ"),
    "developmental_stage": ("stage",),
    "compound": ("chemical", "drug"),
    "preparation": ("prep",),
    "specimen_relation": ("relation",),
    "imaging_method": ("method", "imaging", "microscopy", "modality"),
    "visualization": ("visualisation",),
    "contrast_source": ("contrast",),
    "imaged_parameter": ("parameter",),
    "item_type": ("item",),
    TITLE: (),
    PERSON: ("author", "contributor", "people"),
    DATE: ("year", "published"),
    KIND: (),
    LICENCE: ("license",),
    LIBRARY: (),
    ID: ("accession",),
    SIBLINGS: (),
    HAS: (),
}
# What a record may have, beside terms of a field.
PARTS: Mapping[str, tuple[str, ...]] = {
    "publication": ("article", "paper", "pubmed"),
    "doi": (),
    "licence": ("license",),
    "pixels": ("data",),
    "scale": ("pixel size", "voxel size"),
    "siblings": ("group", "study"),
}
_KINDS: Mapping[str, tuple[str, ...]] = {
    Kind.STILL: ("still",),
    Kind.Z_STACK: ("stack", "3d", "volume"),
    Kind.TIME_SERIES: ("time lapse", "time"),
    Kind.VIDEO: ("movie",),
    Kind.MULTICHANNEL: ("channels",),
    Kind.RGB: ("rgb", "color"),
    Kind.SEGMENTATION: ("segmentation", "mask"),
    Kind.PLATE: ("hcs",),
}


def _key(name: str) -> str:
    """Spell a name without what people set between its words, and in the singular."""
    letters = "".join(char for char in name.casefold() if char not in " -_")
    return letters if letters in (HAS, "species") else letters.removesuffix("s")


def _names(table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {
        _key(one): str(name) for name, more in table.items() for one in (name, *more)
    }


_FIELD_OF = _names(FIELDS)
_PART_OF = _names(PARTS)
_KIND_OF = _names({kind: (Kind(kind).label, *more) for kind, more in _KINDS.items()})


def field_called(name: str) -> str | None:
    """Return the field that people call so, or None.

    Examples
    --------
    >>> field_called("component"), field_called("Cell-Line"), field_called("colour")
    ('cellular_component', 'cell_line', None)
    """
    return _FIELD_OF.get(_key(name))


def kind_called(name: str) -> str | None:
    """Return the kind of image that people call so, or None.

    Examples
    --------
    >>> kind_called("z-stacks"), kind_called("time lapse"), kind_called("book")
    ('z_stack', 'time_series', None)
    """
    return _KIND_OF.get(_key(name))


def part_called(name: str) -> str | None:
    """Return what of a record people call so: a part, or a field of terms.

    Examples
    --------
    >>> part_called("article"), part_called("tissue"), part_called("title")
    ('publication', 'anatomy', None)
    """
    field = field_called(name)
    return _PART_OF.get(_key(name)) or (field if field in set(TermField) else None)


def in_words(name: str) -> str:
    """Return the name of a field or a kind as one would write it after a colon.

    Examples
    --------
    >>> in_words("cellular_component"), in_words("z_stack"), in_words("organism")
    ('component', 'z-stack', 'organism')
    """
    if name in set(Kind):
        return Kind(name).label.replace(" ", "-")
    shorter = FIELDS.get(name, ()) if "_" in name else ()
    return shorter[0] if shorter else name
