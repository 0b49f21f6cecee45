"""Chips, suggestions, links and saved searches, with the mouse and the keys."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QLineEdit, QMenu

from napari_cellib._widgets._saved_list import SavedList
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Annotation, FacetField, ImageRecord, Term

ORGANELLE, MITOCHONDRION = "GO:0043226", "GO:0005739"


def _image(name, title, curie):
    note = Annotation(field="cellular_component", term=Term(id=curie))
    return ImageRecord(id=name, title=title, annotations=(note,))


@pytest.fixture
def panel(make_panel, tmp_path):
    library = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab")
    records = [
        _image("one", "Septins of yeast", ORGANELLE),
        _image("two", "Mitochondria", MITOCHONDRION),
        *(_image(f"m{n}", f"Spindle {n}", ORGANELLE) for n in range(12)),
        _image("slip", "A spindel", ORGANELLE),
    ]
    drive(library.add_many(records))
    return make_panel(library)


def found(qtbot, panel, count):
    qtbot.waitUntil(lambda: len(panel._model.cards) == count, timeout=5000)


def in_menu(qtbot, panel, words):
    """Open the menu of saved searches, and choose an entry of it by the keys."""
    button = panel._results._saved
    menu = button.menu()
    chosen = []

    def choose():
        (action,) = [a for a in menu.actions() if a.text() == words]
        menu.setActiveAction(action)
        qtbot.keyClick(menu, Qt.Key.Key_Return)
        chosen.append(words)

    def choose_soon():
        QTimer.singleShot(50, choose)

    menu.aboutToShow.connect(choose_soon)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(chosen), timeout=3000)
    menu.aboutToShow.disconnect(choose_soon)


def test_a_chip_is_switched_to_its_term_alone_and_back(qtbot, panel):
    panel._model.toggle(FacetField.CELLULAR_COMPONENT, ORGANELLE)
    panel.search()
    qtbot.waitUntil(
        lambda: "organelle" in panel._results._chips._buttons.button(0).text()
    )
    found(qtbot, panel, 15)

    for words, text, count in (
        ("Only organelle", "only organelle", 14),
        ("organelle and all that lies below it", "organelle", 15),
    ):
        chip = panel._results._chips._buttons.button(0)
        (action,) = [a for a in chip.actions() if a.text() == words]
        assert not action.isChecked()
        action.trigger()
        found(qtbot, panel, count)
        assert panel._results._chips._buttons.button(0).text().startswith(text)


def test_the_menu_of_a_chip_opens_by_the_menu_key(qtbot, panel):
    panel._model.toggle(FacetField.CELLULAR_COMPONENT, ORGANELLE)
    chip = panel._results._chips._buttons.button(0)

    assert chip.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert [action.isChecked() for action in chip.actions()] == [True, False]
    assert "menu key" in chip.accessibleDescription()


def test_what_was_meant_is_a_click_away(qtbot, steps, panel):
    panel._results.type_words("septinns")
    button = panel._results._state._suggestion
    qtbot.waitUntil(button.isVisible, timeout=5000)
    assert button.text() == "Did you mean “septins”?"

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    steps.wait_for(panel, "Septins of yeast")
    assert panel._results.line.text() == "septins"
    assert not button.isVisible()


def test_what_was_meant_is_asked_above_a_single_card_too(qtbot, steps, panel):
    panel._results.type_words("spindel")
    steps.wait_for(panel, "A spindel")
    button = panel._results._suggestion
    qtbot.waitUntil(button.isVisible, timeout=5000)

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    found(qtbot, panel, 12)
    assert not button.isVisible()


def test_what_was_not_understood_is_shown_as_plain_text(qtbot, steps, panel):
    panel._results.type_words("septins OR")
    qtbot.waitUntil(panel._results._warning.isVisible, timeout=5000)

    assert "“OR”" in panel._results._warning.text()
    assert panel._results._warning.textFormat() == Qt.TextFormat.PlainText


def test_a_pasted_link_runs_and_leaves_its_words_in_the_line(qtbot, steps, panel):
    link = f"cellib://search?q=septins&cellular_component={ORGANELLE}&sort=title"
    QGuiApplication.clipboard().setText(link)
    panel._results.focus_line()

    qtbot.keyClick(panel._results.line, "v", Qt.KeyboardModifier.ControlModifier)

    steps.wait_for(panel, "Septins of yeast")
    assert panel._results.line.text() == "septins"
    assert panel._results._sort.currentText() == "Title"
    assert len(panel._model.chips) == 1


def test_the_link_to_a_search_is_copied(qtbot, steps, panel):
    panel._results.type_words("septins")
    steps.wait_for(panel, "Septins of yeast")

    in_menu(qtbot, panel, "Copy link to this search")

    expected = "cellib://search?q=septins"
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == expected)


def test_a_search_is_saved_and_found_again(qtbot, steps, panel):
    panel._results.type_words("septins")
    steps.wait_for(panel, "Septins of yeast")
    in_menu(qtbot, panel, "Save this search")
    panel._results.show_all()
    found(qtbot, panel, 15)

    in_menu(qtbot, panel, "septins")

    steps.wait_for(panel, "Septins of yeast")
    assert panel._results.line.text() == "septins"


def test_saved_searches_are_renamed_and_removed_by_the_keys(qtbot, panel):
    button = panel._results._saved
    button._saved.save("one", "cellib://search?q=a")
    button._saved.save("two", "cellib://search?q=b")
    in_menu(qtbot, panel, "Rename or remove…")
    (editor,) = button.findChildren(SavedList)
    names = editor._list

    names.setFocus()
    names.setCurrentRow(0)
    qtbot.keyClick(names, Qt.Key.Key_F2)
    line = names.findChild(QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, "three")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [s.name for s in button._saved.all()] == ["three", "two"])

    names.setFocus()
    qtbot.mouseClick(editor._remove, Qt.MouseButton.LeftButton)
    assert [s.name for s in button._saved.all()] == ["two"]
    editor.close()


def test_the_line_keeps_room_in_a_narrow_panel(qtbot, panel):
    panel.resize(300, 600)
    qtbot.wait(50)

    assert panel.width() == 300
    assert panel._results.line.width() >= 150
    corner = panel._results._saved.mapTo(panel, QPoint(0, 0))
    assert corner.x() + panel._results._saved.width() <= 300
    assert panel._results._saved.menu() in panel._results._saved.findChildren(QMenu)
