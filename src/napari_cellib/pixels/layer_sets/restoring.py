"""From an OME-Zarr that layers were saved to, back to these layers."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cellib.errors import CellibError, PixelsUnreadable
from napari_cellib.model.statement import Statements
from napari_cellib.pixels.documents import Documents, join
from napari_cellib.pixels.geometry import as_list, as_mapping
from napari_cellib.pixels.layer_sets.accepted import accepted
from napari_cellib.pixels.layer_sets.encoding import decode
from napari_cellib.pixels.layer_sets.parameters import KINDS, known_parameters
from napari_cellib.pixels.layer_sets.stacking import (
    streamed_together,
    together,
)
from napari_cellib.pixels.layer_sets.statements import (
    KEY,
    decode_statements,
    statements_of,
)
from napari_cellib.pixels.levels import open_array
from napari_cellib.pixels.ngff import check_path
from napari_cellib.pixels.opening import Opening
from napari_cellib.pixels.parallel import in_parallel
from napari_cellib.pixels.streaming.streamed_level import StreamedLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.layer_sets.encoding import Array
    from napari_cellib.pixels.layers import LayerTuple
    from napari_cellib.pixels.stores import Store

OpenImage: TypeAlias = "Callable[[str], Job[list[LayerTuple]]]"

_FORMAT = 1
_MOST_LAYERS = 4096
_MOST_BYTES = 4_000_000_000
# They belong to the pixels of an image that became labels.
_OF_IMAGES = ("contrast_limits", "colormap", "blending", "rgb")
# What an axis has of which nothing is known.
_OF_AXES = {"scale": 1.0, "translate": 0.0, "units": "pixel", "axis_labels": "c"}


@dataclass(frozen=True)
class _Saved:
    """A layer as it was noted; `lost` says why arrays cannot be read."""

    entry: Mapping[str, Any]
    own: Mapping[str, Any]
    arrays: Mapping[str, Array]
    lost: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return str(self.entry["type"])

    def reason(self, error: Exception) -> str:
        """Say why it, or a part of it, is left out."""
        if self.lost:
            return "; ".join(self.lost)
        return error.what if isinstance(error, CellibError) else str(error)


def restore_layers(
    store: Store,
    layer_set: Mapping[str, Any],
    open_image: OpenImage,
    *,
    known: Mapping[str, Mapping[str, Any]] | None = None,
) -> Job[tuple[list[LayerTuple], list[str]]]:
    """Return the layers that were saved together, in their order.

    A layer that is damaged is left out with a warning; what is wrong with how a layer
    was shown only costs that.

    Parameters
    ----------
    store : Store
        Where they are.
    layer_set : dict
        What the root notes of them.
    open_image : callable
        Returns the job that opens an image of the store by its path, as layer tuples:
        one per channel, then one per segmentation.
    known : dict of str to dict, optional
        All metadata, by their path.

    Returns
    -------
    layers : list of tuple
        Data, keyword arguments and type.
    warnings : list of str
        What was wrong, in sentences.
    """
    opening = Opening(Documents(store, known))
    where = store.name
    if layer_set.get("version") != _FORMAT:
        opening.warn("the layers were saved by a newer version, which keeps more")
    entries = [as_mapping(e) for e in as_list(layer_set.get("layers"))[:_MOST_LAYERS]]
    images: dict[str, list[LayerTuple]] = {}
    for path in dict.fromkeys(str(e["image"]) for e in entries if "image" in e):
        try:
            place = check_path(path, where) if path else ""
            images[path] = yield from open_image(place)
        except CellibError as error:
            opening.warn(f"an image is left out: {error.what}")
    saved = yield from _saved(opening, entries)
    layers = []
    for number, one in enumerate(saved):
        # Of an image that is damaged, it was said once.
        if one is None or one.entry.get("image", "") not in ("", *images):
            continue
        try:
            layers.append(_layer(one, images, opening))
        except (CellibError, KeyError, IndexError, TypeError, ValueError) as error:
            opening.warn(f"layer {number + 1} is left out: {one.reason(error)}")
    return layers + _added(entries, images), opening.warnings


def said_of_set(store: Store, layer_set: Mapping[str, Any]) -> Job[Statements]:
    """Return all that was said of layers that were saved together.

    What is damaged is left out. The arguments are those of `restore_layers`.
    """
    opening = Opening(Documents(store))
    entries = [as_mapping(e) for e in as_list(layer_set.get("layers"))[:_MOST_LAYERS]]
    said = Statements()
    for one in (yield from _saved(opening, entries)):
        origin = _origin(one, opening) if one is not None else {}
        said = said.with_all(statements_of({"cellib": origin}))
    return said


def _added(
    entries: list[dict[str, Any]], images: Mapping[str, list[LayerTuple]]
) -> list[LayerTuple]:
    """Return the labels that somebody put to the images since."""
    noted = {(e.get("image"), e.get("labels")) for e in entries if _is_hashable(e)}
    return [
        layer
        for path, layers in images.items()
        for layer in layers
        if layer[2] == "labels"
        and (path, layer[1]["metadata"]["cellib"].get("labels")) not in noted
    ]


def _is_hashable(entry: Mapping[str, Any]) -> bool:
    return all(isinstance(entry.get(k, ""), str) for k in ("image", "labels"))


# --------------------------------------------------------------------------- reading


def _saved(opening: Opening, entries: list[dict[str, Any]]) -> Job[list[_Saved | None]]:
    """Read the group of each layer and its arrays."""
    # Where its metadata are consolidated, they say all that is asked below.
    root = yield from opening.group("")
    found: list[tuple[dict[str, Any], dict[str, Any], str, int] | None] = []
    for entry in entries:
        try:
            path = check_path(str(entry.get("path")), opening.store.name)
            if entry.get("type") not in KINDS:
                raise PixelsUnreadable(path, f"it is a layer of {entry.get('type')!r}")
            group = yield from opening.group(path, root.zarr_format)
            if group.own.get("version") != _FORMAT:
                raise PixelsUnreadable(path, "its version is not known here")
            found.append((entry, dict(group.own), path, group.zarr_format))
        except CellibError as error:
            opening.warn(f"a layer is left out: {error.what}")
            found.append(None)
    places: list[tuple[str, int]] = []
    for one in found:
        if one is not None:
            _, own, path, zarr_format = one
            folders = as_mapping(own.get("arrays")).values()
            places += [(join(path, check_path(f, path)), zarr_format) for f in folders]
    arrays = yield from _read(opening, places)
    saved: list[_Saved | None] = []
    for one in found:
        if one is None:
            saved.append(None)
            continue
        entry, own, path, _ = one
        named = as_mapping(own.get("arrays"))
        read = {name: arrays[join(path, str(f))] for name, f in named.items()}
        known = {n: v for n, v in read.items() if not isinstance(v, CellibError)}
        lost = tuple(v.what for v in read.values() if isinstance(v, CellibError))
        saved.append(_Saved(entry, own, known, lost))
    return saved


def _read(
    opening: Opening, places: list[tuple[str, int]]
) -> Job[dict[str, Array | CellibError]]:
    store = opening.store
    names = {3: "zarr.json", 2: ".zarray"}
    keys = [join(path, names[zarr_format]) for path, zarr_format in places]
    documents = yield from opening.documents.ask("Reading the layers", keys)
    store.zarr.remember({k: d for k, d in documents.items() if isinstance(d, bytes)})

    def read(place: tuple[str, int]) -> Array | CellibError:
        path, zarr_format = place
        try:
            array = open_array(store, path, zarr_format)
            if prod(array.shape) * array.dtype.itemsize > _MOST_BYTES:
                raise PixelsUnreadable(f"{store.name}/{path}", "it is too large")
            values = np.asarray(array[...])
        except CellibError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a codec may raise anything
            return PixelsUnreadable(f"{store.name}/{path}", f"it is damaged ({error})")
        if any(key.startswith(f"{path}/") for key in store.zarr.absent):
            return PixelsUnreadable(f"{store.name}/{path}", "a part of it is missing")
        return values

    answers = yield from in_parallel("Reading the layers", read, places)
    return {path: found for (path, _), found in zip(places, answers, strict=True)}


# ---------------------------------------------------------------------------- layers


def _layer(
    saved: _Saved, images: Mapping[str, list[LayerTuple]], opening: Opening
) -> LayerTuple:
    parameters = _parameters(saved, opening)
    origin = _origin(saved, opening)
    if "image" not in saved.entry:
        data = decode(saved.own.get("data"), saved.arrays)
        if data is None:
            raise ValueError("it has no data")
        metadata = _marked(parameters.pop("metadata", {}), opening)
        metadata["cellib"] |= {k: v for k, v in origin.items() if k == KEY}
        parameters = accepted(saved.kind, data, parameters)
        return data, {**parameters, "metadata": metadata}, saved.kind
    data, kwargs, kind = _pixels(saved, images[str(saved.entry["image"])])
    if saved.entry.get("multiscale") is False and kwargs.get("multiscale"):
        data, kwargs = _finest(data, kwargs)
    metadata = {**parameters.pop("metadata", {}), **kwargs.pop("metadata", {})}
    for key, value in origin.items():
        # Whose image it was stays with it; where it lies now is said anew.
        if metadata.get("cellib", {}).get(key) is None:
            metadata["cellib"] = metadata.get("cellib", {}) | {key: value}
    return data, {**kwargs, **parameters, "metadata": metadata}, kind


def _origin(saved: _Saved, opening: Opening) -> dict[str, Any]:
    """Return whose image a layer was, and what was said of it."""
    given = as_mapping(saved.own.get("parameters"))
    origin = dict(as_mapping(as_mapping(given.get("metadata")).get("cellib")))
    if KEY in origin:
        try:
            origin[KEY] = decode_statements(origin[KEY], saved.arrays)
        except (KeyError, TypeError, ValueError) as error:
            name, reason = given.get("name", saved.kind), saved.reason(error)
            opening.warn(f"what was said of the layer {name!r} is lost: {reason}")
            del origin[KEY]
    return origin


def _finest(data: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Give a layer that had one level only that, if all of it is in memory."""
    if not isinstance(data[0], np.ndarray):
        return data, kwargs
    return data[0], kwargs | {"multiscale": False}


def _pixels(saved: _Saved, layers: list[LayerTuple]) -> LayerTuple:
    """Return the layer of an image that a saved layer was."""
    entry = saved.entry
    if "labels" in entry:
        for data, kwargs, kind in layers:
            own = kwargs["metadata"]["cellib"]
            if kind == "labels" and own.get("labels") == entry["labels"]:
                return data, dict(kwargs), kind
        raise ValueError(f"the labels {entry['labels']!r} are missing")
    channels = [layer for layer in layers if layer[2] == "image"]
    if "channel" in entry:
        data, kwargs, kind = channels[int(entry["channel"])]
        return data, dict(kwargs), kind
    data, kwargs, kind = channels[0]
    if "channel_axis" in entry:
        data, kwargs = _side_by_side(channels, int(entry["channel_axis"]))
    elif saved.kind == "image" and len(channels) > 1 and not kwargs.get("rgb"):
        data, kwargs = _colors_last(channels)
    if saved.kind == "labels":
        kwargs = {key: v for key, v in kwargs.items() if key not in _OF_IMAGES}
    return data, dict(kwargs), saved.kind


def _colors_last(channels: list[LayerTuple]) -> tuple[Any, dict[str, Any]]:
    """Make one layer of colours that were stored as channels."""
    data, kwargs = _joined(channels, -1)
    return data, kwargs | {"rgb": True}


def _side_by_side(channels: list[LayerTuple], place: int) -> tuple[Any, dict[str, Any]]:
    """Make one layer of its channels, which were an axis of it."""
    data, kwargs = _joined(channels, place)
    for key, value in _OF_AXES.items():
        if key in kwargs:
            had = kwargs[key]
            kwargs[key] = (*had[:place], value, *had[place:])
    return data, kwargs


def _joined(channels: list[LayerTuple], place: int) -> tuple[Any, dict[str, Any]]:
    levels = [
        list(data) if kwargs["multiscale"] else [data] for data, kwargs, _ in channels
    ]
    if all(isinstance(level, StreamedLevel) for one in levels for level in one):
        joined = streamed_together(levels, place)
    else:
        joined = [together(one, place) for one in zip(*levels, strict=True)]
    _, kwargs, _ = channels[0]
    kept = {key: value for key, value in kwargs.items() if key not in _OF_IMAGES}
    return joined if kwargs["multiscale"] else joined[0], kept


def _parameters(saved: _Saved, opening: Opening) -> dict[str, Any]:
    found: dict[str, Any] = {}
    given = as_mapping(saved.own.get("parameters"))
    for key in known_parameters(saved.kind):
        if key not in given:
            continue
        try:
            found[key] = decode(given[key], saved.arrays)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            name = given.get("name", saved.kind)
            reason = saved.reason(error)
            opening.warn(f"{key} of the layer {name!r} cannot be used: {reason}")
    if isinstance(metadata := found.get("metadata"), dict):
        metadata.pop("cellib", None)
    else:
        found.pop("metadata", None)
    return found


def _marked(metadata: Mapping[str, Any], opening: Opening) -> dict[str, Any]:
    own = {"source": opening.store.name, "warnings": [], "others": []}
    return {**metadata, "cellib": own}
