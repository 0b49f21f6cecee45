"""Images that lie on an archive's server as files: seen, opened, waited for."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image
from qtpy.QtCore import Qt

from napari_cellib.model import Dimensions, Representation
from napari_cellib.testing import ShelfLibrary, a_record

LEFT = Qt.MouseButton.LeftButton


def picture(color):
    buffer = BytesIO()
    Image.new("RGB", (150, 100), color).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def large_tiff():
    """Return 8 MB that hardly can be packed."""
    planes = np.random.default_rng(6).integers(0, 4000, (2, 1400, 1400), "uint16")
    buffer = BytesIO()
    metadata = {"axes": "CYX", "Channel": {"Name": ["Arf1", "Src"]}}
    tifffile.imwrite(buffer, planes, ome=True, metadata=metadata)
    return buffer.getvalue()


@pytest.fixture
def shelf(archive, large_tiff):
    """Return a library of three images of one group, as archives have them."""
    records = []
    for number, color in ((7, "red"), (8, "green"), (9, "blue")):
        base = f"/media/images/{number}/{number}"
        small = f"/media/thumbnail_display/{number}/{number}_thumbnailx220.jpg"
        archive.files |= {
            f"{base}.tif": large_tiff,
            f"{base}.jpg": picture(color),
            small: picture(color),
        }
        files = [
            ("preview", "jpeg", f"{base}.jpg", 1000),
            ("interchange", "ome-tiff", f"{base}.tif", len(large_tiff)),
            ("thumbnail", "jpeg", small, None),
            ("original", "zip", f"{base}.zip", 9000),
        ]
        records.append(
            a_record(
                f"CIL:{number}",
                f"Cell {number}",
                group="6490",
                dimensions=Dimensions(
                    sizes={"y": 1400, "x": 1400}, spacing_um={"y": 0.1, "x": 0.1}
                ),
                representations=tuple(
                    Representation(
                        role=role, format=form, url=archive.url + path, size_bytes=size
                    )
                    for role, form, path, size in files
                ),
            )
        )
    return ShelfLibrary(records)


@pytest.fixture
def bars(panel):
    """Return the bars of small and of large files."""
    openers = (panel._opener, panel._large_opener)
    return tuple(panel._bars[opener.runner] for opener in openers)


def test_the_cards_show_the_pictures_of_the_archive(qtbot, panel):
    def colors():
        images = [panel._thumbnails.get(card) for card in panel._model.cards]
        return {image and image.pixelColor(9, 9).getRgb()[:3] for image in images}

    qtbot.waitUntil(lambda: None not in colors(), timeout=5000)
    assert len(colors()) == 3


def test_the_page_says_what_each_way_to_open_costs(steps, panel):
    panel.resize(500, 640)
    steps.show_record(panel)
    page = panel._record

    assert page._open.text() == "Open · 7.8 MB OME-TIFF"
    assert page._preview.text() == "Preview · 1.0 kB"
    assert [action.text() for action in page._menu.actions()] == [
        "Original · 9.0 kB zip · 7.zip"
    ]
    assert page._siblings._words.text() == "3 images of this group"


def test_the_server_is_asked_for_a_size_that_the_record_does_not_say(
    steps, qtbot, make_panel, archive
):
    archive.files["/media/videos/5/5_web.mp4"] = bytes(7_000_000)
    movie = Representation(
        role="movie", format="mp4", url=f"{archive.url}/media/videos/5/5_web.mp4"
    )
    library = ShelfLibrary([a_record("CIL:5", representations=(movie,))])
    panel = make_panel(library)
    panel.resize(500, 640)

    steps.show_record(panel)

    page = panel._record
    qtbot.waitUntil(lambda: page._open.text() == "Open · 7.0 MB MP4 movie")


def test_the_page_is_as_narrow_as_the_panel(steps, qtbot, panel):
    steps.show_record(panel)

    panel.resize(300, 640)
    qtbot.waitUntil(lambda: panel.width() == 300)

    page = panel._record
    assert page._open.text() in {"Open · 7.8 MB", "Open"}
    assert "7.8 MB OME-TIFF" in page._open.accessibleName()


def test_a_small_picture_is_there_while_a_large_file_still_comes(
    steps, qtbot, panel, viewer, archive, bars
):
    archive.speed = 1_000_000
    steps.show_record(panel)
    _, large = bars

    qtbot.mouseClick(panel._record._open, LEFT)
    qtbot.waitUntil(lambda: "Downloading 7.tif" in large._words.text(), timeout=5000)
    qtbot.mouseClick(panel._record._preview, LEFT)

    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=5000)
    assert panel._large_opener.runner.is_running
    assert "of 7.8 MB" in large._words.text()
    assert large.isVisible()
    archive.speed = 0
    qtbot.waitUntil(lambda: len(viewer.layers) == 3, timeout=20000)
    layer = viewer.layers[-1]
    assert layer.name == "Src - Cell 7"
    assert tuple(layer.scale) == (0.1, 0.1)
    assert layer.metadata["cellib"]["address"] == "cellib://shelf/CIL:7"


def test_large_files_come_one_after_the_other(qtbot, panel, viewer, archive, bars):
    archive.speed = 2_000_000
    _, large = bars

    for card in panel._model.cards[:2]:
        panel._open_card(card)

    qtbot.waitUntil(lambda: large._words.text().endswith("· 1 more waiting"))
    archive.speed = 0
    qtbot.waitUntil(lambda: len(viewer.layers) == 4, timeout=20000)
    assert [layer.name[-6:] for layer in viewer.layers] == ["Cell 7"] * 2 + [
        "Cell 8"
    ] * 2


def test_what_waits_is_opened_when_the_one_before_is_cancelled(
    qtbot, panel, viewer, archive, bars
):
    archive.speed = 500_000
    _, large = bars
    for card in panel._model.cards[:2]:
        panel._open_card(card)
    qtbot.waitUntil(lambda: "7.tif" in large._words.text(), timeout=5000)

    qtbot.mouseClick(large._button, LEFT)

    qtbot.waitUntil(lambda: "8.tif" in large._words.text(), timeout=5000)
    archive.speed = 0
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=20000)
    assert {layer.name[-6:] for layer in viewer.layers} == {"Cell 8"}


def test_what_went_wrong_is_not_hidden_by_what_follows(
    qtbot, panel, viewer, archive, bars
):
    archive.files["/media/images/7/7.tif"] = b"<!DOCTYPE html><title>Sorry</title>"
    archive.latency_s = 0.2
    for card in panel._model.cards[:2]:
        panel._open_card(card)

    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=20000)

    _, large = bars
    qtbot.waitUntil(lambda: "web page and no image" in large._words.text())
    assert large.isVisible()


def test_the_window_lives_while_a_large_file_comes_and_is_made_ready(
    qtbot, panel, viewer, archive, bars, heartbeat
):
    archive.speed = 10_000_000
    panel._opener.warm_up()
    qtbot.waitUntil(lambda: not panel._opener._warmer.is_running, timeout=20000)
    qtbot.wait(100)
    labels = set()
    panel._large_opener.runner.progressed.connect(lambda p: labels.add(p.label))
    heartbeat.restart()

    panel._open_card(panel._model.cards[0])
    qtbot.waitUntil(
        lambda: "Preparing the layers" in labels or len(viewer.layers) == 2,
        timeout=20000,
    )

    assert "Making it ready, this first time" in labels
    assert heartbeat.longest < 0.2, "what napari needs for layers comes after"
