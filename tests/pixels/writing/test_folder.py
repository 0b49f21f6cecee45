import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
import zarr

from napari_cellib.errors import (
    JobCancelled,
    PixelsUnwritable,
    StorageFull,
    TargetExists,
)
from napari_cellib.jobs import drive
from napari_cellib.model import Channel, Window
from napari_cellib.pixels import Labels, write_image
from napari_cellib.pixels.validating.attributes import validate

PLANE = np.arange(12, dtype="uint8").reshape(3, 4)


def metadata(folder):
    return json.loads((folder / "zarr.json").read_text())["attributes"]["ome"]


class AfterOne:
    """Cancels a job after its first steps."""

    def __init__(self, steps=3):
        self.steps = steps

    def is_set(self):
        self.steps -= 1
        return self.steps < 0


def test_an_image_comes_back_as_it_was_written(stored, opened, pixels):
    assert (np.asarray(opened(stored).levels[0]) == pixels).all()


def test_what_was_written_is_told(tmp_path, pixels):
    written = drive(write_image(tmp_path / "x", pixels, axes="czyx"))

    files = [file for file in (tmp_path / "x").rglob("*") if file.is_file()]
    assert written.folder == tmp_path / "x"
    assert written.size_bytes == sum(file.stat().st_size for file in files)
    assert written.shapes == ((2, 3, 600, 500), (2, 3, 300, 250), (2, 3, 150, 125))
    assert all(channel.window.estimated for channel in written.channels)


def test_levels_are_means_and_labels_are_never_mixed(stored, pixels):
    first = pixels[0, 0, :2, :2]
    assert zarr.open_array(str(stored / "1"))[0, 0, 0, 0] == (first.sum() + 2) // 4
    assert set(np.unique(zarr.open_array(str(stored / "labels/nuclei/1")))) == {0, 7}


def test_a_lazy_array_is_written_plane_by_plane(tmp_path, pixels, opened):
    lazy = da.from_array(pixels, chunks=(1, 1, 300, 500))
    seen = []
    drive(write_image(tmp_path / "x", lazy, axes="czyx"), seen.append)

    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 6, 6)
    assert (np.asarray(opened(tmp_path / "x").levels[0]) == pixels).all()


def test_only_known_spacings_have_a_unit(tmp_path):
    data = np.zeros((2, 2, 4, 4), "uint8")
    drive(
        write_image(
            tmp_path / "x", data, axes="tzyx", spacing_um={"y": 0.1, "x": 0.1},
            time_step_s=2.5,
        )
    )  # fmt: skip
    (image,) = metadata(tmp_path / "x")["multiscales"]

    units = {axis["name"]: axis.get("unit") for axis in image["axes"]}
    assert units == {"t": "second", "z": None, "y": "micrometer", "x": "micrometer"}
    (scale,) = image["datasets"][0]["coordinateTransformations"]
    assert scale["scale"] == [2.5, 1.0, 0.1, 0.1]


def test_a_coarse_pixel_lies_in_the_middle_of_those_it_covers(stored):
    (image,) = metadata(stored)["multiscales"]
    scale, shift = image["datasets"][2]["coordinateTransformations"]

    assert scale["scale"] == pytest.approx([1, 0.5, 0.4, 0.4])
    assert shift["translation"] == pytest.approx([0, 0, 0.15, 0.15])


def test_channels_keep_names_colours_and_chosen_windows(tmp_path, opened):
    window = Window(start=3, end=9, min=0, max=11)
    channel = Channel(name="DAPI", color="0000FF", window=window)
    drive(write_image(tmp_path / "x", PLANE, axes="yx", channels=[channel]))

    assert opened(tmp_path / "x").channels == (channel,)


def test_a_colour_that_was_only_chosen_is_written_and_stays_marked(tmp_path, opened):
    drive(write_image(tmp_path / "x", np.stack([PLANE, PLANE]), axes="cyx"))
    channels = metadata(tmp_path / "x")["omero"]["channels"]

    assert [channel["color"] for channel in channels] == ["FF00FF", "00FF00"]
    assert [channel.color for channel in opened(tmp_path / "x").channels] == [None] * 2


def test_what_is_written_is_valid_to_the_letter(stored):
    for file in stored.rglob("zarr.json"):
        document = json.loads(file.read_text())
        if document["node_type"] == "group":
            faults = validate(document["attributes"])
            assert not [fault for fault in faults if fault.required], file


def test_an_estimated_window_stays_marked_as_estimated(tmp_path, opened):
    drive(write_image(tmp_path / "x", PLANE, axes="yx"))

    assert opened(tmp_path / "x").channels[0].window.estimated


def test_labels_keep_their_colours(tmp_path, opened):
    labels = Labels(PLANE > 5, colors={1: (1.0, 0.0, 0.2, 0.4)})
    drive(write_image(tmp_path / "x", PLANE, axes="yx", labels={"mask": labels}))
    (mask,) = opened(tmp_path / "x").labels

    assert mask.colors == {1: (1.0, 0.0, 0.2, 0.4)}
    assert (np.asarray(mask.levels[0]) == (PLANE > 5)).all()


def test_black_chunks_are_stored_so_that_a_lost_one_is_noticed(tmp_path, opened):
    drive(write_image(tmp_path / "x", np.zeros((9, 9), "uint8"), axes="yx"))

    assert opened(tmp_path / "x").warnings == ()


def test_the_metadata_obey_the_strict_schema(stored, shared_data):
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    drafts = pytest.importorskip("referencing.jsonschema")
    folder = shared_data / "ngff" / "0.5" / "schemas"
    schemas = [json.loads(file.read_text()) for file in folder.glob("*.schema")]
    registry = referencing.Registry().with_resources(
        (schema["$id"], drafts.DRAFT202012.create_resource(schema))
        for schema in schemas
    )
    for group, name in (
        (stored, "strict_image"),
        (stored / "labels/nuclei", "strict_image"),
    ):
        schema = json.loads((folder / f"{name}.schema").read_text())
        attributes = json.loads((group / "zarr.json").read_text())["attributes"]
        jsonschema.Draft202012Validator(schema, registry=registry).validate(attributes)


def test_nothing_that_exists_is_overwritten(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine").write_text("")

    with pytest.raises(TargetExists, match="there already"):
        drive(write_image(tmp_path / "x", PLANE, axes="yx"))
    assert (tmp_path / "x" / "mine").exists()


def test_what_a_killed_run_left_is_cleared_away(tmp_path, opened):
    (tmp_path / "x.partial" / "9").mkdir(parents=True)
    drive(write_image(tmp_path / "x", PLANE, axes="yx"))

    assert not (tmp_path / "x.partial").exists()
    assert not (tmp_path / "x" / "9").exists()


def test_cancelling_leaves_nothing(tmp_path, pixels):
    with pytest.raises(JobCancelled):
        drive(write_image(tmp_path / "x", pixels, axes="czyx"), cancel=AfterOne())

    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_nothing(tmp_path):
    def fail(block):
        raise ValueError("the original is damaged")

    data = da.zeros((2, 8, 8), chunks=(1, 8, 8), dtype="uint8")
    broken = data.map_blocks(fail, dtype="uint8", meta=np.empty((0, 0, 0), "uint8"))

    with pytest.raises(PixelsUnwritable, match="the original is damaged"):
        drive(write_image(tmp_path / "x", broken, axes="zyx"))
    assert list(tmp_path.iterdir()) == []


def test_a_full_drive_is_named_and_left_clean(tmp_path):
    """A real drive of 400 kB, where the system lets us make one."""
    if shutil.which("unshare") is None:
        pytest.skip("needs Linux to make a small drive")
    drive_folder = tmp_path / "drive"
    drive_folder.mkdir()
    script = tmp_path / "write.py"
    script.write_text(
        "import sys, numpy as np\n"
        "from napari_cellib.jobs import drive\n"
        "from napari_cellib.pixels import write_image\n"
        "data = np.random.default_rng(1).integers(0, 255, (8, 300, 300), 'uint8')\n"
        "try:\n"
        "    drive(write_image(sys.argv[1] + '/x', data, axes='zyx'))\n"
        "except Exception as error:\n"
        "    print(type(error).__name__)\n"
    )
    mount = f"mount -t tmpfs -o size=400k none {drive_folder}"
    made = subprocess.run(
        ["unshare", "-rm", "sh", "-c",
         f"{mount} && {sys.executable} {script} {drive_folder}; ls {drive_folder}"],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    if "mount" in made.stderr or "unshare" in made.stderr:
        pytest.skip("may not make a small drive here")

    assert made.stdout.split() == [StorageFull.__name__], made.stderr


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (PLANE, {"axes": "zyx"}),
        (PLANE, {"axes": "xy"}),
        (PLANE, {"axes": "yx", "channels": [Channel(), Channel()]}),
        (PLANE, {"axes": "yx", "rgb": True}),
        (PLANE, {"axes": "yx", "labels": {"n": np.zeros((9, 9), "uint8")}}),
        (PLANE, {"axes": "yx", "labels": {"n": np.zeros((3, 4), "float32")}}),
    ],
)
def test_what_does_not_fit_together_is_refused_at_once(tmp_path, data, options):
    with pytest.raises(ValueError, match=r"fit|channels|folder"):
        drive(write_image(tmp_path / "x", data, **options))
    assert list(tmp_path.iterdir()) == []


def test_a_text_names_the_folder_too(tmp_path):
    drive(write_image(str(tmp_path / "x"), PLANE, axes="yx"))

    assert Path(tmp_path / "x" / "zarr.json").exists()
