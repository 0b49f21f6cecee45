from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._text import tooltip
from napari_cellib.errors import PixelsUnreachable
from napari_cellib.model import FacetField
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.search_state import Phase


def titles(panel):
    return [card.title for card in panel._model.cards]


def type_words(qtbot, panel, words):
    panel._results.focus_line()
    qtbot.keyClicks(panel._results.line, words)


def scale_bar(viewer):
    canvas = getattr(viewer, "canvas", None)
    overlays = canvas.overlays if hasattr(canvas, "overlays") else viewer
    return overlays.scale_bar


def wait_for(qtbot, panel, *expected):
    qtbot.waitUntil(lambda: titles(panel) == list(expected), timeout=3000)


def show_record(qtbot, panel):
    cards = panel._results._list
    cards.setFocus()
    qtbot.keyClick(cards, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: panel._pages.currentWidget() is panel._record)


def test_the_panel_shows_the_library_at_once(panel):
    assert len(titles(panel)) == 3
    assert panel._results._summary.text() == "3 images"


def test_typing_searches_without_enter(qtbot, panel):
    type_words(qtbot, panel, "golgi")

    wait_for(qtbot, panel, "Golgi of a HeLa cell")


def test_fast_typing_asks_once(qtbot, make_panel, shelf):
    asked = []
    search = shelf.search
    shelf.search = lambda query: asked.append(query.text) or search(query)
    panel = make_panel(shelf)
    asked.clear()

    type_words(qtbot, panel, "mouse")
    wait_for(qtbot, panel, "Mouse embryo")

    assert asked == ["mouse"]


def test_a_checked_filter_narrows_and_its_chip_takes_it_away(qtbot, panel):
    results = panel._results
    qtbot.mouseClick(results._filters, Qt.MouseButton.LeftButton)
    assert results._facets.isVisible()
    value = results._facets.topLevelItem(0).child(1)
    assert value.text(0) == "Mus musculus"

    value.setCheckState(0, Qt.CheckState.Checked)
    wait_for(qtbot, panel, "Mouse embryo")
    assert results._filters.text() == "Filters · 1"
    assert results._chips.isVisible()

    chip = results._chips._buttons.button(0)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(titles(panel)) == 3)
    assert not results._chips.isVisible()


def test_space_checks_a_filter_and_keeps_the_place(qtbot, panel):
    results = panel._results
    qtbot.mouseClick(results._filters, Qt.MouseButton.LeftButton)
    tree = results._facets
    tree.setFocus()
    tree.setCurrentItem(tree.topLevelItem(0).child(1))

    qtbot.keyClick(tree, Qt.Key.Key_Space)
    wait_for(qtbot, panel, "Mouse embryo")

    assert tree.currentItem().text(0) == "Mus musculus"
    assert tree.currentItem().checkState(0) == Qt.CheckState.Checked


def test_what_was_folded_stays_folded(qtbot, panel):
    tree = panel._results._facets
    tree.topLevelItem(0).setExpanded(False)

    type_words(qtbot, panel, "hela")
    qtbot.waitUntil(lambda: len(titles(panel)) == 2)

    assert not tree.topLevelItem(0).isExpanded()


def test_clear_all_removes_every_filter(qtbot, panel):
    panel._results._on_toggled(FacetField.ORGANISM, "NCBITaxon:10090")
    panel._results._on_toggled(FacetField.LIBRARY, "shelf")
    wait_for(qtbot, panel, "Mouse embryo")

    panel._results._chips.cleared.emit()

    qtbot.waitUntil(lambda: len(titles(panel)) == 3)


def test_the_order_is_chosen_from_a_box(qtbot, panel):
    box = panel._results._sort
    box.setFocus()
    box.setCurrentText("Title")
    box.activated.emit(box.currentIndex())

    expected = sorted(titles(panel))
    wait_for(qtbot, panel, *expected)


def test_the_keyboard_goes_all_the_way(qtbot, panel, viewer):
    type_words(qtbot, panel, "golgi")
    wait_for(qtbot, panel, "Golgi of a HeLa cell")

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
def test_a_key_leads_to_the_line_from_anywhere(qtbot, panel, keys):
    show_record(qtbot, panel)

    qtbot.keyClick(QApplication.focusWidget(), *keys)

    assert QApplication.focusWidget() is panel._results.line
    assert panel._pages.currentWidget() is panel._results


def test_a_slash_can_be_typed_into_the_line(qtbot, panel):
    type_words(qtbot, panel, "a/b")

    assert panel._results.line.text() == "a/b"


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
    assert scale_bar(viewer).visible


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
    qtbot, panel, viewer
):
    panel.open_place("cellib://shelf/CLB999")
    bar = panel._bars[panel._opener.runner]

    qtbot.waitUntil(lambda: "no image 'CLB999'" in bar._words.text())
    assert len(titles(panel)) == 3
    assert len(viewer.layers) == 0
    qtbot.mouseClick(bar._button, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_a_message_goes_when_the_person_goes_on(qtbot, panel):
    panel.open_place("cellib://shelf/CLB999")
    bar = panel._bars[panel._opener.runner]
    qtbot.waitUntil(bar.isVisible)

    type_words(qtbot, panel, "golgi")

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


def test_the_record_page_says_what_is_known(qtbot, panel):
    show_record(qtbot, panel)

    text = panel._record._body.toPlainText()
    assert "NCBITaxon:9606" in text
    assert "not stated" in text
    assert panel._record._open.text() == "Open · 3.9 MB"
    assert panel._record._siblings.isVisible()


def test_a_sibling_leads_to_its_own_page(qtbot, panel):
    show_record(qtbot, panel)
    (_, button), *_ = panel._record._siblings._shown

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: "Mitochondria" in panel._record._title.text())
    assert not panel._record._siblings._shown[0][0].title.startswith("Mito")


@pytest.mark.parametrize(
    ("number", "start"), [(0, "Shelf (n.d.)."), (1, "@misc{CLB"), (2, "TY  - DATA")]
)
def test_the_citation_is_copied_in_the_chosen_style(qtbot, panel, number, start):
    show_record(qtbot, panel)
    page = panel._record
    qtbot.mouseClick(page._styles.button(number), Qt.MouseButton.LeftButton)

    qtbot.keyClick(page._back, "c", Qt.KeyboardModifier.ControlModifier)

    copied = QApplication.clipboard().text()
    assert copied.startswith(start)
    shown = page._body.toPlainText().replace("\u2028", "\n")
    assert copied in shown
    assert page._copy.text() == "Copied"


def test_the_citation_is_copied_from_within_the_text_too(qtbot, panel):
    show_record(qtbot, panel)
    panel._record._body.setFocus()

    qtbot.keyClick(panel._record._body, "c", Qt.KeyboardModifier.ControlModifier)

    assert QApplication.clipboard().text().startswith("Shelf (n.d.).")


def test_text_that_is_selected_is_copied_instead(qtbot, panel):
    show_record(qtbot, panel)
    panel._record._body.selectAll()

    qtbot.keyClick(panel._record._body, "c", Qt.KeyboardModifier.ControlModifier)

    assert "NCBITaxon:9606" in QApplication.clipboard().text()


def test_what_a_record_says_is_never_markup(qtbot, panel):
    type_words(qtbot, panel, "mitochondria")
    qtbot.waitUntil(lambda: len(titles(panel)) == 1)
    show_record(qtbot, panel)

    page = panel._record
    assert page._title.textFormat() == Qt.TextFormat.PlainText
    assert "<b>bold</b> & more" in page._body.toPlainText()
    assert tooltip("<b>a & b</b>") == "<qt>&lt;b&gt;a &amp; b&lt;/b&gt;</qt>"


def test_a_link_opens_a_browser_only_after_a_click(qtbot, panel, monkeypatch):
    visited = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: visited.append(url.toString())
    )
    show_record(qtbot, panel)
    assert visited == []
    body = panel._record._body
    links = [entry.link for entry in body._entries]

    body.setFocus()
    number = links.index("https://example.org/golgi")
    body.anchorClicked.emit(type(body.source())(f"entry:{number}"))

    assert visited == ["https://example.org/golgi"]


def test_a_term_leads_to_a_search_for_it(qtbot, panel):
    show_record(qtbot, panel)

    panel._record._body.words_chosen.emit("Mus musculus")

    wait_for(qtbot, panel, "Mouse embryo")
    assert panel._results.line.text() == "Mus musculus"


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
    search, have = library.search, len(panel._model.cards)

    def broken(query):
        raise PixelsUnreachable("https://example.org", "no route")

    library.search = broken
    panel._results._list.scrollToBottom()
    bar = panel._bars[panel._more_runner]
    qtbot.waitUntil(bar.isVisible)
    assert "does not answer" in bar._words.text()
    assert len(panel._model.cards) >= have

    library.search = search
    panel._load_more()
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

    button = panel._results._state._button
    assert button.isVisible()
    assert button.text() == "Make the demo library"
    assert not panel._results._open.isVisible()


def test_nothing_found_leads_back_to_everything(qtbot, panel):
    type_words(qtbot, panel, "zebra")
    qtbot.waitUntil(lambda: panel._model.state.phase is Phase.NOTHING_FOUND)

    qtbot.keyClick(panel._results.line, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is panel._results._state._button
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)

    qtbot.waitUntil(lambda: len(titles(panel)) == 3)
    assert panel._results.line.text() == ""


def test_after_an_error_it_can_be_tried_again(qtbot, make_panel, shelf):
    search = shelf.search

    def broken(query):
        raise OSError("the drive is gone")

    shelf.search = broken
    panel = make_panel(shelf, wait=False)
    qtbot.waitUntil(lambda: panel._model.state.phase is Phase.ERROR)
    assert "the drive is gone" in panel._results._state._title.text()

    shelf.search = search
    qtbot.mouseClick(panel._results._state._button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: len(titles(panel)) == 3)


def test_no_library_is_touched_on_the_gui_thread(qtbot, make_panel, shelf, viewer):
    panel = make_panel(shelf)
    show_record(qtbot, panel)
    qtbot.mouseClick(panel._record._open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=5000)

    assert threading.get_ident() not in shelf.visitors


def test_a_slow_library_never_holds_up_the_window(qtbot, make_panel, shelf, heartbeat):
    panel = make_panel(shelf)
    shelf.seconds = 0.4
    heartbeat.restart()
    type_words(qtbot, panel, "golgi")
    wait_for(qtbot, panel, "Golgi of a HeLa cell")
    show_record(qtbot, panel)

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
