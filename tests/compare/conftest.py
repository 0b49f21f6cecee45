"""Pictures of which everything is known, and a shelf of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import OpenLibrary
from napari_cellib.model import Channel, Dimensions, Licence, Representation
from napari_cellib.pixels import write_image
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path / "data")


@pytest.fixture
def shelf(tmp_path: Path) -> Callable[[list[dict[str, Any]]], OpenLibrary]:
    """Return what makes a library of images; see `shelf_of`."""
    return partial(shelf_of, tmp_path)


def shelf_of(folder: Path, images: list[dict[str, Any]]) -> OpenLibrary:
    """Make a library of images: pixels, a pixel size and channels if they are known."""
    records = []
    for number, image in enumerate(images):
        place = folder / f"{number}.zarr"
        spacing = {a: image["um"] for a in "yx" if image["um"]}
        axes = image.get("axes", "yx")
        channels = [Channel(name=name) for name in image.get("channels", [])]
        drive(
            write_image(
                place,
                image["pixels"],
                axes=axes,
                spacing_um=spacing,
                channels=channels,
            )
        )
        sizes = dict(zip(axes, image["pixels"].shape, strict=True))
        records.append(
            a_record(
                f"CLB{number}",
                f"Disks {number}",
                licence=Licence(spdx="CC-BY-4.0"),
                dimensions=Dimensions(sizes=sizes, spacing_um=spacing),
                representations=(Representation(role="pyramid", url=str(place)),),
            )
        )
    return OpenLibrary(ShelfLibrary(records))
