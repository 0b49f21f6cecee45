from __future__ import annotations

import json

import numpy as np
import pytest
import tifffile

from napari_cellib import _cache_cli
from napari_cellib.cli import main
from napari_cellib.demo.server import SlowServer
from napari_cellib.jobs import drive
from napari_cellib.library.fetching import ImageFile, fetch_image
from napari_cellib.library.image_cache import ImageCache
from napari_cellib.model import Representation
from napari_cellib.pixels import open_image, write_image
from napari_cellib.pixels.disk_cache import DiskCache
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


@pytest.fixture
def image(tmp_path):
    """Serve an image; return its address."""
    folder = tmp_path / "served" / "cells.ome.zarr"
    folder.parent.mkdir()
    data = np.random.default_rng(1).integers(0, 9, (2, 600, 600), "uint16")
    drive(write_image(folder, data, axes="zyx"))
    with SlowServer(folder.parent, latency_s=0) as server:
        yield f"{server.url}/{folder.name}"


def test_an_image_is_kept_its_size_said_first_and_shown(image, capsys, monkeypatch):
    assert main(["cache", "keep", image]) == 0

    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("About ")
    assert first.endswith(" files.")
    assert last == f"Kept: {image}"
    main(["cache"])
    shown = capsys.readouterr().out
    assert " kept" in shown
    assert f"  {image}: " in shown
    monkeypatch.setenv("CELLIB_OFFLINE", "1")
    settings = Settings.load()
    with DiskCache.of(settings) as disk:
        drive(open_image(image, disk=disk)).levels[0].compute()


def test_a_level_or_a_part_is_kept_alone(image, capsys):
    main(["cache", "keep", image, "--level", "1", "--region", "z=0"])

    assert "in 3 files." in capsys.readouterr().out


def test_much_is_only_kept_when_that_is_meant(image, capsys, monkeypatch):
    monkeypatch.setattr(_cache_cli, "_ASK_ABOVE", 10)

    assert main(["cache", "keep", image]) == 1
    assert "Add --yes" in capsys.readouterr().out
    assert main(["cache", "keep", image, "--yes"]) == 0


def test_what_is_kept_is_cleared_by_its_address_or_with_all(image, capsys):
    def places():
        capsys.readouterr()
        main(["cache", "--json"])
        return [one["place"] for one in json.loads(capsys.readouterr().out)["streamed"]]

    main(["cache", "keep", image])
    main(["cache", "--clear", "--leave-kept"])
    assert places() == [image]
    main(["cache", "--clear", "https://example.org/other"])
    assert places() == [image]
    main(["cache", "--clear", image])
    assert places() == []
    main(["cache", "keep", image])
    main(["cache", "--clear"])
    assert places() == []


def test_a_region_that_is_none_is_refused(image, capsys):
    assert main(["cache", "keep", image, "--region", "all"]) == 2

    assert "as in z=3:10" in capsys.readouterr().err


def test_an_image_of_a_library_that_is_here_already_need_not_be_kept(
    demo_data, capsys, monkeypatch
):
    monkeypatch.setenv("CELLIB_DATA", str(demo_data.data_folder))

    assert main(["cache", "keep", "cellib://demo/CLB0000028"]) == 2

    assert "on this computer already" in capsys.readouterr().err
