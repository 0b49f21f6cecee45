"""What is at a place: what was understood, what was guessed, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import CellibError, PixelsUnreadable
from napari_cellib.pixels import ngff
from napari_cellib.pixels.documents import Documents, join
from napari_cellib.pixels.geometry import as_list, as_mapping
from napari_cellib.pixels.image import open_group
from napari_cellib.pixels.opening import Opening
from napari_cellib.pixels.plates import parse_plate, parse_well
from napari_cellib.pixels.series import list_images
from napari_cellib.pixels.stores import open_store
from napari_cellib.pixels.validating.arrays import StoredArray, check_arrays
from napari_cellib.pixels.validating.attributes import PARTS, validate
from napari_cellib.pixels.validating.faults import Fault, Faults, as_json, counting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.multiscale import MultiscaleImage, PixelSource
    from napari_cellib.pixels.stores import Answer

_GROUPS = ("zarr.json", ".zattrs")


@dataclass
class Inspection:
    """What is known of a place.

    Attributes
    ----------
    where : str
        The place, without user name, password or token.
    kind : str
        ``"image"``, ``"plate"``, ``"well"``, ``"collection"``, ``"labels"``,
        ``"table"`` or ``"unknown"``.
    facts : dict
        What was understood, as JSON types.
    guessed : list of str
        What the metadata do not say, and was assumed.
    faults : list of Fault
        What breaks the specification.
    warnings : list of str
        What whoever opens it is told.
    error : CellibError, optional
        Why it cannot be opened at all.
    image : MultiscaleImage, optional
        The image, where it can be opened: the first one of a collection.
    """

    where: str
    kind: str = "unknown"
    facts: dict[str, Any] = field(default_factory=dict)
    guessed: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: CellibError | None = None
    image: MultiscaleImage | None = None

    def is_valid(self, *, strict: bool = False) -> bool:
        """Say whether it is as the specification wants it.

        Parameters
        ----------
        strict : bool, default: False
            Whether what it only recommends counts, too.
        """
        return not self._reasons(strict=strict)

    def to_json(self, *, strict: bool = False) -> dict[str, Any]:
        """Return all of it as JSON types."""
        error = self.error and {"message": self.error.what, "fix": self.error.fix}
        return {
            "valid": self.is_valid(strict=strict),
            "message": "; ".join(self._reasons(strict=strict)) or None,
            "where": self.where,
            "kind": self.kind,
            **self.facts,
            "guessed": self.guessed,
            "faults": [as_json(fault) for fault in self.faults],
            "warnings": self.warnings,
            "error": error,
        }

    def _reasons(self, *, strict: bool) -> list[str]:
        """Return why it is not valid: what nobody could open is not known to be."""
        found = counting(self.faults, strict=strict)
        return found or ([self.error.what] if self.error else [])


def inspect(
    where: str | Path, *, timeout_s: float = 20.0, disk: DiskCache | None = None
) -> Job[Inspection]:
    """Find out what is at a place, and hold it against the specification.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder or an address; see `open_image`.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.
    disk : DiskCache, optional
        Where the bytes of servers are kept.

    Returns
    -------
    Inspection
        What was found, also of what cannot be opened.

    Yields
    ------
    Progress
        While it waits.

    Raises
    ------
    PixelsNotFound
        When nothing is there.
    PixelsUnreachable
        When the server does not answer.
    """
    store = open_store(where, timeout_s=timeout_s, disk=disk)
    opening = Opening(Documents(store))
    report = Inspection(store.name)
    try:
        group = yield from opening.group("")
    except PixelsUnreadable as error:
        report.error = error
        _judge(opening, report)
        if not report.faults:
            report.faults = [Fault("attributes", f"cannot be read: {error.reason}")]
        return report
    report.kind = ngff.kind_of(group)
    report.facts = {"version": group.version, "zarr_format": group.zarr_format}
    if group.version is None and report.kind != "unknown":
        report.guessed.append("the version: none is named")
    try:
        report.facts |= yield from _parts(opening, group, report)
        image = yield from open_group(opening)
    except CellibError as error:
        report.error = error
    else:
        report.image = image
        report.facts |= _shown(image)
        report.guessed += _guesses(image, group)
    _judge(opening, report)
    report.warnings = list(opening.warnings)
    return report


def _parts(
    opening: Opening, group: ngff.Group, report: Inspection
) -> Job[dict[str, Any]]:
    """Return what lies in the group: images, wells, tables."""
    facts: dict[str, Any] = {}
    where = opening.where("")
    if report.kind == "plate":
        plate = parse_plate(group.attributes, where, opening.warn)
        facts["rows"], facts["columns"] = list(plate.rows), list(plate.columns)
        facts["wells"] = [well.path for well in plate.wells]
        facts["acquisitions"] = [each.name for each in plate.acquisitions]
        report.guessed.append("all wells: they were taken to be like the first")
    elif report.kind == "well":
        fields = parse_well(group.attributes, where, opening.warn)
        facts["fields"] = [field.path for field in fields]
    elif report.kind in ("collection", "labels"):
        series = yield from list_images(opening, group)
        facts["series"] = [opening.where(path) for path in series]
    document = _GROUPS[0] if group.zarr_format == 3 else _GROUPS[1]
    key = join("tables", document)
    answers = yield from opening.documents.ask("Reading the tables", [], optional=[key])
    if isinstance(found := answers[key], bytes):
        inner = ngff.parse_document(found, group.zarr_format, join(where, "tables"))
        facts["tables"] = [
            str(name) for name in as_list(inner.attributes.get("tables"))
        ]
    return facts


def _shown(image: MultiscaleImage) -> dict[str, Any]:
    """Return what would be shown, as JSON types."""
    return {
        "name": image.name,
        "image": image.where,
        "axes": [
            {
                "name": name,
                "letter": letter,
                "spacing": step,
                "unit": _unit(letter, step),
            }
            for name, letter, step in zip(
                image.axis_names, image.axes, image.scale, strict=True
            )
        ],
        "levels": [
            {
                "path": source.path,
                "shape": list(source.shape),
                "dtype": str(source.dtype),
                "chunks": list(source.chunks),
                "shards": _shards(source),
                "bytes": size,
            }
            for source, size in zip(image.sources, image.bytes_per_level, strict=True)
        ],
        "affine": image.affine and [list(row) for row in image.affine],
        "rgb": image.rgb,
        "channels": [
            channel.model_dump(mode="json", exclude_none=True)
            for channel in image.channels
        ],
        "labels": [] if image.labels_only else [label.name for label in image.labels],
    }


def _guesses(image: MultiscaleImage, group: ngff.Group) -> list[str]:
    guesses = []
    images = as_list(group.attributes.get("multiscales"))
    if images and not as_mapping(images[0]).get("axes"):
        guesses.append("the axes: t, c, z, y, x, as up to version 0.2")
    unknown = [a for a, s in zip(image.axes, image.scale, strict=True) if s is None]
    if unknown := [axis for axis in unknown if axis in "tzyx"]:
        guesses.append(
            f"a step of one pixel along {', '.join(unknown)}: no unit is known"
        )
    for number, channel in enumerate(image.channels, 1):
        if not image.rgb and not image.labels_only and channel.window is None:
            guesses.append(
                f"the contrast of channel {number}: computed from its pixels"
            )
        if not image.rgb and not image.labels_only and channel.color is None:
            guesses.append(f"the colour of channel {number}: chosen")
    return guesses


def _judge(opening: Opening, report: Inspection) -> None:
    """Hold all that was read against the specification."""
    faults = Faults()
    documents, answers = opening.documents.found(), opening.documents.answers()
    for key, document in documents.items():
        path, _, name = key.rpartition("/")
        attributes = document if name == ".zattrs" else document.get("attributes")
        if name not in _GROUPS or not isinstance(attributes, dict):
            continue
        if document.get("node_type") == "array" or not (
            _is_ours(attributes) or not path
        ):
            continue
        prefix = f"{path}: " if path else ""
        faults.found += [
            replace(f, where=prefix + f.where) for f in validate(attributes)
        ]
        level_name = "zarr.json" if name == "zarr.json" else ".zarray"
        arrays = _check_levels(answers, attributes, path, level_name, faults)
        for level in report.facts.get("levels", []):
            if array := arrays.get(level["path"]):
                level["codecs"] = list(array.codecs)
    report.faults = faults.found


def _is_ours(attributes: dict[str, Any]) -> bool:
    return "ome" in attributes or bool(set(attributes) & set(PARTS))


def _check_levels(
    answers: Mapping[str, Answer],
    attributes: dict[str, Any],
    path: str,
    name: str,
    faults: Faults,
) -> dict[str, StoredArray | None]:
    """Look at the levels that were asked for: not all images of a collection are."""
    inner = as_mapping(attributes.get("ome")) or attributes
    image = as_mapping(next(iter(as_list(inner.get("multiscales"))), None))
    levels = [as_mapping(level).get("path") for level in as_list(image.get("datasets"))]
    axes = [
        str(axis if isinstance(axis, str) else as_mapping(axis).get("name"))
        for axis in as_list(image.get("axes")) or list("tczyx")
    ]
    arrays: dict[str, StoredArray | None] = {}
    for level in levels:
        place = join(path, str(level))
        key = join(place, name)
        if key not in answers or isinstance(answer := answers[key], CellibError):
            continue  # nothing is known of it, which is not to say that it is absent
        try:
            found = None if answer is None else ngff.parse_json(answer, key)
        except PixelsUnreadable:
            faults.must(False, place, "must be described in JSON")  # noqa: FBT003
        else:
            arrays[place] = None if found is None else StoredArray.parse(found)
    if arrays:
        check_arrays(arrays, axes, faults)
    return arrays


def _unit(letter: str, step: float | None) -> str | None:
    if step is None:
        return None
    return "second" if letter == "t" else "micrometer"


def _shards(source: PixelSource) -> list[int] | None:
    return None if source.stored == source.chunks else list(source.stored)
