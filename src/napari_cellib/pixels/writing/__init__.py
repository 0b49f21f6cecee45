"""OME-Zarr out: images, labels and what belongs to them, all of it or nothing."""

from __future__ import annotations

from napari_cellib.pixels.writing.folder import write_image, write_images
from napari_cellib.pixels.writing.image import (
    Extra,
    ImageToWrite,
    Labels,
    WrittenImage,
)

__all__ = [
    "Extra",
    "ImageToWrite",
    "Labels",
    "WrittenImage",
    "write_image",
    "write_images",
]
