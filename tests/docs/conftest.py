"""What the pages of the documentation are run against: a demo library.

It is the real one where the packages with its pictures are at hand. Else
small pictures stand in for those of packages that would have to be fetched; the rest,
records, numbers and code, is the same.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cellib.demo.build import build_demo
from napari_cellib.demo.images import demo_images
from napari_cellib.demo.packages import find_file
from napari_cellib.jobs import drive
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from napari_cellib.demo.images import DemoImage

SIDE = {"t": 4, "z": 6, "y": 40, "x": 48, "c": 3}


@pytest.fixture(scope="session")
def pages_data(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """Make the library once, in a data folder of its own."""
    data = tmp_path_factory.mktemp("docs")
    packages = Path(os.environ.get("CELLIB_PACKAGES", checkout / ".packages"))
    if not all(_is_there(image, packages) for image in demo_images()):
        packages = data / "packages"
        for image in demo_images():
            if not _is_there(image, packages):
                _stand_in(image, packages)
    settings = Settings(data_folder=data, packages_folder=packages)
    report = drive(build_demo(settings))
    assert report.missing == {}
    return data


@pytest.fixture
def demo_here(
    pages_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Let the demo library be the user's own, and an empty folder the present one."""
    monkeypatch.setenv("CELLIB_DATA", str(pages_data))
    monkeypatch.setenv("COLUMNS", "88")
    monkeypatch.delenv("CELLIB_PACKAGES", raising=False)
    monkeypatch.chdir(tmp_path)
    return pages_data


def _is_there(image: DemoImage, packages: Path) -> bool:
    return find_file(image.package, image.file, packages) is not None


def _stand_in(image: DemoImage, packages: Path) -> None:
    """Put small pictures where `fetch_packages` would have put the package."""
    home = packages / image.package
    info = home / f"{image.package.replace('-', '_')}-0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    about = f"Metadata-Version: 2.1\nName: {image.package}\nVersion: 0\n"
    (info / "METADATA").write_text(about, encoding="utf-8")
    shape = tuple(SIDE[axis] for axis in image.axes)
    _write(home / image.file, _picture(shape))
    if image.labels:
        _write(home / image.labels, _picture(shape) // 64)


def _picture(shape: tuple[int, ...]) -> np.ndarray:
    number = np.arange(np.prod(shape), dtype=np.uint32).reshape(shape)
    return (number * 7 % 251).astype(np.uint8)


def _write(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".tif":
        tifffile.imwrite(path, array, photometric="minisblack")
    else:
        Image.fromarray(array).save(path)
