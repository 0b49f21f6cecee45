"""A double click on a well of an overview opens it with all its pixels."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject

from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.wells import (
    AXIS,
    HELP,
    is_overview,
    open_beside,
    open_in_place,
    well_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib._widgets._stream_host import StreamHost
    from napari_cellib.viewmodels.wells import Frame, Well

_FILLED = 0.95  # of the canvas, by a well that is looked at
_GAP = 0.05  # of the width of a well, between the plate and what lies beside it


class WellClicks(QObject):
    """Opens what is clicked at in the overviews of one viewer.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose overviews these are.
    host : StreamHost
        What shows streamed pixels; the parent.
    """

    def __init__(self, viewer: Any, host: StreamHost) -> None:
        super().__init__(host)
        self.viewer = weakref.ref(viewer)
        self._host = host
        host.changed.connect(self.end_with_viewer)
        # After napari's own, which zooms in twice: this one decides what is seen.
        viewer.mouse_double_click_callbacks.append(self._on_double_click)

    def end_with_viewer(self) -> None:
        """Go when the viewer has gone, of which nobody tells: the host stays."""
        if self.viewer() is None:
            self.deleteLater()

    def _on_double_click(self, viewer: Any, event: Any) -> None:
        if viewer.dims.ndisplay != 2 or "Alt" in event.modifiers:
            return
        well = _well_at(viewer, tuple(event.position)[-2:])
        if well is None:
            return
        screen = self._host.screen(viewer)
        if "Shift" in event.modifiers:
            left = viewer.layers.extent.world[1][-1] + _GAP * well.frame.width
            make = partial(open_beside, well=well, left=left, screen=screen)
            self._open(viewer, f"Opening all images of {well.name}", make)
            return
        if not any(about.get("source") == well.image for about in _abouts(viewer)):
            make = partial(open_in_place, well=well, screen=screen)
            self._open(viewer, f"Opening {well.name}", make)
        _look_at(viewer, well.frame)

    def _open(self, viewer: Any, words: str, make: Callable[..., Any]) -> None:
        """Open in an opener of its own, which would else keep a closed viewer alive."""
        # It needs this module itself.
        from napari_cellib._widgets._layer_opener import LayerOpener

        libraries = Libraries(self._host.settings)
        opener = LayerOpener(viewer, libraries, self)
        opener.runner.failed.connect(_say)
        for ended in (opener.opened, opener.runner.failed, opener.runner.cancelled):
            ended.connect(opener.deleteLater)
            ended.connect(libraries.close)
        viewer.status = words
        opener.open_job(words, make(libraries))


def watch_wells(viewer: Any, host: StreamHost) -> None:
    """Let the overviews of a viewer answer to clicks, and say so in its status bar."""
    # A proxy of a viewer takes no callbacks.
    viewer = getattr(viewer, "__wrapped__", viewer)
    overviews = [one for one in viewer.layers if is_overview(one.metadata)]
    if not overviews:
        return
    known = host.findChildren(WellClicks)
    for clicks in known:
        clicks.end_with_viewer()
    if not any(clicks.viewer() is viewer for clicks in known):
        WellClicks(viewer, host)
    sources = {one.metadata["cellib"]["source"] for one in overviews}
    for layer, about in zip(viewer.layers, _abouts(viewer), strict=True):
        if about.get("source") in sources:
            layer.help = HELP


def _well_at(viewer: Any, point: tuple[float, ...]) -> Well | None:
    for layer in reversed(viewer.layers):
        if is_overview(layer.metadata):
            found = well_at(layer, point, _acquisition(viewer, layer))
            if found is not None:
                return found
    return None


def _acquisition(viewer: Any, overview: Any) -> int | None:
    """Return which acquisition the slider of an overview is at, if it has several."""
    about = overview.metadata["cellib"]
    count = len(about.get("acquisitions", ()))
    if not count:
        return None
    for layer, its in zip(viewer.layers, _abouts(viewer), strict=True):
        if its.get("source") == about["source"] and AXIS in layer.axis_labels:
            axis = layer.axis_labels.index(AXIS) + viewer.dims.ndim - layer.ndim
            place: int = round(viewer.dims.point[axis])
            return min(max(place, 0), count - 1)
    return 0


def _abouts(viewer: Any) -> list[dict[str, Any]]:
    """Return what is known of each layer; nothing of those that are not ours."""
    found = (layer.metadata.get("cellib") for layer in viewer.layers)
    return [about if isinstance(about, dict) else {} for about in found]


def _look_at(viewer: Any, frame: Frame) -> None:
    # Older ones do not say how large their canvas is, and their camera lies elsewhere.
    size = getattr(getattr(viewer, "canvas", None), "size", None)
    camera = getattr(viewer, "scene", viewer).camera
    camera.center = (frame.top + frame.height / 2, frame.left + frame.width / 2)
    if size is not None:
        camera.zoom = _FILLED * min(size[0] / frame.height, size[1] / frame.width)


def _say(error: Exception) -> None:
    from napari.utils.notifications import show_error  # brings much with it

    show_error("\n".join(problem_in_words(error)))
