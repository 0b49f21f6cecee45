"""A person saves layers in a napari window, which stays alive meanwhile."""

from __future__ import annotations

import time

import dask.array as da
import numpy as np
import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import (
    QApplication,
    QFileDialog,
    QProgressDialog,
    QPushButton,
)

from napari_cellib.errors import JobCancelled

pytestmark = pytest.mark.screen

EDGE = 600


def slow(block):
    """Be a drive that takes its time, so that a person can do something meanwhile."""
    time.sleep(0.05)
    return block


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    pixels = da.from_array(
        np.arange(30 * EDGE * EDGE, dtype="uint16").reshape(30, EDGE, EDGE),
        chunks=(1, EDGE, EDGE),
    ).map_blocks(slow, dtype="uint16", meta=np.empty((0, 0, 0), "uint16"))
    names = ("z", "y", "x")
    units = ("um",) * 3
    viewer.add_image(
        pixels, name="cells", axis_labels=names, units=units, contrast_limits=(0, 65535)
    )
    viewer.add_points(np.ones((3, 3)), name="spots", axis_labels=names, units=units)
    return viewer


@pytest.fixture
def meanwhile():
    """Return a function that does something as soon as the dialog is there."""
    done = []

    def when_shown(act, deadline_s=20.0):
        end = time.monotonic() + deadline_s

        def look():
            found = [
                widget
                for widget in QApplication.topLevelWidgets()
                if isinstance(widget, QProgressDialog) and widget.isVisible()
            ]
            if found and act(found[0]):
                done.append(True)
            elif time.monotonic() < end:
                QTimer.singleShot(30, look)

        QTimer.singleShot(30, look)
        return done

    return when_shown


def test_how_far_it_is_is_shown_and_the_window_stays_alive(
    viewer, meanwhile, heartbeat, tmp_path
):
    seen = []

    def watch(dialog):
        seen.append((dialog.maximum(), dialog.value()))
        return 0 < dialog.value() < dialog.maximum()

    watched = meanwhile(watch)
    target = tmp_path / "mine.zarr"
    heartbeat.restart()
    viewer.layers.save(str(target), plugin="napari-cellib")

    assert watched, seen
    assert heartbeat.longest < 1.0
    assert (target / "zarr.json").is_file()


def test_cancel_stops_and_leaves_nothing(viewer, meanwhile, tmp_path):
    def stop(dialog):
        (button,) = dialog.findChildren(QPushButton)
        button.click()
        return True

    stopped = meanwhile(stop)

    with pytest.raises(JobCancelled):
        viewer.layers.save(str(tmp_path / "mine.zarr"), plugin="napari-cellib")
    assert stopped
    end = time.monotonic() + 10
    while list(tmp_path.iterdir()) and time.monotonic() < end:
        QApplication.processEvents()  # the job cleans up in its own thread
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


def test_the_dialog_of_the_menu_offers_ome_zarr_and_completes_the_name(
    make_napari_viewer, tmp_path, monkeypatch
):
    def choose(*_, filter, **__):
        (ours,) = (kind for kind in filter.split(";;") if "OME-Zarr" in kind)
        return str(tmp_path / "mine"), ours

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    viewer = make_napari_viewer()
    viewer.add_points(np.ones((3, 2)), name="spots")

    viewer.window._qt_viewer._save_layers_dialog()

    assert [path.name for path in tmp_path.iterdir()] == ["mine.ome.zarr"]
