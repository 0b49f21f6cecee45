from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PIL import Image

from napari_cellib.doctor import has_screen


@pytest.mark.slow
@pytest.mark.skipif(not has_screen(), reason="needs a screen, or xvfb-run around it")
def test_the_tour_opens_and_streams_real_images_and_pictures_them(demo_data, tmp_path):
    environment = {
        **os.environ,
        "CELLIB_DATA": str(demo_data.data_folder),
        "CELLIB_PACKAGES": str(demo_data.packages_folder),
        "QT_API": os.environ.get("PYTEST_QT_API", "pyqt6"),
    }
    command = [sys.executable, "-m", "napari_cellib.cli", "demo", "--tour"]

    done = subprocess.run(
        [*command, "--pictures", str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    assert "3 images in" in done.stdout
    assert "over HTTP" in done.stdout
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) >= 8
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size >= (1200, 700)
            assert len(picture.getcolors(2**24)) > 100
