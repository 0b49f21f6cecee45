"""Which well or field of an overview lies at a place, and how it is opened there.

Overviews name their images by a layer of points, whose metadata hold the path of each
and how large it is drawn: ``layer.metadata["cellib"]["paths"]`` and ``["edge"]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import PixelsNotFound
from napari_cellib.model.dimensions import ACQUISITION
from napari_cellib.viewmodels.opening import open_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.first_view import Screen
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.opening import LayerData

AXIS = ACQUISITION  # its name on the slider
HELP = (
    "double click: open one with all its pixels, "
    "Shift + double click: open all images of its well"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where something lies, in units of the world: its upper left corner, its size."""

    top: float
    left: float
    height: float = 0.0
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Well:
    """One image of an overview.

    Attributes
    ----------
    name : str
        What a person calls it, such as ``"B03"``.
    title : str
        What its layers are called.
    image, group : str
        The address of the image that is shown of it, and of the well it is in.
    frame : Frame
        Where it is drawn.
    """

    name: str
    title: str
    image: str
    group: str
    frame: Frame


def is_overview(metadata: Mapping[str, Any]) -> bool:
    """Say whether a layer with these metadata names the images of an overview."""
    about = metadata.get("cellib")
    return isinstance(about, dict) and {"paths", "edge", "source"} <= about.keys()


def well_at(
    layer: Any, point: Sequence[float], acquisition: int | None = None
) -> Well | None:
    """Return the image of an overview that lies at a point, if one does.

    Parameters
    ----------
    layer : napari.layers.Points
        The one that names the images of the overview; see `is_overview`.
    point : (Y, X)
        Where to look, in units of the world.
    acquisition : int, optional
        Which one is shown, counted from 0, if the plate has several.
    """
    about = layer.metadata["cellib"]
    scale, start = layer.scale[-2:], layer.translate[-2:]
    height, width = (n * s for n, s in zip(about["edge"], scale, strict=True))
    paths = about["paths"]
    if acquisition is not None:
        paths = about["acquisitions"][acquisition]
    corners = layer.data[:, -2:] * scale + start
    rows = zip(layer.features["name"], paths, corners.tolist(), strict=False)
    for name, path, (top, left) in rows:
        if 0 <= point[0] - top < height and 0 <= point[1] - left < width:
            image = f"{about['source'].rstrip('/')}/{path}"
            title = f"{name} - {about['title']}"
            frame = Frame(top, left, height, width)
            return Well(name, title, image, image.rpartition("/")[0], frame)
    return None


def open_in_place(
    libraries: Libraries, well: Well, screen: Screen | None = None
) -> Job[list[LayerData]]:
    """Return the job that opens an image of an overview where it is drawn there.

    A well whose first image has another name than those of the others is opened as
    a whole.

    Raises
    ------
    PixelsNotFound
        When nothing is stored of that well.
    """
    try:
        layers = yield from open_place(libraries, well.image, screen)
    except PixelsNotFound:
        layers = yield from open_place(libraries, well.group, screen)
    return placed(layers, well.frame, well.title)


def open_beside(
    libraries: Libraries, well: Well, left: float, screen: Screen | None = None
) -> Job[list[LayerData]]:
    """Return the job that opens all images of a well at the height it is drawn at."""
    layers = yield from open_place(libraries, well.group, screen)
    return placed(layers, Frame(well.frame.top, left), well.title)


def placed(layers: Sequence[LayerData], frame: Frame, title: str) -> list[LayerData]:
    """Move the layers of one image, so that its upper left corner is that of a frame.

    An image that does not know the size of its pixels takes the height of the frame,
    if that has any. One that is turned or sheared stays where it says that it is.

    Parameters
    ----------
    layers : sequence of tuple
        Its layer tuples, the picture first.
    frame : Frame
        Where it is to lie.
    title : str
        What its layers are to be called instead of the name in the file.
    """
    layers = [_renamed(layer, title) for layer in layers]
    if any("affine" in kwargs for _, kwargs, _ in layers):
        return layers
    data, first, _ = layers[0]
    zoom = 1.0
    if frame.height and first["units"][-1] == "pixel":
        finest = data[0] if first["multiscale"] else data
        rows = finest.shape[-3 if first.get("rgb") else -2]
        zoom = frame.height / (rows * first["scale"][-2])
    sides = ((-2, frame.top), (-1, frame.left))
    corner = {a: first["translate"][a] - first["scale"][a] / 2 for a, _ in sides}
    moved = []
    for data, kwargs, kind in layers:
        scale = list(kwargs["scale"])
        translate = list(kwargs.get("translate", [0.0] * len(scale)))
        for axis, start in sides:
            scale[axis] *= zoom
            translate[axis] = start + zoom * (translate[axis] - corner[axis])
        moved.append((data, {**kwargs, "scale": scale, "translate": translate}, kind))
    return moved


def _renamed(layer: LayerData, title: str) -> LayerData:
    data, kwargs, kind = layer
    about = kwargs["metadata"]["cellib"]
    name = kwargs["name"].removesuffix(about["title"]) + title
    metadata = {**kwargs["metadata"], "cellib": {**about, "title": title}}
    return data, {**kwargs, "name": name, "metadata": metadata}, kind
