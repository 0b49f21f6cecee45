"""What a person sees of their depositions, and does with them."""

from __future__ import annotations

import time

import pytest
from qtpy.QtCore import QCoreApplication, Qt
from qtpy.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QListWidget,
    QMessageBox,
)

from napari_cellib._widgets._depositions_dialogs import (
    HistoryDialog,
    LayersDialog,
    ReasonDialog,
)
from napari_cellib._widgets._depositions_rehearsal import RehearsalDialog
from napari_cellib._widgets._depositions_sender import Sender
from napari_cellib._widgets.deposit_wizard.window import DepositWizard
from napari_cellib._widgets.depositions_panel import DepositionsPanel
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.journal import TransferState, TransferStatus
from napari_cellib.errors import StorageFull
from napari_cellib.jobs import Progress, drive
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions_deeds import CITATIONS
from napari_cellib.viewmodels.depositions_rows import Deed, Phase
from napari_cellib.viewmodels.depositions_target import make_library_job
from napari_cellib.viewmodels.depositions_transfers import Order, Transfers
from napari_cellib.viewmodels.libraries import Libraries

LEFT = Qt.MouseButton.LeftButton
DONE = "published, not peer reviewed"


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path / "user")


@pytest.fixture
def show(qtbot, viewer, settings):
    """Return a function that shows the panel, as after a start of napari."""

    def make():
        panel = DepositionsPanel(viewer, Libraries(settings))
        qtbot.addWidget(panel)
        panel.resize(320, 640)
        with qtbot.waitExposed(panel):
            panel.show()
        qtbot.waitUntil(lambda: panel._model.is_read, timeout=10_000)
        return panel

    return make


@pytest.fixture(autouse=True)
def own_dialogs(qapp):
    """Let Qt draw the dialog, since a test cannot click into that of the system."""
    attribute = Qt.ApplicationAttribute.AA_DontUseNativeDialogs
    before = QCoreApplication.testAttribute(attribute)
    QCoreApplication.setAttribute(attribute, True)
    yield
    QCoreApplication.setAttribute(attribute, before)


@pytest.fixture
def with_library(settings):
    libraries = Libraries(settings)
    drive(make_library_job(libraries))
    libraries.close()


@pytest.fixture
def panel(show, with_library, qtbot):
    panel = show()
    qtbot.waitUntil(lambda: bool(panel._model.targets.all), timeout=10_000)
    return panel


@pytest.fixture
def published(panel, qtbot, draft_of_layers, layers):
    panel.submit(draft_of_layers, layers)
    qtbot.waitUntil(lambda: states(panel) == [DONE], timeout=30_000)
    return panel


def states(panel):
    return [row.state for row in panel._model.rows]


def offered(panel):
    bar = panel._deeds
    buttons = [b.text() for b in bar._buttons if b.isVisible()]
    return buttons + [a.text() for a in bar._menu.actions() if a.text()]


def choose(panel, words):
    """Choose an entry of the menu, or of one of the menus in it."""
    for action in panel._deeds._menu.actions():
        inner = action.menu().actions() if action.menu() else [action]
        for one in inner:
            if one.text() == words:
                one.trigger()
                return
    raise AssertionError(f"{words} is not offered")


def open_dialog(qtbot, panel, kind):
    qtbot.waitUntil(lambda: panel.window().findChild(kind) is not None)
    return panel.window().findChild(kind)


def press(qtbot, dialog, words):
    box = dialog.findChild(QDialogButtonBox)
    button = next(b for b in box.buttons() if b.text() == words)
    qtbot.mouseClick(button, LEFT)


def test_one_click_makes_a_library_of_ones_own(qtbot, show):
    panel = show()
    qtbot.waitUntil(lambda: panel._empty.button.text() == "Make “My library”")
    assert not panel._top.new.isVisible()

    qtbot.mouseClick(panel._empty.button, LEFT)

    qtbot.waitUntil(lambda: panel._empty.button.text() == "New deposition")
    assert panel._top.new.isVisible()
    assert panel._top._targets.currentText() == "→ My library"


def test_what_is_submitted_is_sent_and_published(published):
    row = published._list.row()

    assert row.accession == "CLB000001X"
    assert published._stack.currentWidget() is published._list
    assert offered(published)[:2] == ["Show in library", "Open in napari"]


def test_the_picture_of_what_is_published_is_fetched(qtbot, published):
    index = published._lines.index(0, 0)
    role = Qt.ItemDataRole.DecorationRole

    qtbot.waitUntil(lambda: index.data(role) is not None, timeout=5000)


def test_a_draft_that_lacks_something_is_not_submitted_and_the_panel_says_why(
    qtbot, panel
):
    panel.submit(Draft(title="Yeast"))

    bar = panel._bars[panel._doer.runner]
    qtbot.waitUntil(lambda: "cannot be deposited yet" in bar._words.text())
    assert panel._model.rows == ()


def test_what_is_unfinished_is_said_at_the_start_and_goes_on_with_one_click(
    qtbot, show, with_library, settings, draft_of_layers, layers
):
    from napari_cellib.viewmodels.depositions import DepositionsModel
    from napari_cellib.viewmodels.depositions_target import targets_job

    libraries = Libraries(settings)
    before = DepositionsModel(libraries)
    before.targets = drive(targets_job(libraries))
    (order,) = drive(before.submit_job(draft_of_layers, layers)).orders
    before.transfers.add(order)
    job = before.transfers.next_job()
    while "end" not in next(job).label:  # until something is sent
        pass
    job.close()
    libraries.close()

    panel = show()
    qtbot.waitUntil(lambda: panel._top.go_on.isVisible())
    assert panel._top._words.text() == "1 deposition is not through yet."
    qtbot.mouseClick(panel._top.go_on, LEFT)

    qtbot.waitUntil(lambda: states(panel) == [DONE], timeout=30_000)
    assert not panel._top.go_on.isVisible()


def test_layers_that_were_not_written_are_chosen_again(
    qtbot, show, panel, viewer, draft_of_layers, layers
):
    from napari.layers import Layer

    (order,) = drive(panel._model.submit_job(draft_of_layers, layers)).orders
    panel._model.transfers.add(Order(order.id))  # as after a restart
    panel._sender.go()
    panel.refresh()
    stuck = ["stuck: its layers are no longer open"]
    qtbot.waitUntil(lambda: states(panel) == stuck, timeout=10_000)
    first, second = (Layer.create(*one) for one in layers)
    second.name = "spots"
    viewer.layers.extend([first, second])

    qtbot.mouseClick(panel._deeds._buttons[0], LEFT)
    dialog = open_dialog(qtbot, panel, LayersDialog)
    assert not dialog._yes.isEnabled()
    dialog._boxes["centres"].setCurrentText("spots")
    press(qtbot, dialog, "Go on")

    qtbot.waitUntil(lambda: states(panel) == [DONE], timeout=30_000)


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


def test_many_images_of_a_table_are_deposited_after_a_look(
    qtbot, panel, table_of_images
):
    qtbot.mouseClick(panel._top.many, LEFT)
    files = open_dialog(qtbot, panel, QFileDialog)
    files.fileSelected.emit(str(table_of_images))
    files.reject()
    dialog = open_dialog(qtbot, panel, RehearsalDialog)
    assert "2 images of metadata.csv" in dialog.summary.text()
    assert dialog.problems.item(0).text().startswith("Wrong · ")
    assert panel._model.rows == ()

    press(qtbot, dialog, "Deposit 2 images")

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


def test_the_line_that_is_chosen_stays_so_when_others_come(qtbot, panel):
    panel._model.drafts.save(Draft(title="first"))
    panel.refresh()
    qtbot.waitUntil(lambda: len(panel._model.rows) == 1)
    panel._model.drafts.save(Draft(title="second"))
    panel.refresh()
    qtbot.waitUntil(lambda: len(panel._model.rows) == 2)

    assert panel._list.row().title == "first"
    assert panel._model.rows[0].title == "second"


def test_everything_can_be_reached_by_keys_and_is_named(qtbot, published):
    for widget in (published._top._targets, published._list, published._deeds._more):
        assert widget.accessibleName()
    index = published._lines.index(0, 0)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith(f"Wing disc, third instar, CLB000001X, {DONE}, changed ")


def wizards(panel):
    return [one for one in panel.findChildren(DepositWizard) if one.isVisible()]


def close(qtbot, panel):
    for wizard in wizards(panel):
        wizard.close()
    qtbot.waitUntil(lambda: panel.findChildren(DepositWizard) == [], timeout=10_000)


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


def test_text_of_strangers_is_plain(published):
    formats = {label.textFormat() for label in published.findChildren(QLabel)}

    assert formats == {Qt.TextFormat.PlainText}


def test_the_window_never_waits(qtbot, panel, heartbeat, draft_of_layers, layers):
    heartbeat.restart()
    panel.submit(draft_of_layers, layers)
    qtbot.waitUntil(lambda: states(panel) == [DONE], timeout=30_000)

    assert heartbeat.longest < 1.0  # the machine is shared; by far not a whole deposit


def test_one_file_alone_can_be_tried_again(qtbot, panel, draft_of_layers, layers):
    (order,) = drive(panel._model.submit_job(draft_of_layers, layers)).orders
    panel.refresh()
    qtbot.waitUntil(lambda: len(panel._model.rows) == 1)
    problems = {"original/a&b.tif": "It was changed."}
    found = TransferStatus(
        TransferState.SENDING, "CLB000001X", 2, 100, 1, 50, problems, None, None
    )
    panel._model._listed.statuses[order.id] = found
    panel._model.take_list(panel._model._listed)
    assert states(panel) == ["stuck: 1 file was not sent"]

    with qtbot.waitSignal(panel._deeds.wanted) as wanted:
        choose(panel, "original/a&&b.tif")

    deed, row, path = wanted.args
    assert (deed, row.id, path) == (Deed.RETRY, order.id, "original/a&b.tif")


@pytest.fixture
def sender(qtbot, panel):
    """Return a sender of jobs that only end when they are told to."""
    may_end = []

    def send(order):
        done = 0
        while order.id not in may_end:
            time.sleep(0.005)
            done = min(done + 1, 99)
            yield Progress("Sending", done, 100)
        if order.id == "full":
            raise StorageFull("/data")
        return order.id

    transfers = Transfers(lambda order: send(order))
    sender = Sender(transfers, panel)
    sender.transfers, sender.may_end = transfers, may_end
    yield sender
    may_end += ["a", "b", "full"]


def test_the_next_one_is_sent_when_one_is_paused_stuck_or_done(qtbot, sender):
    for name in ("a", "full", "b"):
        sender.transfers.add(Order(name))
    sender.go()
    qtbot.waitUntil(lambda: sender.transfers.underway("a").progress.total == 100)

    sender.pause("a")
    qtbot.waitUntil(lambda: sender.transfers.running == "full")
    sender.may_end.append("full")
    qtbot.waitUntil(lambda: sender.transfers.running == "b")
    with qtbot.waitSignal(sender.done) as done:
        sender.may_end.append("b")

    assert done.args == ["b"]
    assert isinstance(sender.transfers.errors["full"], StorageFull)
    assert sender.transfers.ids == frozenset()


def test_what_is_offered_fits_the_state(qtbot, panel, draft_of_layers, layers):
    (order,) = drive(panel._model.submit_job(draft_of_layers, layers)).orders
    panel.refresh()
    qtbot.waitUntil(lambda: len(panel._model.rows) == 1)
    assert panel._list.row().phase is Phase.UNFINISHED
    assert offered(panel) == ["Go on", "Give up…", "History"]

    panel._model.transfers.errors[order.id] = StorageFull("/data")
    panel.refresh()
    qtbot.waitUntil(lambda: panel._list.row().phase is Phase.STUCK)

    assert offered(panel) == ["Try again", "Give up…", "History"]
    assert "Free some space" in panel._deeds._detail.text()
    assert panel._list.row().deeds[0] is Deed.RETRY
