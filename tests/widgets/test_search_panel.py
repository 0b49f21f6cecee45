from __future__ import annotations

import threading
import time

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication

from napari_cellib.errors import PixelsUnreachable
from napari_cellib.model import FacetField
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.search_state import Action, Phase


def test_the_panel_shows_the_library_at_once(steps, panel):
    assert len(steps.titles(panel)) == 3
    assert panel._results._summary.text() == "3 images"


def test_typing_searches_without_enter(steps, panel):
    steps.type_words(panel, "golgi")

    steps.wait_for(panel, "Golgi of a HeLa cell")


def test_fast_typing_asks_once(steps, make_panel, shelf):
    asked = []
    search = shelf.search
    shelf.search = lambda query: asked.append(query.text) or search(query)
    panel = make_panel(shelf)
    asked.clear()

    steps.type_words(panel, "mouse")
    steps.wait_for(panel, "Mouse embryo")

    # The images of terms that may be meant are counted without words.
    assert [text for text in asked if text] == ["mouse"]


def test_a_checked_filter_narrows_and_its_chip_takes_it_away(steps, qtbot, panel):
    results = panel._results
    qtbot.mouseClick(results._filters, Qt.MouseButton.LeftButton)
    assert results._facets.isVisible()
    value = results._facets.topLevelItem(0).child(1)
    assert value.text(0) == "Mus musculus"

    value.setCheckState(0, Qt.CheckState.Checked)
    steps.wait_for(panel, "Mouse embryo")
    assert results._filters.text() == "Filters · 1"
    assert results._chips.isVisible()

    chip = results._chips._buttons.button(0)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3)
    assert not results._chips.isVisible()


def test_space_checks_a_filter_and_keeps_the_place(steps, qtbot, panel):
    results = panel._results
    qtbot.mouseClick(results._filters, Qt.MouseButton.LeftButton)
    tree = results._facets
    tree.setFocus()
    tree.setCurrentItem(tree.topLevelItem(0).child(1))

    qtbot.keyClick(tree, Qt.Key.Key_Space)
    steps.wait_for(panel, "Mouse embryo")

    assert tree.currentItem().text(0) == "Mus musculus"
    assert tree.currentItem().checkState(0) == Qt.CheckState.Checked


def test_what_was_folded_stays_folded(steps, qtbot, panel):
    tree = panel._results._facets
    tree.topLevelItem(0).setExpanded(False)

    steps.type_words(panel, "hela")
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 2)

    assert not tree.topLevelItem(0).isExpanded()


def test_clear_all_removes_every_filter(steps, qtbot, panel):
    panel._results._on_toggled(FacetField.ORGANISM, "NCBITaxon:10090")
    panel._results._on_toggled(FacetField.LIBRARY, "shelf")
    steps.wait_for(panel, "Mouse embryo")

    panel._results._chips.cleared.emit()

    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3)


def test_the_order_is_chosen_from_a_box(steps, panel):
    box = panel._results._sort
    box.setFocus()
    box.setCurrentText("Title")
    box.activated.emit(box.currentIndex())

    expected = sorted(steps.titles(panel))
    steps.wait_for(panel, *expected)


def test_the_keyboard_goes_all_the_way(steps, qtbot, panel, viewer):
    steps.type_words(panel, "golgi")
    steps.wait_for(panel, "Golgi of a HeLa cell")

    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert QApplication.focusWidget() is panel._results._list
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: panel._pages.currentWidget() is panel._record)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert panel._pages.currentWidget() is panel._results
    assert QApplication.focusWidget() is panel._results._list
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(viewer.layers) == 1)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert QApplication.focusWidget() is panel._results.line


@pytest.mark.parametrize("keys", [("f", Qt.KeyboardModifier.ControlModifier), ("/",)])
def test_a_key_leads_to_the_line_from_anywhere(steps, qtbot, panel, keys):
    steps.show_record(panel)

    qtbot.keyClick(QApplication.focusWidget(), *keys)

    assert QApplication.focusWidget() is panel._results.line
    assert panel._pages.currentWidget() is panel._results


def test_a_slash_can_be_typed_into_the_line(steps, panel):
    steps.type_words(panel, "a/b")

    assert panel._results.line.text() == "a/b"


def test_pictures_come_for_the_cards_in_sight(qtbot, panel):
    def first_has_its_picture():
        panel.repaint()
        color = panel._results._list.grab().toImage().pixelColor(QPoint(30, 30))
        return color.red() > 150 and color.green() < 80

    qtbot.waitUntil(first_has_its_picture, timeout=3000)


def test_scrolling_fetches_further_pages_and_no_more_than_needed(qtbot, make_panel):
    records = [a_record(f"R{n:04d}", f"Cell {n:04d}") for n in range(500)]
    panel = make_panel(ShelfLibrary(records))
    cards = panel._results._list
    assert len(panel._model.cards) <= 48

    for _ in range(3):
        have = len(panel._model.cards)
        cards.scrollToBottom()
        qtbot.waitUntil(lambda have=have: len(panel._model.cards) > have)

    assert len(panel._model.cards) < 200
    assert cards.model().rowCount() == len(panel._model.cards)


def test_a_hundred_thousand_cards_can_be_listed(qtbot, panel, heartbeat):
    model = panel._model
    model.cards = model.cards * 34_000
    heartbeat.restart()
    for _ in range(20):
        panel._results._list.scrollToBottom()
        qtbot.wait(10)
        panel._results._list.scrollToTop()
        qtbot.wait(10)

    assert panel._results._list.model().rowCount() == 102_000
    assert heartbeat.longest < 0.25


def test_a_page_that_cannot_be_had_leaves_the_cards_there(qtbot, make_panel):
    records = [a_record(f"R{n:04d}", f"Cell {n:04d}") for n in range(500)]
    library = ShelfLibrary(records)
    panel = make_panel(library)
    search, have, asked = library.search, len(panel._model.cards), []

    def broken(query):
        asked.append(query)
        raise PixelsUnreachable("https://example.org", "no route")

    library.search = broken
    panel._results._list.scrollToBottom()
    bar = panel._bars[panel._more_runner]
    qtbot.waitUntil(lambda: "does not answer" in bar._words.text())
    assert bar.isVisible()
    assert len(panel._model.cards) >= have
    qtbot.wait(300)
    assert len(asked) < 3

    library.search = search
    panel._rest.stop()
    panel._results._list.scrollToTop()
    panel._results._list.scrollToBottom()
    qtbot.waitUntil(lambda: len(panel._model.cards) > have)


def test_a_slow_search_says_that_it_is_searching(qtbot, make_panel, shelf):
    panel = make_panel(shelf)
    shelf.seconds = 0.8
    summary = panel._results._summary

    panel.search()

    qtbot.waitUntil(lambda: summary.text() == "Searching…")
    qtbot.waitUntil(lambda: summary.text() == "3 images")


def test_without_a_library_the_panel_offers_to_make_one(qtbot, make_panel):
    panel = make_panel(wait=False)
    qtbot.waitUntil(lambda: panel._model.state.phase is Phase.NO_LIBRARY)

    button = panel._results._state.button
    assert button.isVisible()
    assert button.text() == "Make the demo library"
    assert not panel._results._open.isVisible()


def test_a_demo_library_that_cannot_be_made_is_explained(qtbot, make_panel, tmp_path):
    (tmp_path / "user").write_text("a file where the folder should be")
    panel = make_panel(wait=False)
    qtbot.waitUntil(lambda: panel._model.state.phase is not Phase.LOADING)

    panel._act(Action.MAKE_DEMO)

    bar = panel._bars[panel._demo_runner]
    qtbot.waitUntil(lambda: bar._button.text() == "Close")
    qtbot.wait(100)
    assert bar.isVisible()
    assert bar._words.text()


def test_nothing_found_leads_back_to_everything(steps, qtbot, panel):
    steps.type_words(panel, "zebra")
    qtbot.waitUntil(lambda: panel._model.state.phase is Phase.NOTHING_FOUND)

    qtbot.keyClick(panel._results.line, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is panel._results._state.button
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)

    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3)
    assert panel._results.line.text() == ""


def test_after_an_error_it_can_be_tried_again(steps, qtbot, make_panel, shelf):
    search = shelf.search

    def broken(query):
        raise OSError("the drive is gone")

    shelf.search = broken
    panel = make_panel(shelf, wait=False)
    qtbot.waitUntil(lambda: panel._model.state.phase is Phase.ERROR)
    assert "the drive is gone" in panel._results._state._title.text()

    shelf.search = search
    qtbot.mouseClick(panel._results._state.button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3)


def test_a_slow_library_never_holds_up_the_window(steps, make_panel, shelf, heartbeat):
    panel = make_panel(shelf)
    shelf.seconds = 0.4
    heartbeat.restart()
    steps.type_words(panel, "golgi")
    steps.wait_for(panel, "Golgi of a HeLa cell")
    steps.show_record(panel)

    # Each answer takes 0.4 s; the rest is room for a machine that is busy.
    assert heartbeat.longest < 0.2


def test_closing_the_panel_stops_its_jobs(qtbot, make_panel, shelf):
    panel = make_panel(shelf)
    shelf.seconds = 0.05
    panel.search()
    panel._open_card(panel._model.cards[0])

    panel.close()
    panel.deleteLater()

    def none_left():
        names = [thread.name for thread in threading.enumerate()]
        return "cellib-job" not in names

    qtbot.waitUntil(none_left, timeout=1000)


def test_a_panel_is_there_in_no_time(qtbot, make_panel, shelf):
    before = time.perf_counter()
    make_panel(shelf)

    assert time.perf_counter() - before < 1.0


class ShelfBehind(ShelfLibrary):
    def search(self, query):
        page = super().search(query)
        warnings = () if query.text else ("Still being indexed.",)
        return page.model_copy(update={"warnings": warnings})


def test_above_the_cards_it_is_said_why_some_may_be_missing(make_panel, steps, qtbot):
    panel = make_panel(ShelfBehind([a_record("CLB000001X", "Golgi")]))
    label = panel._results._warning
    assert label.isVisible()
    assert label.text() == "Still being indexed."

    steps.type_words(panel, "golgi")

    qtbot.waitUntil(lambda: not label.isVisible(), timeout=3000)
