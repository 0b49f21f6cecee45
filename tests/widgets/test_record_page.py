from __future__ import annotations

from dataclasses import replace

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._text import tooltip


def test_the_record_page_says_what_is_known(steps, panel):
    steps.show_record(panel)

    text = panel._record._body.toPlainText()
    assert "NCBITaxon:9606" in text
    assert "not stated" in text
    assert panel._record._open.text() == "Open · 3.9 MB"
    assert panel._record._siblings.isVisible()


def test_a_title_of_one_endless_word_is_broken_and_not_cut_off(steps, panel):
    steps.show_record(panel)
    page = panel._record

    title = f"{'x' * 250} {'more ' * 50}"
    record = page._model.record.model_copy(update={"title": title})
    page.show_record(replace(page._model, record=record))

    assert page._title.minimumSizeHint().width() < 300  # of its longest part
    assert page._title.text().replace("\u200b", "").startswith("x" * 250)
    assert page._title.text().endswith("more…")


def test_a_sibling_leads_to_its_own_page(steps, qtbot, panel):
    steps.show_record(panel)
    strip = panel._record._siblings
    own, other = (strip._model.index(row) for row in range(2))
    assert strip._words.text() == "2 images of this group"
    assert strip._view.currentIndex() == own

    place = strip._view.visualRect(other).center()
    qtbot.mouseClick(strip._view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    qtbot.waitUntil(lambda: "Mitochondria" in panel._record._title.text())
    assert strip._view.currentIndex().row() == 1, "the order stays, the frame moves"


def test_the_siblings_become_a_search_by_a_click(steps, qtbot, panel):
    steps.show_record(panel)
    number = panel._record._model.record.id

    qtbot.mouseClick(panel._record._siblings._search, Qt.MouseButton.LeftButton)

    assert panel._pages.currentWidget() is panel._results
    assert panel._results.line.text() == f"siblings:{number}"
    qtbot.waitUntil(lambda: panel._model.query.text == f"siblings:{number}")


def test_the_keys_lead_along_the_siblings(steps, qtbot, panel):
    steps.show_record(panel)
    view = panel._record._siblings._view
    view.setFocus()

    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "Mitochondria" in panel._record._title.text())


@pytest.mark.parametrize(
    ("number", "start"), [(0, "Shelf (n.d.)."), (1, "@misc{CLB"), (2, "TY  - DATA")]
)
def test_the_citation_is_copied_in_the_chosen_style(steps, qtbot, panel, number, start):
    steps.show_record(panel)
    page = panel._record
    qtbot.mouseClick(page._styles.button(number), Qt.MouseButton.LeftButton)

    qtbot.keyClick(page._back, "c", Qt.KeyboardModifier.ControlModifier)

    copied = QApplication.clipboard().text()
    assert copied.startswith(start)
    shown = page._body.toPlainText().replace("\u2028", "\n")
    assert copied in shown
    assert page._copy.text() == "Copied"


def test_the_citation_is_copied_from_within_the_text_too(steps, qtbot, panel):
    steps.show_record(panel)
    panel._record._body.setFocus()

    qtbot.keyClick(panel._record._body, "c", Qt.KeyboardModifier.ControlModifier)

    assert QApplication.clipboard().text().startswith("Shelf (n.d.).")


def test_text_that_is_selected_is_copied_instead(steps, qtbot, panel):
    steps.show_record(panel)
    panel._record._body.selectAll()

    qtbot.keyClick(panel._record._body, "c", Qt.KeyboardModifier.ControlModifier)

    assert "NCBITaxon:9606" in QApplication.clipboard().text()


def test_what_a_record_says_is_never_markup(steps, qtbot, panel):
    steps.type_words(panel, "mitochondria")
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 1)
    steps.show_record(panel)

    page = panel._record
    assert page._title.textFormat() == Qt.TextFormat.PlainText
    assert "<b>bold</b> & more" in page._body.toPlainText()
    assert tooltip("<b>a & b</b>") == "<qt>&lt;b&gt;a &amp; b&lt;/b&gt;</qt>"


def test_a_link_opens_a_browser_only_after_a_click(steps, panel, monkeypatch):
    visited = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: visited.append(url.toString())
    )
    steps.show_record(panel)
    assert visited == []
    body = panel._record._body
    links = [entry.link for entry in body._entries]

    body.setFocus()
    number = links.index("https://example.org/golgi")
    body.anchorClicked.emit(type(body.source())(f"entry:{number}"))

    assert visited == ["https://example.org/golgi"]


def test_a_term_leads_to_a_search_for_it(steps, panel):
    steps.show_record(panel)

    panel._record._body.words_chosen.emit("Mus musculus")

    steps.wait_for(panel, "Mouse embryo")
    assert panel._results.line.text() == "Mus musculus"
