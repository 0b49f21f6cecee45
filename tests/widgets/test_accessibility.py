from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from napari_cellib._widgets import _colors
from napari_cellib._widgets.compare_panel import ComparePanel
from napari_cellib._widgets.similar_panel import SimilarPanel
from napari_cellib.model import FacetField
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries

_THEMES = {
    "dark": ("#23242b", "#f0f1f2"),
    "light": ("#ebe7e6", "#1e1e21"),
}


def nameless(panel):
    return [
        f"{type(child).__name__} in {type(child.parentWidget()).__name__}"
        for child in panel.findChildren(QWidget)
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not child.objectName().startswith("qt_")
        and not child.isHidden()
        and not child.accessibleName()
        and not (isinstance(child, QAbstractButton) and child.text())
    ]


def tab_order(panel):
    """Return the widgets that Tab visits, from here on until it returns."""
    first = QApplication.focusWidget()
    order = [first]
    while panel.focusNextChild() and QApplication.focusWidget() is not first:
        order.append(QApplication.focusWidget())
        assert len(order) < 50
    return order


def test_a_screen_reader_has_a_name_for_every_control(qtbot, panel):
    panel._results._on_toggled(FacetField.ORGANISM, "NCBITaxon:9606")
    qtbot.waitUntil(lambda: len(panel._model.cards) == 2)
    panel._results._list.setFocus()
    qtbot.keyClick(panel._results._list, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: panel._pages.currentWidget() is panel._record)

    assert nameless(panel) == []


def test_a_card_is_read_aloud_whole(panel):
    index = panel._results._list.model().index(0, 0)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "Golgi of a HeLa cell, Homo sapiens, CC0 1.0, 3.9 MB."


def test_a_filter_is_read_aloud_with_its_count(panel):
    value = panel._results._facets.topLevelItem(0).child(0)
    spoken = value.data(0, Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "Homo sapiens, 2 images"


def test_tab_goes_from_top_to_bottom(qtbot, panel):
    qtbot.mouseClick(panel._results._filters, Qt.MouseButton.LeftButton)
    results = panel._results
    results.focus_line()

    assert tab_order(panel) == [
        results.line,
        results._saved,
        results._filters,
        results._facets,
        results.libraries.button,
        results._sort,
        results._list,
        results._open,
        results._details,
        results._more,
    ]


def test_tab_goes_through_the_record_page_in_order(qtbot, panel):
    panel._results._list.setFocus()
    qtbot.keyClick(panel._results._list, Qt.Key.Key_Space)
    page = panel._record
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page._back)
    qtbot.keyClick(page._back, Qt.Key.Key_Tab)
    order = [QApplication.focusWidget()]
    while order[-1] is not page._body:
        qtbot.keyClick(order[-1], Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget())

    chosen = page._styles.checkedButton()
    said = [page._annotate, page._like, chosen]
    buttons = [page._open, *said, page._copy, page._copy_link]
    assert order == [*buttons, page._body]


def test_text_of_strangers_is_plain_everywhere(panel):
    formats = {label.textFormat() for label in panel.findChildren(QLabel)}

    assert formats == {Qt.TextFormat.PlainText}


@pytest.mark.parametrize("theme", _THEMES)
@pytest.mark.parametrize("back", ["background", "raised", "selected"])
@pytest.mark.parametrize("front", ["text", "muted"])
def test_text_can_be_read_in_both_themes(theme, back, front):
    palette = QPalette()
    window, text = map(QColor, _THEMES[theme])
    palette.setColor(QPalette.ColorRole.Window, window)
    palette.setColor(QPalette.ColorRole.WindowText, text)

    colors = (getattr(_colors, name)(palette) for name in (back, front))
    assert _colors.contrast_ratio(*colors) >= 4.5


@pytest.mark.parametrize("kind", [ComparePanel, SimilarPanel])
def test_what_compares_has_a_name_for_every_control_and_plain_text(
    qtbot, viewer, shelf, tmp_path, kind
):
    viewer.add_image(np.zeros((8, 8)), name="<b>mine</b>")
    viewer.add_labels(np.ones((8, 8), int), name="cells")
    panel = kind(viewer, Libraries(Settings(data_folder=tmp_path), shelf))
    qtbot.addWidget(panel)
    panel.show()

    assert nameless(panel) == []
    formats = {label.textFormat() for label in panel.findChildren(QLabel)}
    assert Qt.TextFormat.RichText not in formats
    panel.close()
