"""OME-Zarr in and out: metadata read with patience, lazy levels, napari layers.

Start with `image.py`, which opens an image; `loading.py` reads it and `layers.py`
makes layers of it. Only `stores/` knows of folders and servers.
"""

from __future__ import annotations

from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.layers import LayerTuple, layer_tuples
from napari_cellib.pixels.loading import load_coarsest, load_whole, open_for_viewing
from napari_cellib.pixels.manifest import read_manifest
from napari_cellib.pixels.multiscale import LabelImage, Level, MultiscaleImage
from napari_cellib.pixels.thumbnail import thumbnail
from napari_cellib.pixels.writing import (
    ImageToWrite,
    Labels,
    WrittenImage,
    write_image,
    write_images,
)

__all__ = [
    "ImageToWrite",
    "LabelImage",
    "Labels",
    "LayerTuple",
    "Level",
    "MultiscaleImage",
    "WrittenImage",
    "layer_tuples",
    "load_coarsest",
    "load_whole",
    "open_for_viewing",
    "open_image",
    "read_manifest",
    "thumbnail",
    "write_image",
    "write_images",
]
