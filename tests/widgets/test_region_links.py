"""A link to a region leads to it, in the panel that annotates."""

from __future__ import annotations

import pytest

from napari_cellib.model import Region, Statements

ADDRESS = "cellib://demo/CLB000001X"
REGION = "0123456789abcdef"


@pytest.fixture
def demo_library(library_with_a_stack):
    region = Region(
        id=REGION,
        shape="rectangle",
        axes=("z", "y", "x"),
        points=((2, 10, 10), (2, 10, 20), (2, 20, 20), (2, 20, 10)),
    )
    said = Statements(regions=(region,))
    return library_with_a_stack("demo", "Demo library", said=said)


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
