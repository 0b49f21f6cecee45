"""The files in which an image exists."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field, NonNegativeInt, PositiveInt

from napari_cellib.model._base import Model, Sha256, Text

Role: TypeAlias = Literal[
    "original", "pyramid", "interchange", "preview", "thumbnail", "movie",
    "segmentation",
]  # fmt: skip


class Representation(Model):
    """One file, or one OME-Zarr, that shows an image.

    Attributes
    ----------
    url : str
        An absolute address, or a path relative to the library's blobs.
    access : {"chunked", "range", "whole"}
        Whether parts of it can be read: chunk by chunk, by byte ranges, or only
        as a whole.
    """

    role: Role
    url: Text
    media_type: Text | None = Field(default=None, examples=["image/tiff"])
    format: Text | None = Field(default=None, examples=["ome-zarr", "ome-tiff", "jpeg"])
    ngff_version: Text | None = Field(default=None, examples=["0.5"])
    size_bytes: NonNegativeInt | None = None
    sha256: Sha256 | None = None
    access: Literal["chunked", "range", "whole"] = "whole"
    width: PositiveInt | None = Field(default=None, description="pixels, of a picture")
    member_path: Text | None = Field(default=None, description="path inside a zip")
