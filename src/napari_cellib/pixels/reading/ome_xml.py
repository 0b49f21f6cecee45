"""What the OME-XML of an OME-TIFF says of its first image."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from napari_cellib.model import Channel
from napari_cellib.pixels.units import unit_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.pixels.units import AxisKind


class OmeFacts(NamedTuple):
    """Sizes and channels; what is not said is absent."""

    spacing_um: dict[str, float]
    time_step_s: float | None
    channels: tuple[Channel, ...]
    notes: tuple[tuple[str, str], ...] = ()


NOTHING = OmeFacts({}, None, ())


def read_ome_xml(text: str, image: int = 0) -> OmeFacts:
    """Return what is said; nothing where the document is no sound OME-XML.

    Parameters
    ----------
    text : str
        The document.
    image : int
        Number of the image that is asked about.

    Examples
    --------
    >>> read_ome_xml(
    ...     '<OME><Image><Pixels PhysicalSizeX="90" PhysicalSizeXUnit="nm"/>'
    ...     "</Image></OME>"
    ... ).spacing_um
    {'x': 0.09}
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # made to fill the memory
        return NOTHING
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError):
        return NOTHING
    pixels = next(islice(_named(root, "Pixels"), image, None), None)
    if pixels is None:
        return NOTHING
    spacing = {
        axis: size
        for axis in "zyx"
        if (size := _quantity(pixels, f"PhysicalSize{axis.upper()}", "µm", "space"))
    }
    step = _quantity(pixels, "TimeIncrement", "s", "time")
    channels = tuple(map(_channel, _named(pixels, "Channel")))
    return OmeFacts(spacing, step, channels, _notes(root))


def _notes(root: ET.Element) -> tuple[tuple[str, str], ...]:
    """Return what it says of the objective, where there is only one."""
    objectives = list(_named(root, "Objective"))
    if len(objectives) != 1:
        return ()
    said = (
        ("objective", "Model"),
        ("numerical aperture", "LensNA"),
        ("magnification", "NominalMagnification"),
        ("immersion", "Immersion"),
    )
    found = ((word, (objectives[0].get(name) or "").strip()) for word, name in said)
    return tuple((word, text) for word, text in found if text)


def _named(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield elements of a name in any version of the schema."""
    return (e for e in root.iter() if e.tag.rpartition("}")[2] == name)


def _quantity(
    element: ET.Element, name: str, usual: str, kind: AxisKind
) -> float | None:
    number = positive(element.get(name))
    if number == 1 and f"{name}Unit" not in element.attrib:
        return None  # what writers put who know of no size
    size = unit_size(element.get(f"{name}Unit", usual), kind)  # None: "pixel"
    return None if number is None or size is None else float(f"{number * size:.9g}")


def positive(text: str | None) -> float | None:
    """Return the number that a text is, if it is one above zero."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _channel(element: ET.Element) -> Channel:
    return Channel(
        name=(element.get("Name") or "").strip() or None,
        color=_color(element.get("Color")),
        emission_nm=_nanometers(element, "EmissionWavelength"),
        excitation_nm=_nanometers(element, "ExcitationWavelength"),
    )


def _nanometers(element: ET.Element, name: str) -> float | None:
    micrometers = _quantity(element, name, "nm", "space")
    return None if micrometers is None else float(f"{micrometers * 1000:.9g}")


def _color(text: str | None) -> str | None:
    """Return RRGGBB of a signed number that holds red, green, blue and opacity."""
    try:
        number = int(text or "") & 0xFFFFFFFF
    except ValueError:
        return None
    # -1 is white and opaque: what writers put who were not asked for a colour.
    return None if number in (0, 0xFFFFFFFF) else f"{number >> 8:06X}"
