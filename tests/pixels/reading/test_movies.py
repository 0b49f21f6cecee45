from __future__ import annotations

import sys

import numpy as np
import pytest

from napari_cellib.errors import MissingExtra, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels.converting import convert
from napari_cellib.pixels.reading.movies import look_through, open_movie

av = pytest.importorskip("av")


def write_movie(file, frames):
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode())
    return file


@pytest.fixture
def grey():
    """Return ten frames, each a little brighter than the one before."""
    light = np.linspace(20, 200, 10).astype("uint8")
    return np.broadcast_to(light[:, None, None, None], (10, 48, 64, 3)).copy()


@pytest.mark.parametrize("ending", ["mp4", "avi", "mov"])
def test_each_frame_is_one_time(tmp_path, converted, grey, ending):
    image, made = converted(write_movie(tmp_path / f"cell.{ending}", grey))

    pixels = np.asarray(image.levels[0])
    assert (image.axes, pixels.shape, made.kind) == ("tyx", (10, 48, 64), "movie")
    means = pixels.mean((1, 2))
    assert np.abs(means - grey.mean((1, 2, 3))).max() < 6
    assert image.spacing == {}, "the speed of a film is no time of an experiment"


def test_colours_stay_colours(tmp_path, converted, grey):
    grey[..., 1:] = 10

    image, _ = converted(write_movie(tmp_path / "cell.mp4", grey))

    assert (image.axes, image.rgb) == ("tcyx", True)


def test_frames_of_a_movie_that_would_fill_the_drive_are_left_out(tmp_path, grey):
    file = write_movie(tmp_path / "cell.mp4", grey)

    with open_movie(file, drive(look_through(file)), most_bytes=48 * 64 * 4) as image:
        shown = [image.planes[(n,)].mean() for n in range(image.planes.shape[0])]

    assert image.planes.shape == (4, 48, 64)
    assert np.abs(np.array(shown) - grey[::3].mean((1, 2, 3))).max() < 6
    assert "one in 3" in image.warnings[0]


def test_a_damaged_movie_is_refused(tmp_path, grey):
    file = write_movie(tmp_path / "cell.mp4", grey)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])

    with pytest.raises(PixelsUnreadable):
        drive(convert(file, tmp_path / "made", name="x"))


def test_without_the_package_it_is_said_what_to_install(tmp_path, grey, monkeypatch):
    file = write_movie(tmp_path / "cell.mp4", grey)
    monkeypatch.setitem(sys.modules, "av", None)

    with pytest.raises(MissingExtra, match=r"napari-cellib\[movies\]"):
        drive(convert(file, tmp_path / "made", name="x"))
