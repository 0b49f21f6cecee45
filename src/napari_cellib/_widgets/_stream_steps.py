"""A step along a slider is told to streams before napari has sliced anything.

napari slices layer by layer, and with its setting "async" later, in a thread. What was
on its way for the plane that is left would arrive meanwhile, for nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.pixels.streaming import Stream


def foresee(viewer: Any, shown: Iterable[tuple[Any, Stream]]) -> None:
    """Let streams want what the sliders of a viewer are at now.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose sliders were moved.
    shown : iterable of tuple
        Its layers that are streamed, each with its stream.
    """
    dims = viewer.dims
    for layer, stream in shown:
        if not layer.visible:
            continue
        first = dims.ndim - layer.ndim
        cut = [axis for axis in dims.not_displayed if axis >= first]
        if not cut:
            continue
        level = layer.data[layer.data_level] if layer.multiscale else layer.data
        factors = layer.downsample_factors[layer.data_level]
        point = layer.world_to_data(dims.point)
        planes = {}
        for axis in (axis - first for axis in cut):
            place = round(float(point[axis]))
            if factors[axis] != 1 or not 0 <= place < level.shape[axis]:
                break  # napari will say which plane that is
            stored = level.axes[axis]
            planes[stored] = level.extent[stored][place]
        else:
            stream.foresee(planes)
