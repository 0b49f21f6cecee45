"""What can go wrong when images are compared."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class ComparisonRefused(CellibError):
    """Images cannot be compared as somebody asked."""

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(f"This cannot be compared: {reason}.", fix=fix)


class IndexBusy(CellibError):
    """Another program is describing the images of a library."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"Another program, or another window, is writing {where}.",
            fix="Wait until it is done; what is described so far can be searched.",
        )


class IndexDamaged(CellibError):
    """The descriptions of a library's images cannot be read."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"{where} was damaged and has been put aside: {reason}.",
            fix="Try again; the images are then described anew.",
        )


class IndexOutdated(CellibError):
    """The images of a library are described in another way than images are today."""

    def __init__(self, library: str, *, found: str, wanted: str) -> None:
        super().__init__(
            f"The images of {library} are described by {found}, which cannot be "
            f"compared with {wanted}.",
            fix="Describe them again: run cellib similar with --rebuild.",
        )
