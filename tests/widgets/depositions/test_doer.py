from __future__ import annotations

import shutil

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QApplication,
    QFileDialog,
    QListWidget,
    QMessageBox,
)
from tests.widgets.depositions.hands import (
    DONE,
    LEFT,
    choose,
    close,
    offered,
    open_dialog,
    press,
    states,
    wizards,
)

from napari_cellib._widgets._depositions_dialogs import (
    HistoryDialog,
    ReasonDialog,
)
from napari_cellib._widgets._depositions_rehearsal import RehearsalDialog
from napari_cellib.deposit.draft import Draft
from napari_cellib.jobs import drive
from napari_cellib.viewmodels.depositions_deeds import CITATIONS


def test_the_link_and_every_citation_are_copied(qtbot, published):
    clipboard = QApplication.clipboard()
    choose(published, "Copy link")
    assert clipboard.text() == "cellib://my-library/CLB000001X"

    for words in CITATIONS.values():
        clipboard.clear()
        choose(published, words)
        qtbot.waitUntil(lambda: "Wing disc" in clipboard.text())


def test_verifying_says_what_came_of_it(qtbot, published):
    choose(published, "Verify the files")

    bar = published._bars[published._doer.runner]
    qtbot.waitUntil(lambda: "as they were deposited" in bar._words.text())
    assert bar.isVisible()


def test_withdrawing_asks_for_a_reason(qtbot, published):
    choose(published, "Withdraw…")
    dialog = open_dialog(qtbot, published, ReasonDialog)
    assert not dialog._yes.isEnabled()

    qtbot.keyClicks(dialog._reason, "Mixed up.")
    press(qtbot, dialog, "Withdraw")

    qtbot.waitUntil(lambda: states(published) == ["withdrawn"], timeout=10_000)
    assert "Withdraw…" not in offered(published)


def test_the_history_is_shown(qtbot, published):
    choose(published, "History")
    dialog = open_dialog(qtbot, published, HistoryDialog)
    shown = dialog.findChild(QListWidget)
    lines = [shown.item(n).text() for n in range(shown.count())]

    assert len(lines) == 2
    assert "Published without review\nby Doe, Jane (0000-0002-1825-0097)" in lines[-1]
    press(qtbot, dialog, "Close")


def test_the_image_is_opened_in_the_viewer(qtbot, published, viewer):
    qtbot.mouseClick(published._deeds._buttons[1], LEFT)

    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=20_000)
    assert [layer.name for layer in viewer.layers] == ["nuclei", "centres"]


def test_an_ro_crate_is_saved_into_the_folder_that_is_chosen(
    qtbot, published, tmp_path
):
    choose(published, "Save as RO-Crate…")
    dialog = open_dialog(qtbot, published, QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()

    crate = tmp_path / "CLB000001X-ro-crate" / "CITATION.cff"
    qtbot.waitUntil(crate.exists)


def test_a_library_that_was_moved_is_found_and_the_deposition_goes_on(
    qtbot, panel, draft_of_layers, layers, tmp_path
):
    job = panel._model.submit_job(draft_of_layers, layers)
    (order,) = drive(job).orders
    place = panel._model.depositions.open(order.id).place
    shutil.move(place, tmp_path / "drive")
    panel._model.transfers.add(order)
    panel._doer._sender.go()
    stuck = ["stuck: its library is not there"]
    qtbot.waitUntil(lambda: states(panel) == stuck, timeout=10_000)

    qtbot.mouseClick(panel._deeds._buttons[1], LEFT)
    dialog = open_dialog(qtbot, panel, QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "drive"))
    dialog.reject()

    qtbot.waitUntil(lambda: states(panel) == [DONE], timeout=30_000)


def rehearsed(qtbot, panel, table):
    """Choose a table, and return what is shown of it."""
    qtbot.mouseClick(panel._top.many, LEFT)
    files = open_dialog(qtbot, panel, QFileDialog)
    files.fileSelected.emit(str(table))
    files.reject()
    dialog = open_dialog(qtbot, panel, RehearsalDialog)
    qtbot.waitUntil(lambda: panel.window().findChild(QFileDialog) is None)
    return dialog


def test_many_images_of_a_table_are_deposited_after_a_look(
    qtbot, panel, table_of_images
):
    dialog = rehearsed(qtbot, panel, table_of_images)
    assert "2 images of metadata.csv" in dialog.summary.text()
    assert dialog.problems.item(0).text().startswith("Wrong · ")
    assert panel._model.rows == ()

    press(qtbot, dialog, "Deposit 2 images")

    qtbot.waitUntil(lambda: states(panel) == [DONE, DONE], timeout=30_000)


def test_columns_and_names_are_read_as_a_person_says_the_next_time_as_well(
    qtbot, panel, table_of_images
):
    text = table_of_images.read_text(encoding="utf-8")
    table_of_images.write_text(text.replace("title", "Kopfzeile"), encoding="utf-8")
    dialog = rehearsed(qtbot, panel, table_of_images)
    assert "3 rows cannot" in dialog.summary.text()
    box = dialog.ways.boxes["Kopfzeile"]
    assert box.currentText() == "not read"
    box.setCurrentIndex(box.findText("title"))
    box.activated.emit(box.currentIndex())
    qtbot.keyClicks(dialog.ways.pattern, "{group}_*.tif")
    press(qtbot, dialog, "Look again")
    qtbot.waitUntil(lambda: dialog not in panel.findChildren(RehearsalDialog))

    dialog = open_dialog(qtbot, panel, RehearsalDialog)
    assert "2 images of metadata.csv" in dialog.summary.text()
    assert dialog.ways.pattern.text() == "{group}_*.tif"
    press(qtbot, dialog, "Deposit 2 images")
    qtbot.waitUntil(lambda: len(panel._model.rows) == 2, timeout=10_000)
    assert {row.deposition.draft.group for row in panel._model.rows} == {"disc"}
    qtbot.waitUntil(lambda: panel.findChild(RehearsalDialog) is None)
    dialog = rehearsed(qtbot, panel, table_of_images)
    assert dialog.ways.boxes["Kopfzeile"].currentText() == "title"
    dialog.reject()
    qtbot.waitUntil(lambda: states(panel) == [DONE, DONE], timeout=30_000)


def test_a_draft_is_deleted_after_one_question(qtbot, panel):
    panel._model.drafts.save(Draft(title="Yeast"))
    panel.refresh()
    qtbot.waitUntil(lambda: states(panel) == ["draft"])

    qtbot.keyClick(panel._list, Qt.Key.Key_Delete)
    box = open_dialog(qtbot, panel, QMessageBox)
    assert "Yeast" in box.text()
    box.reject()
    qtbot.waitUntil(lambda: panel.findChild(QMessageBox) is None)
    assert states(panel) == ["draft"]
    qtbot.keyClick(panel._list, Qt.Key.Key_Delete)
    box = open_dialog(qtbot, panel, QMessageBox)
    qtbot.mouseClick(box.buttons()[0], LEFT)

    qtbot.waitUntil(lambda: states(panel) == [])
    assert panel._stack.currentWidget() is panel._empty
    assert not panel._deeds.isVisible()


def test_what_was_typed_of_a_new_deposition_is_a_draft_that_can_be_continued(
    qtbot, panel
):
    qtbot.mouseClick(panel._empty.button, LEFT)
    (wizard,) = wizards(panel)
    wizard.model.set(title="Yeast")
    close(qtbot, panel)
    qtbot.waitUntil(lambda: states(panel) == ["draft"], timeout=10_000)

    qtbot.keyClick(panel._list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(wizards(panel)) == 1, timeout=10_000)
    assert wizards(panel)[0].model.draft.title == "Yeast"
    with qtbot.waitSignal(panel._doer.draft_opened, timeout=10_000):
        qtbot.mouseClick(panel._deeds._buttons[0], LEFT)

    assert len(wizards(panel)) == 1
    close(qtbot, panel)


def test_a_correction_is_made_in_the_wizard(qtbot, published):
    choose(published, "Correct…")
    qtbot.waitUntil(lambda: len(wizards(published)) == 1, timeout=10_000)
    (wizard,) = wizards(published)
    wizard.model.set(title="Wing disc, second instar")
    wizard.submit()

    title = "Wing disc, second instar"
    qtbot.waitUntil(lambda: published._list.row().title == title, timeout=10_000)
    assert states(published) == [DONE]
    close(qtbot, published)


def test_a_damaged_correction_is_deleted_after_one_question(qtbot, published):
    kept = published._model.drafts.corrections
    file = kept._path(kept.save(published._list.row().deposition.draft).draft.id)
    file.write_bytes(b"not what was typed")
    choose(published, "Correct…")
    box = open_dialog(qtbot, published, QMessageBox)
    assert "cannot be read" in box.informativeText()
    assert file.exists(), "it is not given up unasked"
    qtbot.mouseClick(box.buttons()[0], LEFT)

    qtbot.waitUntil(lambda: len(wizards(published)) == 1, timeout=10_000)
    assert kept.all() == ()
    close(qtbot, published)


def test_a_correction_that_is_refused_is_shown_again(qtbot, published):
    row = published._list.row()
    draft = row.deposition.draft.typed(licence=None, details="Much typed.")

    published._doer.correct(row.id, draft)

    qtbot.waitUntil(lambda: len(wizards(published)) == 1, timeout=10_000)
    assert wizards(published)[0].model.draft.details == "Much typed."
    bar = published._bars[published._doer.runner]
    assert "cannot be deposited yet" in bar._words.text()
    close(qtbot, published)


def test_a_new_version_is_described_in_the_wizard(qtbot, published):
    choose(published, "New version…")
    qtbot.waitUntil(lambda: len(wizards(published)) == 1, timeout=10_000)

    (wizard,) = wizards(published)
    assert wizard.model.draft.version_of == "CLB000001X"
    assert wizard.model.draft.title == "Wing disc, third instar"
    close(qtbot, published)
