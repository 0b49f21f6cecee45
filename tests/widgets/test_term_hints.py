from __future__ import annotations

import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_cellib.errors import TermsUnreadable


@pytest.fixture
def popup(panel):
    return panel._hinter.popup


@pytest.fixture
def type_and_wait(qtbot, steps):
    def do(panel, words):
        steps.type_words(panel, words)
        qtbot.waitUntil(lambda: panel._hinter.popup.isVisible(), timeout=5000)

    return do


def test_a_word_offers_its_term_below_the_line(type_and_wait, panel, popup):
    type_and_wait(panel, "mouse")

    assert popup.model().rowCount() == 1
    assert popup.currentIndex().data() is None
    row = popup.model().index(0, 0)
    spoken = row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Mus musculus, Organism, NCBITaxon:10090, 1 image")
    assert QApplication.focusWidget() is panel._results.line


def test_choosing_a_term_makes_it_a_filter(qtbot, steps, type_and_wait, panel, popup):
    type_and_wait(panel, "mouse")
    line = panel._results.line
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert popup.currentIndex().data() == "Mus musculus"

    qtbot.keyClick(line, Qt.Key.Key_Return)

    steps.wait_for(panel, "Mouse embryo")
    assert line.text() == ""
    assert not popup.isVisible()
    assert panel._results._chips.isVisible()
    assert [chip.label for chip in panel._model.chips] == ["Mus musculus"]
    assert panel._results._filters.text() == "Filters · 1"


def test_a_click_chooses_too(qtbot, steps, type_and_wait, panel, popup):
    type_and_wait(panel, "mouse")
    place = popup.visualRect(popup.model().index(0, 0)).center()

    qtbot.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, pos=place)

    steps.wait_for(panel, "Mouse embryo")
    assert panel._model.query.filters


def test_enter_still_searches_for_the_words(qtbot, steps, type_and_wait, panel, popup):
    type_and_wait(panel, "mouse")

    qtbot.keyClick(panel._results.line, Qt.Key.Key_Return)

    steps.wait_for(panel, "Mouse embryo")
    assert panel._model.query.text == "mouse"
    assert not panel._model.query.filters
    assert not popup.isVisible()


def test_down_goes_through_the_terms_into_the_cards(
    qtbot, steps, type_and_wait, panel, popup
):
    type_and_wait(panel, "mouse")
    steps.wait_for(panel, "Mouse embryo")
    line = panel._results.line

    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is line
    qtbot.keyClick(line, Qt.Key.Key_Down)

    assert QApplication.focusWidget() is panel._results._list
    assert not popup.isVisible()


def test_escape_closes_the_list_and_keeps_the_words(qtbot, type_and_wait, panel, popup):
    type_and_wait(panel, "mouse")

    qtbot.keyClick(panel._results.line, Qt.Key.Key_Escape)

    assert not popup.isVisible()
    assert panel._results.line.text() == "mouse"


def test_nothing_pops_up_over_cards_that_have_the_keyboard(qtbot, steps, panel, popup):
    steps.type_words(panel, "mouse")
    panel._results._list.setFocus()
    qtbot.wait(500)

    assert not popup.isVisible()


def test_words_that_a_record_puts_there_pop_nothing_up(qtbot, panel, popup):
    panel._results.focus_line()
    panel._results.type_words("mouse")
    qtbot.wait(500)

    assert not popup.isVisible()


def test_images_are_never_counted_on_the_thread_of_the_window(
    qtbot, steps, panel, shelf, heartbeat
):
    shelf.seconds = 0.3
    shelf.visitors.clear()
    heartbeat.restart()
    steps.type_words(panel, "mouse")
    qtbot.waitUntil(lambda: bool(panel._hints.hints), timeout=5000)

    assert threading.get_ident() not in shelf.visitors
    assert heartbeat.longest < 0.2


def test_without_terms_one_can_search_all_the_same(steps, make_panel, shelf, caplog):
    panel = make_panel(shelf)

    def broken():
        raise TermsUnreadable("terms.sqlite", "it is not whole")

    panel._terms.get = broken
    steps.type_words(panel, "mouse")

    steps.wait_for(panel, "Mouse embryo")
    assert not caplog.records
