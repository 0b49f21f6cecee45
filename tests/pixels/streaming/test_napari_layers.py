"""Layers of napari itself, without a window, show the pixels of the store."""

import time

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_cellib.pixels.streaming import for_layer


class Show:
    """A viewer whose layers slice again when their stream can show more."""

    def __init__(self, streams):
        self.viewer = ViewerModel()
        self._streams = streams
        self._touched = set()
        streams.listen(self._touched.add)

    def add(self, layer):
        self.viewer.add_layer(layer)
        return layer

    def look(self, layer, scale, corners):
        """Move the camera, as the canvas would tell the layer."""
        layer._update_draw(
            scale_factor=scale,
            corner_pixels_displayed=np.array(corners),
            shape_threshold=(200, 200),
        )

    def settle(self, patience_s=10.0):
        deadline = time.monotonic() + patience_s
        # In this order: the last chunk touches, and then there is nothing to do.
        while not self._streams.is_idle() or self._touched:
            assert time.monotonic() < deadline, "still loading"
            while self._touched:
                stream = self._touched.pop()
                for layer in self.viewer.layers:
                    level = layer.data[0] if layer.multiscale else layer.data
                    if level.stream is stream:
                        layer.refresh(extent=False)
            time.sleep(0.002)


def seen(layer):
    return layer._slice.image.raw


def tile(layer, level):
    """Return what of a level the layer shows."""
    (y0, x0), (y1, x1) = layer.corner_pixels[:, -2:]
    return level[..., y0 : y1 + 1, x0 : x1 + 1]


@pytest.fixture
def show(streams):
    return Show(streams)


@pytest.mark.parametrize("latency_s", [0.0, 0.02])
def test_a_picture_of_two_axes_is_right_at_each_level(
    show, streams, pyramid, latency_s
):
    sources = pyramid((1000, 900), (128, 128), 3, latency_s=latency_s)
    levels = list(streams.stream(sources, "yx"))
    layer = show.add(Image(levels, multiscale=True, contrast_limits=(0, 60_000)))
    show.settle()
    assert (seen(layer) == tile(layer, sources[layer.data_level].pixels)).all()

    for scale, corners in [
        (0.2, [[0, 0], [999, 899]]),
        (1.0, [[300, 300], [500, 500]]),
        (1.0, [[600, 500], [800, 700]]),
        (0.2, [[0, 0], [999, 899]]),
    ]:
        show.look(layer, scale, corners)
        show.settle()
        true = sources[layer.data_level].pixels
        assert (seen(layer) == tile(layer, true)).all()
        thumbnail = layer._slice.thumbnail.raw
        assert (thumbnail == sources[2].pixels).all()


def test_a_stack_is_right_after_each_step(show, streams, pyramid):
    sources = pyramid((9, 600, 500), (1, 128, 128), 3, latency_s=0.005)
    levels = list(streams.stream(sources, "zyx"))
    layer = show.add(Image(levels, multiscale=True, contrast_limits=(0, 60_000)))
    for z in (4, 5, 6, 2, 0, 8):
        show.viewer.dims.set_point(0, z)
        show.look(layer, 1.0, [[100, 100], [280, 280]])
        show.settle()
        assert layer.data_level == 0
        assert (seen(layer) == tile(layer, sources[0].pixels[z])).all()

    show.viewer.dims.ndisplay = 3
    show.settle()
    assert (seen(layer) == sources[2].pixels).all()


def test_one_level_without_others_is_right(show, streams, pyramid):
    source = pyramid((5, 300, 260), (1, 100, 100), 1, latency_s=0.01)[0]
    (level,) = streams.stream([source], "zyx")
    layer = show.add(Image(level, multiscale=False, contrast_limits=(0, 60_000)))
    show.settle()
    for z in (2, 3):
        show.viewer.dims.set_point(0, z)
        show.settle()
        assert (seen(layer) == source.pixels[z]).all()


def test_labels_are_right_and_never_others(show, streams, pyramid):
    sources = pyramid((4, 400, 300), (1, 128, 128), 3, latency_s=0.005)
    for source in sources:
        source.pixels = source.pixels % 7 * 1000
    levels = list(streams.stream(sources, "zyx"))
    layer = show.add(Labels(levels, multiscale=True))
    for z in (1, 3):
        show.viewer.dims.set_point(0, z)
        show.look(layer, 1.0, [[0, 0], [190, 190]])
        assert set(np.unique(seen(layer))) <= {n * 1000 for n in range(7)}
        show.settle()
        assert (seen(layer) == tile(layer, sources[0].pixels[z])).all()


def test_labels_that_are_true_or_false_are_right(show, streams, pyramid):
    source = pyramid((300, 260), (100, 100), 1)[0]
    source.pixels = source.pixels % 2 == 0
    source.dtype = source.pixels.dtype
    (level,) = streams.levels([source])
    (level,) = for_layer([level.astype("uint8")])
    layer = show.add(Labels(level, multiscale=False))
    show.settle()
    assert (seen(layer) == source.pixels).all()


def test_natural_colours_are_right(show, streams, pyramid):
    sources = pyramid((3, 500, 400), (1, 128, 128), 3, latency_s=0.005)
    for source in sources:
        source.pixels = (source.pixels % 256).astype("uint8")
        source.dtype = source.pixels.dtype
    turned = [level.transpose((1, 2, 0)) for level in streams.levels(sources)]
    levels = list(for_layer(turned, rgb=True))
    layer = show.add(Image(levels, multiscale=True, rgb=True))
    show.settle()
    assert (seen(layer) == sources[2].pixels.transpose(1, 2, 0)).all()

    show.look(layer, 1.0, [[100, 100], [250, 250]])
    show.settle()
    (y0, x0), (y1, x1) = layer.corner_pixels
    true = sources[layer.data_level].pixels.transpose(1, 2, 0)
    assert (seen(layer) == true[y0 : y1 + 1, x0 : x1 + 1]).all()


def test_a_thick_slice_is_made_of_true_pixels(show, streams, pyramid):
    source = pyramid((9, 100, 90), (1, 64, 64), 1, latency_s=0.005)[0]
    (level,) = streams.stream([source], "zyx")
    layer = show.add(Image(level, multiscale=False, contrast_limits=(0, 60_000)))
    layer.projection_mode = "max"
    show.viewer.dims.set_point(0, 3)
    show.viewer.dims.thickness = (4, 0, 0)
    show.settle()
    assert (seen(layer) == source.pixels[1:6].max(0)).all()
