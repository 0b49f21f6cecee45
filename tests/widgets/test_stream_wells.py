"""Clicks on the wells of a plate that is shown as one picture."""

from __future__ import annotations

import gc
import json

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QPoint, Qt

from napari_cellib._widgets._layer_opener import LayerOpener
from napari_cellib._widgets._stream_host import stream_host
from napari_cellib._widgets._stream_wells import WellClicks, watch_wells
from napari_cellib.jobs import drive
from napari_cellib.model import Channel, Window
from napari_cellib.pixels.writing import write_image
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.wells import HELP

WELLS = ("A/1", "A/2", "B/1", "B/2")
EDGE_UM = 64 * 0.5


def group(folder, ome):
    folder.mkdir(parents=True, exist_ok=True)
    attributes = {"ome": {"version": "0.5", **ome}}
    document = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
    (folder / "zarr.json").write_text(json.dumps(document))


def field_pixels(number):
    return np.random.default_rng(number).integers(1, 5000, (64, 64), "uint16")


@pytest.fixture
def plate(tmp_path):
    """Write a plate that was imaged twice, with labels; one of four wells is lost."""
    folder = tmp_path / "served" / "screen.zarr"
    places = [
        {"path": path, "rowIndex": n // 2, "columnIndex": n % 2}
        for n, path in enumerate(WELLS)
    ]
    names = {
        "rows": [{"name": r} for r in "AB"],
        "columns": [{"name": c} for c in "12"],
    }
    times = [{"id": 1, "name": "before"}, {"id": 2, "name": "after"}]
    shared = {"name": "Screen", "wells": places, "acquisitions": times, **names}
    group(folder, {"plate": shared})
    images = [{"path": str(n), "acquisition": n + 1} for n in range(2)]
    for number, path in enumerate(WELLS[:3]):
        group(folder / path, {"well": {"images": images}})
        for field in range(2):
            drive(
                write_image(
                    folder / path / str(field),
                    field_pixels(10 * field + number),
                    axes="yx",
                    spacing_um={"y": 0.5, "x": 0.5},
                    channels=[Channel(name="DNA", window=Window(start=0, end=5000))],
                    labels={"nuclei": np.eye(64, dtype="uint16")},
                )
            )
    return folder


@pytest.fixture
def window(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(760, 560)
    return viewer


@pytest.fixture
def overview(qtbot, window, plate, tmp_path):
    """Open the plate in a window, as a panel does."""
    opener = LayerOpener(window, Libraries(Settings(data_folder=tmp_path / "user")))
    with qtbot.waitSignal(opener.opened, timeout=30_000):
        opener.open_place(str(plate))
    qtbot.wait(100)
    return opener


def double_click(qtbot, viewer, row, column, modifier=Qt.KeyboardModifier.NoModifier):
    """Click twice at the middle of a well, where it is on the canvas now."""
    canvas = viewer.window._qt_viewer.canvas.native
    camera = viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera
    middle = np.array([row + 0.5, column + 0.5]) * EDGE_UM - 0.25
    y, x = (middle - np.asarray(camera.center)[-2:]) * camera.zoom
    place = QPoint(round(canvas.width() / 2 + x), round(canvas.height() / 2 + y))
    button = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, button, modifier, place)
    qtbot.mouseRelease(canvas, button, modifier, place)
    qtbot.mouseDClick(canvas, button, modifier, place)
    qtbot.mouseRelease(canvas, button, modifier, place)


def names(viewer):
    return [layer.name for layer in viewer.layers]


def corner(layer):
    return (np.asarray(layer.extent.world[0]) - layer.scale / 2).tolist()


def finest(layer):
    return np.asarray(layer.data[0] if layer.multiscale else layer.data)


@pytest.mark.screen
@pytest.mark.usefixtures("overview")
def test_a_double_click_opens_a_well_where_it_is_drawn(qtbot, window):
    double_click(qtbot, window, 0, 1)
    qtbot.waitUntil(lambda: len(window.layers) == 4, timeout=15_000)

    assert names(window)[2:] == ["A2 - Screen", "nuclei (labels) - A2 - Screen"]
    picture, labels = window.layers[2:]
    assert (finest(picture) == field_pixels(1)).all()
    assert corner(picture) == corner(labels) == pytest.approx([-0.25, EDGE_UM - 0.25])
    assert not labels.visible
    camera = window.scene.camera if hasattr(window, "scene") else window.camera
    middle = pytest.approx([0.5 * EDGE_UM - 0.25, 1.5 * EDGE_UM - 0.25])
    assert list(camera.center[-2:]) == middle

    double_click(qtbot, window, 0, 1)
    qtbot.wait(300)
    assert len(window.layers) == 4  # it is open already


@pytest.mark.screen
@pytest.mark.usefixtures("overview")
def test_a_double_click_with_shift_opens_all_images_of_a_well_beside_the_plate(
    qtbot, window
):
    double_click(qtbot, window, 1, 0, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: len(window.layers) == 4, timeout=15_000)

    well = window.layers["B1 - Screen"]
    assert finest(well).shape == (64, 128)
    top, left = corner(well)
    assert top == pytest.approx(EDGE_UM - 0.25)
    assert left > 2 * EDGE_UM


@pytest.mark.screen
@pytest.mark.usefixtures("overview")
def test_a_well_that_is_not_there_is_said_and_changes_nothing(
    qtbot, window, monkeypatch
):
    said = []
    monkeypatch.setattr("napari.utils.notifications.show_error", said.append)
    double_click(qtbot, window, 1, 1)
    qtbot.waitUntil(lambda: bool(said), timeout=15_000)

    assert "B/2" in said[0]
    assert len(window.layers) == 2


@pytest.mark.screen
@pytest.mark.usefixtures("overview")
def test_the_status_bar_tells_of_the_double_click(window):
    assert {layer.help for layer in window.layers} == {HELP}


def test_clicks_are_listened_to_for_as_long_as_there_is_a_viewer(qtbot, tmp_path):
    host = stream_host(Settings(data_folder=tmp_path / "user"))
    models = [ViewerModel(), ViewerModel()]
    about = {"cellib": {"paths": [], "edge": 1, "source": "plate"}}
    for model in models:
        model.add_image(np.zeros((4, 4)), metadata=about)
        watch_wells(model, host)
    before = host.findChildren(WellClicks)
    kept = models.pop()
    models.clear()
    del model
    gc.collect()
    host.changed.emit()

    left = [one for one in before if one.viewer() is kept]
    qtbot.waitUntil(lambda: host.findChildren(WellClicks) == left, timeout=5000)
    left[0].deleteLater()


@pytest.mark.screen
def test_a_plate_that_napari_opens_answers_to_clicks_too(qtbot, window, plate):
    window.open(str(plate), plugin="napari-cellib")
    qtbot.wait(100)
    double_click(qtbot, window, 0, 0)
    qtbot.waitUntil(lambda: len(window.layers) == 4, timeout=15_000)

    assert window.layers[2].name == "A1 - Screen"


@pytest.mark.screen
@pytest.mark.usefixtures("overview")
def test_the_acquisition_that_is_shown_is_opened(qtbot, window):
    window.dims.set_point(0, 1)
    double_click(qtbot, window, 0, 1)
    qtbot.waitUntil(lambda: len(window.layers) == 4, timeout=15_000)

    assert (finest(window.layers[2]) == field_pixels(11)).all()
