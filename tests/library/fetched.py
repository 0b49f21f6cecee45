"""Image files of an archive that are fetched in tests."""

from __future__ import annotations

import numpy as np

from napari_cellib.jobs import drive
from napari_cellib.library.fetching import ImageFile, fetch_image
from napari_cellib.model import Representation
from napari_cellib.pixels import open_image

TIFF_PATH = "/media/images/37147/37147.tif"
PIXELS = np.random.default_rng(5).integers(0, 4000, (4, 300, 300), "uint16")


def image_file(archive, path, **facts):
    facts = {"role": "interchange", "format": "ome-tiff"} | facts
    file = Representation(url=archive.url + path, **facts)
    return ImageFile(file.url, "Cilia", file)


def fetch(wanted, cache, on_progress=None, cancel=None):
    return drive(fetch_image(wanted, cache, timeout_s=5.0), on_progress, cancel)


def finest(fetched):
    return np.asarray(drive(open_image(fetched.folder)).levels[0])
