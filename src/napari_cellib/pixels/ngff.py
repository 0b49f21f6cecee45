"""What an OME-Zarr says of itself, read with patience: versions 0.1 to 0.5.

Everything here is pure: documents in, frozen values out. What is wrong in a way
that leaves the picture usable is told through `warn`, one sentence per fault.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.geometry import (
    Axis,
    Warn,
    as_list,
    as_mapping,
    parse_axes,
)
from napari_cellib.pixels.transforms import Affine, Steps, Transform, locate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEWEST_VERSION = (0, 5)

Kind: TypeAlias = Literal[
    "image", "plate", "well", "collection", "labels", "table", "unknown"
]
_KIND_WORDS: dict[Kind, str] = {
    "plate": "a plate",
    "well": "a well",
    "collection": "a collection of images",
    "labels": "a list of label images",
}
# What programs that store tables beside images write.
_TABLE_KEYS = ("tables", "fractal_table_version", "encoding-type")


@dataclass(frozen=True, slots=True)
class Dataset:
    """One level: its path, and where its pixels lie.

    Lengths are in micrometers and times in seconds; None is unknown. See `Place`.
    """

    path: str
    spacing: Steps
    offset: Steps
    affine: Affine | None = None


@dataclass(frozen=True, slots=True)
class Multiscales:
    """The levels of one image, the finest first as the file lists them."""

    name: str | None
    axes: tuple[Axis, ...]
    datasets: tuple[Dataset, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The attributes of one zarr group, wherever its version keeps them.

    `own` is what our writer has noted beside them.
    """

    zarr_format: int
    attributes: Mapping[str, Any]
    version: str | None
    known: Mapping[str, Mapping[str, Any]]
    own: Mapping[str, Any] = field(default_factory=dict)


def parse_json(document: bytes, where: str) -> dict[str, Any]:
    """Read a JSON document that must be an object.

    Raises
    ------
    PixelsUnreadable
        When it is none.
    """
    try:
        value = json.loads(document)
    except (ValueError, RecursionError) as error:
        page = document.lstrip()[:1] == b"<"
        reason = "it is a web page" if page else "it is damaged, or cut off"
        raise PixelsUnreadable(where, f"{reason}, not JSON") from error
    if not isinstance(value, dict):
        raise PixelsUnreadable(where, "it does not hold a JSON object")
    return value


def to_json(document: Mapping[str, Any]) -> bytes:
    """Write a document as the bytes that `parse_json` reads."""
    return json.dumps(document).encode()


def parse_group(zarr_json: bytes | None, zattrs: bytes | None, where: str) -> Group:
    """Read a group's attributes from ``zarr.json``, else from ``.zattrs``.

    Parameters
    ----------
    zarr_json, zattrs : bytes or None
        The two documents; a group of both formats is read as the newer one.
    where : str
        The place, for messages.

    Returns
    -------
    Group
        The attributes; for version 0.5 those under ``"ome"``.

    Raises
    ------
    PixelsUnreadable
        When it is no group, is damaged or of a version that is too new.
    """
    if zarr_json is None:
        attributes = parse_json(zattrs or b"{}", f"{where}/.zattrs")
        return _group(2, attributes, {}, where)
    document = parse_json(zarr_json, f"{where}/zarr.json")
    attributes = as_mapping(document.get("attributes"))
    if document.get("node_type") == "array":
        raise plain_array(where)
    consolidated = as_mapping(document.get("consolidated_metadata"))
    return _group(3, attributes, as_mapping(consolidated.get("metadata")), where)


def parse_document(document: bytes, zarr_format: int, where: str) -> Group:
    """Read a group's attributes from the document that its format has for them."""
    if zarr_format == 3:
        return parse_group(document, None, where)
    return parse_group(None, document, where)


def plain_array(where: str) -> PixelsUnreadable:
    """Return the error for an array that is no image by itself."""
    return PixelsUnreadable(
        where,
        "it is a plain zarr array, which does not say what its axes are",
        fix="If it is one level of an OME-Zarr, open the folder above it.",
    )


def parse_multiscales(group: Group, where: str, warn: Warn) -> Multiscales:
    """Read axes and levels.

    Parameters
    ----------
    group : Group
        Attributes of the image's group.
    where : str
        The place, for messages.
    warn : callable
        Told of each fault that can be lived with.

    Returns
    -------
    Multiscales
        At least one level, each with as many spacings as there are axes.

    Raises
    ------
    PixelsUnreadable
        When the group is a collection, or the levels cannot be made out.
    """
    found = group.attributes.get("multiscales")
    if not isinstance(found, list) or not found:
        raise _no_image(group, where)
    if len(found) > 1:
        warn(f"{len(found)} images in one group: the first is shown")
    image = as_mapping(found[0])
    datasets = image.get("datasets")
    if not isinstance(datasets, list) or not datasets:
        raise PixelsUnreadable(where, "its metadata list no levels")
    axes = parse_axes(image.get("axes"), where)
    outer = Transform.parse(image.get("coordinateTransformations"), len(axes), warn)
    name = image.get("name")
    return Multiscales(
        name=name if isinstance(name, str) and name.strip() else None,
        axes=axes,
        datasets=tuple(
            _parse_dataset(item, axes, outer, where, warn if number == 0 else _ignore)
            for number, item in enumerate(datasets)
        ),
    )


def check_path(path: object, where: str) -> str:
    """Return the path of a level or a label if it stays within the image."""
    if not isinstance(path, str) or not path.strip("/"):
        raise PixelsUnreadable(where, f"{path!r} is no path of a level")
    clean = path.strip("/")
    if any(part in ("", ".", "..") for part in clean.split("/")) or "\\" in clean:
        raise PixelsUnreadable(where, f"the path {path!r} leads out of the image")
    return clean


def _group(
    zarr_format: int,
    attributes: Mapping[str, Any],
    known: Mapping[str, Any],
    where: str,
) -> Group:
    # Writers of drafts put 0.5 metadata into .zattrs, or 0.4 ones into zarr.json.
    ome = attributes.get("ome")
    inner = as_mapping(ome) or attributes
    version = _version(inner)
    number = _version_number(version)
    if number is not None and number > NEWEST_VERSION:
        raise PixelsUnreadable(
            where,
            f"it is OME-Zarr {version}, which is newer than the versions known here",
            fix="Update napari-cellib, or ask for a copy in OME-Zarr 0.5.",
        )
    documents = {k: as_mapping(v) for k, v in known.items()}
    own = as_mapping(attributes.get("cellib"))
    return Group(zarr_format, inner, version, documents, own)


def _version(attributes: Mapping[str, Any]) -> str | None:
    images = attributes.get("multiscales")
    first = as_mapping(images[0]) if isinstance(images, list) and images else {}
    inner = (as_mapping(attributes.get(key)) for key in ("plate", "well"))
    for holder in (attributes, first, *inner):
        if isinstance(found := holder.get("version"), str):
            return found
    return None


def _version_number(version: str | None) -> tuple[int, int] | None:
    match = re.match(r"(\d{1,4})\.(\d{1,4})", version or "")
    return (int(match[1]), int(match[2])) if match else None


def kind_of(group: Group) -> Kind:
    """Say what a group holds."""
    attributes = group.attributes
    if as_list(attributes.get("multiscales")):
        return "image"
    if as_mapping(attributes.get("plate")).get("wells"):
        return "plate"
    if as_mapping(attributes.get("well")).get("images"):
        return "well"
    if "bioformats2raw.layout" in attributes:
        return "collection"
    if as_list(attributes.get("labels")):
        return "labels"
    if any(key in attributes for key in _TABLE_KEYS):
        return "table"
    return "unknown"


def _no_image(group: Group, where: str) -> PixelsUnreadable:
    kind = kind_of(group)
    if kind == "table":
        return PixelsUnreadable(
            where,
            "it is a table and no image",
            fix="Open the folder of the image that it belongs to.",
        )
    if kind != "unknown":
        return PixelsUnreadable(
            where,
            f"it is {_KIND_WORDS[kind]} where an image should be",
            fix="Open one of its images by its own path.",
        )
    return PixelsUnreadable(
        where,
        "it is a zarr group without OME-Zarr metadata",
        fix="Open the folder that holds the image itself, often the one above.",
    )


def _parse_dataset(
    found: object, axes: Sequence[Axis], outer: Transform, where: str, warn: Warn
) -> Dataset:
    entry = as_mapping(found)
    path = check_path(entry.get("path"), where)
    inner = Transform.parse(entry.get("coordinateTransformations"), len(axes), warn)
    place = locate(axes, inner, outer, warn)
    return Dataset(path, place.spacing, place.offset, place.affine)


def _ignore(_: str) -> None:
    """Say nothing: the finest level has said it already."""
