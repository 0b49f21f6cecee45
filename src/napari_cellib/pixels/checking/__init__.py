"""Is it sound? An image held against the format and against what a microscope gives.

Start with `place.py`, which checks what is at an address, and `files.py`, which checks
files that are no OME-Zarr yet. What it learns is an
`Examined`, and each check is a small function from that to problems.
"""

from __future__ import annotations

from napari_cellib.pixels.checking.examined import Examined, ExaminedLabels
from napari_cellib.pixels.checking.files import check_file
from napari_cellib.pixels.checking.place import check_place
from napari_cellib.pixels.checking.plausible import check_examined

__all__ = ["Examined", "ExaminedLabels", "check_examined", "check_file", "check_place"]
