"""What a person sees of a streamed image as a volume."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from tests.widgets.streaming_hands import picture

from napari_cellib._widgets._volume_box import VolumeBox
from napari_cellib.errors import PixelsUnreadable


@pytest.fixture
def in_3d(viewer):
    """Return a function that turns the viewer to 3D, where levels can be chosen."""
    from napari.layers import Image

    if not hasattr(Image, "locked_data_level"):
        pytest.skip("older ones show the coarsest level in 3D and no other")
    return lambda: setattr(viewer.dims, "ndisplay", 3)


def test_in_3d_a_finer_level_is_shown_once_all_of_it_is_here(
    qtbot, viewer, streamed, settled, in_3d
):
    settled()
    box = streamed.findChild(VolumeBox)
    assert box.isHidden()

    in_3d()

    qtbot.waitUntil(box.isVisible, timeout=2000)
    assert box.itemText(0) == "Level 0: 5 × 1024 × 1024, 21 MB"
    assert viewer.layers[0].data_level == 2
    qtbot.waitUntil(lambda: viewer.layers[1].data_level == 0, timeout=15_000)
    for layer in viewer.layers:
        assert np.array_equal(picture(layer), np.asarray(layer.data[0]))
    viewer.dims.ndisplay = 2
    assert box.isHidden()
    assert [layer.locked_data_level for layer in viewer.layers] == [None, None]


def test_the_level_in_3d_can_be_chosen_by_its_size(
    qtbot, viewer, streamed, settled, in_3d
):
    settled()
    in_3d()
    box = streamed.findChild(VolumeBox)
    qtbot.waitUntil(box.isVisible, timeout=2000)

    qtbot.keyClick(box, Qt.Key.Key_Up)

    qtbot.waitUntil(lambda: viewer.layers[1].data_level == 1, timeout=15_000)
    assert [layer.locked_data_level for layer in viewer.layers] == [1, 1]


def test_a_volume_that_has_no_room_is_not_offered(
    qtbot, make_panel, shelf, server, in_3d
):
    panel = make_panel(shelf, memory_bytes=12_000_000)
    with qtbot.waitSignal(panel._opener.opened, timeout=60_000):
        panel.open_place(server.stack)
    in_3d()
    box = panel.findChild(VolumeBox)
    qtbot.waitUntil(box.isVisible, timeout=2000)

    assert box.itemText(0).endswith("21 MB, too large")
    assert not box.model().item(0).isEnabled()
    assert box.model().item(1).isEnabled()


def test_a_level_that_would_fill_all_memory_is_refused_in_words(
    qtbot, viewer, make_panel, shelf, server, in_3d
):
    panel = make_panel(shelf, memory_bytes=2_000_000)
    with qtbot.waitSignal(panel._opener.opened, timeout=60_000):
        panel.open_place(server.stack)
    in_3d()
    layer = viewer.layers[0]

    with pytest.raises(PixelsUnreadable, match="no room in memory"):
        layer.locked_data_level = 0

    layer.locked_data_level = None
    assert picture(layer).shape == (5, 256, 256)
