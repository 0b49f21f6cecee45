from contextlib import closing

import numpy as np
from tests.pixels.plates import mosaic, wait_for, well_pixels

from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples
from napari_cellib.pixels.streaming import Streams
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.first_view import Canvas, Screen
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.opening import open_place


def test_a_streamed_plate_names_the_wells_that_are_not_there(
    make_plate, server, opened
):
    folder = make_plate(without=("A/2", "B/3"))
    image = opened(f"{server.url}/{folder.name}")
    with Streams() as streams:
        levels = streams.stream(image.sources, image.axes, channel=0)
        levels[0].preview()
        wait_for(streams)
        absent = levels[0].stream.status.absent

    assert absent == ("2 of 6 wells absent, shown black: A2, B3",)


def test_a_plate_streams_from_a_server(make_plate, server):
    folder = make_plate(rows="ABCD", columns="123456")
    canvas = Canvas(600, 800)
    with Streams() as streams:
        screen = Screen(lambda: streams, canvas)
        settings = Settings.load()
        with closing(Libraries(settings)) as libraries:
            place = f"{server.url}/{folder.name}"
            layers = drive(open_place(libraries, place, screen))
        pixels = np.stack(
            [np.asarray(data[0]) for data, _, kind in layers if kind == "image"]
        )
        wait_for(streams)

    assert (pixels == mosaic(4, 6)).all()
    assert layers[-1][2] == "points"


def test_several_acquisitions_are_told_apart_by_a_slider(make_plate, server, opened):
    folder = make_plate(fields=("0", "1", "2"), acquisitions=(0, 0, 24))
    for place in (folder, f"{server.url}/{folder.name}"):
        image = opened(place)

        assert image.axes == "acyx"
        assert image.axis_names[0] == "acquisition"
        assert image.shape == (2, 2, 32, 72)
        pixels = np.asarray(image.levels[0])
        assert (pixels[0] == mosaic(2, 3)).all()
        assert (pixels[1, :, 16:, 48:] == well_pixels(205)).all()
        assert "0 is 0 hours, 1 is 24 hours" in image.warnings[0]

    *layers, (_, names, _) = layer_tuples(image)
    assert layers[0][1]["axis_labels"] == ("acquisition", "y", "x")
    assert names["metadata"]["cellib"]["acquisitions"][1][4] == "B/2/2"


def test_what_is_absent_is_said_of_its_acquisition(make_plate, opened):
    folder = make_plate(fields=("0", "1"), acquisitions=(0, 24), without=("A/2",))

    said = " ".join(opened(folder).warnings)
    assert "24 hours: 1 of 6 wells absent, shown black: A2" in said


def test_an_acquisition_in_which_the_first_well_has_no_image_is_left_out(
    make_plate, opened
):
    folder = make_plate(fields=("0",), acquisitions=(0, 24))

    assert opened(folder).axes == "cyx"


def test_a_streamed_plate_shows_each_acquisition(make_plate, server, opened):
    folder = make_plate(fields=("0", "1"), acquisitions=(0, 24))
    image = opened(f"{server.url}/{folder.name}")
    with Streams() as streams:
        levels = streams.stream(image.sources, image.axes, channel=0)
        for number in (0, 1):
            np.asarray(levels[0][number])
            wait_for(streams)
        seen = [np.asarray(levels[0][number]) for number in (0, 1)]

    assert (seen[0] == mosaic(2, 3)[0]).all()
    assert (seen[1][:16, :24] == well_pixels(100)[0]).all()


def test_the_images_of_a_well_say_which_acquisition_they_are_of(make_plate, opened):
    plate = make_plate(fields=("0", "1", "2"), acquisitions=(0, 24))

    names = [tile.name for tile in opened(plate / "A" / "1").tiles]

    assert names == ["0 (acquisition 0)", "1 (acquisition 24)", "2"]
