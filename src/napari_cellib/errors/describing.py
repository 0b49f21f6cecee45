"""What can go wrong when images are described."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class ModelUnusable(CellibError):
    """A user's own network cannot describe images."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot describe images: {reason}.",
            fix="Name another file in ONNX, or none to use the one that is shipped.",
        )
