from __future__ import annotations

import json

import numpy as np
import pytest
import tifffile

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.library.fetching import ImageFile, fetch_image
from napari_cellib.library.image_cache import ImageCache
from napari_cellib.model import Representation
from napari_cellib.settings import Settings


@pytest.fixture
def cache(own_data_folder, tmp_path):
    """Return the user's own cache, with one image in it."""
    path = tmp_path / "cell.tif"
    tifffile.imwrite(path, np.zeros((300, 300), "uint8"))
    file = Representation(role="original", format="tiff", url=str(path))
    settings = Settings.load()
    cache = ImageCache.of(settings)
    drive(fetch_image(ImageFile(str(path), "Cell", file), cache, timeout_s=1))
    return cache


def test_the_command_says_how_much_there_is_and_where(cache, capsys):
    assert main(["cache"]) == 0

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1 image, ")
    assert first.endswith("of at most 20 GB")
    assert second == str(Settings.load().cache_folder)


def test_a_script_gets_numbers(cache, capsys):
    main(["cache", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert found["images"] == 1
    assert found["size_bytes"] == cache.use().size_bytes > 0


def test_clearing_makes_room(cache, capsys):
    assert main(["cache", "--clear"]) == 0

    assert capsys.readouterr().out.startswith("0 images, 0 bytes")
    assert cache.use().images == 0


def test_without_a_cache_there_is_nothing(own_data_folder, capsys):
    assert main(["cache"]) == 0

    assert capsys.readouterr().out.startswith("0 images, 0 bytes")
