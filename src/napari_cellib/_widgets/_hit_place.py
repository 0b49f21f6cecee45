"""Where in a viewer lies what was found to be alike, and how one gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib._widgets._region_camera import go_to
from napari_cellib.compare.subject import plane_number
from napari_cellib.viewmodels.comparing.parts import Part

if TYPE_CHECKING:
    from napari_cellib.compare.similar_images import SimilarImage

_WHOLE = 0.9  # of a plane: what is larger is no place in it
_INSIDE = 0.25  # px: so far within its outermost pixels


def go_to_hit(viewer: Any, layer: Any, hit: SimilarImage) -> None:
    """Bring the sliders and the camera to the tile of an image that is most alike.

    Parameters
    ----------
    viewer : napari.Viewer
        Where it is shown.
    layer : napari.layers.Image
        A layer of the image.
    hit : SimilarImage
        What was found. The brightest values of a stack are none of its planes: the
        middle one stands in.
    """
    top, left, bottom, right = hit.window
    where = {"t": (hit.t, hit.t), "y": (top, bottom - 1), "x": (left, right - 1)}
    sizes = dict(zip(layer.axis_labels, _shape(layer), strict=True))
    z = hit.z if hit.z is not None else plane_number("z", None, sizes.get("z", 1))
    where["z"] = (z, z)
    free = (-np.inf, np.inf)
    ranges = [where.get(axis, free) for axis in layer.axis_labels]
    go_to(viewer, layer, *np.array(ranges, float).T)


def spot_of(layer: Any, hit: SimilarImage) -> Part | None:
    """Return the tile that is most alike as a part of its image; None if it is all."""
    top, left, bottom, right = hit.window
    height, width = _shape(layer)[-2:]
    if (bottom - top) * (right - left) > _WHOLE * height * width:
        return None
    lying = zip(layer.translate[-2:], layer.scale[-2:], strict=True)
    edges = ((top, bottom), (left, right))
    (low_y, high_y), (low_x, high_x) = (
        sorted(
            float(start + step * edge) for edge in (first - _INSIDE, last - 1 + _INSIDE)
        )
        for (start, step), (first, last) in zip(lying, edges, strict=True)
    )
    return Part(
        key="alike",
        words="the part that is most alike",
        box=((low_y, high_y), (low_x, high_x)),
    )


def described_point(layer: Any) -> tuple[float, ...]:
    """Return the place in the world of the plane that is described of an image."""
    place = [
        plane_number(axis, None, length) if axis in "zt" else 0
        for axis, length in zip(layer.axis_labels, _shape(layer), strict=True)
    ]
    return tuple(map(float, layer.data_to_world(place)))


def way_from(viewer: Any, layer: Any, point: tuple[float, ...]) -> tuple[float, ...]:
    """Return how far a place lies from where a viewer stands, of a layer with sliders.

    Parameters
    ----------
    viewer : napari.Viewer
        As it stands now.
    layer : napari.layers.Image
        The image that was looked at.
    point : tuple of float
        The place in the world; its last axes are those of the layer.

    Returns
    -------
    tuple of float
        Of each of the last axes; empty where it is no other place.
    """
    count = min(layer.ndim, len(point))
    if layer.ndim < 3 or not count:
        return ()
    way = np.subtract(point[-count:], viewer.dims.point[-count:])
    way[-2:] = 0.0  # what is seen whole
    return tuple(map(float, way)) if np.any(way) else ()


def _shape(layer: Any) -> tuple[int, ...]:
    """Return how long the axes of the finest level are, without that of colours."""
    return tuple(map(int, layer.level_shapes[0][: layer.ndim]))
