"""Levels of large images are the same as if they were made at once."""

import subprocess
import sys
import textwrap

import dask.array as da
import numpy as np
import pytest
import zarr

from napari_cellib.jobs import drive
from napari_cellib.pixels.writing import ImageToWrite, Labels, write_image, write_images
from napari_cellib.pixels.writing.pyramid import halve_labels, halve_pixels


def halved(level, halve):
    while max(level.shape[-2:]) > 256:
        level = halve(level)
        yield level


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((4099, 2200), "yx"), ((2, 700, 4500), "zyx"), ((5000, 7), "yx")],
)
def test_levels_do_not_show_that_they_were_made_in_parts(tmp_path, shape, axes):
    data = np.random.default_rng(4).integers(0, 60_000, shape, "uint16")
    labels = {"n": Labels((data // 9000).astype("uint8"))}
    image = ImageToWrite(data=data, axes=axes, labels=labels)
    drive(write_images(tmp_path / "x", [image]))

    for path, whole, halve in (
        ("", data, halve_pixels), ("labels/n/", data // 9000, halve_labels)
    ):  # fmt: skip
        stored = [whole, *halved(whole, halve)]
        for number, level in enumerate(stored):
            array = zarr.open_array(str(tmp_path / "x" / f"{path}{number}"), mode="r")
            assert (array[:] == level).all()
        assert not (tmp_path / "x" / f"{path}{len(stored)}").exists()


def test_many_small_planes_are_in_few_files(tmp_path, opened):
    data = np.random.default_rng(4).integers(0, 255, (5000, 6, 5), "uint8")
    told = drive(write_image(tmp_path / "x", data, axes="tyx"))
    found = opened(tmp_path / "x")

    assert (zarr.open_array(str(tmp_path / "x" / "0"), mode="r")[:] == data).all()
    assert found.sources[0].stored == (5000, 6, 5)
    assert len([f for f in (tmp_path / "x").rglob("*") if f.is_file()]) < 10
    assert told.channels[0].window.estimated
    assert found.warnings == ()


def test_two_hundred_labels_are_kept(tmp_path, opened):
    plane = np.zeros((4, 5), "int64")
    labels = {f"labels {n}": Labels(plane + n) for n in range(200)}
    image = ImageToWrite(data=plane, axes="yx", labels=labels)
    drive(write_images(tmp_path / "x", [image]))
    found = opened(tmp_path / "x").labels

    assert [label.name for label in found] == [f"labels {n}" for n in range(200)]
    assert [int(np.asarray(label.levels[0]).max()) for label in found] == [*range(200)]


def test_yes_and_no_stay_so_on_every_level(tmp_path, opened):
    data = np.random.default_rng(4).random((2, 600, 300)) > 0.9
    lazy = da.from_array(data, chunks=(1, 100, 300))
    drive(write_image(tmp_path / "x", lazy, axes="zyx"))

    levels = opened(tmp_path / "x").levels
    assert {level.dtype for level in levels} == {np.dtype(bool)}
    assert (np.asarray(levels[0]) == data).all()
    assert (np.asarray(levels[1]) == halve_pixels(data)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (1, 1, 1, 1, 1)])
def test_a_single_pixel_or_line_is_an_image(tmp_path, opened, shape):
    axes = "tczyx"[-len(shape) :]
    drive(write_image(tmp_path / "x", np.ones(shape, "float32"), axes=axes))

    found = opened(tmp_path / "x")
    assert found.shape == shape
    assert (np.asarray(found.levels[0]) == 1).all()


def test_contrast_of_very_many_planes_is_that_of_some(tmp_path):
    data = da.zeros((2, 300, 160, 160), chunks=(1, 50, 160, 160), dtype="uint16")
    data = data + np.arange(2, dtype="uint16").reshape(2, 1, 1, 1) + np.uint16(7)
    told = drive(write_image(tmp_path / "x", data, axes="czyx"))

    assert [channel.window.max for channel in told.channels] == [7, 8]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_memory_stays_small_however_large_the_image(tmp_path, version):
    """A plane has 72 MB, the image 430 MB."""
    pytest.importorskip("resource", reason="needs a system that counts memory")
    script = """
        import resource, sys
        import dask.array as da
        from napari_cellib.jobs import drive
        from napari_cellib.pixels.writing import write_image

        def most():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        data = da.zeros((6, 6000, 6000), chunks=(1, 3000, 3000), dtype="uint16")
        drive(write_image(sys.argv[1] + "/small", data[:1, :600], axes="zyx"))
        before = most()
        drive(write_image(sys.argv[1] + "/x", data, axes="zyx", version=sys.argv[2]))
        unit = 1 if sys.platform == "darwin" else 1024
        print((most() - before) * unit // 1_000_000)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path), version],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert int(done.stdout) < 300
