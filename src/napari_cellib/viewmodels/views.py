"""From what a viewer shows of an image to a link, and back; without a viewer.

A widget reads the plain state out of napari, and sets there what comes of a link.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING

from napari_cellib.model.view_link import Look, ViewLink
from napari_cellib.viewmodels.volume import LONGEST_SIDE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.model import Address

# A link asks nobody: of a volume it brings no more than this.
_VOLUME_BYTES = 512_000_000
AS_OPENED = Look()


@dataclass(frozen=True, slots=True)
class LayerState:
    """One layer of an image as it is shown.

    Attributes
    ----------
    number : int
        Its place among the layers with which the image was opened.
    axes : tuple of str
        Their names, slowest first.
    shapes : tuple of tuple of int
        Of each level, the finest first.
    scale, translate : tuple of float
        Per axis, in units of the world.
    is_measured : bool
        Whether the world's unit is the micrometer; else it is a pixel.
    contrast, color, gamma
        How it is shown; None where a layer has no such thing.
    at_first : Look
        How it was shown when it was opened.
    level : int
        The level that is seen.
    is_locked : bool
        Whether it stays at that level.
    voxel_bytes : int
        Of one voxel.
    """

    number: int
    axes: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    scale: tuple[float, ...]
    translate: tuple[float, ...]
    is_measured: bool
    is_shown: bool = True
    look: Look = AS_OPENED
    at_first: Look = AS_OPENED
    level: int = 0
    is_locked: bool = False
    voxel_bytes: int = 1


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a viewer shows of one image.

    Attributes
    ----------
    layers : tuple of LayerState
        Those of the image.
    point : tuple of float
        Where the viewer stands along each of its axes, in units of the world.
    center : tuple of float
        (y, x) in 2D, (z, y, x) in 3D, of the camera.
    """

    layers: tuple[LayerState, ...]
    point: tuple[float, ...] = ()
    center: tuple[float, ...] = (0.0, 0.0)
    zoom: float = 1.0
    is_3d: bool = False
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)
    perspective: float = 0.0


@dataclass(frozen=True, slots=True)
class ViewChange:
    """What has to be set in a viewer; None and what is not named stay.

    Attributes
    ----------
    points : dict of int to float
        Where to stand, by the axis counted from the last one (-1), in units of the
        world.
    levels : dict of int to int
        The level to stay at, by the number of the layer.
    shown : dict of int to bool
        By the number of the layer.
    looks : dict of int to Look
        By the number of the layer.
    notes : tuple of str
        What of the link could not be done, for people.
    """

    is_3d: bool = False
    center: tuple[float, ...] | None = None
    zoom: float | None = None
    angles: tuple[float, float, float] | None = None
    perspective: float | None = None
    points: dict[int, float] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    shown: dict[int, bool] = field(default_factory=dict)
    looks: dict[int, Look] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def captured(
    address: Address,
    state: ViewState,
    *,
    file: str | None = None,
    region: str | None = None,
) -> ViewLink:
    """Return the link to what is seen of an image.

    Parameters
    ----------
    address : Address
        The image.
    state : ViewState
        What is seen of it; with no layers, the link leads to the image alone.
    file : str, optional
        Name of the file that is shown, where it is not the best one.
    region : str, optional
        The region that is meant.
    """
    bare = ViewLink(address, file=file, region=region)
    if not state.layers:
        return bare
    first = max(state.layers, key=lambda layer: len(layer.axes))
    displayed = 3 if state.is_3d else 2
    shown = tuple(layer.number for layer in state.layers if layer.is_shown)
    looks = {
        layer.number: look
        for layer in state.layers
        if (look := _changed(layer)) != AS_OPENED
    }
    seen = next((layer for layer in state.layers if layer.is_shown), first)
    return replace(
        bare,
        center=tuple(map(_rounded, state.center[-displayed:])),
        unit="um" if first.is_measured else "px",
        zoom=_rounded(state.zoom),
        level=seen.level if len(seen.shapes) > 1 else None,
        is_locked=seen.is_locked and len(seen.shapes) > 1,
        planes=_planes(first, state, displayed),
        is_3d=state.is_3d,
        angles=_three(state.angles) if state.is_3d else None,
        perspective=_rounded(state.perspective) if state.is_3d else None,
        shown=shown,
        looks=looks,
    )


def applied(view: ViewLink, state: ViewState) -> ViewChange:
    """Return what a viewer has to set so that it shows what a link asks for.

    Parameters
    ----------
    view : ViewLink
        What is asked for.
    state : ViewState
        What is there: the layers of the image.
    """
    if not state.layers or not view.is_view:
        return ViewChange(is_3d=state.is_3d)
    first = max(state.layers, key=lambda layer: len(layer.axes))
    notes: list[str] = []
    is_3d = view.is_3d and len(first.axes) >= 3
    if view.is_3d and not is_3d:
        notes.append("The image is flat and cannot be shown in 3D.")
    factor = _world_per_unit(view, first, notes)
    center = view.center
    if center is not None and len(center) != (3 if is_3d else 2):
        center = center[-2:] if not is_3d else None
    there = {layer.number for layer in state.layers}
    asked = {*(view.shown or ()), *view.looks}
    if missing := sorted(asked - there):
        names = ", ".join(map(str, missing[:5]))
        notes.append(f"The image has no layer {names}; that was left out.")
    points = _points(view, first, is_3d, notes)
    measured = factor is not None
    return ViewChange(
        is_3d=is_3d,
        center=tuple(c * factor for c in center) if center and factor else None,
        zoom=view.zoom / factor if view.zoom and factor else None,
        angles=view.angles if is_3d else None,
        perspective=view.perspective if is_3d else None,
        points=points if measured or points else {},
        levels=_levels(view, state, is_3d, notes),
        shown=_shown(view, there),
        looks={n: look for n, look in view.looks.items() if n in there},
        notes=tuple(notes),
    )


def _changed(layer: LayerState) -> Look:
    """Return how a layer is shown, without what is as it was at first.

    Limits of a layer that is seen are always named: those that were estimated come
    out otherwise another time.
    """
    look, first = layer.look, layer.at_first
    contrast = look.contrast
    return Look(
        contrast=(
            (_rounded(contrast[0]), _rounded(contrast[1]))
            if contrast and contrast[0] < contrast[1] and layer.is_shown
            else None
        ),
        color=look.color if look.color != first.color else None,
        gamma=_rounded(look.gamma) if look.gamma not in (None, 1.0) else None,
    )


def _planes(first: LayerState, state: ViewState, displayed: int) -> dict[str, int]:
    planes = {}
    for axis in range(len(first.axes) - displayed):
        point = state.point[len(state.point) - len(first.axes) + axis]
        step = first.scale[axis] or 1.0
        index = round((point - first.translate[axis]) / step)
        name = first.axes[axis]
        if len(name) == 1 and name.isalpha() and name.islower():
            planes[name] = min(max(0, index), first.shapes[0][axis] - 1)
    return planes


def _points(
    view: ViewLink, first: LayerState, is_3d: bool, notes: list[str]
) -> dict[int, float]:
    points = {}
    scrolled = first.axes[: -3 if is_3d else -2]
    for name, index in view.planes.items():
        if name not in first.axes:
            notes.append(f"The image has no axis {name}; {name}={index} was left out.")
        elif name in scrolled:
            axis = first.axes.index(name)
            last = first.shapes[0][axis] - 1
            if index > last:
                notes.append(f"The last {name} of the image is {last}, not {index}.")
            place = min(index, last) * first.scale[axis] + first.translate[axis]
            points[axis - len(first.axes)] = place
    return points


def _world_per_unit(
    view: ViewLink, first: LayerState, notes: list[str]
) -> float | None:
    """Return by what to multiply a place of the link; None where it means nothing."""
    if view.center is None and view.zoom is None:
        return 1.0
    if view.unit == "px" and first.is_measured:
        # A link that was made before anybody knew how large a pixel is.
        return first.scale[-1] or 1.0
    if view.unit == "um" and not first.is_measured:
        notes.append(
            "The link counts in micrometers, and nobody knows how large a pixel of "
            "the image is: place and zoom were left out."
        )
        return None
    return 1.0


def _levels(
    view: ViewLink, state: ViewState, is_3d: bool, notes: list[str]
) -> dict[int, int]:
    """Return the levels to stay at; in 2D the zoom chooses, if none is locked."""
    if view.level is None or not (is_3d or view.is_locked):
        return {}
    levels = {}
    for layer in state.layers:
        if len(layer.shapes) > 1:
            asked = min(view.level, len(layer.shapes) - 1)
            levels[layer.number] = _affordable(layer, asked, 3 if is_3d else 2)
    if any(level > view.level for level in levels.values()):
        notes.append(
            f"Level {view.level} is too large to be shown at once; a coarser one is."
            if any(len(one.shapes) > view.level for one in state.layers)
            else f"The image has no level {view.level}; its coarsest is shown."
        )
    return levels


def _affordable(layer: LayerState, level: int, displayed: int) -> int:
    for number in range(level, len(layer.shapes)):
        shape = layer.shapes[number][-displayed:]
        size = prod(shape) * layer.voxel_bytes
        is_card_enough = displayed == 2 or max(shape) <= LONGEST_SIDE
        if size <= _VOLUME_BYTES and is_card_enough:
            return number
    return len(layer.shapes) - 1


def _shown(view: ViewLink, there: set[int]) -> dict[int, bool]:
    if view.shown is None or not (there & set(view.shown) or not view.shown):
        return {}  # a picture of which nothing is shown was not meant
    return {number: number in view.shown for number in there}


def _rounded(number: float) -> float:
    """Return what a link says of a number, so that it reads the same again."""
    return float(f"{number:.7g}")


def _three(angles: Sequence[float]) -> tuple[float, float, float]:
    first, second, third = map(_rounded, angles)
    return first, second, third


def first_looks(kwargs: Mapping[str, object]) -> dict[str, object]:
    """Return what a layer notes of how it was opened, as plain JSON."""
    color = kwargs.get("colormap")
    return {"color": color} if isinstance(color, str) else {}
