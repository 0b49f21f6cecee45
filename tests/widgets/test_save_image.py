"""A person saves what is seen of an image on a server."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from qtpy.QtCore import QCoreApplication, Qt
from qtpy.QtWidgets import QFileDialog, QLabel

from napari_cellib._widgets._save_image_button import SaveImageButton
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image


@pytest.fixture(autouse=True)
def own_dialogs(qapp):
    """Let Qt draw the dialog, since a test cannot click into that of the system."""
    attribute = Qt.ApplicationAttribute.AA_DontUseNativeDialogs
    before = QCoreApplication.testAttribute(attribute)
    QCoreApplication.setAttribute(attribute, True)
    yield
    QCoreApplication.setAttribute(attribute, before)


@pytest.fixture
def streamed(make_panel, shelf, server, qtbot):
    """Return a panel that has opened an image of a server, channel by channel."""
    panel = make_panel(shelf)
    with qtbot.waitSignal(panel._opener.opened, timeout=60_000):
        panel.open_place(server.stack)
    qtbot.waitUntil(lambda: not panel._watch.model.is_loading, timeout=10_000)
    return panel


@pytest.fixture
def save_as(qtbot, streamed):
    """Return a function that chooses a part and a file, as a person does."""

    def save(number, target):
        button = streamed.findChild(SaveImageButton)
        button.menu().aboutToShow.emit()
        action = button.menu().actions()[number]
        action.trigger()
        qtbot.waitUntil(lambda: streamed.window().findChild(QFileDialog) is not None)
        dialog = streamed.window().findChild(QFileDialog)
        if target.suffix == ".zarr":
            dialog.selectNameFilter("OME-Zarr (*.ome.zarr)")
        dialog.selectFile(str(target))
        dialog.accept()
        qtbot.waitUntil(lambda: streamed.findChild(QFileDialog) is None, timeout=5000)
        return action.text()

    return save


def told(panel):
    bar = panel._bars[panel._save.runner]
    return " ".join(label.text() for label in bar.findChildren(QLabel))


def test_the_plane_that_is_seen_becomes_a_tiff_with_all_channels(
    qtbot, viewer, streamed, save_as, tmp_path
):
    viewer.dims.set_current_step(0, 3)

    words = save_as(0, tmp_path / "seen.ome.tif")

    qtbot.waitUntil(lambda: "seen.ome.tif is saved" in told(streamed), timeout=20_000)
    layers = viewer.layers
    level = layers[0].data_level
    assert words.startswith(f"What is seen, level {level}: ")
    with tifffile.TiffFile(tmp_path / "seen.ome.tif") as file:
        found = np.squeeze(file.series[0].asarray())
    assert len(found) == len(layers)
    for channel, layer in zip(found, layers, strict=True):
        whole = np.asarray(layer.data[level][3])
        (top, left), (bottom, right) = np.clip(
            layer.corner_pixels[:, -2:] + [[0, 0], [1, 1]], 0, whole.shape
        )
        np.testing.assert_array_equal(channel, whole[top:bottom, left:right])


def test_a_whole_level_becomes_an_ome_zarr(qtbot, viewer, streamed, save_as, tmp_path):
    target = tmp_path / "level.ome.zarr"

    words = save_as(-1, target)

    qtbot.waitUntil(lambda: "level.ome.zarr is saved" in told(streamed), timeout=20_000)
    assert "MB" in words or "kB" in words
    image = drive(open_image(target))
    saved = np.asarray(image.levels[0])
    layer = viewer.layers[0]
    shown = np.asarray(layer.data[layer.data_level])
    np.testing.assert_array_equal(saved.take(0, image.axes.index("c")), shown)


def test_nothing_is_written_over(qtbot, streamed, save_as, tmp_path):
    target = tmp_path / "mine.ome.tif"
    target.write_bytes(b"mine")

    save_as(0, target)

    qtbot.waitUntil(lambda: "is there already" in told(streamed), timeout=20_000)
    assert target.read_bytes() == b"mine"
