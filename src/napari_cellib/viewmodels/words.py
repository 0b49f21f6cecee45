"""Numbers, codes and licences in the words of the person who reads them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from napari_cellib.model import FacetField, Kind, TermField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.model import Dimensions, ImageRecord, Licence
    from napari_cellib.model.licence import Reuse
    from napari_cellib.ontology import TermInfo

NOT_STATED = "not stated"

FACET_WORDS = {
    FacetField.ORGANISM: "Organism",
    FacetField.CELL_TYPE: "Cell type",
    FacetField.CELLULAR_COMPONENT: "Cell component",
    FacetField.BIOLOGICAL_PROCESS: "Biological process",
    FacetField.IMAGING_METHOD: "Imaging method",
    FacetField.KIND: "Kind of image",
    FacetField.LICENCE: "Licence",
    FacetField.LIBRARY: "Library",
}

_REUSE_WORDS: dict[Reuse, str] = {
    "open": "Free to use for any purpose. Citing it is good practice.",
    "attribution": "Free to use and change if you credit the authors.",
    "share-alike": "Free to use if you credit the authors and share what you make "
    "of it under the same licence.",
    "non-commercial": "Free to use for non-commercial purposes if you credit the "
    "authors.",
    "no-derivatives": "Free to show unchanged if you credit the authors. Changed "
    "versions may not be shared.",
    "restricted": "Use is restricted. Read the licence before you use the image.",
    "unknown": "What is allowed is not clear. Ask the authors before you use it.",
}

_BYTE_UNITS = ("kB", "MB", "GB", "TB")


def size_in_words(size_bytes: int) -> str:
    """Return a number of bytes as people write it.

    Examples
    --------
    >>> size_in_words(3_912_000)
    '3.9 MB'
    >>> size_in_words(512)
    '512 bytes'
    """
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    amount, power = size_bytes / 1000, 0
    # 999.6 would be rounded to "1000"; it is one of the next unit.
    while amount >= 999.5 and power < len(_BYTE_UNITS) - 1:
        amount, power = amount / 1000, power + 1
    unit = _BYTE_UNITS[power]
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"


def length_in_words(micrometers: float) -> str:
    """Return a length in the unit that suits it.

    Examples
    --------
    >>> length_in_words(0.107), length_in_words(1250.0), length_in_words(0.004)
    ('0.107 µm', '1.25 mm', '4 nm')
    """
    if micrometers >= 1000:
        return f"{micrometers / 1000:.4g} mm"
    if micrometers < 0.01:
        return f"{micrometers * 1000:.4g} nm"
    return f"{micrometers:.4g} µm"


def duration_in_words(seconds: float) -> str:
    """Return a span of time in the unit that suits it.

    Examples
    --------
    >>> duration_in_words(0.05), duration_in_words(30.0), duration_in_words(900.0)
    ('50 ms', '30 s', '15 min')
    """
    if seconds < 1:
        return f"{seconds * 1000:.4g} ms"
    if seconds < 120:
        return f"{seconds:.4g} s"
    if seconds < 7200:
        return f"{seconds / 60:.4g} min"
    return f"{seconds / 3600:.4g} h"


def count_in_words(number: int, noun: str) -> str:
    """Return a number with its noun, e.g. ``"1 image"`` or ``"12,000 images"``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def isolated(text: str) -> str:
    """Return text whose direction leaves that of what stands beside it alone.

    Only what is written from right to left gets the signs for that, which nobody sees.
    """
    is_reversed = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)
    return f"\u2068{text}\u2069" if is_reversed else text


def extent_in_words(dimensions: Dimensions) -> str:
    """Return how large an image is, e.g. ``"512 × 384 px, 60 z-planes"``."""
    sizes = dimensions.sizes
    parts = [f"{sizes.get('x', 1)} × {sizes.get('y', 1)} px"]
    if (planes := sizes.get("z", 1)) > 1:
        parts.append(f"{planes} z-planes")
    if (frames := sizes.get("t", 1)) > 1:
        parts.append(f"{frames} time points")
    if dimensions.rgb:
        parts.append("colour")
    elif (channels := sizes.get("c", 1)) > 1:
        parts.append(f"{channels} channels")
    return ", ".join(parts)


def reuse_in_words(licence: Licence | None) -> str:
    """Say in plain words what a licence allows."""
    if licence is None:
        return "No licence is stated. Ask the authors before you use the image."
    return _REUSE_WORDS[licence.reuse]


def review_in_words(*, peer_reviewed: bool | None) -> str:
    """Say whether anybody has reviewed an image; what is unknown is not made up."""
    if peer_reviewed is None:
        return NOT_STATED
    return "peer reviewed" if peer_reviewed else "not peer reviewed"


def term_field_in_words(field: TermField) -> str:
    """Return the name of a term field as a person reads it."""
    if field is TermField.CELLULAR_COMPONENT:
        return "Cell component"
    return field.value.replace("_", " ").capitalize()


def path_in_words(path: Sequence[TermInfo]) -> tuple[str, ...]:
    """Return the names on a way down from a root, as a person reads them."""
    names = (info.label.replace("_", " ") for info in path)
    return tuple(name for name in names if name != "root")


def badges(record: ImageRecord) -> tuple[str, ...]:
    """Return the few words that tell what kind of image it is."""
    channels = record.dimensions.sizes.get("c", 1) if record.dimensions else 1
    words = []
    for kind in record.kinds:
        if kind is Kind.MULTICHANNEL and channels > 1:
            words.append(count_in_words(channels, "channel"))
        else:
            words.append(kind.label)
    return tuple(dict.fromkeys(words))
