"""A link to a region leads to it, in the panel that annotates."""

from __future__ import annotations

import shutil

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Region, Representation, Statements
from napari_cellib.testing import a_record

ADDRESS = "cellib://demo/CLB000001X"
REGION = "0123456789abcdef"


@pytest.fixture
def demo_library(own_data_folder, zarr_folder):
    folder = own_data_folder / "libraries" / "demo"
    library = EmbeddedLibrary.create(folder, id="demo", name="Demo library")
    name = "pyramid.ome.zarr"
    shutil.copytree(zarr_folder, library.blob_folder("CLB000001X") / name)
    url = library.blob_url("CLB000001X", name)
    pixels = Representation(role="pyramid", url=url, size_bytes=1000)
    library.add(a_record("CLB000001X", "Three planes", representations=(pixels,)))
    region = Region(
        id=REGION,
        shape="rectangle",
        axes=("z", "y", "x"),
        points=((2, 10, 10), (2, 10, 20), (2, 20, 20), (2, 20, 10)),
    )
    library.annotate("CLB000001X", Statements(regions=(region,)))
    drive(library.update_index())
    library.close()
    return folder


@pytest.mark.usefixtures("demo_library")
def test_a_link_to_a_region_shows_it_in_the_panel_that_annotates(
    qtbot, make_napari_viewer
):
    viewer = make_napari_viewer()
    _, panel = viewer.window.add_plugin_dock_widget(
        "napari-cellib", "Cell Image Library"
    )
    qtbot.waitUntil(lambda: bool(panel._model.cards), timeout=10_000)

    panel.open_place(f"{ADDRESS}#{REGION}")

    qtbot.waitUntil(lambda: "Regions" in viewer.layers, timeout=10_000)
    qtbot.waitUntil(lambda: viewer.dims.point[0] == 2.0, timeout=5000)
    assert viewer.layers["Regions"].selected_data == {0}
