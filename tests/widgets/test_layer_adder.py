from __future__ import annotations

import time

import numpy as np
import pytest
from qtpy.QtCore import QObject

from napari_cellib._widgets._layer_adder import LayerAdder
from napari_cellib._widgets._stream_host import stream_host
from napari_cellib.settings import Settings


@pytest.fixture
def slow_viewer():
    """Return a viewer that takes its time for each layer, as one with a window."""
    from napari.components import ViewerModel

    class SlowViewer(ViewerModel):
        def add_layer(self, layer):
            time.sleep(0.15)
            return super().add_layer(layer)

    return SlowViewer()


@pytest.fixture
def adder(qapp, slow_viewer, tmp_path):
    parent = QObject()
    host = stream_host(Settings(data_folder=tmp_path))
    yield LayerAdder(slow_viewer, host, parent)
    parent.deleteLater()


def pictures(*names):
    from napari.layers import Image

    return [Image(np.zeros((2, 2)), name=name) for name in names]


def test_the_window_lives_between_the_layers_of_an_image(
    qtbot, adder, slow_viewer, heartbeat
):
    layers = pictures(*"abcdefgh")
    heartbeat.restart()

    with qtbot.waitSignal(adder.added, timeout=10_000) as added:
        adder.add(layers)

    assert added.args == [layers]
    assert list(slow_viewer.layers) == layers
    assert heartbeat.longest < 0.15 * len(layers) * 0.8


def test_the_layers_of_the_next_image_follow_those_of_the_one_before(
    qtbot, adder, slow_viewer
):
    one, other = pictures(*"abcdef"), pictures(*"xy")

    with qtbot.waitSignals([adder.added, adder.added], timeout=10_000):
        adder.add(one)
        adder.add(other)

    assert list(slow_viewer.layers) == one + other
    assert slow_viewer.layers.selection.active is other[-1]


def test_names_come_after_the_pictures_have_been_drawn(qtbot, adder, slow_viewer):
    from napari.layers import Points

    layers = [*pictures("a", "b"), Points(np.zeros((1, 2)), name="names")]

    with qtbot.waitSignal(adder.added, timeout=10_000) as added:
        adder.add(layers)
        at_once = list(slow_viewer.layers)

    assert at_once == layers[:2]
    assert list(slow_viewer.layers) == added.args[0] == layers
    assert slow_viewer.layers.selection.active is layers[-1]
