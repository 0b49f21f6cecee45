"""What goes wrong while an image streams from a server, and what is then shown."""

import threading
import time

import numpy as np
import pytest
import zarr

from napari_cellib.errors import PixelsUnreachable, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples, open_for_viewing
from napari_cellib.pixels.streaming import Streams, absent_chunk
from napari_cellib.pixels.streaming.sources import is_absent

PLANE = (1, slice(0, 600), slice(0, 500))
# The chunk of the finest level that all of these tests are about.
BROKEN = "/0/c/0/1/0/0"


@pytest.fixture
def show(streams, server, stored):
    """Open the image over HTTP and return the levels of its first channel."""

    def open_now(timeout_s=5.0):
        where = f"{server.url}/{stored.name}"
        image = drive(
            open_for_viewing(
                where, streams=streams, timeout_s=timeout_s, has_windows=True
            )
        )
        shown = layer_tuples(image)
        show.kept = shown  # else nobody would want the chunks
        levels = shown[0][0]
        levels[0].stream.begin()
        return levels

    return open_now


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (403, PixelsUnreachable, "403"),
        (429, PixelsUnreachable, "429"),
        (500, PixelsUnreachable, "500"),
        ("cut", PixelsUnreachable, "broke off"),
        (b"", PixelsUnreadable, "level 0, chunk"),
        (b"no chunk at all", PixelsUnreadable, "level 0, chunk"),
        (b"(\xb5/\xfd\x04\x00", PixelsUnreadable, "level 0, chunk"),
    ],
)
def test_a_chunk_that_cannot_be_had_is_told_and_its_place_stays_coarse(
    show, streams, server, pixels, idle, fault, kind, words
):
    levels = show()
    server.faults = {BROKEN: fault}
    stream = levels[0].stream
    levels[0][PLANE].preview()
    deadline = time.monotonic() + 10
    while not stream.status.errors or stream.status.waiting:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    idle(streams)
    picture = levels[0][PLANE].preview()
    (error,) = stream.status.errors

    assert isinstance(error, kind)
    assert words in str(error)
    edge = levels[0].chunks[-2]
    assert (picture[edge:] == pixels[0, 1, edge:]).all()
    assert picture[:edge].any()  # of a coarser level, not black
    with pytest.raises(kind):
        np.asarray(levels[0][PLANE])

    server.faults.clear()
    streams.retry()
    idle(streams)
    assert (levels[0][PLANE].preview() == pixels[0, 1]).all()


def test_a_chunk_that_the_server_does_not_have_is_absent_and_counted(
    show, streams, server, pixels, idle
):
    levels = show()
    server.faults = {BROKEN: 404}
    levels[0][PLANE].preview()
    idle(streams)
    picture = levels[0][PLANE].preview()
    status = levels[0].stream.status

    edge = levels[0].chunks[-2]
    assert not picture[:edge].any()
    assert (picture[edge:] == pixels[0, 1, edge:]).all()
    assert status.absent == ("level 0: 1 of 2 chunks absent",)
    assert not status.errors


def test_a_chunk_that_hangs_holds_up_no_other(show, streams, server, pixels):
    levels = show(timeout_s=30)
    server.faults = {BROKEN: "hang"}
    levels[0][PLANE].preview()
    edge = levels[0].chunks[-2]
    deadline = time.monotonic() + 5
    while levels[0].stream.status.waiting > 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert (levels[0][PLANE].preview()[edge:] == pixels[0, 1, edge:]).all()

    started = time.monotonic()
    streams.close()
    assert time.monotonic() - started < 1
    assert not any(t.name.startswith("cellib-") for t in threading.enumerate())


def test_a_server_that_answers_late_is_told_and_asked_again(
    show, streams, server, pixels, idle
):
    levels = show(timeout_s=0.3)
    server.faults = {BROKEN: "hang"}
    levels[0][PLANE].preview()
    deadline = time.monotonic() + 10
    while not (errors := levels[0].stream.status.errors):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert isinstance(errors[0], PixelsUnreachable)

    server.faults.clear()
    while levels[0].stream.status.errors or levels[0].stream.status.waiting:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert (levels[0][PLANE].preview() == pixels[0, 1]).all()


def test_a_store_that_changes_while_it_is_open_shows_what_it_has(
    show, streams, server, stored, pixels, idle
):
    levels = show()
    zarr.open_array(str(stored / "0"))[0, 2] = 5
    levels[0][PLANE].preview()
    idle(streams)
    assert (levels[0][PLANE].preview() == pixels[0, 1]).all()
    levels[0][2].preview()
    idle(streams)
    assert (levels[0][2].preview() == 5).all()


def test_an_image_that_is_opened_again_is_looked_at_afresh(show, idle, streams, stored):
    first = show()
    first[0][PLANE].preview()
    idle(streams)
    zarr.open_array(str(stored / "0"))[0, 1] = 5
    again = show()
    again[0][PLANE].preview()
    idle(streams)
    assert (again[0][PLANE].preview() == 5).all()


def test_chunks_of_gigabytes_are_refused_in_words(tmp_path, streams, idle):
    side = 2**15 + 2**14
    folder = tmp_path / "vast.zarr"
    group = zarr.open_group(str(folder), mode="w", zarr_format=3)
    levels = []
    for number, edge in enumerate((side, 100)):
        shape = (edge, edge)
        group.create_array(str(number), shape=shape, chunks=shape, dtype="uint16")
        scale = [{"type": "scale", "scale": [side / edge] * 2}]
        levels.append({"path": str(number), "coordinateTransformations": scale})
    axes = [{"name": axis, "type": "space"} for axis in "yx"]
    image = {"axes": axes, "datasets": levels}
    group.attrs["ome"] = {"version": "0.5", "multiscales": [image]}
    opened = drive(open_for_viewing(folder, streams=streams))
    ((data, _, _),) = layer_tuples(opened)
    data[0][:100, :100].preview()
    idle(streams)

    (error,) = data[0].stream.status.errors
    assert "4,832 MB" in str(error)


def test_thirty_layers_stay_within_the_memory_they_may_take(pyramid, idle):
    random = np.random.default_rng(0)
    budget = 40 * 64 * 64 * 2
    with Streams(memory_bytes=budget, ahead_bytes=budget // 8) as streams:
        sources = [pyramid((8, 256, 256), count=3) for _ in range(30)]
        layers = [streams.stream(levels, "zyx") for levels in sources]
        for _ in range(5):
            for levels in layers:
                z, y, x = random.integers(0, (8, 128, 128))
                levels[0][z, y : y + 128, x : x + 128].preview()
                levels[2][z].preview()
                assert streams.cache.nbytes <= budget
            idle(streams)
            assert streams.cache.nbytes <= budget


def test_a_view_larger_than_memory_settles(pyramid, idle):
    """Its middle is sharp, the rest coarse, and nothing is fetched again and again."""
    sources = pyramid((1, 512, 512), (1, 64, 64), 3, asked=(asked := []))
    with Streams(memory_bytes=30 * 64 * 64 * 2) as streams:
        levels = streams.stream(sources, "zyx")
        for _ in range(4):
            levels[0][0].preview()
            levels[2][0].preview()
            idle(streams)
        asked.clear()
        for _ in range(4):
            picture = levels[0][0].preview()
            levels[2][0].preview()
            idle(streams)

        assert not asked
        true = sources[0].pixels[0]
        assert (picture[192:320, 192:320] == true[192:320, 192:320]).all()
        assert (picture[::4, ::4] != 0).all()
        assert (picture != true).any()


def test_closing_in_the_middle_of_loading_leaves_no_thread(pyramid):
    sources = pyramid((5, 600, 600), latency_s=0.05)
    streams = Streams()
    layers = [streams.stream(sources, "zyx") for _ in range(5)]
    for levels in layers:
        levels[0][2].preview()
    time.sleep(0.03)
    started = time.monotonic()
    streams.close()

    assert time.monotonic() - started < 1
    assert not any(t.name.startswith("cellib-") for t in threading.enumerate())
    assert layers[0][0][2].preview().shape == (600, 600)


def test_what_is_absent_is_known_by_its_memory():
    assert is_absent(absent_chunk((3, 4), np.dtype("uint8"), 7))
    assert not is_absent(np.zeros((1, 1)))
