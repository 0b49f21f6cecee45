from __future__ import annotations

import time

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QFontMetrics
from qtpy.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._term_box import TermBox
from napari_cellib._widgets._term_rows import note_and_path, whole_parts
from napari_cellib.errors import DownloadFailed
from napari_cellib.jobs import Progress
from napari_cellib.model import Term, TermField
from napari_cellib.ontology.ols import OnlineTerm
from napari_cellib.viewmodels.term_box import TermBoxModel

_ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def form(qtbot):
    """Return a window with room for a box and a line after it."""
    window = QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window)
    window.resize(320, 400)
    return window


@pytest.fixture
def make_box(qtbot, form, terms):
    def make(**changes):
        box = TermBox(
            TermBoxModel(terms, **{"field": TermField.CELLULAR_COMPONENT, **changes}),
            form,
        )
        after = QLineEdit(form)
        form.layout().addWidget(box)
        form.layout().addWidget(after)
        with qtbot.waitExposed(form):
            form.show()
        form.activateWindow()
        box.setFocus()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is box.line)
        return box

    return make


@pytest.fixture
def box(make_box):
    return make_box()


def names(box):
    return [term.name for term in box.model.chosen]


def chips(box):
    return [
        button for button in box._chips.findChildren(QPushButton) if button.isVisible()
    ]


def test_typing_opens_a_list_below_the_line(qtbot, box):
    qtbot.keyClicks(box.line, "nucl")
    popup = box.line.popup

    assert popup.isVisible()
    assert popup.currentIndex().data() == "nucleus"
    below = box.line.mapToGlobal(QPoint(0, box.line.height()))
    assert abs(popup.geometry().top() - below.y()) <= 2
    assert QApplication.focusWidget() is box.line


def test_the_keyboard_goes_all_the_way(qtbot, box):
    line = box.line
    qtbot.keyClicks(line, "nucle")
    qtbot.keyClick(line, Qt.Key.Key_Down)
    second = box.model.suggestions[1].title
    assert line.popup.currentIndex().data() == second

    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert names(box) == [second]
    assert line.text() == ""
    assert not line.popup.isVisible()
    assert QApplication.focusWidget() is line
    assert [chip.text() for chip in chips(box)] == [f"{second}  ×"]


def test_every_letter_is_kept_and_can_be_taken_back(qtbot, box):
    qtbot.keyClicks(box.line, "cilia")
    qtbot.keyClick(box.line, Qt.Key.Key_Backspace)

    assert box.line.text() == "cili"
    assert box.model.text == "cili"


def test_escape_closes_the_list_and_nothing_else(qtbot, box):
    qtbot.keyClicks(box.line, "nucle")
    qtbot.keyClick(box.line, Qt.Key.Key_Escape)

    assert not box.line.popup.isVisible()
    assert box.line.text() == "nucle"


def test_tab_goes_on_to_the_next_control(qtbot, box):
    qtbot.keyClicks(box.line, "nucle")
    qtbot.keyClick(box.line, Qt.Key.Key_Tab)

    assert QApplication.focusWidget() is box._browse
    assert not box.line.popup.isVisible()
    assert names(box) == []


def test_a_click_takes_a_line(qtbot, box):
    qtbot.keyClicks(box.line, "nucle")
    popup = box.line.popup
    place = popup.visualRect(popup.model().index(2, 0)).center()
    third = box.model.suggestions[2].title

    qtbot.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert names(box) == [third]


def test_going_elsewhere_closes_the_list(qtbot, form, box):
    qtbot.keyClicks(box.line, "nucle")

    form.findChildren(QLineEdit)[-1].setFocus()

    assert not box.line.popup.isVisible()


def test_the_button_of_the_line_clears_it(qtbot, box):
    qtbot.keyClicks(box.line, "nucle")

    box.line.clear()

    assert box.model.text == ""
    assert not box.line.popup.isVisible()


def test_free_text_is_kept_and_marked(qtbot, box):
    qtbot.keyClicks(box.line, "R&D blob")
    qtbot.keyClick(box.line, Qt.Key.Key_Up)
    qtbot.keyClick(box.line, Qt.Key.Key_Return)

    (chip,) = chips(box)
    assert box.model.chosen == (Term(text="R&D blob"),)
    assert chip.text() == "R&&D blob · free text  ×"
    assert chip.font().italic()
    assert chip.accessibleName() == "Remove R&D blob, free text"


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_a_key_takes_a_chip_away_and_the_keyboard_stays_near(qtbot, box, key):
    for words in ("nucleus", "cilia"):
        qtbot.keyClicks(box.line, words)
        qtbot.keyClick(box.line, Qt.Key.Key_Return)
    first, _ = chips(box)
    first.setFocus()

    qtbot.keyClick(first, key)

    assert names(box) == ["cilium"]
    (left,) = chips(box)
    assert QApplication.focusWidget() is left
    qtbot.keyClick(left, key)
    assert names(box) == []
    assert QApplication.focusWidget() is box.line


def test_backspace_in_the_empty_line_takes_the_last_chip_away(qtbot, box):
    qtbot.keyClicks(box.line, "nucleus")
    qtbot.keyClick(box.line, Qt.Key.Key_Return)

    qtbot.keyClick(box.line, Qt.Key.Key_Backspace)

    assert names(box) == []


def test_a_form_hears_of_every_change(qtbot, box):
    heard = []
    box.changed.connect(lambda terms: heard.append([t.name for t in terms]))
    qtbot.keyClicks(box.line, "nucleus")
    qtbot.keyClick(box.line, Qt.Key.Key_Return)
    qtbot.mouseClick(chips(box)[0], Qt.MouseButton.LeftButton)

    assert heard == [["nucleus"], []]


def test_alt_down_opens_the_tree_at_the_chosen_term(qtbot, box):
    qtbot.keyClicks(box.line, "nucleus")
    qtbot.keyClick(box.line, Qt.Key.Key_Return)

    qtbot.keyClick(box.line, Qt.Key.Key_Down, _ALT)

    tree = box._tree
    assert tree.isVisible()
    assert tree.view.currentIndex().data() == "nucleus"
    qtbot.keyClick(tree.view, Qt.Key.Key_Escape)
    assert not tree.isVisible()


def test_a_screen_reader_has_names_and_hears_what_happens(qtbot, box):
    assert box.line.accessibleName() == "Cell component"
    assert box.line.popup.accessibleName() == "Terms to choose from"
    assert box._browse.accessibleName() == "Browse the terms: Cell component"

    qtbot.keyClicks(box.line, "nucleus")
    assert "nucleus, GO:0005634" in box.line.accessibleDescription()
    row = box.line.popup.model().index(0, 0)
    assert row.data(Qt.ItemDataRole.AccessibleTextRole) == "nucleus, GO:0005634"

    qtbot.keyClick(box.line, Qt.Key.Key_Return)
    assert box.line.accessibleDescription().startswith("nucleus chosen.")


def test_text_of_strangers_is_plain(qtbot, make_box):
    box = make_box(online=found(OnlineTerm("GO:9999999", "<b>bold</b>", "GO")))
    qtbot.keyClicks(box.line, "nucleus")
    take_online(qtbot, box)
    qtbot.waitUntil(lambda: "found" in box.model.announcement)
    row = box.line.popup.currentIndex()

    assert row.data() == "<b>bold</b>"
    assert "&lt;b&gt;" in row.data(Qt.ItemDataRole.ToolTipRole)
    formats = {label.textFormat() for label in box.window().findChildren(QLabel)}
    assert formats == {Qt.TextFormat.PlainText}


def found(*terms):
    """Make a service that answers in a moment."""

    def online(text, field):
        yield Progress("Searching online")
        return terms

    return online


def take_online(qtbot, box):
    titles = [row.title for row in box.model.suggestions]
    for _ in range(titles.index("Search online")):
        qtbot.keyClick(box.line, Qt.Key.Key_Down)
    qtbot.keyClick(box.line, Qt.Key.Key_Return)


def test_what_a_service_has_found_can_be_taken(qtbot, make_box):
    box = make_box(online=found(OnlineTerm("GO:9999999", "new organelle", "GO")))
    qtbot.keyClicks(box.line, "nucleus")
    take_online(qtbot, box)
    qtbot.waitUntil(lambda: "found" in box.model.announcement)

    qtbot.keyClick(box.line, Qt.Key.Key_Return)

    assert [term.id for term in box.model.chosen] == ["GO:9999999"]


def test_a_service_that_is_away_is_told_of_in_its_line(qtbot, make_box):
    def online(text, field):
        yield Progress("Searching online")
        raise DownloadFailed("The answer", "no server answers there")

    box = make_box(online=online)
    qtbot.keyClicks(box.line, "nucleus")
    take_online(qtbot, box)

    def told():
        titles = [row.title for row in box.model.suggestions]
        return "Search online again" in titles

    qtbot.waitUntil(told)
    assert box.line.popup.isVisible()


def test_a_slow_service_never_holds_up_the_window(qtbot, make_box, heartbeat):
    def online(text, field):
        yield Progress("Searching online")
        time.sleep(0.5)
        return ()

    box = make_box(online=online)
    qtbot.keyClicks(box.line, "nucleus")
    heartbeat.restart()
    take_online(qtbot, box)
    qtbot.waitUntil(lambda: "found" in box.model.announcement)

    assert heartbeat.longest < 0.25


def test_typing_never_holds_up_the_window(qtbot, make_box, heartbeat):
    box = make_box(field=None)
    for words in ("mitochondria", "mouse", "endoplasmic", "confocal", "nuclues"):
        box.line.clear()
        heartbeat.restart()
        qtbot.keyClicks(box.line, words, delay=20)

        # A keystroke takes about 2 ms; the rest is room for a machine that is busy.
        assert heartbeat.longest < 0.1


def test_a_box_at_the_foot_of_the_screen_opens_upwards(qtbot, form, box):
    screen = form.screen().availableGeometry()
    form.move(screen.left(), screen.bottom() - form.height())
    qtbot.keyClicks(box.line, "nucle")
    popup = box.line.popup.geometry()

    assert screen.contains(popup)
    assert not popup.contains(box.line.mapToGlobal(QPoint(5, 5)))


def test_a_path_keeps_its_end(qapp):
    metrics = QFontMetrics(qapp.font())
    path = ("cellular component", "organelle", "mitochondrion")
    whole = "why · cellular component \u203a organelle \u203a mitochondrion"
    width = metrics.horizontalAdvance(whole)

    assert note_and_path("why", path, metrics, width) == whole
    cut = "why · … \u203a organelle \u203a mitochondrion"
    assert note_and_path("why", path, metrics, width - 1) == cut
    assert note_and_path("why", path, metrics, 1) == "why · mitochondrion"
    assert note_and_path("why", (), metrics, width) == "why"


def test_an_identifier_is_shown_whole_or_not_at_all(qapp):
    metrics = QFontMetrics(qapp.font())
    note = "cell component · GO:0005634"
    width = metrics.horizontalAdvance(note)

    assert whole_parts(note, metrics, width) == note
    assert whole_parts(note, metrics, width - 1) == "cell component"
    assert whole_parts(note, metrics, 10) == ""
