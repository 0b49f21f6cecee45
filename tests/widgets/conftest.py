from __future__ import annotations

import shutil
import threading
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._stream_host import StreamHost
from napari_cellib._widgets._stream_strip import StreamStrip
from napari_cellib._widgets.search_panel import SearchPanel
from napari_cellib.demo.server import SlowServer
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import (
    Annotation,
    Channel,
    Licence,
    Representation,
    Term,
    TermField,
    Window,
)
from napari_cellib.pixels.writing import write_image
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries


class WatchedShelf(ShelfLibrary):
    """A shelf that takes its time and remembers which threads came to it."""

    def __init__(self, records=(), *, seconds=0.0, **kwargs):
        super().__init__(records, **kwargs)
        self.seconds = seconds
        self.visitors = set()

    def _visit(self):
        self.visitors.add(threading.get_ident())
        time.sleep(self.seconds)

    def search(self, query):
        self._visit()
        return super().search(query)

    def record(self, record_id):
        self._visit()
        return super().record(record_id)

    def siblings(self, record_id):
        self._visit()
        return super().siblings(record_id)

    def thumbnail(self, record_id):
        self._visit()
        return super().thumbnail(record_id)

    def locate(self, representation):
        self._visit()
        return super().locate(representation)


@pytest.fixture(scope="session")
def zarr_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pixels") / "planes.ome.zarr"
    data = np.arange(3 * 64 * 64, dtype=np.uint16).reshape(3, 64, 64)
    spacing = {"z": 1.0, "y": 0.5, "x": 0.5}
    drive(write_image(folder, data, axes="zyx", spacing_um=spacing))
    return folder


@pytest.fixture(scope="session")
def picture():
    buffer = BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def _organism(curie, label):
    return Annotation(field=TermField.ORGANISM, term=Term(id=curie, label=label))


@pytest.fixture
def shelf(zarr_folder, picture):
    human = _organism("NCBITaxon:9606", "Homo sapiens")
    mouse = _organism("NCBITaxon:10090", "Mus musculus")
    pixels = Representation(role="pyramid", url=str(zarr_folder), size_bytes=3_900_000)
    records = [
        a_record(
            "CLB000001X",
            "Golgi of a HeLa cell",
            annotations=(human,),
            group="hela",
            licence=Licence(spdx="CC0-1.0"),
            landing_page="https://example.org/golgi",
            representations=(pixels,),
        ),
        a_record(
            "CLB0000028",
            "Mitochondria of a HeLa cell <b>bold</b> & more",
            annotations=(human,),
            group="hela",
            representations=(pixels,),
        ),
        a_record("CLB0000036", "Mouse embryo", annotations=(mouse,)),
    ]
    return WatchedShelf(records, thumbnails={"CLB000001X": picture})


@pytest.fixture
def viewer():
    """Return napari's viewer without its window."""
    from napari.components import ViewerModel

    return ViewerModel()


@pytest.fixture
def make_panel(qtbot, viewer, tmp_path):
    """Return a function that makes a panel on a library and waits for its cards."""

    def make(library=None, *, wait=True, **settings):
        opened = () if library is None else (library,)
        chosen = Settings(data_folder=tmp_path / "user", **settings)
        libraries = Libraries(chosen, *opened)
        panel = SearchPanel(viewer, libraries)
        qtbot.addWidget(panel)
        panel.resize(340, 640)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activateWindow()
        if wait:
            qtbot.waitUntil(lambda: bool(panel._model.cards), timeout=5000)
        return panel

    return make


@pytest.fixture
def panel(make_panel, shelf):
    return make_panel(shelf)


class Steps:
    """What a person does with a panel."""

    def __init__(self, qtbot):
        self._qtbot = qtbot

    def titles(self, panel):
        return [card.title for card in panel._model.cards]

    def type_words(self, panel, words):
        panel._results.focus_line()
        self._qtbot.keyClicks(panel._results.line, words)

    def wait_for(self, panel, *titles):
        expected = list(titles)
        self._qtbot.waitUntil(lambda: self.titles(panel) == expected, timeout=3000)

    def show_record(self, panel):
        cards = panel._results._list
        cards.setFocus()
        self._qtbot.keyClick(cards, Qt.Key.Key_Space)
        self._qtbot.waitUntil(lambda: panel._pages.currentWidget() is panel._record)


@pytest.fixture
def steps(qtbot):
    return Steps(qtbot)


class Heartbeat:
    """Measures for how long the GUI thread was away from its event loop.

    The time in which other programs had the processor does not count.
    """

    def __init__(self):
        self.longest = 0.0
        self._last = _time_of_own()
        self.timer = QTimer()
        self.timer.setInterval(5)
        self.timer.timeout.connect(self._beat)
        self.timer.start()

    def _beat(self):
        now = _time_of_own()
        self.longest = max(self.longest, now - self._last)
        self._last = now

    def restart(self):
        self.longest, self._last = 0.0, _time_of_own()


def _time_of_own():
    """Return seconds, without those that this thread spent in line for a processor."""
    now = time.perf_counter()
    try:
        in_line = Path("/proc/thread-self/schedstat").read_text().split()[1]
    except OSError:  # only Linux tells
        return now
    return now - int(in_line) / 1e9


@pytest.fixture
def heartbeat(qapp):
    beat = Heartbeat()
    yield beat
    beat.timer.stop()


@pytest.fixture(scope="session")
def stack_folder(tmp_path_factory):
    """Return the folder of an image that is large enough to be streamed."""
    folder = tmp_path_factory.mktemp("streamed")
    y, x = np.mgrid[:1024, :1024]
    planes = [
        (y * (c + 1) + x * 2 + z * 911) % 5003 for c in range(2) for z in range(5)
    ]
    data = np.asarray(planes, np.uint16).reshape(2, 5, 1024, 1024)
    window = Window(start=0, end=5002)
    channels = [Channel(name=name, window=window) for name in ("actin", "DNA")]
    drive(
        write_image(
            folder / "stack.zarr",
            data,
            axes="czyx",
            spacing_um={"z": 1.0, "y": 0.2, "x": 0.2},
            channels=channels,
        )
    )
    return folder


class ChunkServer(SlowServer):
    """Serves an image; holds chunks back, loses or breaks them as a test says."""

    def __init__(self, folder, latency_s=0.0):
        super().__init__(folder, latency_s=latency_s)
        self.gate = threading.Event()
        self.gate.set()
        self.is_held = lambda path: "/c/" in path
        self.is_lost = self.is_broken = lambda path: False

    @property
    def stack(self):
        return f"{self.url}/stack.zarr"

    @property
    def chunks(self):
        """Return which chunks were asked for."""
        return [path for path in self.requests if "/c/" in path]

    def locate(self, path):
        if self.is_held(path):
            self.gate.wait(30)
        if self.is_broken(path):
            raise ConnectionError  # the client sees a broken connection
        if self.is_lost(path):
            return None
        return super().locate(path)


@pytest.fixture
def server(stack_folder):
    with ChunkServer(stack_folder) as server:
        yield server
        server.gate.set()


@pytest.fixture
def streamed(make_panel, shelf, server, qtbot):
    """Return a panel that has opened an image of a server, channel by channel."""
    panel = make_panel(shelf)
    with qtbot.waitSignal(panel._opener.opened, timeout=60_000):
        panel.open_place(server.stack)
    return panel


@pytest.fixture
def strip(streamed):
    return streamed.findChild(StreamStrip)


@pytest.fixture
def settled(qtbot, streamed):
    """Return a function that waits until all that is in view has come."""

    def wait():
        qtbot.waitUntil(lambda: not streamed._watch.model.is_loading, timeout=10_000)
        host = QApplication.instance().findChild(StreamHost)
        qtbot.waitUntil(
            lambda: not (host._touched or host._timer.isActive()), timeout=10_000
        )
        qtbot.wait(150)  # for the last picture to be made

    return wait


@pytest.fixture(autouse=True)
def no_loader_left():
    """End what streams after each test, and see that its thread has gone."""
    yield
    app = QApplication.instance()
    for host in app.findChildren(StreamHost) if app else ():
        host.close()
        host.setParent(None)
        host.deleteLater()
    assert "cellib-loader" not in {thread.name for thread in threading.enumerate()}


@pytest.fixture
def library_with_a_stack(own_data_folder, zarr_folder):
    """Return a function that makes a library with three planes, where panels look."""

    def made(id, name, *, thumbnail=None, said=None):
        folder = own_data_folder / "libraries" / id
        library = EmbeddedLibrary.create(folder, id=id, name=name)
        file = "pyramid.ome.zarr"
        shutil.copytree(zarr_folder, library.blob_folder("CLB000001X") / file)
        url = library.blob_url("CLB000001X", file)
        pixels = Representation(role="pyramid", url=url, size_bytes=1000)
        record = a_record("CLB000001X", "Three planes", representations=(pixels,))
        library.add(record, thumbnail=thumbnail)
        if said is not None:
            library.annotate("CLB000001X", said)
        drive(library.update_index())
        library.close()
        return folder

    return made
