"""The files in which an image exists."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field, NonNegativeInt, PositiveInt

from napari_cellib.model._base import Model, Sha256, Text

Role: TypeAlias = Literal[
    "original", "pyramid", "interchange", "preview", "thumbnail", "movie",
    "segmentation",
]  # fmt: skip


_TIFF = {"ome-tiff", "tiff"}
_PICTURE = {"jpeg", "png"}
_MOVIE = {"mp4", "flv"}


class Representation(Model):
    """One file, or one OME-Zarr, that shows an image.

    Attributes
    ----------
    url : str
        An absolute address, or a path relative to the library's blobs.
    access : {"chunked", "range", "whole"}
        Whether parts of it can be read: chunk by chunk, by byte ranges, or only
        as a whole.
    manifest : dict of str to dict, optional
        What opening an OME-Zarr has to know, so that no server is asked for it.
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
    manifest: dict[str, dict[str, Any]] | None = Field(
        default=None, description="metadata of an OME-Zarr, by their path in it"
    )
    member_path: Text | None = Field(default=None, description="path inside a zip")

    @property
    def is_picture(self) -> bool:
        """Whether it is a small picture that is seen at once."""
        return self.role == "preview" and self.format in _PICTURE

    def fits(self, largest: int) -> bool:
        """Whether it need not be downloaded, or has no more bytes than `largest`."""
        return self.role == "pyramid" or (self.size_bytes or 0) <= largest

    def opening_rank(self, *, video: bool = False) -> int | None:
        """Return how well it shows the image, 0 being best; None if not at all.

        Parameters
        ----------
        video : bool, default: False
            Whether the image is a video: then the movie is the image itself.
        """
        if self.role == "pyramid":
            return 0
        if self.role not in {"original", "interchange", "preview", "movie"}:
            return None
        if self.format in _TIFF:
            return 1 if self.role == "interchange" else 2
        if self.format in _MOVIE:
            return 3 if video else 5
        if self.format == "zip":
            return 4
        if self.format in _PICTURE:
            return 6 if self.role == "original" else 7
        return None
