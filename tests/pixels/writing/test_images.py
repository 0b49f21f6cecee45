"""Several images, both versions, levels of one's own, and what else is stored."""

import json

import numpy as np
import pytest
import zarr

from napari_cellib.errors import PixelsUnwritable
from napari_cellib.jobs import Progress, drive
from napari_cellib.model import Channel
from napari_cellib.pixels.validating.attributes import validate
from napari_cellib.pixels.writing import (
    Extra,
    ImageToWrite,
    Labels,
    write_image,
    write_images,
)

PLANE = np.arange(12, dtype="uint8").reshape(3, 4)
VERSIONS = ("0.5", "0.4")


def written(folder, *images, **options):
    return drive(write_images(folder, images, **options))


def attributes(folder):
    """Return the attributes of a group of either version."""
    if (folder / "zarr.json").exists():
        return json.loads((folder / "zarr.json").read_text())["attributes"]
    return json.loads((folder / ".zattrs").read_text())


@pytest.mark.parametrize("version", VERSIONS)
def test_an_image_comes_back_with_all_that_is_known(tmp_path, opened, version):
    data = np.random.default_rng(1).integers(0, 999, (2, 3, 300, 400), "uint16")
    image = ImageToWrite(
        data=data, axes="czyx", name="Cells",
        spacing={"z": 0.5, "y": 0.1, "x": 0.1},
        translation={"z": 3.0, "y": -1.0, "x": 2.0},
        channels=[Channel(name="DAPI", color="0000FF"), Channel(name="GFP")],
        shown=[True, False],
        labels={"nuclei": Labels(data[0] > 500, colors={1: (1.0, 0.0, 0.0, 1.0)})},
    )  # fmt: skip
    written(tmp_path / "x", image, version=version)
    found = opened(tmp_path / "x")

    assert found.version == version
    assert (found.name, found.axes, found.shown) == ("Cells", "czyx", (True, False))
    assert found.spacing == {"z": 0.5, "y": 0.1, "x": 0.1}
    assert found.translation == (None, 3.0, -1.0, 2.0)
    assert [channel.name for channel in found.channels] == ["DAPI", "GFP"]
    assert (np.asarray(found.levels[0]) == data).all()
    assert (np.asarray(found.labels[0].levels[0]) == (data[0] > 500)).all()
    assert found.labels[0].translation == (3.0, -1.0, 2.0)
    assert found.warnings == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_one_question_tells_all(tmp_path, server, opened, version):
    labels = {"nuclei": Labels(PLANE)}
    image = ImageToWrite(data=PLANE, axes="yx", labels=labels)
    written(tmp_path / "x", image, version=version)
    opened(f"{server.url}/x")

    asked = {path.rpartition("/")[2] for path in server.requests}
    assert asked <= {"zarr.json", ".zattrs", ".zmetadata"}
    assert len(server.requests) == 3


@pytest.mark.parametrize("version", VERSIONS)
def test_several_images_are_a_collection(tmp_path, opened, version):
    first = ImageToWrite(data=PLANE, axes="yx", name="one")
    second = ImageToWrite(data=PLANE[None] + 1, axes="zyx", name="two")
    told = written(tmp_path / "x", first, second, version=version)
    found = opened(tmp_path / "x")

    assert told.shapes == ((3, 4),)
    assert (found.name, found.others) == ("one", (f"{tmp_path}/x/1",))
    other = opened(tmp_path / "x" / "1")
    assert other.name == "two"
    assert (np.asarray(other.levels[0]) == PLANE[None] + 1).all()
    for folder in (tmp_path / "x", tmp_path / "x" / "OME", tmp_path / "x" / "1"):
        assert not [f for f in validate(attributes(folder)) if f.required], folder


@pytest.mark.parametrize("version", VERSIONS)
def test_extras_are_stored_beside_an_image(tmp_path, opened, version):
    def write(folder):
        yield Progress("Writing the points")
        (folder / "points.json").write_text("[1]")

    extra = Extra("cellib/points/spots", write)
    image = ImageToWrite(data=PLANE, axes="yx")
    cellib = {"cellib": {"order": [1]}}
    written(
        tmp_path / "x", image, version=version, extras=[extra], attributes=cellib
    )  # fmt: skip

    assert opened(tmp_path / "x").warnings == ()
    assert attributes(tmp_path / "x")["cellib"] == {"order": [1]}
    root = zarr.open_group(str(tmp_path / "x"), mode="r")
    assert isinstance(root["cellib/points/spots"], zarr.Group)
    stored = tmp_path / "x" / "cellib" / "points" / "spots" / "points.json"
    assert stored.read_text() == "[1]"


def test_extras_alone_make_a_group(tmp_path):
    def write(folder):
        yield Progress("Writing the points")
        (folder / "points.json").write_text("[1]")

    told = written(tmp_path / "x", extras=[Extra("a/b", write)], attributes={"n": 1})

    assert (told.shapes, told.channels) == ((), ())
    assert attributes(tmp_path / "x") == {"n": 1}


@pytest.mark.parametrize("path", ["../x", "/x", "a/../b", "", "a//b", "a\\b"])
def test_an_extra_stays_within_the_folder(tmp_path, path):
    extra = Extra(path, lambda folder: iter(()))

    with pytest.raises(ValueError, match="leads out"):
        written(tmp_path / "x", extras=[extra])
    assert list(tmp_path.iterdir()) == []


def test_levels_of_ones_own_are_kept(tmp_path, opened):
    levels = [np.full(shape, n, "uint16") for n, shape in
              enumerate([(2, 65, 80), (1, 33, 40), (1, 10, 12)])]  # fmt: skip
    spacing = {"z": 1.0, "y": 0.1, "x": 0.1}
    written(tmp_path / "x", ImageToWrite(data=levels, axes="zyx", spacing=spacing))
    found = opened(tmp_path / "x")

    for level, data in zip(found.levels, levels, strict=True):
        assert (np.asarray(level) == data).all()
    (image,) = attributes(tmp_path / "x")["ome"]["multiscales"]
    scales = [d["coordinateTransformations"][0]["scale"] for d in image["datasets"]]
    assert scales[1] == pytest.approx([2.0, 0.2, 0.2])
    assert scales[2] == pytest.approx([2.0, 0.65, 80 / 120])
    shift = image["datasets"][1]["coordinateTransformations"][1]["translation"]
    assert shift == pytest.approx([0.5, 0.05, 0.05])


@pytest.mark.parametrize("version", VERSIONS)
def test_labels_keep_any_name(tmp_path, opened, version):
    names = ["nuclei", "a/b", "A:B", "../../etc", "🧬", "Zellkern ä"]
    labels = {name: Labels(PLANE + n) for n, name in enumerate(names)}
    image = ImageToWrite(data=PLANE, axes="yx", labels=labels)
    written(tmp_path / "x", image, version=version)
    found = opened(tmp_path / "x")

    assert [label.name for label in found.labels] == names
    for number, label in enumerate(found.labels):
        assert (np.asarray(label.levels[0]) == PLANE + number).all()
    assert found.warnings == ()


def test_labels_keep_their_properties(tmp_path, opened):
    properties = {
        "index": np.array([3, 5]),
        "area": np.array([1.5, np.nan]),
        "class": ["mitotic", None],
        "count": np.array([7, 8], "uint8"),
        "good": np.array([True, False]),
    }
    labels = {"nuclei": Labels(PLANE, properties=properties)}
    written(tmp_path / "x", ImageToWrite(data=PLANE, axes="yx", labels=labels))

    assert opened(tmp_path / "x").labels[0].properties == {
        "index": [3, 5], "area": [1.5, None], "class": ["mitotic", None],
        "count": [7, 8], "good": [True, False],
    }  # fmt: skip


def test_labels_may_have_a_place_of_their_own(tmp_path, opened):
    labels = Labels(PLANE[:2, :2], spacing={"y": 2.0, "x": 2.0}, translation={"x": 9.0})
    image = ImageToWrite(
        data=PLANE, axes="yx", spacing={"y": 1.0, "x": 1.0}, labels={"n": labels}
    )
    written(tmp_path / "x", image)
    (found,) = opened(tmp_path / "x").labels

    assert (found.scale, found.translation) == ((2.0, 2.0), (0.0, 9.0))


@pytest.mark.parametrize("dtype", ["complex64", "object", "U3", "M8[s]", "longdouble"])
def test_what_is_no_picture_is_refused_with_a_word(tmp_path, dtype):
    if dtype == "longdouble" and np.dtype(dtype).itemsize == 8:
        pytest.skip("here it is a double")
    data = np.zeros((3, 4), dtype)

    with pytest.raises(PixelsUnwritable, match="x"):
        drive(write_image(tmp_path / "x", data, axes="yx"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "dtype",
    ["bool", "int8", "uint8", ">u2", ">i4", "uint32", "int64", "uint64", "longlong",
     "ulonglong", "float16", ">f4", "float64"],
)  # fmt: skip
@pytest.mark.parametrize("version", VERSIONS)
def test_every_number_is_stored_as_it_is(tmp_path, opened, dtype, version):
    data = np.array([[0, 1, 2], [3, 4, 100]]).astype(dtype)
    drive(write_image(tmp_path / "x", data, axes="yx", version=version))
    found = opened(tmp_path / "x")

    assert found.dtype == np.dtype(dtype).newbyteorder("=")
    assert (np.asarray(found.levels[0]) == data).all()


def test_an_empty_image_is_refused(tmp_path):
    with pytest.raises(PixelsUnwritable, match="empty"):
        drive(write_image(tmp_path / "x", np.zeros((0, 4)), axes="yx"))


def test_nan_and_infinity_are_kept_and_contrast_is_finite(tmp_path, opened):
    data = np.array([[np.nan, np.inf], [-np.inf, 2.0], [1.0, 3.0]], "float32")
    drive(write_image(tmp_path / "x", data, axes="yx"))
    found = opened(tmp_path / "x")

    assert np.array_equal(np.asarray(found.levels[0]), data, equal_nan=True)
    assert (found.channels[0].window.start, found.channels[0].window.end) == (1.0, 2.0)
