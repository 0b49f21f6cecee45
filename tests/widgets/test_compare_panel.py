"""The panel that compares two images, with real clicks."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from qtpy.QtCore import QPoint, QPointF, Qt

from napari_cellib._widgets.compare_panel import ComparePanel
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.comparing.model import Mode
from napari_cellib.viewmodels.libraries import Libraries

STACK = np.random.default_rng(0).integers(0, 4000, (3, 80, 80), dtype=np.uint16)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot, viewer, tmp_path):
    um = ("um",) * 3
    viewer.add_image(STACK, name="near", scale=(1, 0.1, 0.1), units=um)
    viewer.add_image(STACK[:, :40], name="far", scale=(1, 0.4, 0.4), units=um)
    made = ComparePanel(viewer, Libraries(Settings(data_folder=tmp_path)))
    qtbot.addWidget(made)
    made.resize(420, 700)
    made.show()
    qtbot.waitUntil(lambda: len(made._model.pictures) == 2, timeout=10_000)
    return made


def test_a_micrometer_is_as_long_in_both_and_they_move_together(qtbot, panel):
    canvas = panel._canvas
    near, far = canvas.places()

    assert near.width() / 8 == pytest.approx(far.width() / 32)
    middle = QPoint(60, 60)
    qtbot.mousePress(canvas, LEFT, pos=middle)
    qtbot.mouseMove(canvas, middle + QPoint(20, 10))
    qtbot.mouseRelease(canvas, LEFT, pos=middle + QPoint(20, 10))
    moved = [new.center() - old.center() for new, old in zip(
        canvas.places(), (near, far), strict=True)]  # fmt: skip
    assert moved == [QPointF(20, 10)] * 2
    assert not canvas.grab().isNull()


def test_it_follows_the_sliders_blinks_swaps_and_measures(
    qtbot, panel, viewer, tmp_path
):
    before = panel._model.pictures
    viewer.dims.set_point(0, 2)
    qtbot.waitUntil(lambda: panel._model.pictures not in (before, ()), timeout=10_000)
    assert not np.array_equal(panel._model.pictures[0].grey, before[0].grey)

    for number, mode in enumerate(Mode):
        qtbot.mouseClick(panel._modes.button(number), LEFT)
        assert panel._model.mode is mode
        assert not panel._canvas.grab().isNull()
    qtbot.mouseClick(panel._swap, LEFT)
    qtbot.waitUntil(lambda: len(panel._model.pictures) == 2, timeout=10_000)
    assert panel._model.pictures[0].name == "far"

    qtbot.mouseClick(panel._measure, LEFT)
    qtbot.waitUntil(lambda: panel._model.measured is not None, timeout=20_000)
    assert panel._tabs.currentWidget() is panel._table
    assert panel._table.rowCount() > 20
    saved = {kind: tmp_path / f"saved.{kind}" for kind in ("html", "png", "pdf")}
    for path in saved.values():
        with qtbot.waitSignal(panel._saver.succeeded, timeout=20_000):
            panel.save(path)
    assert "<svg" in saved["html"].read_text(encoding="utf-8")
    with Image.open(saved["png"]) as seen:
        assert seen.width >= panel._canvas.width()
    assert saved["pdf"].read_bytes().startswith(b"%PDF")
    assert saved["pdf"].stat().st_size > 20_000  # with pictures
    panel.close()


def test_a_shape_a_label_and_many_references_are_chosen_with_few_clicks(
    qtbot, panel, viewer, heartbeat
):
    labels = np.zeros(STACK.shape, int)
    labels[:, 10:30, 20:50] = 5
    cells = viewer.add_labels(
        labels, name="cells", scale=(1, 0.1, 0.1), units=("um",) * 3
    )
    cells.selected_label = 5
    corners = [(1, 1), (1, 3), (2, 3), (2, 1)]
    shapes = viewer.add_shapes(
        np.array([corners]), shape_type="rectangle", units=("um",) * 2
    )

    part = panel._lines[0].part
    qtbot.waitUntil(lambda: part.count() == 3)
    assert [part.itemText(n) for n in range(3)] == [
        "Whole plane", "Shape 1 of Shapes", "Label 5 of cells"]  # fmt: skip

    def shape_of_first():
        return panel._model.pictures[0].grey.shape if panel._model.pictures else None

    for number, shape in ((1, (11, 21)), (2, (20, 30))):
        part.setCurrentIndex(number)
        part.activated.emit(number)
        qtbot.waitUntil(lambda shape=shape: shape_of_first() == shape, timeout=10_000)
    part.setCurrentIndex(1)
    part.activated.emit(1)
    viewer.layers["far"].name = "farther"
    qtbot.waitUntil(lambda: panel._lines[1].box.currentText() == "farther")
    shapes.data = np.array([corners]) * 2
    qtbot.waitUntil(lambda: shape_of_first() == (21, 41), timeout=10_000)

    heartbeat.restart()
    qtbot.keyClicks(panel._group.line, "anything")
    qtbot.keyClick(panel._group.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel._model.measured is not None, timeout=20_000)
    assert heartbeat.longest < 1
    assert "no library" in panel._message.text().lower()  # and both were measured
    assert panel._tabs.currentWidget() is panel._table
    cells.selected_label = 6
    qtbot.waitUntil(lambda: part.itemText(2) == "Label 6 of cells")
    assert panel._model.measured is not None  # it was of something else
    panel.close()


def test_a_missing_unit_is_said_and_asked_for(qtbot, panel, viewer):
    viewer.layers.remove("far")
    viewer.add_image(STACK[0], name="bare")
    qtbot.waitUntil(
        lambda: "bare is not known" in panel._message.text(), timeout=10_000
    )

    box = panel._lines[1].size
    assert box.isVisible()
    box.setValue(0.25)

    qtbot.waitUntil(
        lambda: (
            bool(panel._model.pictures) and "not known" not in panel._message.text()
        ),
        timeout=10_000,
    )
    assert panel._model.pictures[1].step == 0.25
