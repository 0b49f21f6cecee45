"""The panel that finds images like another one, with real clicks."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from tests.compare.alike import STEP_UM, alike_records
from tests.compare.pictures_of_disks import disks

from napari_cellib._widgets.similar_panel import SimilarPanel
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary
from napari_cellib.viewmodels.libraries import Libraries

LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 20_000


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return alike_records(tmp_path_factory.mktemp("alike"))


@pytest.fixture
def panel(qtbot, viewer, records, tmp_path):
    scale, um = (STEP_UM, STEP_UM), ("um", "um")
    viewer.add_image(disks(seed=3), name="mine", scale=scale, units=um)
    libraries = Libraries(Settings(data_folder=tmp_path), ShelfLibrary(records))
    made = SimilarPanel(viewer, libraries)
    qtbot.addWidget(made)
    made.resize(360, 700)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


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
    with qtbot.waitSignal(panel._opener.opened, timeout=WAIT_MS):
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
