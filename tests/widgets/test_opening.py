from __future__ import annotations

import shutil
import threading

import numpy as np
from qtpy.QtCore import Qt

from napari_cellib.jobs import drive
from napari_cellib.pixels.writing import write_image
from napari_cellib.viewmodels.search_state import Phase


def scale_bar(viewer):
    canvas = getattr(viewer, "canvas", None)
    overlays = canvas.overlays if hasattr(canvas, "overlays") else viewer
    return overlays.scale_bar


def test_double_click_opens_an_image(qtbot, panel, viewer):
    cards = panel._results._list
    place = cards.visualRect(cards.model().index(0, 0)).center()
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(cards.viewport(), left, pos=place)
    qtbot.mouseDClick(cards.viewport(), left, pos=place)

    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=5000)
    layer = viewer.layers[0]
    assert tuple(layer.scale) == (1.0, 0.5, 0.5)
    assert layer.metadata["cellib"]["address"] == "cellib://shelf/CLB000001X"
    qtbot.waitUntil(lambda: scale_bar(viewer).visible, timeout=5000)


def test_the_button_says_the_size_before_it_opens(qtbot, panel, viewer):
    button = panel._results._open
    assert button.text() == "Open · 3.9 MB"

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=5000)


def test_layers_of_others_are_left_alone(qtbot, panel, viewer):
    mine = viewer.add_image(np.zeros((4, 4)))
    qtbot.mouseClick(panel._results._open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=5000)

    assert viewer.layers[0] is mine
    assert not scale_bar(viewer).visible


def test_opening_shows_how_far_it_is_and_can_be_cancelled(
    qtbot, make_panel, shelf, viewer
):
    panel = make_panel(shelf)
    shelf.seconds = 0.2
    bar = panel._bars[panel._opener.runner]
    qtbot.mouseClick(panel._results._open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(bar.isVisible)

    qtbot.mouseClick(bar._button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: not bar.isVisible())
    assert len(viewer.layers) == 0


def test_an_image_that_cannot_be_opened_is_explained_and_the_cards_stay(
    steps, qtbot, panel, viewer
):
    panel.open_place("cellib://shelf/CLB999")
    bar = panel._bars[panel._opener.runner]

    qtbot.waitUntil(lambda: "no image 'CLB999'" in bar._words.text())
    assert len(steps.titles(panel)) == 3
    assert len(viewer.layers) == 0
    qtbot.mouseClick(bar._button, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_a_message_goes_when_the_person_goes_on(steps, qtbot, panel):
    panel.open_place("cellib://shelf/CLB999")
    bar = panel._bars[panel._opener.runner]
    qtbot.waitUntil(bar.isVisible)

    steps.type_words(panel, "golgi")

    qtbot.waitUntil(lambda: not bar.isVisible())


def test_an_address_that_is_none_is_explained(qtbot, panel):
    panel.open_place("cellib://")

    words = panel._bars[panel._opener.runner]._words
    assert "is no address of an image" in words.text()


def test_a_pasted_path_is_opened_with_enter(qtbot, panel, viewer, zarr_folder):
    line = panel._results.line
    line.setText(str(zarr_folder))
    qtbot.keyClick(line, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=5000)
    qtbot.waitUntil(lambda: panel._model.state.phase is Phase.RESULTS)
    assert line.text() == ""


def test_labels_come_hidden_and_the_picture_is_chosen(qtbot, panel, viewer, tmp_path):
    folder = tmp_path / "labelled.ome.zarr"
    plane = np.arange(64, dtype=np.uint8).reshape(8, 8)
    labels = {"objects": plane // 32}
    drive(write_image(folder, plane, axes="yx", spacing_um={}, labels=labels))

    panel.open_place(str(folder))

    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=5000)
    assert [layer.visible for layer in viewer.layers] == [True, False]
    assert viewer.layers.selection.active is viewer.layers[0]


def test_what_is_odd_about_an_image_is_told(qtbot, panel, viewer, tmp_path):
    folder = tmp_path / "holes.ome.zarr"
    plane = np.ones((8, 8), np.uint8)
    drive(write_image(folder, plane, axes="yx", spacing_um={}))
    for chunk in [*folder.glob("*/c")]:
        shutil.rmtree(chunk)

    panel.open_place(str(folder))

    bar = panel._bars[panel._opener.runner]
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=5000)
    assert bar.isVisible()
    assert "absent" in bar._words.text()


def test_no_library_is_touched_on_the_gui_thread(
    steps, qtbot, make_panel, shelf, viewer
):
    panel = make_panel(shelf)
    steps.show_record(panel)
    qtbot.mouseClick(panel._record._open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=5000)

    assert threading.get_ident() not in shelf.visitors
