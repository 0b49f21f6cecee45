"""What napari's reader and writer do where there is a window: it stays alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_warning
from qtpy.QtCore import QThread, QTimer
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._stream_host import stream_host
from napari_cellib._widgets._stream_wells import watch_wells
from napari_cellib._widgets._view_state import follow_link
from napari_cellib._widgets._waiting import wait_for
from napari_cellib.errors import JobCancelled
from napari_cellib.model.address import SCHEME
from napari_cellib.viewmodels.opening import open_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.opening import LayerData


def has_window() -> bool:
    """Say whether a viewer is there, and this is the thread of its window."""
    app = QApplication.instance()
    if app is None or QThread.currentThread() != app.thread():
        return False
    from napari import current_viewer

    return current_viewer() is not None


def read_alive(libraries: Libraries, places: Sequence[str]) -> list[LayerData]:
    """Read images for the viewer in front, while its window stays alive.

    Parameters
    ----------
    libraries : Libraries
        Where ``cellib://`` addresses are looked up.
    places : sequence of str
        Addresses, URLs or paths.

    Returns
    -------
    list of tuple
        Layer tuples; what napari takes for nothing if the person stopped it.
    """
    from napari import current_viewer

    host, viewer = stream_host(libraries.settings), current_viewer()
    job = open_places(libraries, places, host.screen(viewer))
    try:
        layers = wait_for(job, f"Opening {', '.join(places)}")
    except JobCancelled:
        return [(None,)]  # type: ignore[list-item] # napari's sign for no layer

    def look() -> None:
        host.look()
        for place in places:
            for note in _follow(current_viewer(), place):
                show_warning(note)

    # napari adds them as soon as they are returned.
    QTimer.singleShot(0, look)
    QTimer.singleShot(0, lambda: watch_wells(viewer, host))
    return layers


def _follow(viewer: Any, place: str) -> tuple[str, ...]:
    """Show what a link asks for; what is none asks for nothing."""
    if viewer is None or not place.lower().startswith(SCHEME):
        return ()
    return follow_link(viewer, place)


def write_alive(job: Job[tuple[str, ...]], path: str) -> list[str]:
    """Write layers while the window stays alive.

    Parameters
    ----------
    job : Job
        What writes them, and returns what a person should know of it.
    path : str
        Where they are written.

    Returns
    -------
    list of str
        The path.

    Raises
    ------
    JobCancelled
        When the person stopped it. Without an error, napari would say that saving
        failed.
    """
    for text in wait_for(job, f"Saving {path}"):
        show_warning(text)
    return [path]
