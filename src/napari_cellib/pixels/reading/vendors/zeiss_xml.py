"""What the XML of a CZI says: sizes, channels, scenes and the objective."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from napari_cellib.model import Channel
from napari_cellib.pixels.reading.ome_xml import NOTHING, OmeFacts, positive

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})")
_IMAGE = "./Metadata/Information/Image"


def read_facts(xml: str) -> OmeFacts:
    """Return what a CZI says of its image.

    Parameters
    ----------
    xml : str
        Its document, or an empty text.

    Returns
    -------
    OmeFacts
        What is not said, or is zero, is absent.

    Raises
    ------
    xml.etree.ElementTree.ParseError
        When it is no XML.
    """
    root = _root(xml)
    if root is None:
        return NOTHING
    spacing = {}
    for distance in root.iterfind("./Metadata/Scaling/Items/Distance"):
        axis = distance.get("Id", "").lower()
        meters = positive(distance.findtext("Value"))
        if axis in ("x", "y", "z") and meters and meters != 1:
            spacing[axis] = float(f"{meters * 1e6:.7g}")
    step = positive(
        root.findtext(f"{_IMAGE}/Dimensions/T/Positions/Interval/Increment")
    )
    return OmeFacts(spacing, step, _channels(root), _notes(root))


def scene_names(xml: str, numbers: Sequence[int]) -> tuple[str, ...]:
    """Return a name for each scene: its own, or its number."""
    named: dict[int, str] = {}
    with suppress(ET.ParseError, ValueError):
        root = _root(xml)
        for scene in () if root is None else root.iterfind(
            f"{_IMAGE}/Dimensions/S/Scenes/Scene"
        ):  # fmt: skip
            named[int(scene.get("Index", ""))] = scene.get("Name", "").strip()
    return tuple(named.get(number) or f"Scene {number + 1}" for number in numbers)


def _root(xml: str) -> ET.Element | None:
    if not xml or "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        return None
    return ET.fromstring(xml.rstrip("\0"))


def _channels(root: ET.Element) -> tuple[Channel, ...]:
    shown = {
        element.get("Id"): element
        for element in root.iterfind("./Metadata/DisplaySetting/Channels/Channel")
    }
    found = []
    for element in root.iterfind(f"{_IMAGE}/Dimensions/Channels/Channel"):
        display = shown.get(element.get("Id"))
        color = element.findtext("Color") or (
            display.findtext("Color") if display is not None else None
        )
        match = _COLOR.fullmatch((color or "").strip())
        found.append(
            Channel(
                name=(element.get("Name") or "").strip() or None,
                color=match[1].upper() if match else None,
                emission_nm=positive(element.findtext("EmissionWavelength")),
                excitation_nm=positive(element.findtext("ExcitationWavelength")),
            )
        )
    return tuple(found)


def _notes(root: ET.Element) -> tuple[tuple[str, str], ...]:
    objective = root.find("./Metadata/Information/Instrument/Objectives/Objective")
    if objective is None:
        return ()
    said = (
        (
            "objective",
            objective.get("Name") or objective.findtext("Manufacturer/Model"),
        ),
        ("numerical aperture", _short(objective.findtext("LensNA"))),
        ("magnification", _short(objective.findtext("NominalMagnification"))),
        ("immersion", objective.findtext("Immersion")),
    )
    return tuple((word, text.strip()) for word, text in said if text and text.strip())


def _short(text: str | None) -> str | None:
    number = positive(text)
    return None if number is None else f"{number:g}"
