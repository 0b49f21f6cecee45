"""A person saves what is seen of an image on a server, or keeps it."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from qtpy.QtCore import QCoreApplication, Qt
from qtpy.QtWidgets import QFileDialog, QLabel

from napari_cellib._widgets._save_image_button import SaveImageButton
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image
from napari_cellib.pixels.disk_cache import DiskCache


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

    def save(words, target):
        button = streamed.findChild(SaveImageButton)
        button.menu().aboutToShow.emit()
        offered = button.menu().actions()
        action = next(a for a in offered if a.text().startswith(words))
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

    words = save_as("What is seen", tmp_path / "seen.ome.tif")

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

    words = save_as("The same of all planes", target)

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

    save_as("What is seen", target)

    qtbot.waitUntil(lambda: "is there already" in told(streamed), timeout=20_000)
    assert target.read_bytes() == b"mine"


def test_an_image_is_kept_and_then_shown_without_its_server(
    qtbot, streamed, server, viewer
):
    shown = np.asarray(viewer.layers[0].data[0][3])
    button = streamed.findChild(SaveImageButton)
    settings = button._settings
    button.menu().aboutToShow.emit()
    (offline,) = (a.menu() for a in button.menu().actions() if a.menu())
    whole = offline.actions()[-1]
    assert whole.text().startswith("The whole image: at most ")

    whole.trigger()

    qtbot.waitUntil(lambda: "is kept" in told(streamed), timeout=20_000)
    alone = settings.model_copy(update={"offline": True})
    with DiskCache.of(alone) as disk:
        assert sum(place.pinned_bytes for place in disk.use()) > 0
        image = drive(open_image(server.stack, disk=disk))
        found = image.sources[0][image_part(image)]
    np.testing.assert_array_equal(found, shown)


def image_part(image):
    """Return the fourth plane of the first channel."""
    where = {"c": 0, "z": 3}
    return tuple(where.get(axis, slice(None)) for axis in image.axes)
