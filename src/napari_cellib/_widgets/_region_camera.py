"""What of an image a viewer shows, and how it is brought to a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib._widgets._view_state import camera_of
from napari_cellib.viewmodels.regions.frame import matrix_of
from napari_cellib.viewmodels.regions.table import View

if TYPE_CHECKING:
    from napari_cellib.viewmodels.regions.frame import Corners

_SMALL, _SHARE = 0.06, 0.4  # of the canvas: too small to see well, and as it is shown


def view_of(viewer: Any, image: Any) -> View:
    """Return what is seen of an image, in pixels of its finest level."""
    dims = viewer.dims
    at = image.world_to_data(dims.point)
    seen = _seen(viewer, image)
    # Of a layer that was closed nobody knows any more which part is in view.
    if dims.ndisplay == 3 or image not in viewer.layers:
        return View(tuple(map(float, at)), seen)
    corners = np.asarray(image.corner_pixels, float)
    if image.multiscale:
        corners = corners * np.asarray(image.downsample_factors)[image.data_level]
    corners = corners[:, : len(at)]
    low, high = corners.min(axis=0), corners.max(axis=0)
    if any(high[axis] <= low[axis] for axis in seen):  # not drawn yet
        return View(tuple(map(float, at)), seen)
    return View(tuple(map(float, at)), seen, tuple(low), tuple(high))


def matrix(layer: Any) -> Corners:
    """Return the matrix that brings pixels of a layer to where they are seen."""
    return matrix_of(layer.data_to_world, layer.ndim)


def go_to(viewer: Any, image: Any, low: Any, high: Any) -> None:
    """Bring the plane, the camera and the zoom to a box, as far as need be.

    Parameters
    ----------
    viewer : napari.Viewer
        Where it is shown.
    image : napari.layers.Layer
        In whose pixels the box is.
    low, high : numpy.ndarray
        Of shape (axes,); infinite where it reaches along all.
    """
    view = view_of(viewer, image)
    place = np.array(view.at)
    bounded = np.isfinite(low) & np.isfinite(high)
    for axis in np.flatnonzero(bounded).tolist():
        is_on_it = low[axis] - 0.5 <= place[axis] < high[axis] + 0.5
        if axis in view.seen or not is_on_it:
            place[axis] = (low[axis] + high[axis]) / 2
            if axis not in view.seen:
                place[axis] = np.floor(place[axis])
    world = np.asarray(image.data_to_world(place), float)
    offset = viewer.dims.ndim - image.ndim
    for axis in range(image.ndim):
        if axis not in view.seen:
            viewer.dims.set_point(axis + offset, float(world[axis]))
    camera = camera_of(viewer)
    center = list(camera.center)
    center[-len(view.seen) :] = [float(world[axis]) for axis in view.seen]
    _zoom_to(viewer, image, view, high - low)
    camera.center = tuple(center)


def _zoom_to(viewer: Any, image: Any, view: View, size: Any) -> None:
    pixel = np.abs(np.asarray(image.scale, float))
    spans = [float(size[n] * pixel[n]) for n in view.seen if np.isfinite(size[n])]
    span = max(spans, default=0.0)
    if span <= 0:
        return
    room, camera = min(_canvas(viewer)), camera_of(viewer)
    if not _SMALL <= span * camera.zoom / room <= 1:
        camera.zoom = _SHARE * room / span


def _canvas(viewer: Any) -> tuple[float, float]:
    size = getattr(getattr(viewer, "canvas", None), "size", None)
    if size is None:  # older ones do not say how large their canvas is
        return 600.0, 800.0
    return float(size[0]), float(size[1])


def _seen(viewer: Any, image: Any) -> tuple[int, ...]:
    """Return which axes of an image lie in the screen."""
    offset = viewer.dims.ndim - image.ndim
    axes = sorted(int(axis) - offset for axis in viewer.dims.displayed)
    return tuple(axis for axis in axes if axis >= 0)
