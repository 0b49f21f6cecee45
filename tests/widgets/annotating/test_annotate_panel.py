"""The panel that annotates, with real keys and clicks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from tests.widgets.annotating.hands import (
    COMPONENT,
    HOSTILE,
    LEFT,
    MITOCHONDRION,
    chips,
    kept,
    saved,
    say_by_keys,
)

from napari_cellib.annotate.history import history_of
from napari_cellib.annotate.saying import Speaker, say
from napari_cellib.model import Annotation, Query, Term
from napari_cellib.model.statement import Statements
from napari_cellib.testing import a_record


def test_one_key_after_the_letters_says_a_term_and_one_more_that_it_is_absent(
    qtbot, panel
):
    line = say_by_keys(qtbot, panel, COMPONENT, "mitoch")
    assert chips(panel) == ["mitochondrion"]
    assert not line.text()

    qtbot.keyClick(line, "-")

    assert chips(panel) == ["not mitochondrion"]
    kept(qtbot, panel)


def test_what_was_said_is_written_only_after_it_was_shown_and_is_found_at_once(
    qtbot, panel, own
):
    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    assert not own.statements("CLB000001X").annotations

    lines = saved(qtbot, panel)

    assert any(line.startswith("New (1)") for line in lines)
    assert any("mitochondrion" in line for line in lines)
    (note,) = own.statements("CLB000001X").annotations
    assert note.assertion.by == "curator"
    assert note.assertion.at is not None
    assert own.search(Query(text="organelle")).total == 1  # an ancestor
    assert "Everything is saved" in panel._page.state.text()


def test_what_was_typed_before_a_crash_is_there_again(qtbot, panel, make, own):
    for letters in ("mitochondrion", "nucleolus", "golgi apparatus"):
        say_by_keys(qtbot, panel, COMPONENT, letters)
    kept(qtbot, panel)

    again = make()
    again.annotate(f"cellib://{own.info.id}/CLB000001X")
    qtbot.waitUntil(lambda: again._model.loaded is not None, timeout=10_000)

    assert again._page.note.text().startswith("3 statements not yet saved")
    assert len(chips(again)) == 3


def test_undo_takes_back_what_waits_and_retracts_what_is_written(qtbot, panel, own):
    line = say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert chips(panel) == []
    assert not len(panel._model.waiting)

    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    saved(qtbot, panel)
    qtbot.mouseClick(panel._page.undo, LEFT)
    assert chips(panel) == []
    lines = saved(qtbot, panel)

    assert any(line.startswith("Taken away (1)") for line in lines)
    everything = own.statements("CLB000001X")
    assert not everything.present.annotations
    assert len(history_of(everything, COMPONENT)) == 2


def test_two_people_at_once_end_in_a_merge_and_a_conflict_is_shown(qtbot, panel, own):
    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    other = say(Speaker("Ada"), COMPONENT, MITOCHONDRION, qualifier="absent")
    own.annotate("CLB000001X", Statements(annotations=(other,)))

    lines = saved(qtbot, panel)

    assert any(line.startswith("Somebody else has said") for line in lines)
    assert sorted(chips(panel)) == ["mitochondrion", "not mitochondrion"]
    (theirs,) = (k for c in panel._model.chips(COMPONENT) for k in c.keys
                 if c.qualifier == "absent")  # fmt: skip
    assert "Ada" in panel._model.who_said(theirs)


def test_a_suggestion_is_taken_or_refused_by_one_key_and_a_refusal_is_remembered(
    qtbot, panel, make, own
):
    qtbot.waitUntil(lambda: bool(panel._page.body.suggested.rows), timeout=10_000)
    assert not len(panel._model.waiting)  # nothing is said beforehand
    rows = panel._page.body.suggested.rows
    one, take, _ = next(row for row in rows if row[0].term.id == "GO:0005739")
    assert one.reasons[0] in take.accessibleName()

    take.setFocus()
    qtbot.keyClick(take, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: one not in panel._suggestions.offered)
    saved(qtbot, panel)
    assert own.statements("CLB000001X").annotations[0].status == "rejected"

    again = make()
    again.annotate(f"cellib://{own.info.id}/CLB000001X")
    qtbot.waitUntil(lambda: again._model.loaded is not None, timeout=10_000)
    qtbot.waitUntil(lambda: bool(again._suggestions._found), timeout=10_000)
    assert one.term.id not in {other.term.id for other in again._suggestions.offered}


def test_a_decayed_term_is_flagged_and_one_click_puts_the_new_one_in_its_place(
    qtbot, make, own
):
    old = Annotation(field=COMPONENT, term=Term(id="GO:0005739", label="chondriosome?"))
    own.annotate("CLB000001X", Statements(annotations=(old,)))
    panel = make()
    panel.annotate(f"cellib://{own.info.id}/CLB000001X")
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)
    qtbot.waitUntil(lambda: bool(panel._model.chips(COMPONENT)[0].flag), timeout=5_000)
    (button,) = panel._page.body.rows[COMPONENT].chips.buttons
    assert button.text().startswith("!")

    (chip,) = panel._model.chips(COMPONENT)
    menu = panel._page.body.rows[COMPONENT].chips.pop_up(chip, button)
    (use,) = (a for a in menu.actions() if a.text().startswith("Use mitochondrion"))
    use.trigger()
    menu.close()

    assert chips(panel) == ["mitochondrion"]
    assert panel._model.chips(COMPONENT)[0].flag is None
    kept(qtbot, panel)


def test_a_library_that_cannot_be_written_says_why_and_what_to_do(qtbot, make, shelf):
    panel = make(shelf)
    panel.annotate(f"cellib://{shelf.info.id}/CLB0000028")
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)

    if panel._model.is_writable:
        pytest.skip("this library can be written")
    assert "library of your own" in panel._page.state.text()
    assert not panel._page.save.isVisible()
    assert not panel._page.body.rows[COMPONENT].box.isVisible()


def test_what_was_said_offers_no_change_once_nothing_can_be_written(qtbot, panel):
    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    panel._speaking.remark("The left one is dividing")
    kept(qtbot, panel)
    body, loaded = panel._page.body, panel._model.loaded

    def offered():
        qtbot.wait(1)  # what is new is shown
        (chip,) = body.rows[COMPONENT].chips.buttons
        qtbot.mouseClick(chip, LEFT)
        (menu,) = (one for one in chip.findChildren(QMenu) if one.isVisible())
        acts = [one.text() for one in menu.actions() if one.isEnabled() and one.text()]
        qtbot.keyClick(menu, Qt.Key.Key_Escape)
        crosses = body.remarks.findChildren(QPushButton)
        return acts, [one for one in crosses if one.isVisible()]

    acts, crosses = offered()
    assert any(act.startswith("Take it away") for act in acts)
    assert len(crosses) == 1

    panel._model.load(replace(loaded, why_not="It can only be read."))
    assert offered() == (["Who said this, and when…"], [])

    panel._model.load(loaded)
    acts, (cross,) = offered()
    assert any(act.startswith("Take it away") for act in acts)
    qtbot.mouseClick(cross, LEFT)
    assert not panel._model.remarks()
    kept(qtbot, panel)


def test_a_record_that_is_gone_is_told(qtbot, make, own):
    panel = make()
    panel.annotate(f"cellib://{own.info.id}/CLB0000028")
    qtbot.waitUntil(lambda: "CLB0000028" in panel._empty._title.text(), timeout=10_000)


def test_what_is_said_of_layers_without_a_record_is_kept_with_them(qtbot, make, viewer):
    panel = make()
    layer = viewer.add_image(np.zeros((4, 8, 8)), name="mine")
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)
    assert panel._page.title.text() == "mine"

    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")

    qtbot.waitUntil(lambda: "statements" in layer.metadata.get("cellib", {}))
    found = Statements.model_validate(layer.metadata["cellib"]["statements"])
    assert [one.term.id for one in found.annotations] == ["GO:0005739"]
    kept(qtbot, panel)
    viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: panel._model.loaded is None)
    assert panel._empty._title.text() == "The layers of mine were deleted"


def test_an_image_that_is_asked_for_stays_while_a_layer_of_another_is_selected(
    qtbot, make, viewer, own
):
    viewer.add_image(np.zeros((8, 8)), name="other")
    panel = make()
    panel.annotate(f"cellib://{own.info.id}/CLB000001X")
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)
    qtbot.wait(20)
    assert panel._page.title.text() == HOSTILE


def test_text_of_strangers_is_shown_as_it_is(qtbot, panel):
    panel._speaking.say(COMPONENT, Term(text="<img src='file:///etc/passwd'>"))
    panel._speaking.remark("<h1>loud</h1>")

    assert panel._page.title.text() == HOSTILE
    for label in panel.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or "<" not in label.text()
    kept(qtbot, panel)


def test_a_remark_is_kept_with_who_made_it(qtbot, panel):
    line = panel._page.body.remarks.line
    qtbot.keyClicks(line, "The left one is dividing")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    (remark,) = panel._model.remarks()
    assert remark.text == "The left one is dividing"
    assert panel._model.who_said(remark.key)
    kept(qtbot, panel)


def test_no_room_on_the_disk_is_told_and_what_was_said_stays(qtbot, panel, monkeypatch):
    from napari_cellib.annotate.pending import Pending
    from napari_cellib.errors import StorageFull

    keep = Pending.keep

    def full(*_):
        raise StorageFull("journal")

    monkeypatch.setattr(Pending, "keep", full)
    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    qtbot.waitUntil(lambda: "room" in panel._kept._words.text(), timeout=5_000)
    assert chips(panel) == ["mitochondrion"]

    monkeypatch.setattr(Pending, "keep", keep)
    say_by_keys(qtbot, panel, COMPONENT, "nucleolus")
    kept(qtbot, panel)


def test_all_of_it_is_done_by_keys(qtbot, panel):
    with qtbot.waitActive(panel):
        panel.activateWindow()
    line = say_by_keys(qtbot, panel, COMPONENT, "mitoch")
    say_by_keys(qtbot, panel, COMPONENT, "golgi app")
    qtbot.keyClick(line, "?")  # what was said last may be there
    assert chips(panel) == ["mitochondrion", "Golgi apparatus ?"]

    row = panel._page.body.rows[COMPONENT].chips
    row.buttons[0].setFocus()
    qtbot.keyClick(row.buttons[0], "-")
    assert chips(panel) == ["Golgi apparatus ?", "not mitochondrion"]
    assert row.buttons[1].hasFocus()  # the term that was changed
    qtbot.keyClick(row.buttons[1], Qt.Key.Key_Delete)
    assert chips(panel) == ["Golgi apparatus ?"]

    line.setFocus()
    qtbot.keyClicks(line, "my own word")
    qtbot.keyClick(line, Qt.Key.Key_Up)  # the last line keeps the words
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert chips(panel) == ["Golgi apparatus ?", "my own word"]
    (free,) = (c for c in panel._model.chips(COMPONENT) if not c.curie)
    assert "free text" in free.spoken
    kept(qtbot, panel)


def test_a_link_to_the_view_is_in_the_menu_of_a_record_only(qtbot, panel, viewer):
    QApplication.clipboard().clear()
    panel._page.link.trigger()
    assert QApplication.clipboard().text().startswith("cellib://mine/CLB000001X")

    viewer.add_image(np.zeros((4, 8, 8)), name="mine")
    qtbot.waitUntil(lambda: panel._page.title.text() == "mine", timeout=10_000)
    assert not panel._page.link.isVisible()


def test_what_was_said_of_one_image_is_kept_while_another_one_is_shown(
    qtbot, panel, own, make
):
    say_by_keys(qtbot, panel, COMPONENT, "mitochondrion")
    own.add(a_record("CLB0000036", "Another one"))
    panel.annotate(f"cellib://{own.info.id}/CLB0000036")
    qtbot.waitUntil(lambda: panel._page.title.text() == "Another one", timeout=10_000)
    kept(qtbot, panel)
    panel.annotate(f"cellib://{own.info.id}/CLB000001X")
    qtbot.waitUntil(lambda: panel._page.title.text() == HOSTILE, timeout=10_000)

    assert chips(panel) == ["mitochondrion"]


def test_a_very_long_word_does_not_push_the_buttons_out(qtbot, panel):
    panel._speaking.remark("unbroken" * 60)
    body = panel._page.body
    qtbot.waitUntil(lambda: body.remarks.isVisible())
    QApplication.processEvents()

    assert body.widget().width() <= body.viewport().width()
    kept(qtbot, panel)
