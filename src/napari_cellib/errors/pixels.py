"""What can be wrong with an image, or the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.errors.base import CellibError

if TYPE_CHECKING:
    from collections.abc import Mapping


class PixelsNotFound(CellibError):
    """Nothing is stored where the pixels of an image should be."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is no image at {where}.",
            fix="Check the address, or whether the drive is connected.",
        )


class PixelsUnreadable(CellibError):
    """Something is there, but it is no OME-Zarr image or it is damaged."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"The image at {where} cannot be read: {reason}.",
            fix=fix or "Ask whoever made it for a fresh copy, or open another image.",
        )
        self.reason = reason


class NoPixels(PixelsUnreadable):
    """Layers were saved there, of which none has pixels that can be read."""

    def __init__(self, where: str, layer_set: Mapping[str, Any]) -> None:
        super().__init__(
            where,
            "it holds layers without pixels, such as points",
            fix="Open it in napari.",
        )
        self.layer_set = layer_set


class LayersChanged(CellibError):
    """Layers became different while they were saved."""

    def __init__(self, target: str) -> None:
        super().__init__(
            f"A layer was changed while {target} was written, so nothing was saved.",
            fix="Save again, and wait with changes until it is done.",
        )


class FormatUnknown(PixelsUnreadable):
    """A file is sound, but of a kind that is not known here."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            where,
            reason,
            fix=f"Open {where} with another of napari's readers.",
        )


class AxesUnknown(CellibError):
    """A file holds many planes and does not say whether they are times or depths."""

    def __init__(self, where: str, planes: int, *, what: str = "planes") -> None:
        super().__init__(
            f"{where} does not say what its {planes} {what} are.",
            fix="Say it: --axes t for times, --axes z for depths, --axes c for "
            "channels.",
        )


class SeriesIncomplete(CellibError):
    """Several files do not make one image."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"These files do not make one image: {reason}.",
            fix="Name those that belong together, or convert them one by one.",
        )


class ConversionRefused(CellibError):
    """What is wished of files cannot be done with them."""

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(f"This cannot be converted as wished: {reason}.", fix=fix)


class PixelsUnwritable(CellibError):
    """An image holds what the format cannot hold, or cannot be put there."""

    def __init__(self, name: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{name!r} cannot be written: {reason}.",
            fix=fix or "Change it, or leave it out, then try again.",
        )


class PixelsUnreachable(CellibError):
    """The server or drive that holds the pixels does not answer."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{where} does not answer: {reason}.",
            fix=fix or "Check the network connection, then try again.",
        )


class PixelsNotKept(PixelsUnreachable):
    """Only the cache may be used, and a file of an image is not in it."""

    def __init__(self, where: str, file: str) -> None:
        CellibError.__init__(
            self,
            f"{where} is not in the cache: {file} is missing, and offline mode is on.",
            fix="Leave offline mode, or keep the image by 'cellib cache keep' before.",
        )
