"""Collections of images, as bioformats2raw writes one for a file of several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError
from napari_cellib.pixels import ngff
from napari_cellib.pixels.documents import join
from napari_cellib.pixels.geometry import as_list
from napari_cellib.pixels.plates import parse_series

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.pixels.multiscale import MultiscaleImage
    from napari_cellib.pixels.opening import Opening
    from napari_cellib.pixels.stores import Answer

_XML = "OME/METADATA.ome.xml"
_XML_IMAGE = re.compile(rb"<(?:[\w.-]+:)?Image[\s>/]")
_AT_ONCE = 16
_MOST = 1024
_NAMED = 8


def open_first(opening: Opening, group: ngff.Group) -> Job[MultiscaleImage]:
    """Open the first image of a collection or of a list of labels; name the others."""
    paths = yield from list_images(opening, group)
    others = tuple(opening.where(path) for path in paths[1:])
    if others and "layers" not in group.own:  # else all of them will be shown
        named = ", ".join(others[:_NAMED])
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        opening.warn(
            f"this is a collection of {len(paths)} images, of which the first is "
            f"shown; the others are {named}{more}"
        )
    inner = yield from opening.group(paths[0], group.zarr_format)
    return (yield from opening.image(paths[0], inner, others=others))


def list_images(opening: Opening, group: ngff.Group) -> Job[list[str]]:
    """Return the paths of the images in a collection; at least one.

    They are listed in its group ``OME``, else counted in its OME-XML, else looked
    for by their numbers.
    """
    where = opening.where("")
    if "bioformats2raw.layout" not in group.attributes:
        names = as_list(group.attributes.get("labels"))
        return parse_series({"series": names}, where, opening.warn) or ["0"]
    document = "zarr.json" if group.zarr_format == 3 else ".zattrs"
    key = join("OME", document)
    guess = join("0", document)  # it is needed next, and nearly always has this name
    answers = yield from opening.documents.ask("Reading the series", [key, guess])
    if found := _listed(opening, answers[key], group):
        return found
    answers = yield from opening.documents.ask("Reading the series", [_XML])
    xml = answers[_XML]
    count = len(_XML_IMAGE.findall(xml)) if isinstance(xml, bytes) else 0
    count = count or (yield from _count(opening, document))
    return [str(number) for number in range(min(count, _MOST) or 1)]


def _listed(opening: Opening, answer: Answer, group: ngff.Group) -> list[str]:
    if not isinstance(answer, bytes):
        return []
    where = opening.where("OME")
    try:
        inner = ngff.parse_document(answer, group.zarr_format, where)
        return parse_series(inner.attributes, where, opening.warn)
    except CellibError as error:
        opening.warn(f"the list of the images cannot be used: {error.what}")
        return []


def _count(opening: Opening, document: str) -> Job[int]:
    first = 0
    while first < _MOST:
        keys = [join(str(n), document) for n in range(first, first + _AT_ONCE)]
        answers = yield from opening.documents.ask("Counting the series", keys)
        for number, key in enumerate(keys, first):
            if not isinstance(answers[key], bytes):
                return number
        first += _AT_ONCE
    return first
