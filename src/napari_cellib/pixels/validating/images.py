"""Images and label images: levels, axes, transformations, channels, colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.units import unit_size
from napari_cellib.pixels.validating.faults import is_number, is_whole

if TYPE_CHECKING:
    from napari_cellib.pixels.units import AxisKind
    from napari_cellib.pixels.validating.faults import Faults

_ORDER = {"time": 0, "space": 2}  # channels, and what else there is, lie between
_SIZES = ("scale", "translation")
_COLOR = re.compile(r"^[0-9A-Fa-f]{6}$")


def check_image(attributes: dict[str, Any], version: str, faults: Faults) -> None:
    """Look at the pyramids of an image, and at its channels."""
    for image, where in faults.objects(attributes["multiscales"], "multiscales"):
        count = _check_axes(image, version, faults, where)
        for key in ("name", "type", "metadata"):
            faults.should(key in image, where, f"should have a {key}")
        faults.optional(image, "name", str, where, "must be a text")
        for level, place in faults.objects(image.get("datasets"), f"{where}.datasets"):
            faults.text(level, "path", place)
            if version >= "0.4":
                _check_transformations(level, count, faults, place)
        if version >= "0.4" and "coordinateTransformations" in image:
            _check_transformations(image, count, faults, where)
    if "omero" in attributes:
        _check_channels(attributes["omero"], faults)


def _check_axes(
    image: dict[str, Any], version: str, faults: Faults, where: str
) -> int | None:
    """Look at the axes; return how many there are, if that is clear."""
    axes, place = image.get("axes"), f"{where}.axes"
    if version < "0.3":
        return 5  # always t, c, z, y, x
    if not faults.must(isinstance(axes, list), place, "must be a list"):
        return None
    assert isinstance(axes, list)
    faults.must(2 <= len(axes) <= 5, place, "must be two to five")
    if version == "0.3":
        good = all(isinstance(axis, str) and axis in "tczyx" for axis in axes)
        faults.must(good, place, "must be named t, c, z, y or x")
        return len(axes)
    names, kinds = [], []
    for axis, spot in faults.objects(axes, place):
        names.append(faults.text(axis, "name", spot))
        kinds.append(axis.get("type"))
        faults.should("type" in axis, spot, "should have a type")
        faults.optional(axis, "type", str, spot, "must be a text")
        _check_unit(axis, faults, spot)
    faults.must(len(set(names)) == len(names), place, "must have different names")
    _check_kinds(kinds, faults, place)
    return len(axes)


def _check_kinds(kinds: list[Any], faults: Faults, place: str) -> None:
    spatial = kinds.count("space")
    faults.must(2 <= spatial <= 3, place, "must be two or three axes of space")
    faults.must(kinds.count("time") <= 1, place, "must be at most one axis of time")
    others = len(kinds) - spatial - kinds.count("time")
    faults.must(others <= 1, place, "must be at most one that is not space or time")
    order = [_ORDER.get(kind, 1) if isinstance(kind, str) else 1 for kind in kinds]
    in_order = order == sorted(order)
    faults.must(in_order, place, "must be in the order time, channel, space")


def _check_unit(axis: dict[str, Any], faults: Faults, spot: str) -> None:
    kind, unit = axis.get("type"), axis.get("unit")
    kinds: dict[Any, AxisKind] = {"space": "space", "time": "time"}
    if kind not in ("space", "time"):
        return
    faults.should("unit" in axis, spot, "should have a unit")
    if "unit" in axis:
        # The specification lists whole names: "micrometer", not "micron" or "um".
        known = isinstance(unit, str) and len(unit) > 3 and not unit.endswith("s")
        known = known and unit_size(str(unit), kinds[kind]) is not None
        faults.should(known, f"{spot}.unit", f"should be a unit of {kind}")


def _check_transformations(
    holder: dict[str, Any], count: int | None, faults: Faults, where: str
) -> None:
    place = f"{where}.coordinateTransformations"
    kinds = []
    found = holder.get("coordinateTransformations")
    for item, spot in faults.objects(found, place):
        kind = item.get("type")
        kinds.append(kind)
        if not faults.must(
            kind in _SIZES, f"{spot}.type", "must be scale or translation"
        ):
            continue
        values = item.get(str(kind))
        good = isinstance(values, list) and all(map(is_number, values))
        if not faults.must(good, f"{spot}.{kind}", "must be a list of numbers"):
            continue
        assert isinstance(values, list)
        fits = count is None or len(values) == count
        faults.must(
            fits, f"{spot}.{kind}", f"must have a number for each of {count} axes"
        )
    if isinstance(found, list) and found:
        faults.must(kinds.count("scale") == 1, place, "must have exactly one scale")
        faults.must(
            kinds.count("translation") <= 1, place, "must have at most one translation"
        )
        faults.must(kinds[:1] == ["scale"], place, "must have its scale first")


def _check_channels(omero: object, faults: Faults) -> None:
    if not faults.is_object(omero, "omero"):
        return
    assert isinstance(omero, dict)
    channels = omero.get("channels")
    if not faults.must(isinstance(channels, list), "omero.channels", "must be a list"):
        return
    assert isinstance(channels, list)
    for number, channel in enumerate(channels):
        where = f"omero.channels[{number}]"
        if not faults.is_object(channel, where):
            continue
        color = channel.get("color")
        good = isinstance(color, str) and _COLOR.match(color)
        faults.must(good, f"{where}.color", "must be six hexadecimal digits")
        faults.optional(channel, "label", str, where, "must be a text")
        faults.optional(channel, "active", bool, where, "must be true or false")
        window = channel.get("window")
        if faults.is_object(window, f"{where}.window"):
            for key in ("start", "end", "min", "max"):
                place = f"{where}.window.{key}"
                faults.must(is_number(window.get(key)), place, "must be a number")


def check_label(found: object, version: str, faults: Faults) -> None:
    """Look at what an image says of being labels: colours, properties, source."""
    where = "image-label"
    if not faults.is_object(found, where):
        return
    assert isinstance(found, dict)
    faults.should("colors" in found, where, "should have colors")
    for key in ("colors", "properties"):
        if key not in found:
            continue
        values = []
        for entry, place in faults.objects(found[key], f"{where}.{key}"):
            value = entry.get("label-value")
            good = is_whole(value) or (key == "colors" and is_number(value))
            faults.must(good, f"{place}.label-value", "must be the number of a label")
            values.append(repr(value))
            if "rgba" in entry:
                faults.must(_is_rgba(entry["rgba"]), f"{place}.rgba", "must be 4 bytes")
        if version >= "0.4":
            distinct = len(set(values)) == len(values)
            faults.must(distinct, f"{where}.{key}", "must name each label only once")
    if "source" in found and faults.is_object(found["source"], f"{where}.source"):
        faults.optional(
            found["source"], "image", str, f"{where}.source", "must be a path"
        )


def _is_rgba(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 4
        and all(is_whole(item) and 0 <= item <= 255 for item in value)
    )
