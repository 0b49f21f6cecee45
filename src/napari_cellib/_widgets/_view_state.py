"""Reads out of napari what a view link says, and sets there what one asks for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from napari_cellib._widgets._stream_watch import levels_of
from napari_cellib.errors import AddressInvalid
from napari_cellib.model import Address
from napari_cellib.model.view_link import Look, ViewLink, read_view_link
from napari_cellib.viewmodels.views import LayerState, ViewState, applied, captured

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.viewmodels.views import ViewChange


def camera_of(viewer: Any) -> Any:
    """Return the camera of a viewer."""
    return getattr(viewer, "scene", viewer).camera  # since napari 0.9


def layers_of(viewer: Any, address: Address) -> list[Any]:
    """Return the layers of an image that a viewer has, those opened last."""
    layers: dict[int, Any] = {}
    for layer in viewer.layers:
        about = _about(layer)
        if about.get("address") == str(address) and isinstance(
            about.get("number"), int
        ):
            layers[about["number"]] = layer
    return [layers[number] for number in sorted(layers)]


def address_of(layer: Any) -> Address | None:
    """Return the image of a library that a layer belongs to."""
    try:
        return Address.parse(str(_about(layer).get("address") or ""))
    except AddressInvalid:
        return None


def link_to_view(
    viewer: Any, address: str | Address | None = None, *, region: str | None = None
) -> str | None:
    """Return the link to what a viewer shows of an image.

    Parameters
    ----------
    viewer : napari.Viewer
        Any viewer.
    address : str or Address, optional
        The image; that of the selected layer, or else of the top one, where it is
        left out.
    region : str, optional
        The region that is meant.

    Returns
    -------
    str or None
        The link; None where no image of a library is open. An image that is not
        open is linked to without a view.
    """
    if address is None:
        active = viewer.layers.selection.active
        candidates = [active] if active is not None else []
        found = map(address_of, [*candidates, *reversed(viewer.layers)])
        address = next((one for one in found if one is not None), None)
        if address is None:
            return None
    where = Address.parse(address) if isinstance(address, str) else address
    layers = layers_of(viewer, where)
    file = next((_about(layer).get("file") for layer in layers), None)
    state = view_state(viewer, layers)
    return str(captured(where, state, file=file, region=region))


def follow(viewer: Any, view: ViewLink, layers: Iterable[Any]) -> tuple[str, ...]:
    """Show in a viewer what a link asks for; return what could not be done."""
    there = [layer for layer in layers if "number" in _about(layer)]
    change = applied(view, view_state(viewer, there))
    return (
        *change.notes,
        *_set(viewer, {_about(la)["number"]: la for la in there}, change),
    )


def follow_link(viewer: Any, link: str) -> tuple[str, ...]:
    """Show what a link asks for of an image that is open already."""
    followed = read_view_link(link)
    layers = layers_of(viewer, followed.view.address)
    return (*followed.notes, *follow(viewer, followed.view, layers))


def view_state(viewer: Any, layers: Iterable[Any]) -> ViewState:
    """Return as plain values what a viewer shows of these layers."""
    camera = camera_of(viewer)
    first, second, third = map(float, camera.angles)
    return ViewState(
        layers=tuple(map(_layer_state, layers)),
        point=tuple(map(float, viewer.dims.point)),
        center=tuple(map(float, camera.center)),
        zoom=float(camera.zoom),
        is_3d=viewer.dims.ndisplay == 3,
        angles=(first, second, third),
        perspective=float(camera.perspective),
    )


def _about(layer: Any) -> dict[str, Any]:
    about = layer.metadata.get("cellib")
    return about if isinstance(about, dict) else {}


def _layer_state(layer: Any) -> LayerState:
    about = _about(layer)
    ndim = layer.ndim
    shapes: tuple[tuple[int, ...], ...]
    if hasattr(layer, "level_shapes"):
        shapes = tuple(tuple(map(int, s[:ndim])) for s in layer.level_shapes)
    else:
        shapes = (tuple(math.ceil(n) for n in layer.extent.data[1] + 1),)
    at_first = about.get("at_first")
    return LayerState(
        number=about["number"],
        axes=tuple(layer.axis_labels),
        shapes=shapes,
        scale=tuple(map(float, layer.scale)),
        translate=tuple(map(float, layer.translate)),
        is_measured=str(layer.units[-1]) != "pixel",
        is_shown=layer.visible,
        look=_look(layer),
        at_first=Look(color=at_first.get("color"))
        if isinstance(at_first, dict)
        else Look(),
        level=int(getattr(layer, "data_level", 0)),
        is_locked=getattr(layer, "locked_data_level", None) is not None,
        voxel_bytes=int(getattr(getattr(layer, "dtype", None), "itemsize", 1)),
    )


def _look(layer: Any) -> Look:
    if not hasattr(layer, "contrast_limits") or getattr(layer, "rgb", False):
        return Look()
    start, end = map(float, layer.contrast_limits)
    return Look((start, end), str(layer.colormap.name), float(layer.gamma))


def _set(viewer: Any, layers: dict[int, Any], change: ViewChange) -> list[str]:
    notes: list[str] = []
    camera = camera_of(viewer)
    for number, look in change.looks.items():
        notes += _dress(layers[number], look)
    for number, is_shown in change.shown.items():
        layers[number].visible = is_shown
    if viewer.dims.ndisplay != (3 if change.is_3d else 2):
        viewer.dims.ndisplay = 3 if change.is_3d else 2
    for axis, place in change.points.items():
        if viewer.dims.ndim + axis >= 0:
            viewer.dims.set_point(viewer.dims.ndim + axis, place)
    for key in ("angles", "perspective", "center", "zoom"):
        value = getattr(change, key)
        if value is not None:
            setattr(camera, key, value)
    for number, level in change.levels.items():
        notes += _lock(layers[number], level)
    return notes


def _dress(layer: Any, look: Look) -> list[str]:
    notes = []
    if look.contrast is not None and hasattr(layer, "contrast_limits"):
        low, high = layer.contrast_limits_range
        # Wider, if need be: the sliders' range is only what was seen at first.
        layer.contrast_limits_range = (
            min(low, look.contrast[0]),
            max(high, look.contrast[1]),
        )
        layer.contrast_limits = look.contrast
    if look.color is not None and hasattr(layer, "colormap"):
        try:
            layer.colormap = look.color
        except (KeyError, ValueError, TypeError):
            notes.append(f"There are no colours called {look.color}.")
    if look.gamma is not None and hasattr(layer, "gamma"):
        layer.gamma = look.gamma
    return notes


def _lock(layer: Any, level: int) -> list[str]:
    if not hasattr(layer, "locked_data_level"):  # older ones choose by themselves
        return ["This version of napari chooses the level by itself."]
    if len(levels_of(layer)) > level and layer.locked_data_level != level:
        layer.locked_data_level = level
    return []
