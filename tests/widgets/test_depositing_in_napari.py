"""The way of an image from napari's layers into a library, in napari's own window."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from napari_cellib.jobs import drive
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions_target import make_library_job
from napari_cellib.viewmodels.libraries import Libraries

PLUGIN = "napari-cellib"
SEARCH, DEPOSITIONS = "Cell Image Library", "My depositions"
DONE = "published, not peer reviewed"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def own_library():
    """Make a library where the panels look for it."""
    libraries = Libraries(Settings.load())
    drive(make_library_job(libraries))
    libraries.close()


def dock(viewer, name):
    return viewer.window.add_plugin_dock_widget(PLUGIN, name)[1]


def panels(viewer):
    """Return the names of the panels that are docked."""
    return {name.removesuffix(f" ({PLUGIN})") for name in viewer.window.dock_widgets}


def test_the_file_menu_leads_to_the_depositions(qtbot, make_napari_viewer):
    from napari._app_model import get_app_model

    viewer = make_napari_viewer()
    menu = get_app_model().menus.get_menu("napari/file/io_utilities")
    commands = [item.command for item in menu if hasattr(item, "command")]
    (ours,) = (one for one in commands if one.id == f"{PLUGIN}.show_depositions")
    assert ours.title.startswith(DEPOSITIONS)

    get_app_model().commands.execute_command(ours.id).result()

    assert DEPOSITIONS in panels(viewer)
    panel = dock(viewer, DEPOSITIONS)
    qtbot.waitUntil(lambda: panel._model.is_read, timeout=10_000)


@pytest.mark.usefixtures("own_library")
def test_each_panel_leads_to_the_other(
    qtbot, make_napari_viewer, draft_of_layers, layers
):
    viewer = make_napari_viewer()
    search = dock(viewer, SEARCH)
    menu = search._results._more.menu()
    next(a for a in menu.actions() if a.text() == DEPOSITIONS).trigger()
    assert DEPOSITIONS in panels(viewer)
    panel = dock(viewer, DEPOSITIONS)
    qtbot.waitUntil(lambda: bool(panel._model.targets.all), timeout=10_000)
    panel.submit(draft_of_layers, layers)
    qtbot.waitUntil(
        lambda: [row.state for row in panel._model.rows] == [DONE], timeout=30_000
    )

    qtbot.mouseClick(panel._deeds._buttons[0], LEFT)  # Show in library

    qtbot.waitUntil(
        lambda: search._pages.currentWidget() is search._record, timeout=10_000
    )
    assert search._record._title.text() == draft_of_layers.title
    qtbot.waitUntil(lambda: len(search._model.cards) == 1, timeout=10_000)
