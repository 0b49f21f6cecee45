import io

import numpy as np
import pytest
from PIL import Image

from napari_cellib.jobs import drive
from napari_cellib.model import Channel, Window
from napari_cellib.pixels import load_whole, thumbnail, write_image

FULL = Window(start=0, end=255)


@pytest.fixture
def picture(tmp_path, opened):
    def draw(data, axes, size=220, **options):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        drive(write_image(folder, data, axes=axes, **options))
        return np.asarray(Image.open(io.BytesIO(thumbnail(opened(folder), size))))

    return draw


def test_the_longest_side_has_the_size_asked_for(picture):
    data = np.zeros((300, 900), "uint8")

    assert picture(data, "yx").shape == (73, 220, 3)


def test_nothing_is_enlarged(picture):
    assert picture(np.zeros((9, 12), "uint8"), "yx").shape == (9, 12, 3)


def test_channels_add_up_in_their_colours(picture):
    data = np.zeros((2, 10, 10), "uint8")
    data[0, :5] = 255
    data[1, :, :5] = 255
    channels = [Channel(color=c, window=FULL) for c in ("FF0000", "0000FF")]
    drawn = picture(data, "cyx", channels=channels)

    assert drawn[0, 0].tolist() == [255, 0, 255]
    assert drawn[0, 9].tolist() == [255, 0, 0]
    assert drawn[9, 9].tolist() == [0, 0, 0]


def test_the_window_sets_the_brightness(picture):
    window = Window(start=1000, end=3000)
    data = np.full((4, 4), 2000, "uint16")

    assert picture(data, "yx", channels=[Channel(window=window)])[0, 0, 0] == 128


def test_the_middle_plane_at_the_middle_time_is_shown(picture):
    data = np.zeros((3, 5, 4, 4), "uint8")
    data[1, 2] = 255
    drawn = picture(data, "tzyx", channels=[Channel(window=FULL)])

    assert drawn.min() == 255


def test_rgb_pictures_keep_their_colours(picture):
    data = np.zeros((3, 6, 6), "uint8")
    data[:, :3] = np.array([200, 100, 50])[:, None, None]

    assert picture(data, "cyx", rgb=True)[0, 0].tolist() == [200, 100, 50]


def test_the_coarsest_level_that_is_large_enough_is_read(server, stored, opened):
    image = opened(f"{server.url}/{stored.name}")
    server.requests.clear()
    thumbnail(image, size=220)

    assert server.requests
    assert all("/1/c/" in request for request in server.requests)
    assert all(request.split("/c/")[1][2] == "1" for request in server.requests)


def test_a_label_image_shows_each_object_in_a_colour(stored, opened):
    image = drive(load_whole(opened(stored / "labels" / "nuclei")))
    drawn = np.asarray(Image.open(io.BytesIO(thumbnail(image))))

    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) == 2
    assert drawn[0, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_do_not_spoil_the_picture(picture, value):
    data = np.zeros((4, 4), "float32")
    data[0, 0] = value
    data[3, 3] = 1

    assert picture(data, "yx")[3, 3, 0] == 255
