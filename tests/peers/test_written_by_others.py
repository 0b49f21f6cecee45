"""What other programs write opens here, pixel for pixel.

They are in a group of dependencies of their own, ``peers``: some of them need older
versions of packages than we do. ``make test-peers`` has an environment for them.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zarr

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels import load_whole, open_image
from napari_cellib.pixels.inspecting import inspect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.pixels import MultiscaleImage

# Their warnings are theirs.
pytestmark = pytest.mark.filterwarnings("default")

WHY = "needs the group of dependencies 'peers', see 'make test-peers'"
SHAPES = {"yx": (65, 83), "zyx": (3, 65, 83), "czyx": (2, 3, 65, 83),
          "tczyx": (2, 2, 3, 65, 83)}  # fmt: skip


def pixels(axes: str, dtype: str = "uint16") -> np.ndarray[Any, Any]:
    random = np.random.default_rng(len(axes))
    return random.integers(0, 200, SHAPES[axes]).astype(dtype)


def opened(folder: Path, paths: Sequence[str] | None = None) -> MultiscaleImage:
    """Open an image, and compare all its levels with what zarr reads."""
    image = drive(open_image(folder))
    whole = drive(load_whole(image))
    for source, level in zip(image.sources, whole.levels, strict=True):
        stored = np.asarray(zarr.open_array(str(folder / source.path), mode="r"))
        assert (np.asarray(level) == stored).all(), source.path
    if paths is not None:
        assert [source.path for source in image.sources] == list(paths)
    return image


def is_valid(folder: Path) -> str | None:
    found: str | None = drive(inspect(folder)).to_json()["message"]
    return found


# ome-zarr


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("axes", SHAPES)
def test_images_of_ome_zarr(tmp_path, axes, zarr_format):
    writer = pytest.importorskip("ome_zarr.writer", reason=WHY)
    folder, data = tmp_path / "x.zarr", pixels(axes)
    group = zarr.open_group(str(folder), mode="w", zarr_format=zarr_format)
    spatial = dict.fromkeys("zyx", 0.5) | dict.fromkeys("tc", 1.0)
    units = {axis: "micrometer" for axis in axes if axis in "zyx"}
    writer.write_image(
        data, group, axes=axes, scale_factors=(2, 4), axes_units=units,
        scale={axis: spatial[axis] for axis in axes},
    )  # fmt: skip
    image = opened(folder)

    assert image.version == {2: "0.4", 3: "0.5"}[zarr_format]
    assert image.axes == axes
    assert len(image.levels) == 3
    assert (np.asarray(image.levels[0]) == data).all()
    assert image.spacing == {a: 0.5 for a in axes if a in "zyx"}
    assert image.warnings == ()
    assert is_valid(folder) is None


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_labels_of_ome_zarr(tmp_path, zarr_format):
    writer = pytest.importorskip("ome_zarr.writer", reason=WHY)
    folder, data = tmp_path / "x.zarr", pixels("zyx")
    group = zarr.open_group(str(folder), mode="w", zarr_format=zarr_format)
    writer.write_image(data, group, axes="zyx", scale_factors=(2,))
    labels = (data > 100).astype("uint8")
    colors = [{"label-value": 1, "rgba": [255, 0, 0, 255]}]
    writer.write_labels(
        labels, group, name="cells", axes="zyx", scale_factors=(2,),
        label_metadata={"colors": colors},
    )  # fmt: skip
    (cells,) = opened(folder).labels

    assert cells.name == "cells"
    assert (np.asarray(cells.levels[0]) == labels).all()
    assert cells.colors == {1: (1.0, 0.0, 0.0, 1.0)}
    # Some versions of ome-zarr name no version in the list of labels.
    assert is_valid(folder) in (None, "labels: ome.version must be a text")


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_plates_of_ome_zarr(tmp_path, zarr_format):
    writer = pytest.importorskip("ome_zarr.writer", reason=WHY)
    folder = tmp_path / "p.zarr"
    plate = zarr.open_group(str(folder), mode="w", zarr_format=zarr_format)
    wells = ["A/1", "A/2", "B/1"]
    writer.write_plate_metadata(plate, ["A", "B"], ["1", "2"], wells, name="p")
    expected = np.zeros((2, 128, 160), "uint16")
    for number, path in enumerate(wells):
        well = plate.require_group(path)
        writer.write_well_metadata(well, ["0", "1"])
        for field in "01":
            data = np.full((2, 64, 80), 10 * number + int(field) + 1, "uint16")
            writer.write_image(
                data, well.require_group(field), axes="cyx", scale_factors=(2,)
            )
        row, column = number // 2, number % 2
        part = np.s_[:, row * 64 : row * 64 + 64, column * 80 : column * 80 + 80]
        expected[part] = 10 * number + 1
    image = drive(open_image(folder))

    assert (np.asarray(image.levels[0]) == expected).all()
    assert image.levels[1].shape == (2, 64, 80)
    well = drive(open_image(folder / "A" / "2"))
    assert np.asarray(well.levels[0])[0, 0, [0, 80]].tolist() == [11, 12]
    assert is_valid(folder) is None


# ngff-zarr


@pytest.mark.parametrize(
    ("version", "options"),
    [("0.4", {}), ("0.5", {}), ("0.5", {"chunks_per_shard": 2})],
)
@pytest.mark.parametrize("axes", ["yx", "czyx"])
def test_images_of_ngff_zarr(tmp_path, version, options, axes):
    nz = pytest.importorskip("ngff_zarr", reason=WHY)
    folder, data = tmp_path / "x.zarr", pixels(axes)
    known = {"y": 0.25, "x": 0.5}
    scale = {axis: known.get(axis, 1.0) for axis in axes}
    shift = {axis: {"y": 3.0, "x": 1.0}.get(axis, 0.0) for axis in axes}
    units = {axis: "micrometer" for axis in axes if axis in "zyx"}
    image = nz.to_ngff_image(
        data, dims=list(axes), scale=scale, translation=shift, axes_units=units
    )
    pyramid = nz.to_multiscales(
        image, scale_factors=[2], method=nz.Methods.DASK_BIN_SHRINK, chunks=32
    )
    nz.to_ngff_zarr(str(folder), pyramid, version=version, **options)
    found = opened(folder)
    order = [found.axes.index(axis) for axis in axes]

    assert found.version == version
    assert (np.asarray(found.levels[0]).transpose(order) == data).all()
    assert (found.spacing["y"], found.spacing["x"]) == (0.25, 0.5)
    offsets = dict(zip(found.axes, found.translation, strict=True))
    assert (offsets["y"], offsets["x"]) == (3.0, 1.0)
    if options:
        assert found.sources[0].stored != found.sources[0].chunks
    assert is_valid(folder) is None


def test_the_zip_files_of_ngff_zarr(tmp_path):
    nz = pytest.importorskip("ngff_zarr", reason=WHY)
    data = pixels("zyx")
    pyramid = nz.to_multiscales(
        nz.to_ngff_image(data, dims=list("zyx")), scale_factors=[], chunks=32
    )
    nz.to_ngff_zarr(str(tmp_path / "x.ozx"), pyramid, version="0.5")
    image = drive(open_image(tmp_path / "x.ozx"))

    assert (np.asarray(image.levels[0]) == data).all()


def test_version_0_6_of_ngff_zarr_is_told_apart(tmp_path):
    nz = pytest.importorskip("ngff_zarr", reason=WHY)
    pyramid = nz.to_multiscales(
        nz.to_ngff_image(pixels("yx"), dims=list("yx")), scale_factors=[], chunks=32
    )
    nz.to_ngff_zarr(str(tmp_path / "x.zarr"), pyramid, version="0.6")

    with pytest.raises(PixelsUnreadable, match=r"OME-Zarr 0\.6"):
        drive(open_image(tmp_path / "x.zarr"))


# bioio-ome-zarr


@pytest.mark.parametrize(
    ("zarr_format", "options"),
    [(2, {}), (3, {}), (3, {"shard_shape": (1, 2, 2, 64, 64)})],
)
def test_images_of_bioio(tmp_path, zarr_format, options):
    writers = pytest.importorskip("bioio_ome_zarr.writers", reason=WHY)
    folder, data = tmp_path / "x.zarr", pixels("tczyx")
    half = (*data.shape[:3], 33, 42)
    writer = writers.OMEZarrWriter(
        str(folder), level_shapes=[data.shape, half], dtype=data.dtype,
        chunk_shape=(1, 1, 1, 32, 32), zarr_format=zarr_format, image_name="cells",
        axes_names=list("tczyx"),
        axes_types=["time", "channel", "space", "space", "space"],
        axes_units=["second", None, "micrometer", "micrometer", "micrometer"],
        physical_pixel_size=[2.0, 1.0, 0.5, 0.1, 0.1],
        channels=[
            writers.Channel(label="DAPI", color="0000FF"),
            writers.Channel(label="GFP", color="00FF00"),
        ],
        **options,
    )  # fmt: skip
    writer.write_full_volume(data)
    image = opened(folder)

    assert image.name == "cells"
    assert (np.asarray(image.levels[0]) == data).all()
    assert image.spacing == {"t": 2.0, "z": 0.5, "y": 0.1, "x": 0.1}
    assert [c.name for c in image.channels] == ["DAPI", "GFP"]
    assert [c.color for c in image.channels] == ["0000FF", "00FF00"]
    if options:
        assert image.sources[0].stored != image.sources[0].chunks


# tensorstore


def by_tensorstore(path: Path, data: np.ndarray[Any, Any], kind: str) -> None:
    ts = pytest.importorskip("tensorstore", reason=WHY)
    store = {"driver": "file", "path": str(path)}
    if kind == "zarr":
        metadata: dict[str, Any] = {
            "shape": data.shape, "chunks": [1, 32, 40], "dtype": data.dtype.str,
            "dimension_separator": "/",
            "compressor": {"id": "blosc", "cname": "zstd", "clevel": 3, "shuffle": 2},
        }  # fmt: skip
    else:
        inner = [{"name": "bytes"}, {"name": "zstd", "configuration": {"level": 1}}]
        if kind == "sharded":
            inner = [
                {
                    "name": "sharding_indexed",
                    "configuration": {
                        "chunk_shape": [1, 16, 20],
                        "codecs": inner,
                        "index_location": "start",
                    },
                }
            ]
        metadata = {
            "shape": data.shape, "data_type": str(data.dtype), "codecs": inner,
            "chunk_grid": {
                "name": "regular", "configuration": {"chunk_shape": [1, 32, 40]},
            },
            "dimension_names": ["c", "y", "x"],
        }  # fmt: skip
    driver = "zarr" if kind == "zarr" else "zarr3"
    spec = {"driver": driver, "kvstore": store, "metadata": metadata}
    ts.open(spec, create=True).result().write(data).result()


@pytest.mark.parametrize("kind", ["zarr", "zarr3", "sharded"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "uint16"])
def test_arrays_of_tensorstore(tmp_path, kind, dtype):
    folder, data = tmp_path / "x.zarr", pixels("zyx", dtype)
    by_tensorstore(folder / "0", data, kind)
    by_tensorstore(folder / "1", data[:, ::2, ::2], kind)
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": a, "type": "space", "unit": "micrometer"} for a in "yx"]
    scales = [[1, 0.5, 0.5], [1, 1, 1]]
    datasets = [
        {"path": str(n), "coordinateTransformations": [{"type": "scale", "scale": s}]}
        for n, s in enumerate(scales)
    ]
    attributes: dict[str, Any] = {"multiscales": [{"axes": axes, "datasets": datasets}]}
    if kind == "zarr":
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
        (folder / ".zattrs").write_text(json.dumps(attributes))
    else:
        document = {
            "zarr_format": 3, "node_type": "group",
            "attributes": {"ome": {"version": "0.5", **attributes}},
        }  # fmt: skip
        (folder / "zarr.json").write_text(json.dumps(document))
    image = opened(folder, ["0", "1"])

    assert image.dtype == dtype
    assert (np.asarray(image.levels[0]) == data).all()
    assert image.warnings == ()


# bioformats2raw, by hand: it is no Python program


def test_a_file_of_several_images_as_bioformats2raw_writes_it(tmp_path):
    folder = tmp_path / "slide.zarr"
    root = zarr.open_group(str(folder), mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    root.create_group("OME").attrs["series"] = ["0", "1"]
    (folder / "OME" / "METADATA.ome.xml").write_text(
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/'
        '2016-06"><Image ID="Image:0"/><Image ID="Image:1"/></OME>'
    )
    axes: list[dict[str, str]] = [
        {"name": "t", "type": "time"}, {"name": "c", "type": "channel"},
    ]  # fmt: skip
    axes += [{"name": a, "type": "space", "unit": "micrometer"} for a in "zyx"]
    for number in range(2):
        group = root.create_group(str(number))
        data = pixels("tczyx", ">u2") + number
        datasets = []
        for level, plane in enumerate((data, data[..., ::2, ::2])):
            array = group.create_array(
                str(level), shape=plane.shape, dtype=">u2", chunks=(1, 1, 1, 64, 64),
                chunk_key_encoding={"name": "v2", "separator": "/"},
            )  # fmt: skip
            array[:] = plane
            scale = [1.0, 1.0, 2.0, 0.25 * 2**level, 0.25 * 2**level]
            datasets.append(
                {
                    "path": str(level),
                    "coordinateTransformations": [{"type": "scale", "scale": scale}],
                }
            )
        group.attrs["multiscales"] = [
            {
                "version": "0.4", "name": f"slide #{number + 1}", "axes": axes,
                "datasets": datasets,
                "metadata": {"method": "loci.common.image.SimpleImageScaler"},
            }
        ]  # fmt: skip
    first, second = drive(open_image(folder)), opened(folder / "1")

    assert (first.name, second.name) == ("slide #1", "slide #2")
    assert first.others == (f"{folder}/1",)
    assert first.dtype.isnative
    assert (np.asarray(first.levels[0]) == pixels("tczyx")).all()
    assert (np.asarray(second.levels[0]) == pixels("tczyx") + 1).all()
    assert second.spacing == {"z": 2.0, "y": 0.25, "x": 0.25}
    shutil.rmtree(folder / "OME")
    assert drive(open_image(folder)).others == (f"{folder}/1",)
