"""Pictures of which everything is known, and a shelf of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import OpenLibrary
from napari_cellib.model import Dimensions, Licence, Representation
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
    """Return what makes a library of images: pixels, and a pixel size if known."""

    def make(images: list[dict[str, Any]]) -> OpenLibrary:
        records = []
        for number, image in enumerate(images):
            folder = tmp_path / f"{number}.zarr"
            spacing = {a: image["um"] for a in "yx" if image["um"]}
            axes = image.get("axes", "yx")
            drive(write_image(folder, image["pixels"], axes=axes, spacing_um=spacing))
            sizes = dict(zip(axes, image["pixels"].shape, strict=True))
            records.append(
                a_record(
                    f"CLB{number}",
                    f"Disks {number}",
                    licence=Licence(spdx="CC-BY-4.0"),
                    dimensions=Dimensions(sizes=sizes, spacing_um=spacing),
                    representations=(Representation(role="pyramid", url=str(folder)),),
                )
            )
        return OpenLibrary(ShelfLibrary(records))

    return make
