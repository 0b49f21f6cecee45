"""Where the work of opening an image is done."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from napari_cellib._widgets._layer_opener import LayerOpener
from napari_cellib.jobs import Progress
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries

# Imports what opening needs while a window lives, then makes a layer; prints which
# modules came on the thread of the window, before and during the making.
FIRST_OPENING = """
import json, sys, threading
from pathlib import Path
from qtpy.QtCore import QCoreApplication
from napari_cellib._widgets._layer_opener import LayerOpener
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries

app = QCoreApplication([])
opener = LayerOpener(None, Libraries(Settings(data_folder=Path(sys.argv[1]))))
seen = {True: set(), False: set()}
at_the_window = threading.get_ident()

def note(event, arguments):
    if event == "import" and arguments[0] not in sys.modules:
        seen[threading.get_ident() == at_the_window].add(arguments[0])

sys.addaudithook(note)
opener.warm_up()
while opener._warmer.is_running:
    app.processEvents()
before, later = {k: set(v) for k, v in seen.items()}, seen[True]
later.clear()
import numpy as np
from napari.layers import Layer
import napari_cellib.pixels.loading, napari_cellib.pixels.layers
Layer.create(np.ones((3, 3)), {"contrast_limits": (0, 1)}, "image")
Layer.create(np.ones((3, 3), int), {}, "labels")
there = sys.modules.keys()  # not what was only looked for
found = before[True], before[False], later
print(json.dumps([sorted(names & there) for names in found]))
"""


class SlowPicture:
    """An array that takes its time at the first look, and knows who looked first."""

    dtype = np.dtype(np.uint16)
    shape = (4, 64, 64)
    ndim = 3
    size = 4 * 64 * 64

    def __init__(self, seconds):
        self._seconds = seconds
        self._pixels = np.ones(self.shape, self.dtype)
        self.first_visitor = None

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[...], dtype)

    def __getitem__(self, key):
        if self.first_visitor is None:
            self.first_visitor = threading.get_ident()
            time.sleep(self._seconds)
        return self._pixels[key]

    def __len__(self):
        return self.shape[0]


@pytest.fixture
def opener(qapp, viewer, tmp_path):
    opener = LayerOpener(viewer, Libraries(Settings(data_folder=tmp_path)))
    yield opener
    opener.runner.cancel()


def opening(*pictures):
    """Open at once what is slow to show."""
    yield Progress("Opening")
    about = {"cellib": {"warnings": []}}
    kwargs = {"name": "slow", "contrast_limits": (0, 9), "metadata": about}
    return [(picture, dict(kwargs), "image") for picture in pictures]


def test_layers_are_made_in_the_jobs_thread(qtbot, opener, viewer):
    picture = SlowPicture(0)

    with qtbot.waitSignal(opener.opened, timeout=10_000):
        opener._start("Opening", opening(picture))

    assert picture.first_visitor not in (None, threading.get_ident())
    assert [layer.name for layer in viewer.layers] == ["slow"]


def test_the_window_lives_while_a_slow_layer_is_made(qtbot, opener, heartbeat):
    with qtbot.waitSignal(opener._warmer.succeeded, timeout=20_000):
        opener.warm_up()
    with qtbot.waitSignal(opener.opened, timeout=10_000):
        opener._start("Opening", opening(SlowPicture(0)))  # napari's own first time
    heartbeat.restart()
    begun = time.perf_counter()

    with qtbot.waitSignal(opener.opened, timeout=10_000):
        opener._start("Opening", opening(SlowPicture(0.6)))

    assert time.perf_counter() - begun >= 0.6
    assert heartbeat.longest < 0.3


def test_a_cancel_acts_between_the_layers(qtbot, opener, viewer):
    pictures = [SlowPicture(0.2) for _ in range(5)]
    opener._start("Opening", opening(*pictures))
    qtbot.waitUntil(lambda: pictures[0].first_visitor is not None, timeout=10_000)

    with qtbot.waitSignal(opener.runner.cancelled, timeout=10_000):
        opener.runner.cancel()

    assert pictures[-1].first_visitor is None
    assert not viewer.layers


def test_what_the_first_opening_needs_is_imported_ahead_off_the_windows_thread(
    tmp_path,
):
    done = subprocess.run(
        [sys.executable, "-c", FIRST_OPENING, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    at_the_window, ahead, later = json.loads(done.stdout.splitlines()[-1])
    assert {"zarr", "dask.array", "napari.layers"} <= set(ahead)
    assert at_the_window == later == []
