"""All real images are converted, and are what a second decoder reads.

Our readers take TIFF by tifffile's pages, pictures by Pillow and CZI by themselves. So
the second decoder is Pillow for TIFF where it reads them, else tifffile's reader of
whole series; imagecodecs for pictures, and czifile for CZI.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageSequence

from napari_cellib.jobs import drive
from napari_cellib.pixels import load_whole, open_image
from napari_cellib.pixels.conversion import Wishes, convert_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

# One image of several files, and what their names do not say.
SERIES = {"R01": "", "R09": "", "R17": "c"}
# Stacks that do not say what their planes are.
UNDECLARED = {"cancer_cell_migration_crop.tif": "t", "IXMtest_A02_s9.tif": "c"}
SPACING_X = {
    "R02": 0.008, "R04": 0.16, "R05": 0.1325, "R06": 0.3514353, "R07": 0.2416667,
    "R08": 0.1, "R10": 0.166, "R11": 0.1956444,
}  # fmt: skip
SETS = [f"R{number:02}" for number in range(1, 21)]


@dataclass
class Case:
    inputs: list[Path]
    wishes: Wishes


def cases(folder: Path) -> Iterator[Case]:
    number = folder.name[:3]
    if number in SERIES:
        yield Case([folder], Wishes(axes=SERIES[number]))
        return
    for file in sorted(folder.iterdir()):
        yield Case([file], Wishes(axes=UNDECLARED.get(file.name, "")))


def decoded(file: Path, scene: int = 0) -> np.ndarray[Any, Any]:
    """Read a file with another decoder than ours; colours first, as ours are."""
    if file.suffix == ".czi":
        return of_czi(file, scene)
    if file.suffix == ".png":
        return colours_first(imagecodecs.png_decode(file.read_bytes()))
    series = tifffile.imread(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(file) as opened:
                pages = [np.array(page) for page in ImageSequence.Iterator(opened)]
        except (OSError, SyntaxError):
            return colours_first(series)
    if sum(page.size for page in pages) != series.size:  # ImageJ lists one of many
        return colours_first(series)
    return colours_first(np.squeeze(np.stack(pages)))


def colours_first(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if pixels.ndim == 3 and pixels.shape[-1] in (3, 4):
        pixels = pixels[..., :3]
        if (pixels == pixels[..., :1]).all():  # greys that were stored as colours
            return pixels[..., 0]
        return np.moveaxis(pixels, -1, 0)
    return pixels


def of_czi(file: Path, scene: int) -> np.ndarray[Any, Any]:
    czifile = pytest.importorskip("czifile")
    with czifile.CziFile(file) as czi:
        if hasattr(czi, "scenes"):
            return np.squeeze(list(czi.scenes.values())[scene].asarray())
        whole = czi.asarray()  # of older ones: all scenes in one array
        return np.squeeze(np.take(whole, scene, czi.axes.index("S")))


@pytest.mark.parametrize("number", SETS)
def test_a_real_image_is_what_a_second_decoder_reads(number, shared_data, tmp_path):
    (folder,) = (shared_data / "images").glob(f"{number}_*")
    for count, case in enumerate(cases(folder)):
        target = tmp_path / f"{count}.zarr"
        drive(convert_all(case.inputs, target, case.wishes))
        first = drive(open_image(target))
        scenes = [first, *(drive(open_image(other)) for other in first.others)]
        for scene, image in enumerate(scenes):
            files = [f for f in sorted(folder.iterdir()) if folder in case.inputs]
            truth = (
                np.stack([decoded(file) for file in files])
                if files
                else decoded(case.inputs[0], scene)
            )
            pixels = np.asarray(drive(load_whole(image)).levels[0])
            assert pixels.dtype == truth.dtype or truth.dtype == bool
            assert pixels.shape == truth.shape
            assert (pixels == truth).all()
            is_mask = "binary" in case.inputs[0].name
            if number in SPACING_X and not is_mask:
                expected = pytest.approx(SPACING_X[number], rel=1e-3)
                assert image.spacing["x"] == expected
