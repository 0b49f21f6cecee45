"""What is converted of real images is read by other programs, pixel for pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.pixels import load_whole, open_image
from napari_cellib.pixels.conversion import Wishes, convert_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Their warnings are theirs.
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.slow]

WHY = "needs the group of dependencies 'peers', see 'make test-peers'"
SERIES = {"R01": "", "R09": "", "R17": "c"}
SETS = [f"R{number:02}" for number in range(1, 21)]


def by_ome_zarr(folder: Path) -> np.ndarray[Any, Any]:
    reader = pytest.importorskip("ome_zarr.reader", reason=WHY)
    io = pytest.importorskip("ome_zarr.io", reason=WHY)
    (node, *_) = reader.Reader(io.parse_url(str(folder)))()
    return np.asarray(node.data[0])


def by_ngff_zarr(folder: Path) -> np.ndarray[Any, Any]:
    nz = pytest.importorskip("ngff_zarr", reason=WHY)
    return np.asarray(nz.from_ngff_zarr(str(folder)).images[0].data)


def by_bioio(folder: Path) -> np.ndarray[Any, Any]:
    plugin = pytest.importorskip("bioio_ome_zarr", reason=WHY)
    reader = plugin.Reader(str(folder))
    return np.asarray(reader.get_image_data(reader.dims.order))


def by_tensorstore(folder: Path) -> np.ndarray[Any, Any]:
    ts = pytest.importorskip("tensorstore", reason=WHY)
    driver = "zarr3" if (folder / "0" / "zarr.json").exists() else "zarr"
    kvstore = {"driver": "file", "path": f"{folder / '0'}/"}
    spec = {"driver": driver, "kvstore": kvstore}
    return np.asarray(ts.open(spec, open=True).result().read().result())


READERS = [by_ome_zarr, by_ngff_zarr, by_bioio, by_tensorstore]


def images(folder: Path) -> Iterator[Path]:
    """Go through the images of what was converted: it may be a collection."""
    if (folder / "OME").is_dir():
        yield from sorted(p for p in folder.iterdir() if p.name.isdecimal())
    else:
        yield folder


@pytest.mark.parametrize("version", ["0.5", "0.4"])
@pytest.mark.parametrize("number", SETS)
def test_a_real_image_is_read_by_four_programs(number, version, shared_data, tmp_path):
    (source,) = (shared_data / "images").glob(f"{number}_*")
    first = sorted(source.iterdir())[0]
    inputs = [source] if number in SERIES else [first]
    axes = SERIES.get(number) or {"R13": "t"}.get(number, "")
    target = tmp_path / "made.zarr"
    drive(convert_all(inputs, target, Wishes(axes=axes, version=version)))
    for folder in images(target):
        ours = np.asarray(drive(load_whole(drive(open_image(folder)))).levels[0])
        for read in READERS:
            theirs = read(folder)
            assert theirs.dtype == ours.dtype, read.__name__
            assert (np.squeeze(theirs) == np.squeeze(ours)).all(), read.__name__
