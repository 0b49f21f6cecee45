from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import ExitStack

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cellib.errors import (
    AxesUnknown,
    CellibError,
    ConversionRefused,
    PixelsUnreadable,
    PixelsUnwritable,
    TargetBusy,
    TargetExists,
)
from napari_cellib.jobs import drive
from napari_cellib.model import Medium
from napari_cellib.pixels import layer_tuples, open_image
from napari_cellib.pixels.conversion import Wishes, convert_all, understand
from napari_cellib.pixels.originals import Originals
from napari_cellib.pixels.reading.source import Planes


@pytest.fixture
def stack():
    return np.random.default_rng(4).integers(0, 4000, (2, 3, 40, 60), dtype="uint16")


@pytest.fixture
def file(tmp_path, stack):
    """Write a stack of which the file says everything, in a folder of its own."""
    (tmp_path / "from").mkdir()
    path = tmp_path / "from" / "cell.ome.tif"
    tifffile.imwrite(path, stack, metadata={"axes": "CZYX", "PhysicalSizeX": 0.09})
    return path


@pytest.fixture
def planes_read(monkeypatch):
    """Return a list of where each part begins that is read of a file."""
    read, plain = [], Planes.__getitem__

    def counted(planes, index):
        read.append(tuple(part.start for part in index))
        return plain(planes, index)

    monkeypatch.setattr(Planes, "__getitem__", counted)
    return read


def made_of(inputs, target, **wishes):
    """Convert, and open what came of it."""
    made = drive(convert_all(inputs, target, Wishes(**wishes)))
    return drive(open_image(made.folder)), made


@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_pixels_stay_and_the_original_is_kept_with_its_sum(
    tmp_path, file, stack, version
):
    target = tmp_path / "new" / "out" / "cell.ome.zarr"

    image, made = made_of([file], target, version=version)

    assert image.version == version
    assert (np.asarray(image.levels[0]) == stack).all()
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    kept = target.parent / "cell.original" / "cell.ome.tif"
    assert kept.read_bytes() == file.read_bytes()
    line = (target.parent / "cell.sha256").read_text()
    assert line == f"{sha256}  cell.original/cell.ome.tif\n"
    assert made.originals[0].sha256 == sha256
    attributes = root_attributes(target)["cellib"]
    assert attributes["source"]["files"][0]["sha256"] == sha256
    assert attributes["source"]["kind"] == "TIFF"


def root_attributes(folder):
    if (folder / ".zattrs").exists():
        return json.loads((folder / ".zattrs").read_text())
    return json.loads((folder / "zarr.json").read_text())["attributes"]


def test_an_original_that_lies_beside_is_not_copied(tmp_path, file):
    made_of([file], file.parent / "cell.zarr")

    names = sorted(path.name for path in file.parent.iterdir())
    assert names == ["cell.ome.tif", "cell.sha256", "cell.zarr"]
    assert (file.parent / "cell.sha256").read_text().endswith("  cell.ome.tif\n")


def test_nothing_is_kept_when_nobody_wants_it(tmp_path, file):
    made_of([file], tmp_path / "out.zarr", keep_original=False)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["from", "out.zarr"]


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_a_stop_leaves_nothing(tmp_path, file, steps):
    job = convert_all([file], tmp_path / "out.zarr", Wishes())
    for _ in range(steps):
        next(job)
    job.close()

    assert [path.name for path in tmp_path.iterdir()] == ["from"]


@pytest.mark.parametrize(
    ("label", "done", "left"),
    [("Writing the image", 4, 2), ("Keeping the original, in MB", 0, 0)],
)
def test_what_a_killed_run_has_left_is_gone_on_with(
    tmp_path, file, stack, planes_read, label, done, left
):
    job = convert_all([file], tmp_path / "to" / "cell.zarr", Wishes())
    next(step for step in job if (step.label, step.done) == (label, done))
    shutil.copytree(tmp_path / "to", tmp_path / "killed")
    job.close()
    assert list((tmp_path / "to").iterdir()) == []
    planes_read.clear()

    image, made = made_of([file], tmp_path / "killed" / "cell.zarr")

    assert len(planes_read) <= left
    assert (np.asarray(image.levels[0]) == stack).all()
    names = sorted(path.name for path in (tmp_path / "killed").iterdir())
    assert names == ["cell.original", "cell.sha256", "cell.zarr"]
    assert (tmp_path / "killed" / made.originals[0].path).exists()


def test_a_second_run_takes_nothing_from_the_first(tmp_path, file):
    first = convert_all([file], tmp_path / "cell.zarr", Wishes())
    next(step for step in first if step.label.startswith("Keeping"))

    with pytest.raises(TargetBusy):
        made_of([file], tmp_path / "cell.zarr")

    assert drive(first).originals[0].name == "cell.ome.tif"
    assert (tmp_path / "cell.original" / "cell.ome.tif").exists()


def test_a_file_that_breaks_in_the_middle_leaves_nothing(tmp_path):
    for t in range(3):
        Image.fromarray(np.full((8, 9), t, "uint8")).save(tmp_path / f"t{t}.png")
    content = (tmp_path / "t2.png").read_bytes()
    (tmp_path / "t2.png").write_bytes(content[:-30])
    (tmp_path / "out").mkdir()

    with pytest.raises(PixelsUnreadable, match=r"t2\.png"):
        made_of(sorted(tmp_path.glob("*.png")), tmp_path / "out" / "a.zarr")

    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["out.zarr", "out.sha256", "out.original"])
def test_nothing_is_written_over(tmp_path, file, name):
    (tmp_path / name).write_text("mine")

    with pytest.raises(TargetExists, match=name):
        made_of([file], tmp_path / "out.zarr")
    assert (tmp_path / name).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("keep", [True, False])
def test_where_nothing_can_be_written_is_told(tmp_path, file, keep):
    (tmp_path / "taken").write_text("no folder")
    wishes = Wishes(keep_original=keep)

    with pytest.raises(PixelsUnwritable, match=r"out\.zarr.*taken takes no files"):
        drive(convert_all([file], tmp_path / "taken" / "out.zarr", wishes))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["from", "taken"]


def test_an_original_that_goes_meanwhile_is_told(tmp_path, file):
    originals = Originals.of(tmp_path / "out" / "cell.zarr")
    job = originals.keep([file, tmp_path / "gone.tif"])

    with pytest.raises(PixelsUnreadable, match=r"gone\.tif"):
        drive(job)

    assert not originals.folder.exists()


def test_an_undeclared_stack_is_asked_and_not_guessed(tmp_path, stack):
    file = tmp_path / "movie.tif"
    tifffile.imwrite(file, stack[0], photometric="minisblack", metadata=None)

    with pytest.raises(AxesUnknown, match="3 planes"):
        made_of([file], tmp_path / "out.zarr")
    image, _ = made_of([file], tmp_path / "out.zarr", axes="t")
    assert image.axes == "tyx"


def test_channels_get_the_names_that_are_given(tmp_path, file):
    image, _ = made_of([file], tmp_path / "a.zarr", channels=("DNA", ""))

    assert [channel.name for channel in image.channels] == ["DNA", None]
    with pytest.raises(ConversionRefused, match="2 channels, and 3 names"):
        made_of([file], tmp_path / "b.zarr", channels=("a", "b", "c"))


def test_scenes_become_a_collection_or_one_of_them_an_image(tmp_path, stack):
    file = tmp_path / "two.tif"
    with tifffile.TiffWriter(file) as writer:
        writer.write(stack[0, 0])
        writer.write(stack[1, 1, :20], photometric="minisblack")

    first, _ = made_of([file], tmp_path / "all.zarr", keep_original=False)
    second, _ = made_of([file], tmp_path / "one.zarr", keep_original=False, scene=2)

    assert (np.asarray(first.levels[0]) == stack[0, 0]).all()
    assert first.others == (f"{tmp_path}/all.zarr/1",)
    other = drive(open_image(tmp_path / "all.zarr" / "1"))
    for image in (second, other):
        assert (np.asarray(image.levels[0]) == stack[1, 1, :20]).all()
    with pytest.raises(ConversionRefused, match="no scene 3"):
        made_of([file], tmp_path / "b.zarr", scene=3)


def test_a_negative_is_shown_inverted_and_its_pixels_stay(tmp_path):
    pixels = np.arange(80, dtype="uint8").reshape(8, 10)
    Image.fromarray(pixels).save(tmp_path / "film.png")

    image, _ = made_of(
        [tmp_path / "film.png"], tmp_path / "a.zarr", medium=Medium.FILM_NEGATIVE
    )

    assert (np.asarray(image.levels[0]) == pixels).all()
    (layer,) = layer_tuples(image)
    assert layer[1]["colormap"] == "gray_r"
    assert root_attributes(tmp_path / "a.zarr")["cellib"]["medium"] == "film_negative"


def test_a_negative_in_colours_shows_each_of_them_inverted(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (8, 10, 3), "uint8")
    Image.fromarray(pixels).save(tmp_path / "film.png")

    image, _ = made_of(
        [tmp_path / "film.png"], tmp_path / "a.zarr", medium=Medium.FILM_NEGATIVE
    )

    assert (np.asarray(image.levels[0]) == pixels.transpose(2, 0, 1)).all()
    layers = layer_tuples(image)
    ends = [layer[1]["colormap"]["colors"] for layer in layers]
    assert [bright[:3] for bright, _ in ends] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert all(dark == [0, 0, 0, 1] for _, dark in ends)


def test_a_lantern_slide_is_shown_as_it_is(tmp_path):
    Image.fromarray(np.eye(8, dtype="uint8")).save(tmp_path / "slide.png")

    image, _ = made_of(
        [tmp_path / "slide.png"], tmp_path / "a.zarr", medium=Medium.LANTERN_SLIDE
    )

    assert layer_tuples(image)[0][1]["colormap"] == "gray"
    assert root_attributes(tmp_path / "a.zarr")["cellib"]["medium"] == "lantern_slide"


@pytest.mark.parametrize(("medium", "step"), [(Medium.FILM_16MM, 0.1), (None, None)])
def test_the_rate_of_frames_is_time_only_of_a_film(tmp_path, medium, step):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for light in (20, 90, 160):
            frame = np.full((48, 64, 3), light, "uint8")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode())

    image, _ = made_of([tmp_path / "film.mp4"], tmp_path / "a.zarr", medium=medium)

    assert image.spacing.get("t") == step


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><title>Not found</title>", "web page"),
        (b"II*\0" + bytes(range(200)), "damaged"),
        (b"ZISRAWFILE" + bytes(40), "damaged"),
    ],
)
def test_what_is_no_image_is_told_and_leaves_nothing(tmp_path, content, words):
    (tmp_path / "cell.tif").write_bytes(content)

    with pytest.raises(PixelsUnreadable, match=words):
        made_of([tmp_path / "cell.tif"], tmp_path / "a.zarr")
    assert [path.name for path in tmp_path.iterdir()] == ["cell.tif"]


def test_what_the_system_does_not_give_is_told(tmp_path, file):
    with pytest.raises(CellibError, match="xxx"):
        made_of([tmp_path / ("x" * 300)], tmp_path / "a.zarr")
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PixelsUnreadable, match=r"cell\.ome\.tif.*denied"):
        made_of([file], tmp_path / "a.zarr")


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(CellibError, match="no image at"):
        made_of([tmp_path / "none.tif"], tmp_path / "a.zarr")


def test_each_plane_is_read_once(tmp_path, file, planes_read):
    made_of([file], tmp_path / "out.zarr")

    assert sorted(planes_read) == [(c, z, 0, 0) for c in range(2) for z in range(3)]


def test_planes_that_need_much_memory_are_told(tmp_path):
    file = tmp_path / "one strip.tif"
    tifffile.imwrite(file, np.zeros((99, 99), "uint8"), compression="zlib")
    with tifffile.TiffFile(file, mode="r+") as tif:
        for name in ("ImageLength", "ImageWidth", "RowsPerStrip"):
            tif.pages[0].tags[name].overwrite(30_000)
    with ExitStack() as opened:
        found = drive(understand([file], Wishes(), opened, tmp_path / "scratch"))
    (told,) = found.warnings
    assert told.startswith("Its planes of 900 MB can only be read as a whole: 1.3 GB")
