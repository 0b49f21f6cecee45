import json
import shutil

import numpy as np
import pytest
from tests.pixels.plates import (
    mosaic,
    well_pixels,
    write_field,
)

from napari_cellib.errors import PixelsNotFound, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples, load_whole


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_plate_is_one_picture_of_the_first_images_of_its_wells(
    make_plate, opened, zarr_format
):
    image = opened(make_plate(zarr_format=zarr_format))

    assert image.name == "Screen"
    assert image.axes == "cyx"
    assert image.shape == (2, 32, 72)
    assert image.spacing == {"y": 0.5, "x": 0.5}
    assert [t.name for t in image.tiles] == ["A1", "A2", "A3", "B1", "B2", "B3"]
    assert (np.asarray(image.levels[0]) == mosaic(2, 3)).all()
    assert (np.asarray(image.levels[1]) == mosaic(2, 3, step=2)).all()
    assert image.warnings == ()


def test_any_part_of_a_plate_can_be_read(make_plate, opened):
    source, whole = opened(make_plate()).sources[0], mosaic(2, 3)

    for part in [
        np.s_[1, 5:20, 40:60], np.s_[:, 3, 7], np.s_[0], np.s_[:, -1, ::5],
        np.s_[1:2, 31:32, 71:72], np.s_[:, 8:8], np.s_[::-1, 29:3:-4, ::-1],
        np.s_[:, 3:9:-1], np.s_[:, 2:20:7, -3:],
    ]:  # fmt: skip
        assert (source[part] == whole[part]).all(), part
        assert source[part].shape == whole[part].shape
    with pytest.raises(IndexError):
        source[2]


def test_a_plate_on_a_server_costs_a_handful_of_questions_besides_its_chunks(
    make_plate, server, opened
):
    omero = {"channels": [{"window": {"start": 0, "end": 9}}] * 2}
    folder = make_plate(rows="ABCDEFGH", columns="123456", omero=omero)
    image = opened(f"{server.url}/{folder.name}")

    # Those of the plate, of a well, of its image and of two levels.
    assert len(server.requests) == 3 + 1 + 1 + 2
    server.requests.clear()
    pixels = np.asarray(image.levels[-1])
    assert (pixels == mosaic(8, 6, step=2)).all()
    assert len(server.requests) == 8 * 6 * 2  # one chunk per well and channel


def test_wells_that_are_absent_are_black_and_said(make_plate, server, opened):
    folder = make_plate(without=("A/2", "B/3"))
    expected = mosaic(2, 3, without=[(0, 1), (1, 2)])
    for place in (folder, f"{server.url}/{folder.name}"):
        image = drive(load_whole(opened(place)))

        assert (image.levels[0] == expected).all()
        assert image.warnings == ("2 of 6 wells absent, shown black: A2, B3",)
    assert opened(folder).warnings  # a folder is looked through at once


def test_where_a_plate_has_no_well_it_is_black_and_nothing_is_said(make_plate, opened):
    folder = make_plate(without=("A/1", "B/3"))
    attributes = json.loads((folder / ".zattrs").read_text())
    wells = attributes["plate"]["wells"]
    attributes["plate"]["wells"] = wells[1:5]
    (folder / ".zattrs").write_text(json.dumps(attributes))
    image = drive(load_whole(opened(folder)))

    assert (image.levels[0] == mosaic(2, 3, without=[(0, 0), (1, 2)])).all()
    assert image.warnings == ()


def test_the_first_image_of_a_well_may_have_another_name(make_plate, server, opened):
    folder = make_plate()
    (folder / "B" / "2" / "0").rename(folder / "B" / "2" / "7")
    attributes = {"well": {"images": [{"path": "7"}], "version": "0.4"}}
    (folder / "B" / "2" / ".zattrs").write_text(json.dumps(attributes))
    image = drive(load_whole(opened(f"{server.url}/{folder.name}")))

    assert (image.levels[0] == mosaic(2, 3)).all()
    assert image.warnings == ()


def test_a_black_well_that_stores_no_chunk_is_not_called_absent(
    make_plate, server, opened
):
    folder = make_plate()
    shutil.rmtree(folder / "B" / "2" / "0" / "0", ignore_errors=True)
    level = folder / "B" / "2" / "0" / "0"
    level.mkdir()
    shutil.copy(folder / "B" / "1" / "0" / "0" / ".zarray", level)
    image = opened(f"{server.url}/{folder.name}")

    assert (np.asarray(image.levels[0]) == mosaic(2, 3, without=[(1, 1)])).all()
    assert image.sources[0].absent_warning() is None


@pytest.mark.parametrize(
    ("shape", "dtype", "is_said"),
    [((2, 10, 30), "uint16", False), ((2, 16, 24), "float64", True),
     ((1, 16, 24), "uint16", True), ((2, 40, 40), "uint16", False)],
)  # fmt: skip
def test_a_well_that_is_unlike_the_others_is_found_out_when_it_is_read(
    make_plate, server, opened, shape, dtype, is_said
):
    folder = make_plate()
    data = np.full(shape, 7, dtype)
    shutil.rmtree(folder / "B" / "2" / "0")
    write_field(folder / "B" / "2" / "0", data, 2)
    expected = mosaic(2, 3, without=[(1, 1)])
    if is_said and dtype == "uint16":
        expected[0, 16:32, 24:48] = 7  # a channel that is there is shown
    if not is_said:
        height, width = min(16, shape[1]), min(24, shape[2])
        expected[:, 16 : 16 + height, 24 : 24 + width] = 7
    image = drive(load_whole(opened(f"{server.url}/{folder.name}")))

    assert (image.levels[0] == expected).all()
    said = (
        ("1 of 6 wells unlike the others, not or only partly shown: B2",)
        if is_said
        else ()
    )
    assert image.warnings == said


def test_a_damaged_well_is_named(make_plate, opened):
    folder = make_plate()
    for chunk in (folder / "B" / "2" / "0" / "0").glob("[0-9]*"):
        chunk.write_bytes(b"no chunk") if chunk.is_file() else shutil.rmtree(chunk)
    image = opened(folder)

    with pytest.raises(PixelsUnreadable, match=r"B2, chunk \([01], 0, 0\) is damaged"):
        np.asarray(image.levels[0])


def test_a_plate_whose_first_wells_are_absent_opens_all_the_same(
    make_plate, server, opened
):
    folder = make_plate(without=("A/1", "A/2"))
    image = opened(f"{server.url}/{folder.name}")

    assert image.shape == (2, 32, 72)


def test_a_plate_without_any_well_that_is_there_is_refused(make_plate, opened):
    folder = make_plate(columns="1", without=("A/1", "B/1"))

    with pytest.raises(PixelsUnreadable, match="none of 2 wells can be read"):
        opened(folder)


def test_a_large_plate_has_an_overview_of_a_screen(make_plate, opened):
    image = opened(make_plate(columns="12", shape=(1, 900, 2000)))

    # The finest level is too large for an overview, the coarsest still larger than
    # a screen.
    assert [level.shape for level in image.levels] == [(1, 900, 2000)]
    assert image.scale[1:] == (1.0, 1.0)
    assert "lower resolution" in image.warnings[0]


def test_a_plate_without_coarse_levels_takes_only_some_of_the_pixels(
    make_plate, opened
):
    shape = (1, 21, 3001)
    image = opened(make_plate(columns="1234", shape=shape))

    assert [level.shape for level in image.levels] == [(1, 12, 3004), (1, 6, 1504)]
    assert image.scale[1:] == (2.0, 2.0)  # every second pixel of the coarser level
    assert (np.asarray(image.levels[0]) == mosaic(2, 4, step=4, shape=shape)).all()
    assert (np.asarray(image.levels[1]) == mosaic(2, 4, step=8, shape=shape)).all()


def test_a_well_is_its_images_side_by_side(make_plate, server, opened):
    folder = make_plate(columns="12", fields=("0", "1", "2"))
    for place in (folder, f"{server.url}/{folder.name}"):
        image = opened(f"{place}/A/2")

        assert image.shape == (2, 32, 48)
        pixels = np.asarray(image.levels[0])
        assert (pixels[:, :16, :24] == well_pixels(1)).all()
        assert (pixels[:, :16, 24:] == well_pixels(101)).all()
        assert (pixels[:, 16:, :24] == well_pixels(201)).all()
        assert not pixels[:, 16:, 24:].any()
        assert "side by side" in image.warnings[0]
        assert opened(f"{place}/A/2/1").shape == (2, 16, 24)


def test_a_well_with_one_image_is_that_image(make_plate, opened):
    image = opened(make_plate() / "A" / "2")

    assert (np.asarray(image.levels[0]) == well_pixels(1)).all()
    assert image.warnings == ()


def test_a_plate_has_the_colours_and_contrast_of_its_first_image(make_plate, opened):
    window = {"start": 5, "end": 50}
    omero = {"channels": [{"color": "00FF00", "window": window, "label": "GFP"}] * 2}
    image = opened(make_plate(omero=omero))

    assert [c.name for c in image.channels] == ["GFP", "GFP"]
    assert image.channels[0].window.end == 50


def test_contrast_that_nobody_gives_is_estimated_from_some_of_many_wells(
    make_plate, opened
):
    image = opened(make_plate(columns="123456"))

    assert all(channel.window.estimated for channel in image.channels)


def test_the_wells_are_named_in_the_viewer(make_plate, opened):
    layers = layer_tuples(opened(make_plate()))
    data, kwargs, _ = layers[-1]

    assert [kind for _, _, kind in layers] == ["image", "image", "points"]
    assert kwargs["features"]["name"] == ["A1", "A2", "A3", "B1", "B2", "B3"]
    assert kwargs["name"] == "wells - Screen"
    assert data[4].tolist() == [15.5, 23.5]  # the corner of B2
    assert kwargs["metadata"]["cellib"]["paths"][4] == "B/2/0"


def test_napari_shows_a_plate(make_plate, opened):
    from napari.components import ViewerModel
    from napari.layers import Layer

    viewer = ViewerModel()
    for layer in layer_tuples(opened(make_plate())):
        viewer.add_layer(Layer.create(*layer))

    assert viewer.layers[0].extent.world.tolist()[1] == [15.5, 35.5]
    assert viewer.layers[2].units == viewer.layers[0].units


def test_a_well_whose_images_are_absent_is_not_found(make_plate, opened):
    folder = make_plate() / "A" / "1"
    shutil.rmtree(folder / "0")

    with pytest.raises(PixelsNotFound):
        opened(folder)
