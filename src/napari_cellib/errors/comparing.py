"""What can go wrong when images are compared."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class ComparisonRefused(CellibError):
    """Images cannot be compared as somebody asked."""

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(f"This cannot be compared: {reason}.", fix=fix)
