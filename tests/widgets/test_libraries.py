from __future__ import annotations

import json
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox

from napari_cellib._widgets._job_runner import stop_all_jobs
from napari_cellib._widgets.search_panel import SearchPanel
from napari_cellib.settings import CilAddresses, Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries


class Late(ShelfLibrary):
    """A library that gives no answer before it is told to."""

    def __init__(self, *records):
        super().__init__(records, library_id="late")
        self.may_answer = Event()

    def search(self, query):
        self.may_answer.wait(20)
        return super().search(query)


@pytest.fixture
def show(qtbot, viewer, tmp_path):
    """Return a function that shows a panel on some libraries."""

    def make(*libraries, **settings):
        chosen = Settings(data_folder=tmp_path / "user", **settings)
        panel = SearchPanel(viewer, Libraries(chosen, *libraries))
        qtbot.addWidget(panel)
        panel.resize(300, 640)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activateWindow()
        return panel

    return make


@pytest.fixture
def atlas():
    records = [a_record("A1", "Atlas of a cell"), a_record("CIL:7", "A cilium")]
    return ShelfLibrary(records, library_id="atlas")


@pytest.fixture
def late():
    library = Late(a_record("L1", "Late cell"))
    yield library
    library.may_answer.set()


def unfold(qtbot, panel):
    box = panel._results.libraries
    qtbot.mouseClick(box.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(box.choice.rows) and "asking" not in states(box))
    return box


def states(box):
    return " ".join(row.state for row in box.choice.rows)


def boxes(box):
    return {one.text(): one for one in box.findChildren(QCheckBox) if one.isVisible()}


def test_all_libraries_are_searched_and_the_button_says_how_many(
    qtbot, steps, show, shelf, atlas
):
    panel = show(shelf, atlas)
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 5, timeout=5000)

    button = panel._results.libraries.button
    qtbot.waitUntil(lambda: button.text() == "2 libraries", timeout=5000)


def test_a_library_is_left_out_by_a_click(qtbot, steps, show, shelf, atlas):
    panel = show(shelf, atlas)
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 5, timeout=5000)
    box = unfold(qtbot, panel)
    first, _ = box._boxes.buttons()

    first.click()

    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 2, timeout=3000)
    assert box.button.text() == "1/2 libraries"
    assert {card.source for card in panel._model.cards} == {""}


def test_the_last_library_stays_checked(qtbot, show, shelf):
    panel = show(shelf)
    box = unfold(qtbot, panel)
    (only,) = box._boxes.buttons()

    only.click()

    assert only.isChecked()
    assert box.button.text() == "1 library"


def test_the_list_takes_in_what_comes_late_and_keeps_the_choice(
    qtbot, steps, show, shelf, late
):
    panel = show(shelf, late)
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3, timeout=5000)
    results = panel._results
    qtbot.waitUntil(lambda: results._warning.isVisible())
    assert results._warning.text() == "Shelf has not answered yet."
    qtbot.waitUntil(lambda: results.libraries.button.text() == "2 libraries")
    results._list.setCurrentIndex(results._list.model().index(2, 0))
    chosen = results._list.card()

    late.may_answer.set()

    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 4, timeout=5000)
    assert results._list.card().key == chosen.key
    qtbot.waitUntil(lambda: not results._warning.isVisible(), timeout=5000)


def test_a_silent_library_freezes_nothing(qtbot, steps, show, shelf, late, heartbeat):
    panel = show(shelf, late)
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3, timeout=5000)
    qtbot.wait(300)
    heartbeat.restart()

    steps.type_words(panel, "golgi")
    steps.wait_for(panel, "Golgi of a HeLa cell")

    assert heartbeat.longest < 0.25


def test_the_panel_stays_narrow_with_long_names(qtbot, show, shelf):
    class Long(ShelfLibrary):
        @property
        def info(self):
            name = "The Library of the Institute of Everything Small & Beautiful"
            return super().info.model_copy(update={"name": name})

    panel = show(shelf, Long(library_id="everything-small-and-beautiful"))
    unfold(qtbot, panel)

    assert panel.width() <= 300
    assert panel._results.minimumSizeHint().width() <= 284


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Print nothing."""


@pytest.fixture
def dump(tmp_path):
    """Serve a dump of a few records; return its address."""
    folder = tmp_path / "served"
    folder.mkdir()
    core = {"IMAGEDESCRIPTION": {"free_text": "A mitochondrion. It is alone."}}
    with zipfile.ZipFile(folder / "dump.zip", "w") as archive:
        for number in range(1, 41):
            document = {"CIL_CCDB": {"CIL": {"CORE": core}}}
            archive.writestr(f"dump/{number}.json", json.dumps(document))
    handler = partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/dump.zip"
        server.shutdown()


def test_the_cell_image_library_is_added_by_a_click(qtbot, steps, show, shelf, dump):
    panel = show(shelf, cil=CilAddresses(dump=dump))
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3, timeout=5000)
    box = unfold(qtbot, panel)
    button, note = box._offers[0]
    assert "MB" in note.text()

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled()

    bar = panel._bars[panel._adding_runner]
    qtbot.waitUntil(lambda: "40 images added" in bar._words.text(), timeout=60_000)
    qtbot.waitUntil(lambda: panel._model.total == 43, timeout=10_000)
    qtbot.waitUntil(lambda: box.button.text() == "2 libraries", timeout=10_000)
    assert button.text() == "Update The Cell Image Library"
    assert button.isEnabled()
    ask, _ = box._offers[1]
    qtbot.waitUntil(ask.isVisible, timeout=5000)

    qtbot.mouseClick(ask, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: "cellib library key" in bar._words.text(), timeout=20_000)
    assert ask.isEnabled()
    stop_all_jobs()  # or one of them may open the library once more
    panel._libraries.close()


def test_a_dump_that_cannot_be_had_is_told_and_can_be_tried_again(
    qtbot, steps, show, shelf, dump
):
    nowhere = dump.replace("dump.zip", "nothing.zip")
    panel = show(shelf, cil=CilAddresses(dump=nowhere))
    qtbot.waitUntil(lambda: len(steps.titles(panel)) == 3, timeout=5000)
    box = unfold(qtbot, panel)

    button, _ = box._offers[0]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    bar = panel._bars[panel._adding_runner]
    qtbot.waitUntil(
        lambda: "could not be downloaded" in bar._words.text(), timeout=20_000
    )
    qtbot.waitUntil(button.isEnabled, timeout=5000)
    assert len(steps.titles(panel)) == 3
