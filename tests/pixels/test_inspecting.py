import json
import shutil

import numpy as np
import pytest
import zarr

from napari_cellib.errors import PixelsNotFound, PixelsUnreachable
from napari_cellib.jobs import drive
from napari_cellib.pixels.inspecting import inspect

AXES = [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
PLANE = np.arange(48, dtype="uint16").reshape(6, 8)


def look(where, strict=False, timeout_s=5.0):
    return drive(inspect(where, timeout_s=timeout_s)).to_json(strict=strict)


def v04(**changes):
    scale = {"type": "scale", "scale": [0.3, 0.3]}
    datasets = [{"path": "0", "coordinateTransformations": [scale]}]
    image = {"version": "0.4", "axes": AXES, "datasets": datasets}
    return {"multiscales": [image | changes]}


def what(found):
    return [f"{fault['where']} {fault['what']}" for fault in found["faults"]]


def test_what_our_writer_writes_is_valid(stored):
    found = look(stored)

    assert found["valid"], found["message"]
    assert found["message"] is None
    assert found["kind"] == "image"
    assert found["version"] == "0.5"
    assert found["zarr_format"] == 3
    assert [axis["spacing"] for axis in found["axes"]] == [None, 0.5, 0.1, 0.1]
    assert found["levels"][1] == {
        "path": "1", "shape": [2, 3, 300, 250], "dtype": "uint16",
        "chunks": [1, 1, 300, 250], "shards": None, "bytes": 900_000,
        "codecs": ["bytes", "blosc"],
    }  # fmt: skip
    assert found["labels"] == ["nuclei"]
    assert found["guessed"] == [
        "the colour of channel 1: chosen",
        "the colour of channel 2: chosen",
    ]
    assert json.loads(json.dumps(found)) == found
    assert not look(stored, strict=True)["valid"]  # the labels have no colours


def test_a_server_gives_the_same_report(server, stored):
    found, there = look(stored), look(f"{server.url}/{stored.name}")

    assert {**there, "where": found["where"], "image": found["image"]} == found


def test_shards_and_their_codecs_are_named(tmp_path, stored):
    array = zarr.create_array(
        str(stored / "0"), shape=(2, 3, 600, 500), chunks=(1, 1, 100, 100),
        shards=(1, 1, 600, 500), dtype="uint16", overwrite=True,
        dimension_names=list("czyx"),
    )  # fmt: skip
    array[:] = 5
    level = look(stored)["levels"][0]

    assert level["chunks"] == [1, 1, 100, 100]
    assert level["shards"] == [1, 1, 600, 500]
    assert level["codecs"] == ["bytes", "zstd"]


def test_what_was_guessed_of_an_old_image_is_said(write_v2):
    data = PLANE.reshape(1, 1, 1, 6, 8)
    found = look(
        write_v2({"multiscales": [{"datasets": [{"path": "0"}]}]}, {"0": data})
    )

    assert found["guessed"] == [
        "the version: none is named",
        "the axes: t, c, z, y, x, as up to version 0.2",
        "a step of one pixel along t, z, y, x: no unit is known",
        "the contrast of channel 1: computed from its pixels",
        "the colour of channel 1: chosen",
    ]
    # By the rules of 0.4, for which it is taken, it is not valid.
    assert "multiscales[0].axes must be a list" in what(found)


def test_what_is_wrong_is_named_though_the_image_opens(write_v2):
    axes = [*AXES[:1], {"name": "x", "type": "space", "unit": "parrot"}]
    found = look(write_v2(v04(axes=axes, name=3), {"0": PLANE}))

    assert not found["valid"]
    assert found["message"] == "multiscales[0].name must be a text"
    assert any("should be a unit of space" in fault for fault in what(found))
    assert any("'parrot'" in warning for warning in found["warnings"])
    assert found["error"] is None


def test_levels_are_held_against_the_attributes(write_v2):
    datasets = [
        {"path": p, "coordinateTransformations": [{"type": "scale", "scale": [1, 1]}]}
        for p in ("small", "0", "absent", "other")
    ]
    arrays = {"small": PLANE[:2], "0": PLANE, "other": PLANE.astype("float32")}
    found = look(write_v2(v04(datasets=datasets), arrays))

    said = "; ".join(what(found))
    assert "absent must be there" in said
    assert "other must be of <u2" in said
    assert "must be listed by size" in said


def test_dimension_names_are_held_against_the_axes(stored):
    file = stored / "1" / "zarr.json"
    document = json.loads(file.read_text())
    file.write_text(json.dumps(document | {"dimension_names": list("tzyx")}))

    assert "1 must name its dimensions c, z, y, x" in what(look(stored))


def test_broken_labels_are_named_by_their_path(stored):
    file = stored / "labels" / "nuclei" / "zarr.json"
    document = json.loads(file.read_text())
    document["attributes"]["ome"]["image-label"]["colors"] = []
    file.write_text(json.dumps(document))

    said = "labels/nuclei: image-label.colors must not be empty"
    assert look(stored)["message"] == said


@pytest.mark.parametrize("version", ["0.6", "0.6.dev3", "1.0"])
def test_a_newer_version_is_told_from_a_damaged_image(stored, version):
    file = stored / "zarr.json"
    document = json.loads(file.read_text())
    document["attributes"]["ome"]["version"] = version
    file.write_text(json.dumps(document))
    found = look(stored)

    assert not found["valid"]
    assert f"'{version}' is newer than the versions known here" in found["message"]
    assert "Update napari-cellib" in found["error"]["fix"]


def test_tables_are_listed(write_v2):
    folder = write_v2(v04(), {"0": PLANE})
    tables = folder / "tables"
    tables.mkdir()
    (tables / ".zattrs").write_text('{"tables": ["measured", "regions"]}')
    found = look(folder)

    assert found["tables"] == ["measured", "regions"]
    assert found["valid"]


def test_a_collection_lists_its_series(write_v2, tmp_path):
    folder = write_v2({"bioformats2raw.layout": 3}, {})
    for number in range(2):
        shutil.move(write_v2(v04(), {"0": PLANE}, "x"), folder / str(number))
    found = look(folder)

    assert found["kind"] == "collection"
    assert found["series"] == [f"{folder}/0", f"{folder}/1"]
    assert found["levels"][0]["shape"] == [6, 8]
    assert found["levels"][0]["codecs"]
    assert found["valid"]


def test_a_plate_and_a_well_list_their_parts(write_v2):
    plate = {
        "name": "p", "version": "0.4", "rows": [{"name": "A"}],
        "columns": [{"name": "1"}, {"name": "2"}],
        "wells": [
            {"path": f"A/{n + 1}", "rowIndex": 0, "columnIndex": n} for n in range(2)
        ],
    }  # fmt: skip
    folder = write_v2({"plate": plate}, {})
    well = folder / "A" / "1"
    shutil.move(write_v2(v04(), {"0": PLANE}, "x"), well / "0")
    images = {"version": "0.4", "images": [{"path": "0"}]}
    (well / ".zattrs").write_text(json.dumps({"well": images}))
    found, inner = look(folder), look(well)

    assert (found["kind"], found["wells"]) == ("plate", ["A/1", "A/2"])
    assert (found["rows"], found["columns"]) == (["A"], ["1", "2"])
    assert found["valid"]
    assert "all wells: they were taken to be like the first" in found["guessed"]
    assert found["warnings"] == ["1 of 2 wells absent, shown black: A2"]
    assert (inner["kind"], inner["fields"]) == ("well", ["0"])
    (well / "0" / ".zattrs").write_text(json.dumps(v04(datasets=[])))
    assert "A/1/0: multiscales[0].datasets must not be empty" in what(look(folder))


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [({}, "unknown"), ({"tables": ["a"]}, "table"), ({"labels": ["a"]}, "labels")],
)
def test_what_is_no_image_is_listed_and_not_fatal(write_v2, attributes, kind):
    found = look(write_v2(attributes, {}))

    assert found["kind"] == kind
    assert found["error"]["message"]
    assert found["levels"] if kind == "image" else "levels" not in found


@pytest.mark.parametrize("content", ["{", "<html>", "[]"])
def test_damaged_metadata_are_not_valid_and_not_fatal(tmp_path, content):
    (tmp_path / "zarr.json").write_text(content)
    found = look(tmp_path)

    assert not found["valid"]
    assert found["error"]["message"]
    assert found["faults"]


@pytest.mark.parametrize(
    "damage", [{"codecs": [{"name": "unheard-of"}]}, {"chunk_grid": 3}]
)
def test_what_cannot_be_opened_is_never_called_valid(stored, edit, damage):
    edit(stored / "0" / "zarr.json", **damage)
    found = look(stored)

    assert not found["valid"]
    assert found["error"]["message"] in found["message"]


@pytest.mark.parametrize("status", [403, 500])
def test_what_a_server_does_not_give_is_neither_valid_nor_absent(
    write_v2, server, status
):
    folder = write_v2(v04(), {"0": PLANE})
    server.faults["/0/.zarray"] = status
    found = look(f"{server.url}/{folder.name}", timeout_s=1)

    assert not found["valid"]
    assert not any("must be there" in fault for fault in what(found))
    assert str(status) in found["message"]


def test_a_level_that_is_damaged_is_not_called_absent(stored):
    (stored / "1" / "zarr.json").write_text("<html>")

    assert "1 must be described in JSON" in what(look(stored))


def test_an_image_without_any_of_its_levels_is_not_valid(write_v2):
    assert "0 must be there" in what(look(write_v2(v04(), {})))


def test_nothing_there_is_an_error(tmp_path, server):
    with pytest.raises(PixelsNotFound):
        look(f"{server.url}/nothing")
    server.faults["x.zarr"] = 500
    with pytest.raises(PixelsUnreachable):
        look(f"{server.url}/x.zarr", timeout_s=1)
