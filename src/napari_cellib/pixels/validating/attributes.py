"""All attributes of one group: which version they are of, and what they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.validating.faults import Fault, Faults
from napari_cellib.pixels.validating.images import check_image, check_label
from napari_cellib.pixels.validating.plates import check_plate, check_well

if TYPE_CHECKING:
    from collections.abc import Mapping

OLD_VERSIONS = ("0.1", "0.2", "0.3", "0.4")
NEW_VERSION = "0.5"
_CHECKS = {"image-label": check_label, "plate": check_plate, "well": check_well}
_PATHS = ("labels", "series")
_LAYOUT = "bioformats2raw.layout"
PARTS = ("multiscales", *_CHECKS, *_PATHS, _LAYOUT)


def validate(attributes: Mapping[str, Any]) -> list[Fault]:
    """Hold the attributes of a group against the specification.

    Only what the attributes say is looked at: not whether the levels, labels and
    wells that they name are there.

    Parameters
    ----------
    attributes : dict
        What is in ``.zattrs``, or in ``zarr.json`` under ``"attributes"``.

    Returns
    -------
    list of Fault
        What must or should be otherwise. They are valid if nothing must.
    """
    faults = Faults()
    version, inner = _version(attributes, faults)
    if version is None:
        return faults.found
    if not faults.must(
        any(key in inner for key in PARTS), "attributes", "hold nothing of OME-Zarr"
    ):
        return faults.found
    if "multiscales" in inner:
        check_image(inner, version, faults)
    for key, check in _CHECKS.items():
        if key in inner:
            check(inner[key], version, faults)
    for key in _PATHS:
        if key in inner:
            for item, place in faults.items(inner[key], key):
                faults.must(isinstance(item, str) and item, place, "must be a path")
    if _LAYOUT in inner:
        layout = inner[_LAYOUT]
        good = layout == 3 and not isinstance(layout, bool)
        faults.must(good, _LAYOUT, "must be 3")
    return faults.found


def _version(
    attributes: Mapping[str, Any], faults: Faults
) -> tuple[str | None, dict[str, Any]]:
    """Return the version that the rules are taken from, and what they apply to."""
    if "ome" not in attributes:
        return _old_version(attributes, faults), dict(attributes)
    inner = attributes["ome"]
    if not faults.is_object(inner, "ome"):
        return None, {}
    version = faults.text(inner, "version", "ome")
    if version is not None and version != NEW_VERSION:
        newer = re.match(r"\d+\.\d", version) and version not in OLD_VERSIONS
        what = "is newer than the versions known here" if newer else "must be 0.5"
        faults.must(False, f"ome.version {version!r:.40}", what)  # noqa: FBT003
        return None, {}
    return NEW_VERSION, inner


def _old_version(attributes: Mapping[str, Any], faults: Faults) -> str | None:
    named: dict[str, str] = {}
    images = attributes.get("multiscales")
    holders = {f"multiscales[{n}]": item for n, item in enumerate(_list(images))}
    holders |= {key: attributes.get(key) for key in ("plate", "well", "image-label")}
    for where, holder in holders.items():
        if not isinstance(holder, dict):
            continue
        version = holder.get("version")
        faults.should("version" in holder, where, "should name its version")
        if "version" in holder and faults.must(
            version in OLD_VERSIONS,
            f"{where}.version",
            f"must be one of {', '.join(OLD_VERSIONS)}",
        ):
            named[where] = str(version)
    versions = set(named.values())
    if len(versions) > 1:
        faults.must(False, "attributes", "name several versions")  # noqa: FBT003
    return max(versions, default=OLD_VERSIONS[-1])


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
