"""What we write is read by other programs, pixel for pixel.

Like the other way round, this needs the group of dependencies ``peers``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.model import Channel
from napari_cellib.pixels import open_image
from napari_cellib.pixels.layer_sets import save_layers
from napari_cellib.pixels.writing import ImageToWrite, Labels, write_images

if TYPE_CHECKING:
    from pathlib import Path

# Their warnings are theirs.
pytestmark = pytest.mark.filterwarnings("default")

WHY = "needs the group of dependencies 'peers', see 'make test-peers'"
SHAPES = {
    "yx": (600, 530), "zyx": (3, 600, 530), "cyx": (2, 600, 530),
    "czyx": (2, 3, 300, 530), "tczyx": (2, 2, 3, 65, 530),
    "tyx": (4200, 6, 5),  # so many chunks that 0.5 is in shards
}  # fmt: skip
STEPS = {"t": 2.5, "z": 0.5, "y": 0.1, "x": 0.2}
CASES = [
    pytest.param(axes, version, dtype, id=f"{axes}-{version}-{dtype}")
    for axes in SHAPES
    for version in ("0.4", "0.5")
    for dtype in (["uint8", "float32", "int64"] if axes == "zyx" else ["uint16"])
]


def made(folder: Path, axes: str, version: str, dtype: str) -> list[Any]:
    """Write an image with labels; return the levels of both, as we read them."""
    random = np.random.default_rng(len(axes))
    data = random.integers(0, 200, SHAPES[axes]).astype(dtype)
    count = data.shape[axes.index("c")] if "c" in axes else 1
    labels = data.take(0, axes.index("c")) if "c" in axes else data
    image = ImageToWrite(
        data=data, axes=axes, name="cells",
        spacing={axis: step for axis, step in STEPS.items() if axis in axes},
        channels=[Channel(name=f"channel {n}", color="00FF00") for n in range(count)],
        labels={
            "nuclei / 核": Labels(
                (labels > 100).astype("uint16"),
                colors={1: (1.0, 0.0, 0.0, 0.5)},
                properties={"index": [1], "area": [2.5]},
            )
        },
    )  # fmt: skip
    drive(write_images(folder, [image], version=version))
    found = drive(open_image(folder))
    assert (np.asarray(found.levels[0]) == data).all()
    return [found, found.labels[0]]


def places(folder: Path) -> list[Path]:
    """Return the groups of the image and of its labels."""
    (labels,) = (path for path in (folder / "labels").iterdir() if path.is_dir())
    return [folder, labels]


def is_same(levels: Any, image: Any) -> None:
    levels = list(levels)
    assert len(levels) == len(image.levels)
    for level, ours in zip(levels, image.levels, strict=True):
        assert np.asarray(level).dtype == ours.dtype
        assert (np.asarray(level) == np.asarray(ours)).all()


@pytest.mark.parametrize(("axes", "version", "dtype"), CASES)
def test_ome_zarr_reads_it(tmp_path, axes, version, dtype):
    reader = pytest.importorskip("ome_zarr.reader", reason=WHY)
    io = pytest.importorskip("ome_zarr.io", reason=WHY)
    images = made(tmp_path / "x.zarr", axes, version, dtype)
    found = reader.Reader(io.parse_url(str(tmp_path / "x.zarr")))()
    nodes = [node for node in found if node.data]  # the image, then its labels
    for node, image in zip(nodes, images, strict=True):
        is_same(node.data, image)
        assert [axis["name"] for axis in node.metadata["axes"]] == list(image.axes)


@pytest.mark.parametrize(("axes", "version", "dtype"), CASES)
def test_ngff_zarr_reads_it(tmp_path, axes, version, dtype):
    nz = pytest.importorskip("ngff_zarr", reason=WHY)
    images = made(tmp_path / "x.zarr", axes, version, dtype)
    for place, image in zip(places(tmp_path / "x.zarr"), images, strict=True):
        found = nz.from_ngff_zarr(str(place))
        is_same((level.data for level in found.images), image)
        assert tuple(found.images[0].dims) == tuple(image.axes)
        assert found.images[0].scale == {
            axis: STEPS.get(axis, 1.0) for axis in image.axes
        }


@pytest.mark.parametrize(("axes", "version", "dtype"), CASES)
def test_bioio_reads_it(tmp_path, axes, version, dtype):
    bioio = pytest.importorskip("bioio_ome_zarr", reason=WHY)
    images = made(tmp_path / "x.zarr", axes, version, dtype)
    for place, image in zip(places(tmp_path / "x.zarr"), images, strict=True):
        reader = bioio.Reader(str(place))
        for number, ours in enumerate(image.levels):
            reader.set_resolution_level(number)
            assert (np.asarray(reader.dask_data) == np.asarray(ours)).all()
        assert reader.dims.order == image.axes.upper()
    reader = bioio.Reader(str(tmp_path / "x.zarr"))
    assert (reader.physical_pixel_sizes.Y, reader.physical_pixel_sizes.X) == (0.1, 0.2)


@pytest.mark.parametrize(("axes", "version", "dtype"), CASES)
def test_tensorstore_reads_it(tmp_path, axes, version, dtype):
    ts = pytest.importorskip("tensorstore", reason=WHY)
    images = made(tmp_path / "x.zarr", axes, version, dtype)
    driver = "zarr" if version == "0.4" else "zarr3"

    def level(path: Path) -> Any:
        store = {"driver": "file", "path": str(path)}
        return ts.open({"driver": driver, "kvstore": store}).result().read().result()

    for place, image in zip(places(tmp_path / "x.zarr"), images, strict=True):
        is_same((level(place / str(n)) for n in range(len(image.levels))), image)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_each_image_of_a_collection_is_read(tmp_path, version):
    nz = pytest.importorskip("ngff_zarr", reason=WHY)
    bioio = pytest.importorskip("bioio_ome_zarr", reason=WHY)
    planes = [np.full((40 + n, 50), n, "uint16") for n in range(3)]
    images = [ImageToWrite(data=plane, axes="yx") for plane in planes]
    drive(write_images(tmp_path / "x.zarr", images, version=version))

    for number, plane in enumerate(planes):
        place = str(tmp_path / "x.zarr" / str(number))
        assert (np.asarray(nz.from_ngff_zarr(place).images[0].data) == plane).all()
        assert (np.asarray(bioio.Reader(place).dask_data) == plane).all()


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_layers_that_were_saved_together_are_read(tmp_path, version):
    reader = pytest.importorskip("ome_zarr.reader", reason=WHY)
    io = pytest.importorskip("ome_zarr.io", reason=WHY)
    bioio = pytest.importorskip("bioio_ome_zarr", reason=WHY)
    fields = np.random.default_rng(1).integers(0, 999, (2, 40, 50)).astype("uint16")
    yx = {"axis_labels": ("y", "x"), "units": ("um", "um"), "scale": (0.5, 0.25)}
    layers = [
        (fields[0], {"name": "DNA", "colormap": "blue", **yx}, "image"),
        (np.ones((3, 2)), {"name": "spots"}, "points"),
        ((fields[0] > 500).astype("uint8"), {"name": "nuclei", **yx}, "labels"),
        (fields[1], {"name": "actin", "colormap": "green", **yx}, "image"),
    ]
    place = tmp_path / "x.zarr"
    drive(save_layers(layers, place, version=version))

    image, _, labels = reader.Reader(io.parse_url(str(place)))()
    assert (np.asarray(image.data[0]) == fields).all()
    assert (np.asarray(labels.data[0]) == (fields[0] > 500)).all()
    assert image.metadata["channel_names"] == ["DNA", "actin"]
    found = bioio.Reader(str(place))
    assert found.channel_names == ["DNA", "actin"]
    assert (found.physical_pixel_sizes.Y, found.physical_pixel_sizes.X) == (0.5, 0.25)


# The schemas of the format; these need no other program.


def attributes(group: Path) -> Any:
    if (group / "zarr.json").exists():
        return json.loads((group / "zarr.json").read_text())["attributes"]
    return json.loads((group / ".zattrs").read_text())


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_all_documents_obey_the_strict_schemas(tmp_path, shared_data, version):
    jsonschema = pytest.importorskip("jsonschema", reason=WHY)
    referencing = pytest.importorskip("referencing", reason=WHY)
    drafts = pytest.importorskip("referencing.jsonschema", reason=WHY)
    folder = shared_data / "ngff" / version / "schemas"
    documents = {file.stem: json.loads(file.read_text()) for file in folder.iterdir()}
    registry = referencing.Registry().with_resources(
        (schema["$id"], drafts.DRAFT202012.create_resource(schema))
        for schema in documents.values()
    )

    def obeys(group: Path, name: str) -> None:
        found = documents[name]
        jsonschema.Draft202012Validator(found, registry=registry).validate(
            attributes(group)
        )

    made(tmp_path / "one", "tczyx", version, "uint16")
    image, labels = places(tmp_path / "one")
    obeys(image, "strict_image")
    obeys(labels, "strict_image")
    obeys(labels, "strict_label")
    images = [ImageToWrite(data=np.zeros((4, 5)), axes="yx")] * 2
    drive(write_images(tmp_path / "two", images, version=version))
    obeys(tmp_path / "two", "bf2raw")
    obeys(tmp_path / "two" / "OME", "ome")
    obeys(tmp_path / "two" / "1", "strict_image")
