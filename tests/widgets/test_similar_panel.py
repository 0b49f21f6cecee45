"""The panel that finds images like another one, with real clicks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog
from tests.compare.alike import STEP_UM, alike_records
from tests.compare.pictures_of_disks import disks
from tests.compare.tiny_network import tiny_network

from napari_cellib._widgets._hit_place import go_to_hit, spot_of
from napari_cellib._widgets._view_state import camera_of
from napari_cellib._widgets._viewer_marks import side_of
from napari_cellib._widgets.similar_panel import SimilarPanel
from napari_cellib.jobs import drive
from napari_cellib.model import Representation
from napari_cellib.pixels import write_image
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries

LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 20_000


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return alike_records(tmp_path_factory.mktemp("alike"))


@pytest.fixture
def make_panel(qtbot, viewer, tmp_path):
    """Return a function that makes a panel on records, beside a layer of disks."""
    scale, um = (STEP_UM, STEP_UM), ("um", "um")
    viewer.add_image(disks(seed=3), name="mine", scale=scale, units=um)
    shown = []

    def make(records):
        libraries = Libraries(Settings(data_folder=tmp_path), ShelfLibrary(records))
        made = SimilarPanel(viewer, libraries)
        shown.append(made)
        qtbot.addWidget(made)
        made.resize(360, 700)
        with qtbot.waitExposed(made):
            made.show()
        return made

    yield make
    for panel in shown:
        panel.close()


@pytest.fixture
def panel(make_panel, records):
    return make_panel(records)


def titles(panel):
    return [card.title for card in panel._model.cards]


def find(qtbot, panel, count=3):
    qtbot.mouseClick(panel._form.button, LEFT)
    qtbot.waitUntil(lambda: len(titles(panel)) == count, timeout=WAIT_MS)


def test_a_layer_is_asked_about_what_is_found_is_opened_and_compared(
    qtbot, panel, viewer, heartbeat
):
    heartbeat.restart()
    find(qtbot, panel)  # what is not described yet is described meanwhile

    assert heartbeat.longest < 1
    assert titles(panel)[2] == "3. Noise"
    assert panel._list.model().data(panel._list.currentIndex()) == titles(panel)[0]
    assert panel._differences.isVisible()
    assert panel._differences.rowCount() == 5
    with qtbot.waitSignal(panel.compared, timeout=WAIT_MS) as shown:
        qtbot.mouseClick(panel._compare, LEFT)
    own, theirs = shown.args
    assert own == "mine"
    assert theirs.startswith("Disks")
    assert viewer.layers[theirs].metadata["cellib"]["address"].startswith("cellib://")

    third = panel._list.visualRect(panel._cards.index(2, 0)).center()
    with qtbot.waitSignal(panel._opener.layers.opened, timeout=WAIT_MS):
        qtbot.mouseClick(panel._list.viewport(), LEFT, pos=third)
        qtbot.mouseDClick(panel._list.viewport(), LEFT, pos=third)
    assert "Noise" in [layer.name for layer in viewer.layers]


def test_an_image_of_the_library_finds_its_sibling_first_and_opens_beside_it(
    qtbot, panel
):
    panel.find_like_record("shelf", "CLB1", "Disks")
    qtbot.waitUntil(lambda: len(titles(panel)) == 2, timeout=WAIT_MS)

    assert titles(panel) == ["1. Disks, too", "2. Noise"]
    assert panel._form.box.currentText() == "Disks"
    assert panel._form.part.isHidden()
    with qtbot.waitSignal(panel.compared, timeout=WAIT_MS) as shown:
        qtbot.mouseClick(panel._compare, LEFT)
    assert shown.args == ["Disks", "Disks, too"]


def test_describing_can_be_stopped_and_a_pixel_size_and_a_search_are_asked_for(
    qtbot, panel, viewer
):
    viewer.add_image(np.asarray(disks(seed=4)), name="bare")
    panel._form.box.setCurrentText("bare")
    panel._form.box.activated.emit(panel._form.box.currentIndex())
    assert panel._form.pixel_size.isVisible()
    qtbot.mouseClick(panel._form.button, LEFT)
    qtbot.waitUntil(lambda: panel._describer.is_running, timeout=WAIT_MS)
    qtbot.mouseClick(panel._bars[panel._describer]._button, LEFT)
    qtbot.waitUntil(panel._describe.isVisible, timeout=WAIT_MS)

    with qtbot.waitSignal(panel._describer.succeeded, timeout=WAIT_MS):
        qtbot.mouseClick(panel._describe, LEFT)
    qtbot.waitUntil(lambda: len(titles(panel)) == 3, timeout=WAIT_MS)
    assert panel._describe.isHidden()
    assert "bare is not known" in panel._message.text()
    panel._form.pixel_size.setValue(STEP_UM)
    qtbot.waitUntil(
        lambda: "bare is not known" not in panel._message.text(), timeout=WAIT_MS
    )
    qtbot.keyClicks(panel._form.line, "noise")
    qtbot.keyClick(panel._form.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: titles(panel) == ["1. Noise"], timeout=WAIT_MS)
    assert "match" not in panel._message.text().lower()


def choose_network(qtbot, panel, path):
    """Choose the last entry of the box by a key, and a file in the dialog."""
    qtbot.keyClick(panel._form.network, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: panel.window().findChild(QFileDialog) is not None)
    dialog = panel.window().findChild(QFileDialog)
    dialog.selectFile(str(path))
    dialog.accept()
    qtbot.waitUntil(lambda: panel.findChild(QFileDialog) is None, timeout=WAIT_MS)


def test_a_network_of_ones_own_is_chosen_tried_remembered_and_kept_apart(
    qtbot, panel, tmp_path
):
    pytest.importorskip("onnxruntime")
    box, bar = panel._form.network, panel._bars[panel._chooser]
    assert box.isHidden()
    qtbot.mouseClick(panel._form.modes.button(1), LEFT)
    assert [box.itemText(n) for n in range(box.count())][1:] == ["Own network…"]
    find(qtbot, panel)
    shipped = panel._model.found.answer.described_by

    (tmp_path / "none.onnx").write_bytes(b"no network")
    choose_network(qtbot, panel, tmp_path / "none.onnx")
    qtbot.waitUntil(bar.isVisible, timeout=WAIT_MS)
    assert "none.onnx cannot describe images: it is no network" in bar._words.text()
    assert box.currentText().startswith("EfficientNet")

    choose_network(qtbot, panel, tiny_network(tmp_path / "mine.onnx"))
    qtbot.waitUntil(lambda: box.currentText() == "mine.onnx", timeout=WAIT_MS)

    def is_found():
        by = panel._model.found.answer.described_by
        return by.startswith("own:mine ") and len(titles(panel)) == 3

    qtbot.waitUntil(is_found, timeout=WAIT_MS)
    own = panel._model.found
    assert titles(panel)[2] == "3. Noise"
    assert {shipped, own.answer.described_by} <= set(own.state.described_by)

    again = SimilarPanel(panel._viewer, panel._libraries)
    qtbot.addWidget(again)
    assert again._form.network.currentText() == "mine.onnx"
    again.close()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    qtbot.waitUntil(
        lambda: panel._model.found.answer.described_by == shipped, timeout=WAIT_MS
    )


def test_a_hit_is_shown_at_the_plane_and_the_place_that_are_alike(
    qtbot, make_panel, viewer, tmp_path
):
    stack = np.random.default_rng(0).integers(0, 255, (3, 128, 400), dtype=np.uint8)
    stack[2, :, 272:] = disks(128, seed=1)  # in a corner of one plane only
    spacing = {"z": 1.0, "y": STEP_UM, "x": STEP_UM}
    drive(write_image(tmp_path / "z.zarr", stack, axes="zyx", spacing_um=spacing))
    pixels = Representation(role="pyramid", url=str(tmp_path / "z.zarr"))
    panel = make_panel([a_record("CLB4", "Stack", representations=(pixels,))])
    viewer.dims.set_point(0, 0)
    find(qtbot, panel, count=1)
    hit = panel._model.hit_of(panel._model.cards[0])
    assert hit.z == 2

    with qtbot.waitSignal(panel.compared, timeout=WAIT_MS):
        qtbot.mouseClick(panel._compare, LEFT)
    stood, looked = viewer.dims.point[0], camera_of(viewer).center[-1]
    assert stood == 2.0
    assert hit.window[1] * STEP_UM < looked < hit.window[3] * STEP_UM
    spot = spot_of(viewer.layers["Stack"], hit)
    assert spot.window(side_of(viewer.layers["Stack"]), ()) == (
        slice(hit.window[0], hit.window[2]),
        slice(hit.window[1], hit.window[3]),
    )

    viewer.dims.set_point(0, 0)
    go_to_hit(viewer, viewer.layers["Stack"], replace(hit, z=None))
    assert viewer.dims.point[0] == 1.0  # the brightest values are none of the planes
    qtbot.mouseClick(panel._open, LEFT)  # it is there, and not opened again
    assert viewer.dims.point[0] == 2.0
    assert len(viewer.layers) == 2
