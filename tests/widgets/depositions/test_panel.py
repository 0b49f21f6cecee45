from __future__ import annotations

import time
from contextlib import closing

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QLabel,
)
from tests.widgets.depositions.hands import (
    DONE,
    LEFT,
    choose,
    offered,
    open_dialog,
    press,
    states,
)

from napari_cellib._widgets._depositions_dialogs import (
    LayersDialog,
)
from napari_cellib._widgets._depositions_sender import Sender
from napari_cellib.compare.similar import index_state
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.journal import TransferState, TransferStatus
from napari_cellib.errors import StorageFull
from napari_cellib.jobs import Progress, drive
from napari_cellib.viewmodels.depositions_rows import Deed, Phase
from napari_cellib.viewmodels.depositions_transfers import Order, Transfers
from napari_cellib.viewmodels.libraries import Libraries


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


def test_what_is_published_is_described_so_that_images_like_it_are_found(
    qtbot, published, settings
):
    def described():
        with closing(Libraries(settings)) as libraries:
            return index_state(libraries.searched(), settings).described

    qtbot.waitUntil(lambda: not published._describer.is_running, timeout=30_000)
    assert described() == 1


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
