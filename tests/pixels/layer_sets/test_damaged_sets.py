"""Layers saved under odd names and types, and sets that are damaged or hostile."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import zarr

from napari_cellib._reader import read
from napari_cellib.errors import (
    CellibError,
    PixelsUnreadable,
)
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image
from napari_cellib.pixels.layer_sets import save_layers
from napari_cellib.pixels.writing import ImageToWrite, write_images

YX = {"axis_labels": ("y", "x"), "scale": (1.0, 1.0), "units": ("pixel",) * 2}


def image(name="cell", shape=(6, 7), dtype="uint8", **kwargs):
    pixels = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    return pixels, {**YX, "name": name, **kwargs}, "image"


def labels(name="nuclei", shape=(6, 7), **kwargs):
    return np.ones(shape, "uint8"), {**YX, "name": name, **kwargs}, "labels"


def points(name="spots", **kwargs):
    return np.arange(200.0).reshape(100, 2), {**YX, "name": name, **kwargs}, "points"


def saved(folder, *layers, version="0.5"):
    drive(save_layers(layers, folder, version=version))
    return folder


def opened(folder):
    return read(str(folder))


def warnings_of(layers):
    found = (
        w for _, kwargs, _ in layers for w in kwargs["metadata"]["cellib"]["warnings"]
    )
    return list(dict.fromkeys(found))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "layers.ome.zarr"


@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_all_layers_come_back_in_their_order(folder, version):
    layers = [
        points("below"),
        image("DAPI - x"),
        labels(),
        image("other", (9, 9)),
        image("actin - x"),
        points("above"),
        labels("alone", (300, 301)),
    ]
    saved(folder, *layers, version=version)

    found = opened(folder)

    assert [(k["name"], kind) for _, k, kind in found] == [
        (k["name"], kind) for _, k, kind in layers
    ]
    for (data, _, _), (back, _, _) in zip(layers, found, strict=True):
        assert np.array_equal(data, back)
    assert warnings_of(found) == []


def test_layers_without_an_image_are_a_file_of_their_own(folder):
    saved(folder, points("a"), points("a"))
    assert [k["name"] for _, k, _ in opened(folder)] == ["a", "a"]
    with pytest.raises(PixelsUnreadable):
        drive(open_image(folder))


def test_others_see_the_first_image_of_the_collection(folder):
    saved(folder, image("a"), image("b", (9, 9)), points())
    assert drive(open_image(folder)).shape == (6, 7)


def test_one_image_is_where_every_reader_looks_for_it(folder):
    saved(folder, image("a"), points())
    group = zarr.open_group(folder, mode="r")
    assert group.attrs["ome"]["multiscales"][0]["name"] == "a"
    assert group["cellib/layers/1/data"].shape == (100, 2)


@pytest.mark.parametrize(
    "name",
    ["a/b", "..", "", " \n", "CON", "zarr.json", "核 🔬", "a" * 400, "x:y*?"],
)
def test_any_name_comes_back(name, folder):
    saved(folder, image(name), labels(name), points(name), points(name))
    found = [k["name"] for _, k, _ in opened(folder)]
    assert found[2:] == [name, name]
    assert found[:2] == [name, name]
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.slow
def test_two_hundred_layers_are_channels_of_one_image(folder):
    layers = [image(f"layer {n}", (2, 2)) for n in range(200)]
    saved(folder, *layers)
    found = opened(folder)
    assert [k["name"] for _, k, _ in found] == [f"layer {n}" for n in range(200)]
    assert zarr.open_array(folder / "0", mode="r").shape == (200, 2, 2)


@pytest.mark.parametrize(
    "dtype", ["float16", "bool", ">u2", ">f8", "int64", "uint64", "float32", "int8"]
)
def test_pixels_of_each_type_come_back(dtype, folder):
    data = (np.arange(42).reshape(6, 7) % 2).astype(dtype)
    saved(folder, (data, {**YX, "name": "a"}, "image"))
    ((back, _, _),) = opened(folder)
    assert np.array_equal(back, data)
    assert back.dtype == data.dtype.newbyteorder("=")


def test_nan_and_infinity_stay_what_they_are(folder):
    data = np.array([[np.nan, np.inf], [-np.inf, 0]], "float32")
    saved(folder, (data, {**YX, "name": "a"}, "image"))
    assert np.array_equal(opened(folder)[0][0], data, equal_nan=True)


def test_an_only_pixel_is_an_image(folder):
    saved(folder, image("dot", (1, 1)), labels("dot", (1, 1)))
    assert [np.shape(data) for data, _, _ in opened(folder)] == [(1, 1), (1, 1)]


def test_levels_of_a_multiscale_layer_are_kept(folder):
    levels = [np.full((600, 600), 1, "uint8"), np.full((200, 200), 2, "uint8")]
    saved(folder, (levels, {**YX, "name": "a", "multiscale": True}, "image"))
    ((back, kwargs, _),) = opened(folder)
    assert kwargs["multiscale"]
    assert all(np.array_equal(a, b) for a, b in zip(levels, back, strict=True))


def test_labels_that_somebody_added_since_are_shown_too(folder):
    saved(folder, image(), points())
    extra = folder.parent / "extra.zarr"
    saved(extra, image(), labels("added"))
    shutil.copytree(extra / "labels", folder / "labels")
    assert [k["name"] for _, k, _ in opened(folder)] == [
        "cell", "spots", "added (labels) - cell",
    ]  # fmt: skip


def test_a_collection_of_others_is_opened_as_before(folder):
    pixels = np.zeros((4, 4), "uint8")
    images = [ImageToWrite(data=pixels, axes="yx") for _ in range(2)]
    drive(write_images(folder, images))
    (layer,) = opened(folder)
    assert len(layer[1]["metadata"]["cellib"]["others"]) == 1


def change(folder, path, **attributes):
    file = folder / path / "zarr.json"
    document = json.loads(file.read_bytes())
    document["attributes"]["cellib"] |= attributes
    file.write_text(json.dumps(document))


HOSTILE = {
    "no list": {"layers": 7},
    "no layers": {"layers": [1, None, {}]},
    "an unknown type": {"layers": [{"type": "script", "image": 0}]},
    "an unhashable type": {"layers": [{"type": ["image"], "image": 0}]},
    "a path that leads out": {"layers": [{"type": "points", "path": "../../x"}]},
    "an absurd image": {"layers": [{"type": "image", "image": 10**30}]},
    "a newer version": {"version": 2},
}


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_damaged_description_never_costs_the_image(fault, folder):
    saved(folder, image("a"), points())
    change(folder, "", **HOSTILE[fault])
    assert np.array_equal(opened(folder)[0][0], image()[0])


def damage_document(folder):
    (folder / "cellib/layers/1/zarr.json").write_text("{")


def damage_array(folder):
    file = next((folder / "cellib/layers/1/data").rglob("c/*/*"))
    file.write_bytes(b"no zstd")


def remove_it(folder):
    shutil.rmtree(folder / "cellib/layers/1")


def make_it_foreign(folder):
    change(folder, "cellib/layers/1", version=7)


@pytest.mark.parametrize(
    "damage", [damage_document, damage_array, remove_it, make_it_foreign]
)
def test_damaged_points_cost_one_warning_and_never_the_image(damage, folder):
    saved(folder, image("a"), points(), labels())
    damage(folder)
    layers = opened(folder)
    assert [kind for _, _, kind in layers] == ["image", "labels"]
    (warning,) = warnings_of(layers)
    assert "left out" in warning


def test_a_damaged_image_of_a_set_leaves_the_others(folder):
    saved(folder, image("a"), image("b", (9, 9)))
    shutil.rmtree(folder / "0")
    layers = opened(folder)
    assert [k["name"] for _, k, _ in layers] == ["b"]
    assert "left out" in warnings_of(layers)[0]


def test_a_set_of_which_nothing_is_left_is_an_error(folder):
    saved(folder, points())
    (folder / "cellib/layers/0/zarr.json").write_text("{")
    with pytest.raises(CellibError, match="cellib/layers/0"):
        opened(folder)


def test_layers_on_a_server_cost_no_question_beside_their_arrays(server, folder):
    saved(folder, image("a"), points(), labels(), points("more"))
    layers = read(f"{server.url}/{folder.name}")
    assert [k["name"] for _, k, _ in layers] == ["a", "spots", "nuclei", "more"]
    asked = {path.partition("/cellib/")[2] for path in server.requests}
    assert asked == {"", "layers/1/data/c/0/0", "layers/3/data/c/0/0"}
