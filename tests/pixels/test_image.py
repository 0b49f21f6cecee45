import json
import shutil
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
import zarr

from napari_cellib.errors import (
    PixelsNotFound,
    PixelsUnreadable,
)
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image
from napari_cellib.pixels.disk_cache import DiskCache

YX = [{"name": n, "type": "space", "unit": "micrometer"} for n in ("y", "x")]
PLANE = np.arange(48, dtype="uint16").reshape(6, 8)


def test_an_image_is_opened_without_reading_pixels(stored, opened, pixels):
    image = opened(stored)

    assert image.name == "Cells"
    assert image.version == "0.5"
    assert image.axes == "czyx"
    assert image.shape == pixels.shape
    assert image.dtype == "uint16"
    assert image.spacing == {"z": 0.5, "y": 0.1, "x": 0.1}
    assert image.scale == (None, 0.5, 0.1, 0.1)
    assert [lv.shape[-2:] for lv in image.levels] == [
        (600, 500),
        (300, 250),
        (150, 125),
    ]
    assert image.chunks[0] == (1, 1, 512, 500)
    assert all(isinstance(level, da.Array) for level in image.levels)
    assert image.levels[0].chunksize == image.chunks[0]
    assert image.bytes_per_level[0] == pixels.nbytes
    assert image.warnings == ()


def test_lazy_levels_give_the_pixels_that_were_stored(stored, opened, pixels):
    image = opened(stored)

    assert (np.asarray(image.levels[0]) == pixels).all()
    assert (np.asarray(image.levels[0][1, 2, 500:520]) == pixels[1, 2, 500:520]).all()


def test_labels_come_with_the_image(stored, opened):
    (nuclei,) = opened(stored).labels

    assert nuclei.name == "nuclei"
    assert nuclei.axes == "zyx"
    assert nuclei.spacing == {"z": 0.5, "y": 0.1, "x": 0.1}
    assert np.asarray(nuclei.levels[0]).max() == 7


def test_an_image_shows_itself_in_a_notebook(stored, opened):
    shutil.rmtree(stored / "0" / "c")
    text = repr(opened(stored))

    assert text.splitlines()[0] == "MultiscaleImage(Cells)"
    assert "size      c: 2, z: 3, y: 600, x: 500 (uint16, " in text
    assert "spacing   z 0.5 um, y 0.1 um, x 0.1 um" in text
    assert "channels  channel 1, channel 2" in text
    assert "labels    nuclei" in text
    assert "warning   level 0: 12 of 12 chunks absent, shown as 0" in text


def test_a_server_gives_the_same_image_in_few_questions(
    server, stored, opened, pixels, edit
):
    edit(stored / "zarr.json", consolidated_metadata=None)
    image = opened(f"{server.url}/{stored.name}/")
    questions = list(server.requests)

    assert image.where == f"{server.url}/{stored.name}"
    assert (np.asarray(image.levels[0]) == pixels).all()
    # Three documents for the group, one per level, and the same for the labels, whose
    # format is known by then.
    assert len(questions) == 3 + 3 + 1 + 1 + 3
    assert len(set(questions)) == len(questions)


def test_an_image_of_version_0_4_is_opened(write_v2, opened, v04):
    folder = write_v2(v04(("0", "1")), {"0": PLANE, "1": PLANE[::2, ::2]})
    image = opened(folder)

    assert image.version == "0.4"
    assert image.axes == "yx"
    assert image.spacing == {"y": 0.3, "x": 0.3}
    assert (np.asarray(image.levels[1]) == PLANE[::2, ::2]).all()
    assert len(image.channels) == 1


def test_an_old_image_on_a_server_is_not_probed_for_what_it_cannot_have(
    server, write_v2, opened, v04
):
    folder = write_v2(v04(), {"0": PLANE})
    opened(f"{server.url}/{folder.name}")

    assert sorted(server.requests) == [
        "/old.zarr/.zattrs",
        "/old.zarr/.zmetadata",
        "/old.zarr/0/.zarray",
        "/old.zarr/labels/.zattrs",
        "/old.zarr/zarr.json",
    ]


def test_an_image_is_taken_to_be_described_as_those_beside_it_are(
    server, write_v2, v04, stored, pixels, tmp_path
):
    with DiskCache(tmp_path / "cache", 10**8) as disk:

        def opened(name):
            server.requests.clear()
            return drive(open_image(f"{server.url}/{name}", timeout_s=5.0, disk=disk))

        for name in ("one.zarr", "two.zarr"):
            write_v2(v04(), {"0": PLANE}, name)
            opened(name)
        assert sorted(server.requests) == [
            "/two.zarr/.zattrs",
            "/two.zarr/0/.zarray",
            "/two.zarr/labels/.zattrs",
        ]

        other = opened(stored.name)  # of another version
        assert (np.asarray(other.levels[0]) == pixels).all()
        with pytest.raises(PixelsNotFound):
            opened("three.zarr")


def test_versions_before_0_3_have_five_axes_and_no_spacing(write_v2, opened):
    data = PLANE.reshape(1, 1, 1, 6, 8)
    image = opened(
        write_v2({"multiscales": [{"datasets": [{"path": "0"}]}]}, {"0": data})
    )

    assert image.axes == "tczyx"
    assert image.spacing == {}


def test_sharded_arrays_are_lazy_by_inner_chunk(tmp_path, stored, opened):
    array = zarr.create_array(
        str(stored / "0"), shape=(2, 3, 600, 500), chunks=(1, 1, 100, 100),
        shards=(1, 1, 600, 500), dtype="uint16", overwrite=True,
    )  # fmt: skip
    array[:] = 5
    image = opened(stored)

    assert image.chunks[0] == (1, 1, 100, 100)
    assert image.sources[0].stored == (1, 1, 600, 500)
    assert (np.asarray(image.levels[0]) == 5).all()
    assert image.warnings == ()


def test_numbers_of_another_byte_order_become_native(write_v2, opened, v04):
    image = opened(write_v2(v04(), {"0": PLANE.astype(">u2")}))

    assert image.dtype.isnative
    assert (np.asarray(image.levels[0]) == PLANE).all()


def test_three_8_bit_channels_in_pure_colours_are_one_picture(write_v2, opened, v04):
    channels = [{"color": c} for c in ("FF0000", "00ff00", "#0000FF")]
    axes = [{"name": "c", "type": "channel"}, *YX]
    attributes = v04(axes=axes, omero={"channels": channels})
    data = np.zeros((3, 6, 8), "uint8")

    assert opened(write_v2(attributes, {"0": data}, "a.zarr")).rgb
    assert not opened(write_v2(attributes, {"0": data.astype("uint16")}, "b.zarr")).rgb
    channels.reverse()
    assert not opened(write_v2(attributes, {"0": data}, "c.zarr")).rgb


def test_a_label_image_opened_by_itself_is_labels(stored, opened):
    image = opened(stored / "labels" / "nuclei")

    assert image.labels_only
    assert image.labels[0].shape == image.shape


# Collections


@pytest.fixture
def collection(tmp_path, v04):
    """Make a collection of images of widths 4, 5 and so on, as bioformats2raw does."""

    def make(count=3, zarr_format=2, listed=None, xml=None):
        folder = tmp_path / "many.zarr"
        attributes = {"bioformats2raw.layout": 3}
        ome = {"series": listed} if listed is not None else {}
        if zarr_format == 3:
            attributes = {"ome": {"version": "0.5", **attributes}}
            ome = {"ome": {"version": "0.5", **ome}}
        group = zarr.create_group(
            str(folder), zarr_format=zarr_format, attributes=attributes
        )
        if listed is not None:
            group.create_group("OME", attributes=ome)
        if xml is not None:
            (folder / "OME").mkdir(exist_ok=True)
            (folder / "OME" / "METADATA.ome.xml").write_text(xml)
        for number in range(count):
            inner = v04()
            inner["multiscales"][0]["name"] = f"series {number}"
            if zarr_format == 3:
                inner = {"ome": {"version": "0.5", **inner}}
            image = group.create_group(str(number), attributes=inner)
            image.create_array("0", data=np.full((3, 4 + number), 9, "uint8"))
        return folder

    return make


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize(
    "known",
    [
        {"listed": ["0", "1", "2"]},
        {"xml": "<OME><Image ID='0'/><ome:Image ID='1'/><Image\n ID='2'/></OME>"},
        {},
    ],
)
def test_a_collection_opens_its_first_image_and_names_the_others(
    collection, server, opened, zarr_format, known
):
    folder = collection(zarr_format=zarr_format, **known)
    for place in (folder, f"{server.url}/{folder.name}"):
        image = opened(place)

        assert image.name == "series 0"
        assert image.where == f"{place}/0"
        assert image.others == (f"{place}/1", f"{place}/2")
        (said,) = image.warnings
        assert said.startswith("this is a collection of 3 images, of which the first")
        assert said.endswith(f"the others are {place}/1, {place}/2")
        assert opened(f"{place}/2").shape == (3, 6)


def test_a_collection_may_name_its_images_as_it_likes(collection, opened):
    folder = collection(listed=["1"])

    assert opened(folder).name == "series 1"


@pytest.mark.parametrize(
    "listed", ["0", [None, 3, "..", "../0"], [], [["0"]], {"0": 1}]
)
def test_a_damaged_list_of_a_collection_is_replaced_by_counting(
    collection, opened, listed
):
    folder = collection(listed=listed)

    assert len(opened(folder).others) == 2


def test_a_collection_without_images_is_not_found(collection, opened):
    with pytest.raises(PixelsNotFound, match=r"many\.zarr/0"):
        opened(collection(count=0))


def test_a_collection_within_a_collection_is_refused(collection, opened):
    folder = collection(listed=["OME"])
    (folder / "OME" / ".zattrs").write_text(
        json.dumps({"series": ["OME"], "bioformats2raw.layout": 3})
    )

    with pytest.raises(PixelsUnreadable, match="a collection of images where an"):
        opened(folder)


def test_the_list_of_labels_opens_the_first_of_them(stored, opened):
    image = opened(stored / "labels")

    assert image.labels_only
    assert image.where == f"{stored}/labels/nuclei"


# What is wrong but can be lived with


def test_absent_chunks_of_a_folder_are_counted(stored, opened):
    shutil.rmtree(stored / "1" / "c" / "0")

    assert opened(stored).warnings == ("level 1: 3 of 6 chunks absent, shown as 0",)


def test_an_absent_level_is_left_out(stored, opened):
    shutil.rmtree(stored / "1")
    image = opened(stored)

    assert len(image.levels) == 2
    assert image.warnings == ("level 1 is absent: it is left out",)


def test_without_its_finest_level_the_scale_is_that_of_the_next(stored, opened):
    shutil.rmtree(stored / "0")
    image = opened(stored)

    assert image.spacing == {"z": 0.5, "y": 0.2, "x": 0.2}
    assert image.translation == (None, 0.0, 0.05, 0.05)


def test_levels_in_the_wrong_order_are_sorted(write_v2, opened, v04):
    image = opened(write_v2(v04(("a", "b")), {"a": PLANE[::2, ::2], "b": PLANE}))

    assert image.shape == (6, 8)
    assert image.warnings == ("the levels are not in order of size: they were sorted",)


@pytest.mark.parametrize(
    "second",
    [PLANE[0], PLANE[::2].astype("uint8"), PLANE[::2].reshape(1, 3, 8),
     np.zeros((3, 9), "uint16")],
)  # fmt: skip
def test_a_level_that_does_not_fit_is_left_out(write_v2, opened, second, v04):
    image = opened(write_v2(v04(("0", "1")), {"0": PLANE, "1": second}))

    assert [level.shape for level in image.levels] == [(6, 8)]
    assert "does not fit" in image.warnings[0]


def test_broken_channels_cost_a_warning_each_but_not_the_image(write_v2, opened, v04):
    omero = {"channels": [{"color": "rot", "window": {}, "label": "GFP"}, {}]}
    image = opened(write_v2(v04(omero=omero), {"0": PLANE}))

    assert image.channels[0].name == "GFP"
    assert len(image.warnings) == 3


def test_broken_labels_cost_a_warning_but_not_the_image(stored, opened, edit):
    listing = stored / "labels" / "zarr.json"
    names = ["nuclei", "absent", "../../etc", 3]
    edit(listing, attributes={"ome": {"labels": names[:2]}})
    image = opened(stored)

    assert [label.name for label in image.labels] == ["nuclei"]
    assert "'absent'" in image.warnings[0]

    edit(listing, attributes={"ome": {"labels": names}})
    assert "leads out" in opened(stored).warnings[0]


@pytest.mark.parametrize("content", [b"{", b"<html>", b'{"attributes": {"labels": 3}}'])
def test_a_broken_list_of_labels_costs_a_warning(stored, opened, content):
    (stored / "labels" / "zarr.json").write_bytes(content)
    image = opened(stored)

    assert image.labels == ()
    assert image.warnings[0].startswith("labels are left out: ")


def test_labels_that_are_no_whole_numbers_are_left_out(stored, opened, edit):
    for file in (stored / "labels" / "nuclei").glob("[0-9]/zarr.json"):
        edit(file, data_type="float32", fill_value=0.0)

    assert "whole numbers" in opened(stored).warnings[0]


def test_labels_that_a_server_refuses_cost_a_warning(server, stored, opened, edit):
    edit(stored / "zarr.json", consolidated_metadata=None)
    server.faults["/labels/"] = 403
    image = opened(f"{server.url}/{stored.name}")

    assert image.labels == ()
    assert "403 Forbidden" in image.warnings[0]


# What is no image


def test_a_path_object_and_a_text_open_the_same(stored, opened):
    assert opened(str(stored)).where == opened(Path(stored)).where == str(stored)
