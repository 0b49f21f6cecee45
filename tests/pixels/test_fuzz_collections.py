"""Plates, wells and collections broken at random, and made to do harm."""

import json
import random

import numpy as np
import pytest
import zarr
from tests.pixels.test_fuzz import broken

from napari_cellib.errors import CellibError
from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples, load_whole, open_image
from napari_cellib.pixels.inspecting import inspect

OUTSIDE = [
    "..",
    "../..",
    "/etc",
    "a/../../b",
    "http://127.0.0.1:9/x",
    "//x",
    "\\\\x\\y",
]
DATA = np.arange(24, dtype="uint8").reshape(4, 6)


def group(folder, attributes, zarr_format=2):
    folder.mkdir(parents=True, exist_ok=True)
    if zarr_format == 2:
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
        (folder / ".zattrs").write_text(json.dumps(attributes))
        return
    document = {"zarr_format": 3, "node_type": "group"}
    document["attributes"] = {"ome": {"version": "0.5", **attributes}}
    (folder / "zarr.json").write_text(json.dumps(document))


def image(folder, zarr_format=2):
    axes = [{"name": n, "type": "space"} for n in "yx"]
    level = {
        "path": "0",
        "coordinateTransformations": [{"type": "scale", "scale": [1, 1]}],
    }
    group(folder, {"multiscales": [{"axes": axes, "datasets": [level]}]}, zarr_format)
    array = zarr.create_array(
        str(folder / "0"), shape=DATA.shape, chunks=(4, 6), dtype="uint8",
        zarr_format=zarr_format,
    )  # fmt: skip
    array[:] = DATA


@pytest.fixture(params=[2, 3])
def plate(tmp_path, request):
    """Write a plate of two wells with two images each, in either format."""
    zarr_format, folder = request.param, tmp_path / "plate.zarr"
    wells = [{"path": f"A/{n + 1}", "rowIndex": 0, "columnIndex": n} for n in range(2)]
    attributes = {
        "rows": [{"name": "A"}], "columns": [{"name": "1"}, {"name": "2"}],
        "wells": wells, "acquisitions": [{"id": 0}], "field_count": 2, "name": "p",
    }  # fmt: skip
    group(folder, {"plate": attributes}, zarr_format)
    for well in wells:
        images = [{"path": "0", "acquisition": 0}, {"path": "1", "acquisition": 0}]
        group(folder / well["path"], {"well": {"images": images}}, zarr_format)
        for field in "01":
            image(folder / well["path"] / field, zarr_format)
    return folder


@pytest.fixture(params=[2, 3])
def collection(tmp_path, request):
    """Write a collection of two images, in either format."""
    folder = tmp_path / "many.zarr"
    group(folder, {"bioformats2raw.layout": 3}, request.param)
    group(folder / "OME", {"series": ["0", "1"]}, request.param)
    for number in "01":
        image(folder / number, request.param)
    return folder


def try_all(place):
    """Open a place in every way; return whether it could be opened."""
    try:
        drive(inspect(place, timeout_s=5))
        layer_tuples(drive(load_whole(drive(open_image(place, timeout_s=5)))))
    except CellibError:
        return False
    return True


@pytest.mark.parametrize("part", ["", "A/1", "A/1/0", "A/1/0/0", "A/2/0/0"])
def test_no_damage_to_a_plate_escapes_as_another_error(plate, server, part):
    names = ("zarr.json", ".zarray", ".zattrs")
    file = next(plate / part / n for n in names if (plate / part / n).is_file())
    document, chance = json.loads(file.read_text()), random.Random(f"{part}{file.name}")
    opened = 0
    for number in range(6):
        file.write_text(json.dumps(broken(document, chance)))
        place = f"{server.url}/{plate.name}"
        opened += try_all(plate if number % 2 else place)
        assert_inside(server, plate.name)

    assert opened, "nothing at all was tolerated"


@pytest.mark.parametrize("part", ["", "OME", "0"])
def test_no_damage_to_a_collection_escapes_as_another_error(collection, server, part):
    names = ("zarr.json", ".zattrs")
    file = next(
        collection / part / n for n in names if (collection / part / n).is_file()
    )
    document, chance = json.loads(file.read_text()), random.Random(part)
    for number in range(6):
        file.write_text(json.dumps(broken(document, chance)))
        place = f"{server.url}/{collection.name}"
        try_all(collection if number % 2 else place)
        assert_inside(server, collection.name)


def assert_inside(server, name):
    for path in server.requests:
        assert path.startswith(f"/{name}/"), path
        assert ".." not in path, path


def set_value(document, keys, value):
    for key in keys[:-1]:
        document = document[key]
    document[keys[-1]] = value


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize(
    ("part", "keys"),
    [
        ("", ("plate", "wells", 0, "path")),
        ("A/1", ("well", "images", 0, "path")),
        ("A/1/0", ("multiscales", 0, "datasets", 0, "path")),
    ],
)
def test_a_plate_leads_nowhere_else(plate, server, part, keys, path):
    file = next(
        plate / part / n
        for n in ("zarr.json", ".zattrs")
        if (plate / part / n).is_file()
    )
    document = json.loads(file.read_text())
    inner = document["attributes"]["ome"] if file.name == "zarr.json" else document
    set_value(inner, keys, path)
    file.write_text(json.dumps(document))
    try_all(f"{server.url}/{plate.name}")

    assert_inside(server, plate.name)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_well_that_is_found_later_leads_nowhere_else(plate, server, path):
    well = plate / "A" / "2"
    (well / "0").rename(well / "moved")
    file = next(well / n for n in ("zarr.json", ".zattrs") if (well / n).is_file())
    document = json.loads(file.read_text())
    inner = document["attributes"]["ome"] if file.name == "zarr.json" else document
    inner["well"]["images"] = [{"path": path}]
    file.write_text(json.dumps(document))
    assert try_all(f"{server.url}/{plate.name}")

    assert_inside(server, plate.name)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_collection_leads_nowhere_else(collection, server, path):
    file = next(
        collection / "OME" / n
        for n in ("zarr.json", ".zattrs")
        if (collection / "OME" / n).is_file()
    )
    document = json.loads(file.read_text())
    inner = document["attributes"]["ome"] if file.name == "zarr.json" else document
    inner["series"] = [path, "0"]
    file.write_text(json.dumps(document))
    try_all(f"{server.url}/{collection.name}")

    assert_inside(server, collection.name)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_no_damage_to_consolidated_metadata_escapes(
    tmp_path, server, zarr_format, seed
):
    folder = tmp_path / "one.zarr"
    image(folder, zarr_format)
    group(folder / "labels", {"labels": ["n"]}, zarr_format)
    image(folder / "labels" / "n", zarr_format)
    name = "zarr.json" if zarr_format == 3 else ".zmetadata"
    nodes = {
        key: json.loads(file.read_text())
        for file in folder.rglob("*")
        if file.name in ("zarr.json", ".zattrs", ".zarray", ".zgroup")
        if (key := str(file.relative_to(folder))) != "zarr.json"
    }
    chance, opened = random.Random(seed), 0
    for _ in range(8):
        found = broken(nodes, chance)
        if chance.random() < 0.2:
            found[chance.choice(OUTSIDE) + "/zarr.json"] = {"node_type": "array"}
        if zarr_format == 3:
            found = {
                key.removesuffix("/zarr.json"): node for key, node in found.items()
            }
            document = json.loads((folder / "zarr.json").read_text())
            document["consolidated_metadata"] = {"metadata": found}
        else:
            document = {"zarr_consolidated_format": 1, "metadata": found}
        (folder / name).write_text(json.dumps(document))
        opened += try_all(f"{server.url}/{folder.name}")
        assert_inside(server, folder.name)

    assert opened


@pytest.mark.parametrize("known", [{"zarr.json": 3}, {"zarr.json": {}}, {"x": {}}])
def test_a_manifest_that_is_damaged_is_an_error_of_ours(server, known):
    with pytest.raises(CellibError):
        drive(open_image(f"{server.url}/x.zarr", known=known))
    assert server.requests == []


def test_a_million_wells_are_refused_at_once(tmp_path, server):
    wells = [{"path": f"A/{n}"} for n in range(200_000)]
    group(tmp_path / "p.zarr", {"plate": {"wells": wells}})

    with pytest.raises(CellibError, match="beyond all measure"):
        drive(open_image(f"{server.url}/p.zarr"))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("shape", "chunk", "said"),
    [
        ([2**40, 2**40], [64, 64], "none of 2 wells can be read"),
        ([2**25, 2**25], [64, 64], "no level that is small enough"),
    ],
)
def test_a_plate_beyond_all_measure_is_refused_before_memory_is_taken(
    plate, shape, chunk, said
):
    for file in plate.glob("A/*/0/0/*"):
        if file.name in ("zarr.json", ".zarray"):
            document = json.loads(file.read_text())
            document["shape"] = shape
            if file.name == ".zarray":
                document["chunks"] = chunk
            else:
                document["chunk_grid"]["configuration"]["chunk_shape"] = chunk
            file.write_text(json.dumps(document))
    with pytest.raises(CellibError, match=said):
        drive(open_image(plate))
