"""From an image's page to images like it, and to both side by side, in one window."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from tests.compare.alike import STEP_UM, alike_records

from napari_cellib._widgets._depositions_door import (
    COMPARE,
    SIMILAR,
    show_panel,
    show_similar_to_active,
)
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary

WAIT_MS = 20_000


@pytest.fixture
def alike_library(own_data_folder, tmp_path):
    folder = own_data_folder / "libraries" / "demo"
    library = EmbeddedLibrary.create(folder, id="demo", name="Demo library")
    for record in alike_records(tmp_path):
        name = f"{record.id}.zarr"
        shutil.copytree(tmp_path / name, library.blob_folder(record.id) / name)
        (pixels,) = record.representations
        there = pixels.model_copy(update={"url": library.blob_url(record.id, name)})
        library.add(record.model_copy(update={"representations": (there,)}))
    drive(library.update_index())
    library.close()


@pytest.mark.slow
@pytest.mark.usefixtures("alike_library")
def test_from_the_page_of_an_image_two_clicks_lead_to_a_comparison(
    qtbot, make_napari_viewer
):
    viewer = make_napari_viewer()
    _, search = viewer.window.add_plugin_dock_widget(
        "napari-cellib", "Cell Image Library"
    )
    qtbot.waitUntil(lambda: len(search._model.cards) == 3, timeout=WAIT_MS)
    search.show_page(next(c for c in search._model.cards if c.record == "CLB1"))
    qtbot.waitUntil(
        lambda: search._pages.currentWidget() is search._record, timeout=WAIT_MS
    )

    search._record._like.click()  # the window is not drawn, so it has no place
    similar = show_panel(viewer, SIMILAR)
    qtbot.waitUntil(lambda: len(similar._model.cards) == 2, timeout=WAIT_MS)
    assert similar._model.cards[0].title == "1. Disks, too"

    similar._compare.click()
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=WAIT_MS)
    compare = show_panel(viewer, COMPARE)
    qtbot.waitUntil(lambda: len(compare._model.pictures) == 2, timeout=WAIT_MS)
    assert compare._model.chosen == ("Disks", "Disks, too")

    viewer.layers.selection.active = viewer.layers["Disks, too"]
    show_similar_to_active(viewer)
    qtbot.waitUntil(
        lambda: [card.title for card in similar._model.cards][:1] == ["1. Disks"],
        timeout=WAIT_MS,
    )

    square = np.array([(2, 2), (2, 20), (20, 20), (20, 2)]) * STEP_UM
    viewer.add_shapes([square], shape_type="rectangle", units=("um", "um"))
    similar._model.meant = similar._model.parts[0].key
    similar._compare.click()
    shown = ("Disks, too", "Disks")
    qtbot.waitUntil(lambda: compare._model.chosen == shown, timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: [p.grey.shape for p in compare._model.pictures][:1] == [(19, 19)],
        timeout=WAIT_MS,
    )
