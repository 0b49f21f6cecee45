import numpy as np
import pytest
import tifffile

from napari_cellib.errors import (
    PixelsUnreachable,
    PixelsUnreadable,
    PixelsUnwritable,
    QueryInvalid,
    TargetBusy,
    TargetExists,
)
from napari_cellib.jobs import drive
from napari_cellib.model import Channel
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.inspecting import inspect
from napari_cellib.pixels.regions import parse_region
from napari_cellib.pixels.saving import Part, open_part, save
from napari_cellib.pixels.writing import write_image


@pytest.fixture
def part_of(stored):
    def choose(text="", level=0):
        region = parse_region(text) if text else None
        return Part.of(drive(open_image(stored)), level, region)

    return choose


REGIONS = [
    ("", (slice(None),) * 4),
    ("c=1", (slice(1, 2), slice(None), slice(None), slice(None))),
    ("z=1:3,y=100:350,x=7:9", (slice(None), slice(1, 3), slice(100, 350), slice(7, 9))),
]


@pytest.mark.parametrize(("text", "key"), REGIONS)
@pytest.mark.parametrize("name", ["part.ome.zarr", "part.ome.tif"])
def test_what_is_saved_is_what_was_chosen(
    part_of, pixels, tmp_path, opened, text, key, name
):
    part = part_of(text)
    assert part.size_bytes == pixels[key].nbytes

    size = drive(save(part, tmp_path / name))

    if name.endswith("zarr"):
        image = opened(tmp_path / name)
        found = image.levels[0].compute()
        assert image.spacing == {"z": 0.5, "y": 0.1, "x": 0.1}
    else:
        found = tifffile.imread(tmp_path / name, squeeze=False)
        found = found.reshape(pixels[key].shape)
        assert (tmp_path / name).stat().st_size == size
    np.testing.assert_array_equal(found, pixels[key])
    assert not list(tmp_path.glob("*.partial"))


def test_a_coarser_level_has_larger_pixels(part_of, tmp_path, opened):
    part = part_of("y=0:200", level=1)
    assert part.shape == (2, 3, 100, 250)

    drive(save(part, tmp_path / "coarse.zarr"))

    assert opened(tmp_path / "coarse.zarr").spacing == {"z": 0.5, "y": 0.2, "x": 0.2}


def test_a_tiff_says_what_its_axes_and_steps_are(part_of, tmp_path):
    drive(save(part_of("z=0:2"), tmp_path / "part.tiff"))

    with tifffile.TiffFile(tmp_path / "part.tiff") as file:
        assert file.is_ome
        assert file.series[0].axes == "CZYX"
        assert 'PhysicalSizeX="0.1"' in file.ome_metadata


def test_colours_stay_colours(tmp_path, opened):
    data = np.random.default_rng(1).integers(0, 255, (3, 50, 60), "uint8")
    drive(write_image(tmp_path / "rgb.zarr", data, axes="cyx", rgb=True))
    part = Part.of(drive(open_image(tmp_path / "rgb.zarr")))

    drive(save(part, tmp_path / "out.tif"))
    drive(save(part, tmp_path / "out.zarr"))

    found = tifffile.imread(tmp_path / "out.tif")
    np.testing.assert_array_equal(found, np.moveaxis(data, 0, -1))
    assert opened(tmp_path / "out.zarr").rgb


def test_axes_of_any_order_are_put_in_the_usual_one(write_v2, tmp_path, opened):
    data = np.random.default_rng(1).integers(0, 9, (4, 2, 30, 20), "uint16")
    axes = [{"name": "z", "type": "space"}, {"name": "c", "type": "channel"}]
    axes += [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    image = {"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}
    where = write_v2({"multiscales": [image]}, {"0": data}, chunks=(2, 1, 30, 20))

    drive(save(Part.of(opened(where), 0, parse_region("z=1:4")), tmp_path / "o.zarr"))

    found = opened(tmp_path / "o.zarr")
    assert found.axes == "czyx"
    np.testing.assert_array_equal(
        found.levels[0].compute(), data[1:4].transpose(1, 0, 2, 3)
    )


def test_an_image_without_other_axes_is_saved(write_v2, tmp_path, opened):
    data = np.arange(600, dtype="float32").reshape(20, 30)
    axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    image = {"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}
    where = write_v2({"multiscales": [image]}, {"0": data})

    drive(save(Part.of(opened(where)), tmp_path / "o.tif"))

    np.testing.assert_array_equal(tifffile.imread(tmp_path / "o.tif"), data)


@pytest.mark.parametrize("name", ["o.zarr", "o.tif"])
def test_nothing_is_written_over(part_of, tmp_path, name):
    (tmp_path / name).write_text("mine")

    with pytest.raises(TargetExists, match="nothing is written over"):
        drive(save(part_of(), tmp_path / name))

    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("name", ["o.zarr", "o.tif"])
def test_a_job_that_is_stopped_leaves_nothing(part_of, tmp_path, name, stored):
    job = save(part_of(), tmp_path / name)
    next(job)

    job.close()

    assert [path.name for path in tmp_path.iterdir()] == [stored.name]


@pytest.mark.parametrize("name", ["o.zarr", "o.tif"])
def test_pixels_that_cannot_be_had_leave_nothing(stored, server, tmp_path, name):
    part = drive(open_part(f"{server.url}/{stored.name}", timeout_s=1))
    server.faults["/0/c/1"] = 500

    with pytest.raises(PixelsUnreachable):
        drive(save(part, tmp_path / name))

    assert [path.name for path in tmp_path.iterdir()] == [stored.name]


def test_a_level_or_region_that_is_not_there_is_refused(part_of):
    with pytest.raises(PixelsUnreadable, match="Choose among 0 to 2"):
        part_of(level=3)
    with pytest.raises(QueryInvalid, match="z of the image ends at 3"):
        part_of("z=3")


def yx(*scales, shift=(0, 0)):
    """Return the attributes of an image of 101 x 99 pixels and its coarser levels."""
    axes = [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
    datasets = [
        {
            "path": str(number),
            "coordinateTransformations": [
                {"type": "scale", "scale": [scale, scale]},
                {"type": "translation", "translation": list(shift)},
            ],
        }
        for number, scale in enumerate(scales)
    ]
    return {"multiscales": [{"version": "0.4", "axes": axes, "datasets": datasets}]}


ODD = {"0": np.ones((101, 99), "uint8"), "1": np.ones((50, 49), "uint8")}


def test_pixels_of_a_coarser_level_are_as_large_as_the_file_says(
    write_v2, tmp_path, opened
):
    part = Part.of(opened(write_v2(yx(0.1, 0.2), ODD)), 1)
    drive(save(part, tmp_path / "o.zarr"))
    drive(save(part, tmp_path / "o.tif"))

    assert opened(tmp_path / "o.zarr").spacing == {"y": 0.2, "x": 0.2}
    with tifffile.TiffFile(tmp_path / "o.tif") as file:
        assert 'PhysicalSizeY="0.2"' in file.ome_metadata


def test_a_part_lies_where_it_lay_in_the_image(write_v2, tmp_path, opened):
    image = opened(write_v2(yx(0.1, shift=(5, 7)), {"0": ODD["0"]}))
    drive(save(Part.of(image, 0, parse_region("y=10:60")), tmp_path / "o.zarr"))

    assert opened(tmp_path / "o.zarr").translation == (6.0, 7.0)


def test_labels_stay_labels_and_are_never_blended(write_v2, tmp_path, opened):
    data = np.random.default_rng(1).choice(np.array([1, 7, 90], "uint32"), (600, 520))
    described = {
        "colors": [{"label-value": 7, "rgba": [255, 0, 0, 255]}],
        "properties": [{"label-value": 7, "area": 4.5}],
    }
    where = write_v2(yx(0.1) | {"image-label": described}, {"0": data})
    drive(save(Part.of(opened(where)), tmp_path / "o.zarr"))

    (found,) = opened(tmp_path / "o.zarr").labels
    assert found.colors == {7: (1.0, 0.0, 0.0, 1.0)}
    assert found.properties == {"index": [7], "area": [4.5]}
    levels = [level.compute() for level in found.levels]
    assert len(levels) > 1
    assert all(set(np.unique(level)) <= {1, 7, 90} for level in levels)
    assert drive(inspect(tmp_path / "o.zarr")).is_valid()


def test_an_axis_that_no_file_of_ours_has_is_named(write_v2, opened):
    attributes = yx(0.1)
    attributes["multiscales"][0]["axes"].insert(0, {"name": "angle", "type": "angle"})
    where = write_v2(attributes, {"0": np.ones((2, 8, 8), "uint8")})

    with pytest.raises(PixelsUnwritable, match="it has an axis angle"):
        Part.of(opened(where))


@pytest.mark.parametrize("dtype", ["int64", "uint64", "float16"])
def test_what_a_tiff_cannot_hold_says_what_can(write_v2, tmp_path, opened, dtype):
    where = write_v2(yx(0.1), {"0": np.ones((8, 8), dtype)})

    with pytest.raises(PixelsUnwritable, match=f"the type {dtype}.*as OME-Zarr"):
        drive(save(Part.of(opened(where)), tmp_path / "o.tif"))


@pytest.mark.parametrize("axes", ["yx", "cyx"])
def test_a_tiff_names_the_image_and_its_channels(tmp_path, opened, axes):
    data = np.ones((8, 8) if axes == "yx" else (2, 8, 8), "uint8")
    names = ["DAPI <1>"] if axes == "yx" else ["DAPI <1>", "GFP\x1b"]
    channels = [Channel(name=name) for name in names]
    folder = tmp_path / "i.zarr"
    drive(write_image(folder, data, axes=axes, name="Cell\x07s", channels=channels))
    drive(save(Part.of(opened(folder)), tmp_path / "o.tif"))

    with tifffile.TiffFile(tmp_path / "o.tif") as file:
        found = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]
        assert file.series[0].axes == axes.upper()
    told = found["Pixels"]["Channel"]
    told = told if isinstance(told, list) else [told]
    assert found["Name"] == "Cell s"
    assert [channel["Name"] for channel in told] == ["DAPI <1>", "GFP"][: len(told)]
    assert len(told) == len(names)


@pytest.mark.parametrize("name", ["o.zarr", "o.tif"])
def test_folders_on_the_way_are_made(part_of, tmp_path, name):
    assert drive(save(part_of("z=0"), tmp_path / "new" / "er" / name))


@pytest.mark.parametrize("ending", [".zarr", ".tif"])
@pytest.mark.parametrize("name", ["file/o", "n" * 300])
def test_where_nothing_can_be_written_is_said(part_of, tmp_path, name, ending):
    (tmp_path / "file").write_text("mine")

    with pytest.raises(PixelsUnwritable, match="takes no files"):
        drive(save(part_of("z=0"), tmp_path / (name + ending)))


@pytest.mark.parametrize("name", ["o.zarr", "o.tif"])
def test_a_link_that_leads_nowhere_is_not_replaced(part_of, tmp_path, name):
    (tmp_path / name).symlink_to(tmp_path / "nowhere")

    with pytest.raises(TargetExists):
        drive(save(part_of("z=0"), tmp_path / name))
    assert (tmp_path / name).is_symlink()


@pytest.mark.parametrize("name", ["o.zarr", "o.tif"])
def test_the_second_who_saves_under_a_name_is_told_and_the_first_goes_on(
    part_of, pixels, tmp_path, name, stored
):
    first = save(part_of(), tmp_path / name)
    next(first)
    with pytest.raises(TargetBusy):
        drive(save(part_of("z=0"), tmp_path / name))
    drive(first)

    assert {path.name for path in tmp_path.iterdir()} == {stored.name, name}
    if name.endswith("tif"):
        np.testing.assert_array_equal(tifffile.imread(tmp_path / name), pixels)
