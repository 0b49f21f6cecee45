from __future__ import annotations

import numpy as np
import pytest
import tifffile
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.opening import open_subject
from napari_cellib.errors import ComparisonRefused, PixelsNotFound
from napari_cellib.jobs import drive


def opened(what, **asked):
    return drive(open_subject(what, **asked))


def test_a_file_brings_its_pixel_size_and_its_channels(tmp_path):
    file = tmp_path / "cells.ome.tif"
    stack = np.stack([np.stack([disks(64)] * 3), np.zeros((3, 64, 64), np.uint16)])
    stack[0, 2] += 1000
    metadata = {
        "axes": "CZYX",
        "PhysicalSizeX": 0.2,
        "PhysicalSizeY": 0.2,
        "Channel": {"Name": ["DNA", "actin"]},
    }
    tifffile.imwrite(file, stack, metadata=metadata)

    subject = opened(file, z=2, region={"y": slice(0, 20), "x": slice(10, 40)})

    assert subject.channels == ("DNA", "actin")
    assert subject.pixel_size_um == pytest.approx(0.2)
    assert (subject.planes[0] == stack[0, 2, :20, 10:40]).all()
    assert subject.name == "cells.ome.tif"
    assert "Plane 3 of 3 is measured." in subject.notes
    assert opened(file, pixel_size_um=5).pixel_size_um == 5


def test_an_image_of_a_library_brings_its_record(shelf):
    pixels = np.stack([disks(64)] * 2)
    with shelf([{"pixels": pixels, "um": 0.25, "axes": "zyx"}]) as library:
        image = library["CLB0"]
        subject = opened(image)
        part = opened(image.pixels(), region={"x": slice(8, 16)})

    assert subject.record == image.record
    assert subject.library_name == "Shelf"
    assert subject.pixel_size_um == 0.25
    assert (subject.planes[0] == pixels[1]).all()
    assert part.planes.shape == (1, 64, 8)


def test_what_cannot_be_opened_is_said(tmp_path):
    with pytest.raises(PixelsNotFound):
        opened(tmp_path / "absent.tif")
    for size in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ComparisonRefused, match="no size of a pixel"):
            opened(disks(), pixel_size_um=size)
    with pytest.raises(ComparisonRefused, match="no label 3"):
        opened(disks(), label=3)
