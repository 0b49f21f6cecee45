from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image
from napari_cellib.pixels.converting import convert


@pytest.fixture
def converted(tmp_path):
    """Return a function that converts a file and opens what came of it."""

    def run(file, **more):
        folder = tmp_path / "made.ome.zarr"
        made = drive(convert(file, folder, name="Cell", **more))
        return drive(open_image(made.folder)), made

    return run


@pytest.fixture
def stack():
    random = np.random.default_rng(4)
    return random.integers(0, 4000, (2, 3, 40, 60), dtype="uint16")
