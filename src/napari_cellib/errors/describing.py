"""What can go wrong when images are described."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class ModelUnusable(CellibError):
    """A user's own network cannot describe images."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot describe images: {reason}.",
            fix="Choose another file in ONNX, or the network that comes along. It is "
            "to take tiles with values from 0 to 1, of shape (N, Y, X), (N, 1, Y, X) "
            "or (N, 3, Y, X), and to make a vector of each.",
        )
