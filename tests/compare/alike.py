"""Two pictures of disks and one of noise: everybody knows what is like what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from tests.compare.pictures_of_disks import disks

from napari_cellib.jobs import drive
from napari_cellib.model import Channel, Dimensions, Licence, Representation
from napari_cellib.pixels import write_image
from napari_cellib.testing import a_record

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.model import ImageRecord

STEP_UM = 0.2
EDGE = 128


def alike_records(folder: Path) -> list[ImageRecord]:
    """Write the pictures, and return their records; one channel says what it shows."""
    noise = np.random.default_rng(0).integers(0, 200, (EDGE, EDGE), dtype=np.uint8)
    pictures = (
        ("CLB1", "Disks", "DAPI", disks(EDGE, seed=1)),
        ("CLB2", "Noise", "GFP", noise),
        ("CLB3", "Disks, too", "GFP", disks(EDGE, seed=2)),
    )
    return [_record(folder, *picture) for picture in pictures]


def _record(
    folder: Path, number: str, title: str, channel: str, pixels: np.ndarray
) -> ImageRecord:
    spacing = {"y": STEP_UM, "x": STEP_UM}
    place = folder / f"{number}.zarr"
    drive(write_image(place, pixels, axes="yx", spacing_um=spacing))
    return a_record(
        number,
        title,
        licence=Licence(spdx="CC-BY-4.0"),
        dimensions=Dimensions(
            sizes={"y": EDGE, "x": EDGE},
            spacing_um=spacing,
            channels=(Channel(name=channel),),
        ),
        representations=(Representation(role="pyramid", url=str(place)),),
    )
