from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tifffile

from napari_cellib.errors import JobCancelled, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image
from napari_cellib.pixels.converting import convert


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><title>Not found</title>", "web page"),
        (b'{"error": true}', "text file"),
        (b"\x00" * 600, "no kind of image"),
    ],
)
def test_what_is_no_image_is_called_what_it_is(tmp_path, content, words):
    file = tmp_path / "37147.tif"
    file.write_bytes(content)

    with pytest.raises(PixelsUnreadable, match=words):
        drive(convert(file, tmp_path / "made", name="x"))


def test_a_name_does_not_matter(tmp_path):
    file = tmp_path / "cell.jpg"
    tifffile.imwrite(file, np.eye(8))

    assert drive(convert(file, tmp_path / "made", name="x")).kind == "TIFF"


def test_a_cancel_leaves_nothing(tmp_path):
    file = tmp_path / "cell.tif"
    tifffile.imwrite(file, np.zeros((9, 64, 64), "uint8"), photometric="minisblack")
    job = convert(file, tmp_path / "made", name="x", stack_axis="z")
    for _ in range(3):
        next(job)
    job.close()

    assert [path.name for path in tmp_path.iterdir()] == ["cell.tif"]
    with pytest.raises(JobCancelled):
        drive(convert(file, tmp_path / "made", name="x"), cancel=_Set())


class _Set:
    def is_set(self):
        return True


def test_a_kill_leaves_no_half_image_and_does_not_hinder_the_next(tmp_path):
    file, folder = tmp_path / "cell.tif", tmp_path / "made"
    planes = np.random.default_rng(3).integers(0, 255, (400, 256, 256), "uint8")
    tifffile.imwrite(file, planes, photometric="minisblack")
    program = (
        "import sys, pathlib\n"
        "from napari_cellib.jobs import drive\n"
        "from napari_cellib.pixels.converting import convert\n"
        "file, folder = map(pathlib.Path, sys.argv[1:])\n"
        "drive(convert(file, folder, name='x', stack_axis='z'))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(file), str(folder)])
    partial = tmp_path / "made.partial"
    deadline = time.monotonic() + 30
    while not (partial / "0" / "c" / "20").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(child.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else 9)
    child.wait()

    assert partial.exists()
    assert not folder.exists()
    drive(convert(file, folder, name="x", stack_axis="z"))
    image = drive(open_image(folder))
    assert (np.asarray(image.levels[0][399]) == planes[399]).all()
    assert not partial.exists()


def test_real_images_keep_their_sizes(tmp_path, shared_data):
    folder = shared_data / "images" / "R06_golgi_bfa"
    for number, (name, axes, spacing) in enumerate(
        [
            ("xyz_calibrated_16bit__golgi_bfa.tif", "zyx", 0.3514353),
            ("xyt_calibrated_16bit__golgi_bfa_sum_projection.tif", "tyx", 0.3514353),
        ]
    ):
        made = drive(convert(folder / name, tmp_path / str(number), name=name))
        image = drive(open_image(made.folder))
        assert image.axes == axes
        assert image.spacing["x"] == spacing
        truth = tifffile.imread(folder / name)
        assert (np.asarray(image.levels[0]) == truth).all()
