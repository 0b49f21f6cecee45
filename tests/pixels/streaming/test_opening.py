import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples, open_for_viewing
from napari_cellib.pixels.streaming import StreamedLevel


@pytest.fixture
def open_streamed(streams):
    def open_now(where, **options):
        return drive(open_for_viewing(where, streams=streams, eager_bytes=0, **options))

    return open_now


def test_layers_of_a_streamed_image_have_the_pixels_of_the_store(
    open_streamed, streams, server, stored, pixels, idle
):
    image = open_streamed(f"{server.url}/{stored.name}")
    layers = layer_tuples(image)

    assert [kind for _, _, kind in layers] == ["image", "image", "labels"]
    for number, (levels, _, _) in enumerate(layers[:2]):
        assert all(isinstance(level, StreamedLevel) for level in levels)
        levels[0][1, 50:500].preview()
        idle(streams)
        assert (levels[0][1, 50:500].preview() == pixels[number, 1, 50:500]).all()
        assert (np.asarray(levels[0]) == pixels[number]).all()


def test_contrast_limits_are_the_same_as_without_streaming(
    open_streamed, server, stored, pixels
):
    where = f"{server.url}/{stored.name}"
    streamed = open_streamed(where)
    plain = drive(open_for_viewing(where, eager_bytes=0))

    assert [c.window for c in streamed.channels] == [c.window for c in plain.channels]


def test_no_pixel_is_waited_for_where_contrast_limits_are_known(
    open_streamed, server, stored
):
    server.requests.clear()
    image = open_streamed(f"{server.url}/{stored.name}", has_windows=True)

    assert not any("/c/" in path for path in server.requests)
    assert len(layer_tuples(image)) == 3


def test_the_coarsest_level_is_on_its_way_before_a_layer_is_made(
    open_streamed, streams, server, stored, idle
):
    image = open_streamed(f"{server.url}/{stored.name}", has_windows=True)
    server.requests.clear()
    layers = layer_tuples(image)
    idle(streams)

    asked = sorted(path for path in server.requests if "labels" not in path)
    assert asked == [f"/{stored.name}/2/c/{c}/1/0/0" for c in (0, 1)]
    del layers


def test_a_small_image_is_read_whole(streams, stored, server):
    local = drive(open_for_viewing(stored, streams=streams))
    remote = drive(open_for_viewing(f"{server.url}/{stored.name}", streams=streams))

    assert isinstance(local.levels[0], np.ndarray)
    assert isinstance(remote.levels[0], StreamedLevel)
