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
    qtbot.waitUntil(lambda: panel._model.compared is not None, timeout=20_000)
    assert panel._table.rowCount() > 20
    page = tmp_path / "report.html"
    panel.save(page)
    assert "<svg" in page.read_text(encoding="utf-8")
    panel.save(tmp_path / "seen.png")
    with Image.open(tmp_path / "seen.png") as seen:
        assert seen.width >= panel._canvas.width()
    panel.close()


def test_a_missing_unit_is_said_and_asked_for(qtbot, panel, viewer):
    viewer.layers.remove("far")
    viewer.add_image(STACK[0], name="bare")
    qtbot.waitUntil(
        lambda: "bare is not known" in panel._message.text(), timeout=10_000
    )

    box = panel._sizes[1]
    assert box.isVisible()
    box.setValue(0.25)

    qtbot.waitUntil(
        lambda: (
            bool(panel._model.pictures) and "not known" not in panel._message.text()
        ),
        timeout=10_000,
    )
    assert panel._model.pictures[1].step == 0.25
