"""The way of an image from napari's layers into a library, in napari's own window."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QDockWidget
from tests.widgets import deposit_until_killed
from tests.widgets.deposit_until_killed import TITLE
from tests.widgets.deposit_until_killed import layers as deposited

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
    docks = viewer.window._qt_window.findChildren(QDockWidget)
    return {dock.windowTitle().removesuffix(f" ({PLUGIN})") for dock in docks}


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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.usefixtures("own_library")
def test_what_was_killed_on_its_way_comes_back_identical(
    qtbot, make_napari_viewer, steps
):
    killed = subprocess.run(
        [sys.executable, deposit_until_killed.__file__],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr

    before = deposited()
    viewer = make_napari_viewer()
    panel = dock(viewer, DEPOSITIONS)
    qtbot.waitUntil(lambda: len(panel._model.unfinished) == 1, timeout=10_000)
    assert panel._top._words.text() == "1 deposition is not through yet."
    assert panel._list.row().title == TITLE
    assert panel._list.row().state.startswith("stopped at ")
    assert 0 < panel._list.row().share < 1
    qtbot.mouseClick(panel._top.go_on, LEFT)
    qtbot.waitUntil(
        lambda: [row.state for row in panel._model.rows] == [DONE], timeout=30_000
    )
    accession = panel._list.row().accession

    QApplication.clipboard().clear()
    (cite,) = (a for a in panel._deeds._menu.actions() if a.text() == "Copy citation")
    next(a for a in cite.menu().actions() if a.text() == "As BibTeX").trigger()
    qtbot.waitUntil(lambda: accession in QApplication.clipboard().text())
    assert TITLE in QApplication.clipboard().text()

    search = dock(viewer, SEARCH)
    steps.type_words(search, "mitotic hela")
    steps.wait_for(search, TITLE)
    qtbot.mouseClick(search._results._open, LEFT)
    qtbot.waitUntil(lambda: len(viewer.layers) == len(before), timeout=20_000)
    for old, new in zip(before, viewer.layers, strict=True):
        assert (type(new), new.name) == (type(old), old.name)
        assert np.array_equal(np.asarray(whole(new)), np.asarray(old.data))
        assert np.allclose(new.scale, old.scale)
        assert [str(unit) for unit in new.units] == ["micrometer"] * 3


def whole(layer):
    """Return what a layer holds, in full."""
    return layer.data[0] if getattr(layer, "multiscale", False) else layer.data
