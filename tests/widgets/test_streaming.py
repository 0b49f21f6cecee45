"""What a person sees of an image whose pixels are still travelling."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from tests.widgets.streaming_hands import button, picture, truth, words

from napari_cellib._widgets._stream_host import stream_of
from napari_cellib.pixels.streaming import travel
from napari_cellib.pixels.streaming.loader import Tier


def is_of_first_plane(path):
    return re.search(r"/c/\d/0/", path) is not None


@pytest.fixture
def held(server):
    """Let the server keep the first plane back until its gate is open."""
    server.is_held = is_of_first_plane
    server.gate.clear()


@pytest.fixture
def broken(server):
    """Let the connection break for each part of the first plane."""
    server.is_broken = is_of_first_plane


@pytest.fixture
def lost(server):
    """Let the first plane be stored nowhere."""
    server.is_lost = is_of_first_plane


def test_every_channel_becomes_a_layer_that_shows_the_true_pixels(
    viewer, streamed, settled
):
    settled()

    assert [layer.name for layer in viewer.layers] == ["actin - stack", "DNA - stack"]
    assert viewer.dims.current_step[0] == 2
    for layer in viewer.layers:
        assert stream_of(layer) is not None
        assert np.array_equal(picture(layer), truth(layer, 2))


def test_a_step_never_waits_for_the_server(viewer, streamed, server, settled):
    settled()
    server.gate.clear()
    begun = time.perf_counter()

    viewer.dims.set_current_step(0, 0)

    assert time.perf_counter() - begun < 0.2
    server.gate.set()
    settled()
    for layer in viewer.layers:
        assert np.array_equal(picture(layer), truth(layer, 0))


def test_a_step_is_told_to_the_loader_before_napari_slices(
    qtbot, viewer, streamed, settled
):
    settled()
    host = streamed._watch._host

    def wanted():
        owners = tuple(host.streams().loader._wants.values())
        return {index[1] for one in owners for _, index in one[Tier.VISIBLE]}

    with viewer.dims.events.blocker_all():  # napari hears nothing of it
        viewer.dims.set_current_step(0, 0)
    host._on_step(SimpleNamespace(source=viewer.dims))
    assert wanted() == {0}
    qtbot.waitUntil(lambda: wanted() == {2}, timeout=5000)  # as that is still shown

    viewer.dims.set_current_step(0, 1)
    settled()
    assert wanted() == {1}
    for layer in viewer.layers:
        assert np.array_equal(picture(layer), truth(layer, 1))


def test_between_the_steps_of_a_scrub_nothing_is_drawn_again(
    qtbot, viewer, streamed, settled, monkeypatch
):
    settled()
    now, drawn = [time.monotonic()], []
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr(travel, "time", clock)
    for plane in (3, 4, 0):
        viewer.dims.set_current_step(0, plane)
    viewer.layers[0].events.set_data.connect(drawn.append)

    qtbot.wait(300)
    meanwhile = len(drawn)
    now[0] += 1
    settled()

    assert not meanwhile
    for layer in viewer.layers:
        assert np.array_equal(picture(layer), truth(layer, 0))


def test_nothing_is_fetched_for_layers_that_are_gone(
    qtbot, viewer, streamed, server, settled
):
    settled()
    server.gate.clear()
    viewer.dims.set_current_step(0, 4)
    viewer.layers.clear()
    qtbot.wait(100)
    asked = len(server.chunks)

    server.gate.set()
    qtbot.wait(300)

    assert len(server.chunks) == asked
    assert not streamed._watch.model.is_shown


def test_a_hidden_layer_fetches_nothing_until_it_is_shown(
    qtbot, viewer, streamed, server, settled
):
    settled()
    hidden = viewer.layers[1]
    hidden.visible = False
    viewer.dims.set_current_step(0, 0)
    settled()

    hidden.visible = True
    settled()

    assert np.array_equal(picture(hidden), truth(hidden, 0))


def test_a_copy_of_a_layer_streams_too(qtbot, viewer, streamed, server, settled):
    from napari.layers._layer_actions import _duplicate_layer

    settled()
    _duplicate_layer(viewer.layers)
    viewer.layers[0].name = "renamed"
    viewer.dims.set_current_step(0, 0)
    settled()

    assert len(viewer.layers) == 3
    assert len({stream_of(layer) for layer in viewer.layers}) == 3
    for layer in viewer.layers:
        assert np.array_equal(picture(layer), truth(layer, 0))


def test_a_layer_that_moves_to_another_viewer_goes_on(
    viewer, streamed, server, settled
):
    from napari.components import ViewerModel

    settled()
    other = ViewerModel()
    streamed._opener.host.attach(other)
    server.gate.clear()
    other.layers.append(viewer.layers.pop(1))
    other.dims.set_current_step(0, 0)
    layer = other.layers[0]

    server.gate.set()

    deadline = time.monotonic() + 10
    while not np.array_equal(picture(layer), truth(layer, 0)):
        assert time.monotonic() < deadline
        settled()


def test_the_strip_says_what_is_seen_and_what_has_come(streamed, strip, settled):
    settled()

    assert strip.isVisible()
    assert words(strip).startswith("1/4 size, level 2 · ")
    assert words(strip).endswith("B loaded")


@pytest.mark.usefixtures("held")
def test_the_strip_says_what_is_still_to_come(
    qtbot, viewer, streamed, strip, server, settled
):
    settled()

    viewer.dims.set_current_step(0, 0)

    qtbot.waitUntil(lambda: "2 parts to come" in words(strip), timeout=3000)
    server.gate.set()
    settled()
    assert "to come" not in words(strip)


def test_there_is_no_strip_without_a_streamed_layer(viewer, streamed, strip, qtbot):
    viewer.layers.clear()

    qtbot.waitUntil(strip.isHidden, timeout=2000)
    viewer.add_image(np.zeros((4, 4)))
    assert strip.isHidden()


@pytest.mark.usefixtures("broken")
def test_a_part_that_cannot_be_loaded_is_said_and_tried_again_by_a_click(
    qtbot, viewer, streamed, strip, server, settled
):
    settled()
    viewer.dims.set_current_step(0, 0)
    retry = button(strip, "Retry")
    qtbot.waitUntil(retry.isVisible, timeout=20_000)
    assert "not loaded" in streamed._watch.model.problem
    server.is_broken = lambda path: False

    qtbot.mouseClick(retry, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(retry.isHidden, timeout=10_000)
    whole = truth(viewer.layers[0], 0)
    qtbot.waitUntil(
        lambda: np.array_equal(picture(viewer.layers[0]), whole), timeout=10_000
    )


@pytest.mark.usefixtures("lost")
def test_parts_that_are_not_stored_are_said(qtbot, viewer, streamed, settled):
    settled()

    viewer.dims.set_current_step(0, 0)

    model = streamed._watch.model
    qtbot.waitUntil(lambda: "chunks absent" in model.notes, timeout=5000)
    assert not model.problem
    settled()
    assert not picture(viewer.layers[1]).any()


def test_one_click_estimates_the_contrast_of_each_channel(
    qtbot, viewer, streamed, strip, settled
):
    settled()
    for layer in viewer.layers:
        layer.contrast_limits = (0, 1)

    with qtbot.waitSignal(streamed._watch.runner.succeeded, timeout=10_000):
        qtbot.mouseClick(button(strip, "Estimate contrast"), Qt.MouseButton.LeftButton)

    for layer in viewer.layers:
        values = np.asarray(layer.data[-1])
        low, high = layer.contrast_limits
        assert values.min() <= low < high <= values.max()
        assert layer.metadata["cellib"]["contrast_estimated"]
    assert streamed._watch.model.notes == "Contrast estimated"


def test_one_click_gives_all_channels_the_same_contrast(
    qtbot, viewer, streamed, strip, settled
):
    settled()
    viewer.layers[0].contrast_limits = (0, 1)

    with qtbot.waitSignal(streamed._watch.runner.succeeded, timeout=10_000):
        qtbot.mouseClick(
            button(strip, "Same for all channels"), Qt.MouseButton.LeftButton
        )

    one, other = (tuple(layer.contrast_limits) for layer in viewer.layers)
    assert one == other != (0, 1)


def test_closing_the_panel_leaves_nothing_that_fetches(
    qtbot, viewer, streamed, server, settled
):
    server.gate.clear()
    viewer.dims.set_current_step(0, 4)
    begun = time.perf_counter()

    streamed._opener.host.close()

    assert time.perf_counter() - begun < 1
