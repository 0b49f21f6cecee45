"""From one panel of a napari window to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QDockWidget, QMainWindow

from napari_cellib.model import Address

if TYPE_CHECKING:
    import napari.viewer
    from qtpy.QtWidgets import QWidget

    from napari_cellib.viewmodels.comparing.parts import Pair

PLUGIN = "napari-cellib"
SEARCH = "Cell Image Library"
DEPOSITIONS = "My depositions"
ANNOTATE = "Annotate"
COMPARE = "Compare images"
SIMILAR = "Images like this one"


def show_panel(viewer: Any, name: str) -> QWidget | None:
    """Bring a panel to the front, docked beside the other one if it is not there yet.

    Parameters
    ----------
    viewer : napari.Viewer
        In whose window.
    name : str
        As it is in the manifest.

    Returns
    -------
    QWidget or None
        The panel; None for a viewer without a window.
    """
    if getattr(viewer, "window", None) is None:
        return None
    # As tabs: two panels above one another leave neither enough room.
    dock, panel = viewer.window.add_plugin_dock_widget(PLUGIN, name, tabify=True)
    dock.show()
    dock.raise_()
    found: QWidget = panel
    return found


def stand_beside_search(panel: QWidget) -> None:
    """Make a panel a tab beside the one that searches, where napari has put it below.

    Parameters
    ----------
    panel : QWidget
        One that was just docked.
    """
    dock: Any = panel.parentWidget()
    window: Any = dock.parentWidget() if isinstance(dock, QDockWidget) else None
    if not isinstance(window, QMainWindow) or window.tabifiedDockWidgets(dock):
        return
    area = window.dockWidgetArea(dock)
    for other in window.findChildren(QDockWidget):
        is_search = other.windowTitle().startswith(SEARCH)
        if is_search and other.isVisible() and window.dockWidgetArea(other) == area:
            window.tabifyDockWidget(other, dock)
            dock.raise_()


def show_depositions(viewer: napari.viewer.Viewer) -> None:
    """Show the panel of depositions; napari's File menu calls it."""
    show_panel(viewer, DEPOSITIONS)


def show_record(viewer: Any, library: str, record: str) -> None:
    """Show the page of an image in the panel that searches."""
    panel: Any = show_panel(viewer, SEARCH)
    if panel is not None:
        panel.show_record(library, record)


def annotate_record(viewer: Any, library: str, record: str) -> None:
    """Show an image in the panel that annotates."""
    panel: Any = show_panel(viewer, ANNOTATE)
    if panel is not None:
        panel.annotate(str(Address(library=library, record=record)))


def annotate_draft(viewer: Any, draft: str, title: str) -> None:
    """Show an image that is on its way into a library in the panel that annotates."""
    panel: Any = show_panel(viewer, ANNOTATE)
    if panel is not None:
        panel.annotate_draft(draft, title)


def show_region(viewer: Any, address: str, region: str) -> None:
    """Show a region of an image that is open, in the panel that annotates."""
    panel: Any = show_panel(viewer, ANNOTATE)
    if panel is not None:
        panel.show_region(address, region)


def compare_layers(viewer: Any, pair: Pair) -> None:
    """Show two layers in the panel that compares."""
    panel: Any = show_panel(viewer, COMPARE)
    if panel is not None:
        panel.compare(pair)


def show_similar(viewer: Any, layer: str) -> None:
    """Find images like a layer, in the panel that does."""
    panel: Any = show_panel(viewer, SIMILAR)
    if panel is not None:
        panel.find_like_layer(layer)


def show_similar_to_active(viewer: napari.viewer.Viewer) -> None:
    """Find images like the layer that is selected; napari's Layers menu calls it."""
    active = viewer.layers.selection.active
    if active is None:
        show_panel(viewer, SIMILAR)
    else:
        show_similar(viewer, active.name)


def show_similar_to_record(viewer: Any, library: str, record: str, title: str) -> None:
    """Find images like one of a library, in the panel that does."""
    panel: Any = show_panel(viewer, SIMILAR)
    if panel is not None:
        panel.find_like_record(library, record, title)
