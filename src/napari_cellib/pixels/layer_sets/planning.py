"""From layers to what is written: which become one image, and what lies beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cellib.errors import PixelsUnwritable
from napari_cellib.model import Channel, Window
from napari_cellib.pixels.layer_sets.elements import Element, element_of
from napari_cellib.pixels.layer_sets.geometry import Geometry, geometry_of
from napari_cellib.pixels.layer_sets.looks import (
    channel_look,
    label_colors,
    properties,
)
from napari_cellib.pixels.layer_sets.parameters import KINDS
from napari_cellib.pixels.layer_sets.stacking import (
    colors_first,
    every_other,
    levels_of,
    stack,
)
from napari_cellib.pixels.writing import ImageToWrite, Labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    LayerData: TypeAlias = "tuple[Any, Mapping[str, Any], str]"

FORMAT = 1
_FOLDER = "cellib/layers"
_RGBA = (
    ("Red", "FF0000"),
    ("Green", "00FF00"),
    ("Blue", "0000FF"),
    ("Alpha", "FFFFFF"),
)


@dataclass(frozen=True, eq=False)
class LayerSet:
    """What is to be written for some layers.

    Attributes
    ----------
    images : tuple of ImageToWrite
        Images with their channels and labels.
    elements : dict of str to Element
        Per layer, by the path of its group, what an image has no place for.
    attributes : dict
        Further attributes of the root, as JSON types.
    warnings : tuple of str
        What is not kept, or not seen by other programs, in sentences.
    """

    images: tuple[ImageToWrite, ...]
    elements: Mapping[str, Element]
    attributes: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


def plan_layers(layers: Sequence[LayerData]) -> LayerSet:
    """Say what is to be written for some layers.

    Image layers of the same shape, type and place become the channels of one image,
    and labels go to the first image that they fit. Labels without an image are an
    image of their own. All others, and how each layer is shown, lie beside.

    Parameters
    ----------
    layers : sequence of tuple
        Data, attributes and type, as napari gives them to writers.

    Raises
    ------
    PixelsUnwritable
        When there is no layer, or one cannot be written at all.
    """
    if not layers:
        raise PixelsUnwritable("Nothing", "there is no layer", fix="Choose a layer.")
    planning = _Planning()
    for number, (data, meta, kind) in enumerate(layers):
        if kind not in KINDS:
            name = str(meta.get("name", kind))
            raise PixelsUnwritable(name, f"layers of the type {kind!r} are not known")
        planning.take(number, data, meta, kind)
    return planning.done()


@dataclass
class _Group:
    """Layers that become one image."""

    geometry: Geometry
    key: tuple[Any, ...]
    levels: list[list[Any]] = field(default_factory=list)
    metas: list[Mapping[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    labels: list[tuple[str, Labels, dict[str, Any]]] = field(default_factory=list)
    rgb: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.levels[0][0].shape)


class _Planning:
    """What is known of the layers so far."""

    def __init__(self) -> None:
        self._groups: list[_Group] = []
        self._later: list[tuple[Any, Mapping[str, Any], dict[str, Any], Geometry]] = []
        self._entries: list[dict[str, Any]] = []
        self._elements: dict[str, Element] = {}
        self._warnings: list[str] = []

    def take(self, number: int, data: Any, meta: Mapping[str, Any], kind: str) -> None:
        """Take in one layer."""
        path = f"{_FOLDER}/{number}"
        entry: dict[str, Any] = {"path": path, "type": kind}
        self._entries.append(entry)
        is_pixels = kind in ("image", "labels")
        element, left_out = element_of(kind, None if is_pixels else data, meta)
        self._elements[path] = element
        if left_out:
            names = ", ".join(left_out)
            self._warnings.append(f"{meta.get('name', kind)}: {names} cannot be kept.")
        if kind == "image":
            self._take_image(data, meta, entry)
        elif kind == "labels":
            levels = levels_of(data, meta)
            geometry = self._geometry(levels[0], meta, entry)
            self._later.append((levels, meta, entry, geometry))

    def done(self) -> LayerSet:
        """Return all of it."""
        for levels, meta, entry, geometry in self._later:
            self._take_labels(levels, meta, entry, geometry)
        several = len(self._groups) > 1
        images = tuple(
            _image(group, str(number) if several else "")
            for number, group in enumerate(self._groups)
        )
        own = {"version": FORMAT, "layers": self._entries}
        warnings = tuple(dict.fromkeys(self._warnings))
        return LayerSet(images, self._elements, {"cellib": own}, warnings)

    def _geometry(
        self,
        level: Any,
        meta: Mapping[str, Any],
        entry: dict[str, Any],
        *,
        rgb: bool = False,
    ) -> Geometry:
        name = str(meta.get("name", "image"))
        geometry = geometry_of(meta, level.ndim - rgb, name)
        self._warnings += geometry.warnings
        if "c" in geometry.axes:
            entry["channel_axis"] = geometry.axes.index("c")
        return geometry

    def _take_image(
        self, data: Any, meta: Mapping[str, Any], entry: dict[str, Any]
    ) -> None:
        levels, rgb = levels_of(data, meta), bool(meta.get("rgb"))
        geometry = self._geometry(levels[0], meta, entry, rgb=rgb)
        shapes = tuple(tuple(level.shape) for level in levels)
        key = (shapes, str(levels[0].dtype))
        _note_levels(levels, entry)
        joins = not rgb and "c" not in geometry.axes
        group = next(
            (
                group
                for group in self._groups
                if joins and group.key == key and group.geometry.fits(geometry)
            ),
            None,
        )
        if group is None:
            group = _Group(geometry, key if joins else (), rgb=rgb)
            self._groups.append(group)
        if joins:
            entry["channel"] = len(group.levels)
        group.levels.append(levels)
        group.metas.append(meta)
        group.entries.append(entry)

    def _take_labels(
        self,
        levels: list[Any],
        meta: Mapping[str, Any],
        entry: dict[str, Any],
        geometry: Geometry,
    ) -> None:
        name = str(meta.get("name") or "")
        name = name if name.strip() else "labels"
        if levels[0].dtype.kind not in "iub":
            raise PixelsUnwritable(
                name, f"labels are whole numbers, not {levels[0].dtype}"
            )
        _note_levels(levels, entry)
        for group in self._groups:
            if _covers(group, levels[0], geometry):
                labels = Labels(
                    levels if len(levels) > 1 else levels[0],
                    colors=label_colors(meta),
                    properties=properties(meta),
                )
                taken = {other for other, _, _ in group.labels}
                name = name.partition(" (labels) - ")[0] or name  # see `layer_tuples`
                group.labels.append((_free(name, taken), labels, entry))
                return
        levels = levels if len(levels) > 1 else every_other(levels[0])
        group = _Group(geometry, ())
        group.levels.append(levels)
        group.metas.append(meta)
        group.entries.append(entry)
        self._groups.append(group)


def _note_levels(levels: Sequence[Any], entry: dict[str, Any]) -> None:
    """Remember that a layer had one level: labels with several cannot be painted on."""
    if len(levels) == 1:
        entry["multiscale"] = False


def _covers(group: _Group, level: Any, geometry: Geometry) -> bool:
    """Say whether labels lie exactly on an image."""
    if group.entries[0]["type"] != "image" or not group.geometry.fits(geometry):
        return False
    shape = group.shape[:-1] if group.rgb else group.shape
    lengths = zip(group.geometry.axes, shape, strict=True)
    return tuple(n for axis, n in lengths if axis != "c") == tuple(level.shape)


def _image(group: _Group, path: str) -> ImageToWrite:
    """Make an image of a group, and tell its layers where it is."""
    axes, count = group.geometry.axes, len(group.levels)
    for entry in group.entries:
        entry["image"] = path
    for name, _, entry in group.labels:
        entry |= {"image": path, "labels": name}
    place, title = 1 if axes.startswith("t") else 0, _title(group.metas)
    levels = group.levels[0]
    if group.rgb:
        levels = colors_first(levels, place)
        axes = _with_channels(axes)
    elif "c" not in axes and count > 1:
        levels = stack(group.levels, place)
        axes = _with_channels(axes)
    channels = _channels(group, title, levels[0])
    is_plain = group.rgb and len(channels) == 3 and levels[0].dtype == "uint8"
    return ImageToWrite(
        data=levels if len(levels) > 1 else levels[0],
        axes=axes,
        name=title,
        spacing=group.geometry.spacing,
        translation=group.geometry.translation,
        channels=() if is_plain else channels,
        shown=tuple(bool(m.get("visible", True)) for m in group.metas)
        if len(channels) == count
        else (),
        rgb=is_plain,
        labels={name: labels for name, labels, _ in group.labels},
    )


def _channels(group: _Group, title: str, level: Any) -> tuple[Channel, ...]:
    """Describe the channels of an image; nothing is known of those of one layer."""
    if group.rgb:
        known = _RGBA[: group.shape[-1]]
        return tuple(Channel(name=name, color=color) for name, color in known)
    if group.entries[0]["type"] != "image" or "c" in group.geometry.axes:
        return ()
    return tuple(_channel(meta, title, level.dtype) for meta in group.metas)


def _with_channels(axes: str) -> str:
    return f"tc{axes[1:]}" if axes.startswith("t") else f"c{axes}"


def _channel(meta: Mapping[str, Any], title: str, dtype: Any) -> Channel:
    name = str(meta.get("name") or "")
    if title:  # as our reader names channels
        name = "" if name == title else name.removesuffix(f" - {title}")
    limits = [float(value) for value in meta.get("contrast_limits") or ()]
    window = None
    if len(limits) == 2 and all(map(math.isfinite, limits)) and limits[0] < limits[1]:
        estimated = bool(_own(meta).get("contrast_estimated"))
        window = Window(start=limits[0], end=limits[1], estimated=estimated)
        if dtype.kind in "ui" and dtype.itemsize <= 2:
            least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
            room = {"min": min(least, limits[0]), "max": max(most, limits[1])}
            window = window.model_copy(update=room)
    color, inverted = channel_look(meta)
    return Channel(
        name=name.strip() or None, color=color, window=window, inverted=inverted
    )


def _title(metas: Sequence[Mapping[str, Any]]) -> str:
    titles = [str(title) for meta in metas if (title := _own(meta).get("title"))]
    if titles:
        return titles[0]
    names = [str(meta.get("name") or "") for meta in metas]
    if len(names) == 1:
        return names[0]
    tails = {name.partition(" - ")[2] for name in names}
    return tails.pop() if len(tails) == 1 else ""


def _own(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    own = (meta.get("metadata") or {}).get("cellib")
    return own if isinstance(own, dict) else {}


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
