import json
import warnings

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Layer

from napari_cellib.jobs import drive
from napari_cellib.model import Channel
from napari_cellib.pixels import Labels, load_whole, write_image
from napari_cellib.pixels.layers import layer_tuples
from napari_cellib.pixels.loading import load_coarsest


def test_napari_shows_an_image_in_micrometers(stored, opened):
    image = drive(load_coarsest(opened(stored)))
    viewer = ViewerModel()
    for layer in layer_tuples(image):
        viewer.add_layer(Layer.create(*layer))
    first, second, nuclei = viewer.layers

    assert [layer.name for layer in viewer.layers] == [
        "channel 1 - Cells",
        "channel 2 - Cells",
        "nuclei (labels) - Cells",
    ]
    for layer in viewer.layers:
        assert tuple(layer.scale) == (0.5, 0.1, 0.1)
        assert tuple(layer.axis_labels) == ("z", "y", "x")
        assert {str(unit) for unit in layer.units} == {"micrometer"}
        assert layer.multiscale
    assert first.blending == "translucent_no_depth"
    assert second.blending == "additive"
    assert tuple(first.contrast_limits) == (
        image.channels[0].window.start,
        image.channels[0].window.end,
    )
    assert not nuclei.visible
    assert viewer.layers.extent.world[1] == pytest.approx([1.0, 59.9, 49.9], abs=0.1)


def test_making_layers_reads_nothing(server, stored, opened):
    image = opened(f"{server.url}/{stored.name}")
    server.requests.clear()
    layers = layer_tuples(image)

    assert server.requests == []
    assert all(isinstance(lv, da.Array) for data, _, _ in layers for lv in data)
    assert layers[0][1]["contrast_limits"] == (
        image.channels[0].window.start,
        image.channels[0].window.end,
    )


def test_each_channel_shows_its_own_pixels(stored, opened, pixels):
    for number, (data, _, _) in enumerate(layer_tuples(opened(stored))[:2]):
        assert (np.asarray(data[0]) == pixels[number]).all()


def test_a_spacing_that_nobody_knows_counts_in_pixels(shown):
    (kwargs,) = shown(np.ones((2, 9, 9), "uint8"), "zyx")

    assert kwargs["units"] == ("pixel",) * 3
    assert kwargs["scale"] == (1, 1, 1)


def test_an_unknown_z_step_does_not_hide_the_pixel_size(shown):
    (kwargs,) = shown(
        np.ones((2, 2, 9, 9), "uint8"), "tzyx", spacing_um={"y": 0.2, "x": 0.2}
    )

    assert kwargs["units"] == ("pixel", "pixel", "micrometer", "micrometer")
    assert kwargs["scale"] == (1, 1, 0.2, 0.2)


def test_half_a_pixel_size_is_none(shown):
    (kwargs,) = shown(np.ones((2, 9, 9), "uint8"), "zyx", spacing_um={"z": 1, "y": 0.2})

    assert kwargs["units"] == ("pixel",) * 3


def test_time_is_in_seconds(shown):
    (kwargs,) = shown(np.ones((2, 9, 9), "uint8"), "tyx", time_step_s=30)

    assert kwargs["units"] == ("second", "pixel", "pixel")
    assert kwargs["scale"][0] == 30


def test_images_in_micrometers_keep_their_units_beside_each_other(shown):
    known = {"z": 0.5, "y": 0.1, "x": 0.1}
    viewer = ViewerModel()
    for shape, axes in (((9, 9), "yx"), ((3, 9, 9), "zyx")):
        for kwargs in shown(np.ones(shape, "uint8"), axes, spacing_um=known):
            del kwargs["multiscale"]
            viewer.add_image(np.ones(shape), **kwargs)

    units = getattr(viewer.layers.extent, "units", ["micrometer"])
    assert str(units[-1]) == "micrometer"


def test_an_rgb_picture_is_one_layer(shown):
    data = np.random.default_rng(1).integers(0, 255, (3, 2, 300, 400), "uint8")
    (kwargs,) = shown(data, "czyx", rgb=True)

    assert kwargs["rgb"] is True
    assert kwargs["axis_labels"] == ("z", "y", "x")
    assert "contrast_limits" not in kwargs


def test_the_channels_of_an_rgb_picture_come_last(tmp_path, opened):
    data = np.random.default_rng(1).integers(0, 255, (3, 2, 300, 400), "uint8")
    drive(write_image(tmp_path / "x", data, axes="czyx", rgb=True))

    for image in (opened(tmp_path / "x"), drive(load_whole(opened(tmp_path / "x")))):
        ((levels, _, _),) = layer_tuples(image)
        assert [level.shape for level in levels] == [(2, 300, 400, 3), (2, 150, 200, 3)]
        assert (np.asarray(levels[0])[1, 5, 6] == data[:, 1, 5, 6]).all()


def test_labels_keep_their_colours(shown):
    labels = np.zeros((9, 9), "uint8")
    labels[3:5] = 2
    colored = Labels(labels, colors={2: (1.0, 0.0, 0.0, 1.0)})
    _, kwargs = shown(np.ones((9, 9), "uint8"), "yx", labels={"nuclei": colored})

    layer = Layer.create(labels, {"colormap": kwargs["colormap"]}, "labels")
    assert tuple(layer.get_color(2)) == (1, 0, 0, 1)
    assert kwargs["metadata"]["cellib"]["labels"] == "nuclei"


def test_a_label_image_by_itself_is_visible_labels(stored, opened):
    ((_, kwargs, kind),) = layer_tuples(opened(stored / "labels" / "nuclei"))

    assert kind == "labels"
    assert kwargs["visible"]
    assert kwargs["name"] == "nuclei"


def test_channels_without_a_colour_are_told_apart(shown):
    def colors(count):
        data = np.ones((count, 9, 9), "uint16")
        return [kwargs["colormap"] for kwargs in shown(data, "cyx")]

    assert colors(1) == ["gray"]
    assert colors(2) == ["magenta", "green"]
    assert len(set(colors(6))) == 6
    assert len(colors(8)) == 8


@pytest.mark.parametrize(
    ("color", "bright"), [(None, [1, 1, 1, 1]), ("00FF00", [0, 1, 0, 1])]
)
def test_a_negative_is_bright_where_its_pixels_are_dark(shown, color, bright):
    pixels = np.zeros((20, 30), "uint16")

    (kwargs,) = shown(pixels, axes="yx", channels=[Channel(color=color, inverted=True)])

    layer = Layer.create(pixels, {"colormap": kwargs["colormap"]}, "image")
    assert layer.colormap.colors[0].tolist() == bright
    assert layer.colormap.colors[-1].tolist() == [0, 0, 0, 1]


def test_what_the_file_hides_is_hidden(write_v2, opened):
    axes = [{"name": n} for n in "cyx"]
    attributes = {
        "multiscales": [{"axes": axes, "datasets": [{"path": "0"}]}],
        "omero": {"channels": [{"active": False}, {"active": True}]},
    }
    image = opened(write_v2(attributes, {"0": np.ones((2, 9, 9), "uint8")}))

    assert [kwargs["visible"] for _, kwargs, _ in layer_tuples(image)] == [False, True]


def test_pixels_that_were_not_looked_at_show_the_range_of_their_type(write_v2, opened):
    axes = [{"name": n} for n in "yx"]
    attributes = {"multiscales": [{"axes": axes, "datasets": [{"path": "0"}]}]}
    image = opened(write_v2(attributes, {"0": np.ones((9, 9), "uint16")}))
    ((_, kwargs, _),) = layer_tuples(image)

    assert kwargs["contrast_limits"] == (0, 65535)
    assert kwargs["metadata"]["cellib"]["contrast_estimated"] is True
    assert kwargs["name"] == "old"


def test_axes_in_an_unusual_order_are_put_in_napari_s(write_v2, opened):
    data = np.random.default_rng(1).integers(0, 9, (8, 6, 2, 3), "uint8")
    axes = [{"name": n, "type": "space", "unit": "micrometer"} for n in "xyz"]
    axes.append({"name": "c", "type": "channel"})
    scale = [{"type": "scale", "scale": [0.1, 0.2, 0.5, 1]}]
    attributes = {
        "multiscales": [
            {"axes": axes,
             "datasets": [{"path": "0", "coordinateTransformations": scale}]}
        ]
    }  # fmt: skip
    layers = layer_tuples(opened(write_v2(attributes, {"0": data})))

    assert [kwargs["scale"] for _, kwargs, _ in layers] == [(0.5, 0.2, 0.1)] * 3
    assert layers[1][1]["axis_labels"] == ("z", "y", "x")
    assert (np.asarray(layers[1][0]) == data[..., 1].T).all()


def test_an_offset_is_kept(write_v2, opened):
    axes = [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
    moves = [
        {"type": "scale", "scale": [0.5, 0.5]},
        {"type": "translation", "translation": [10, 20]},
    ]
    dataset = {"path": "0", "coordinateTransformations": moves}
    attributes = {"multiscales": [{"axes": axes, "datasets": [dataset]}]}
    image = opened(write_v2(attributes, {"0": np.ones((9, 9), "uint8")}))

    assert layer_tuples(image)[0][1]["translate"] == (10, 20)


def test_a_turned_image_lies_as_the_file_says_in_any_order_of_axes(write_v2, opened):
    axes = [{"name": n, "type": "space", "unit": "micrometer"} for n in ("x", "z", "y")]
    turned = [[0, 0, 2, 7], [0, 5, 0, 0], [3, 0, 0, 1]]  # x' = 2 y + 7, y' = 3 x + 1
    datasets = [
        {
            "path": "0",
            "coordinateTransformations": [{"type": "affine", "affine": turned}],
        }
    ]
    folder = write_v2(
        {"multiscales": [{"version": "0.4", "axes": axes, "datasets": datasets}]},
        {"0": np.arange(24, dtype="uint8").reshape(2, 3, 4)},
    )
    layer = Layer.create(*layer_tuples(opened(folder))[0])

    assert layer.scale == pytest.approx((5, 2, 3))
    z, y, x = layer.data_to_world((1, 2, 1))
    assert (z, y, x) == pytest.approx((5, 3 * 1 + 1, 2 * 2 + 7))


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "uint32", "int64", "float16", "float32", "float64"]
)
def test_napari_takes_every_type_of_value(shown, dtype):
    data = np.zeros((40, 40), dtype)
    data[10:20] = 1

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (kwargs,) = shown(data, "yx")

    assert kwargs["contrast_limits"] == (0, 1)


def test_features_of_labels_reach_napari(stored, opened):
    group = stored / "labels" / "nuclei" / "zarr.json"
    document = json.loads(group.read_text())
    rows = [{"label-value": 7, "class": "cell"}, {"label-value": 9, "area": 2.0}]
    document["attributes"]["ome"]["image-label"]["properties"] = rows
    group.write_text(json.dumps(document))
    *_, (data, kwargs, kind) = layer_tuples(drive(load_whole(opened(stored))))

    layer = Layer.create(data, kwargs, kind)

    assert list(layer.features["index"]) == [7, 9]
    assert layer.features["class"][0] == "cell"
