"""Going through a list by keys, and saying the same of many images, with real hands."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._batch_dialog import BatchDialog
from napari_cellib.model import Representation, Term, TermField
from napari_cellib.testing import ShelfLibrary, a_record


class OwnShelf(ShelfLibrary):
    @property
    def info(self):
        return super().info.model_copy(update={"writable": True})


@pytest.fixture
def own_shelf(zarr_folder):
    pixels = Representation(role="pyramid", url=str(zarr_folder), size_bytes=3_900_000)
    return OwnShelf(
        [
            a_record(f"img-{n:02}", f"Image {n:02}", representations=(pixels,))
            for n in range(30)
        ]
    )


@pytest.fixture
def panel(make_panel, own_shelf):
    return make_panel(own_shelf)


def _click(qtbot, panel, row, keys=Qt.KeyboardModifier.NoModifier):
    view = panel._results._list
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, place)


def _names(viewer):
    return [layer.name for layer in viewer.layers]


def _wait_for(qtbot, viewer, *names):
    qtbot.waitUntil(lambda: _names(viewer) == list(names), timeout=10_000)


@pytest.fixture
def walking(qtbot, panel, viewer):
    """Return a panel in which somebody goes through three images."""
    _click(qtbot, panel, 0)
    _click(qtbot, panel, 2, Qt.KeyboardModifier.ShiftModifier)
    qtbot.mouseClick(panel._results.chosen._walk, Qt.MouseButton.LeftButton)
    _wait_for(qtbot, viewer, "Image 00")
    return panel


def test_shift_and_ctrl_choose_several_images(qtbot, panel):
    bar = panel._results.chosen
    assert not bar.isVisible()

    _click(qtbot, panel, 0)
    _click(qtbot, panel, 2, Qt.KeyboardModifier.ShiftModifier)
    assert bar._words.text() == "3 chosen"
    _click(qtbot, panel, 1, Qt.KeyboardModifier.ControlModifier)
    assert [card.title for card in bar.cards] == ["Image 00", "Image 02"]

    _click(qtbot, panel, 1)
    assert not bar.isVisible()


def test_ctrl_a_chooses_what_is_loaded_and_a_button_all_that_was_found(qtbot, panel):
    view, bar = panel._results._list, panel._results.chosen
    view.setFocus()
    loaded = view.model().rowCount(QModelIndex())
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(bar.cards) >= loaded

    _click(qtbot, panel, 0)
    _click(qtbot, panel, 1, Qt.KeyboardModifier.ShiftModifier)
    assert bar._all.text() == "All 30"
    qtbot.mouseClick(bar._all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(bar.cards) == 30, timeout=3000)
    assert bar._words.text() == "30 chosen"
    assert not bar._all.isVisible()


def test_keys_lead_from_image_to_image_and_only_one_is_open(qtbot, walking, viewer):
    bar = walking.walk
    assert bar._words.text() == "1 of 3"

    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(walking._results._list, Qt.Key.Key_PageDown, ctrl)
    _wait_for(qtbot, viewer, "Image 01")
    qtbot.keyClick(walking._results.line, Qt.Key.Key_PageDown, ctrl)
    _wait_for(qtbot, viewer, "Image 02")
    assert bar._words.text() == "3 of 3"
    assert not bar._next.isEnabled()
    qtbot.keyClick(walking, Qt.Key.Key_PageUp, ctrl)
    _wait_for(qtbot, viewer, "Image 01")
    # So that a panel that follows the selected layer follows the walk.
    assert viewer.layers.selection.active.name == "Image 01"


def test_the_next_image_is_ready_before_it_is_asked_for(qtbot, walking, viewer):
    ahead = walking.walk._ahead
    qtbot.waitUntil(lambda: len(ahead._ready) == 1, timeout=10_000)

    qtbot.mouseClick(walking.walk._next, Qt.MouseButton.LeftButton)

    assert _names(viewer) == ["Image 01"]  # at once


def test_layers_that_somebody_worked_on_stay_and_that_is_said(qtbot, walking, viewer):
    viewer.layers[0].name = "my Golgi"
    qtbot.mouseClick(walking.walk._next, Qt.MouseButton.LeftButton)

    _wait_for(qtbot, viewer, "my Golgi", "Image 01")
    assert "1 layer of the image before stayed" in walking.walk._title.text()


def test_contrast_is_no_work_and_other_layers_are_never_touched(qtbot, walking, viewer):
    viewer.layers[0].contrast_limits = (3, 70)
    viewer.add_points([[0, 1, 1]], name="mine")
    qtbot.mouseClick(walking.walk._next, Qt.MouseButton.LeftButton)

    _wait_for(qtbot, viewer, "mine", "Image 01")


def test_the_image_stays_when_the_walk_ends_and_keys_do_nothing_more(
    qtbot, walking, viewer
):
    qtbot.mouseClick(walking.walk._end, Qt.MouseButton.LeftButton)
    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(walking, Qt.Key.Key_PageDown, ctrl)
    qtbot.wait(50)

    assert _names(viewer) == ["Image 00"]
    assert not walking.walk.isVisible()


def test_an_image_that_cannot_be_opened_is_told_and_the_walk_goes_on(
    qtbot, walking, viewer, own_shelf
):
    del own_shelf._records["img-01"]
    walking.walk._ahead.forget()
    qtbot.mouseClick(walking.walk._next, Qt.MouseButton.LeftButton)

    _wait_for(qtbot, viewer)
    assert "img-01" in walking.walk._title.text()
    qtbot.mouseClick(walking.walk._next, Qt.MouseButton.LeftButton)
    _wait_for(qtbot, viewer, "Image 02")


def test_many_images_are_annotated_after_a_preview(qtbot, panel, own_shelf):
    _click(qtbot, panel, 0)
    _click(qtbot, panel, 4, Qt.KeyboardModifier.ShiftModifier)
    qtbot.mouseClick(panel._results.chosen._batch, Qt.MouseButton.LeftButton)
    dialog = panel.findChild(BatchDialog)
    assert dialog.windowTitle() == "Annotate 5 images"
    assert not dialog._say.isEnabled()

    line = dialog.choice.box.line
    qtbot.keyClicks(line, "homo sap")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog._say.isEnabled, timeout=5000)
    assert dialog._say.text() == "Annotate 5 images"
    assert dialog._lines.topLevelItem(0).text(1) == "new: Homo sapiens"
    assert not own_shelf.record("img-00").standing_annotations

    qtbot.mouseClick(dialog._say, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog._say_runner.is_running, timeout=5000)

    terms = own_shelf.record("img-04").terms(TermField.ORGANISM)
    assert [term.id for term in terms] == ["NCBITaxon:9606"]
    assert not own_shelf.record("img-05").terms(TermField.ORGANISM)
    qtbot.waitUntil(
        lambda: (
            dialog._lines.topLevelItemCount() == 5
            and "already there" in dialog._lines.topLevelItem(0).text(1)
        ),
        timeout=5000,
    )
    assert not dialog._say.isEnabled()
    qtbot.waitUntil(
        lambda: (
            [one.text() for one in dialog._had_menu.actions()].count(
                "Homo sapiens · Organism · 5 images"
            )
            == 1
        ),
        timeout=5000,
    )
    dialog.reject()


def test_a_term_chosen_by_mistake_is_left_out_with_delete(qtbot, panel):
    _click(qtbot, panel, 0)
    _click(qtbot, panel, 1, Qt.KeyboardModifier.ShiftModifier)
    qtbot.mouseClick(panel._results.chosen._batch, Qt.MouseButton.LeftButton)
    dialog = panel.findChild(BatchDialog)
    dialog._model.add(TermField.ORGANISM, Term(id="NCBITaxon:9606", label="Human"))
    dialog._plan.setCurrentRow(0)
    dialog._plan.setFocus()
    qtbot.keyClick(dialog._plan, Qt.Key.Key_Delete)

    assert dialog._plan.count() == 0
    dialog.reject()


def test_annotations_are_copied_from_an_image_whose_address_is_pasted(
    qtbot, panel, own_shelf
):
    _click(qtbot, panel, 0)
    _click(qtbot, panel, 1, Qt.KeyboardModifier.ShiftModifier)
    qtbot.mouseClick(panel._results.chosen._batch, Qt.MouseButton.LeftButton)
    dialog = panel.findChild(BatchDialog)
    QApplication.clipboard().setText("cellib://shelf/img-07?zoom=2")
    dialog.copy_line._line.setFocus()
    dialog.copy_line._line.paste()
    qtbot.keyClick(dialog.copy_line._line, Qt.Key.Key_Return)

    bar = dialog._bars[0]
    qtbot.waitUntil(lambda: "Nothing is said" in bar._words.text(), timeout=3000)
    dialog.reject()
