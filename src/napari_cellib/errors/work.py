"""What can stop any work."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class JobCancelled(CellibError):
    """The user stopped a job; what it had begun was cleaned up."""

    def __init__(self) -> None:
        super().__init__("The job was cancelled.", fix="Start it again when ready.")


class TargetExists(CellibError):
    """An image cannot be saved where something is already."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} is there already, and nothing is written over.",
            fix="Choose another name, or move it away.",
        )


class TargetBusy(CellibError):
    """An image is being written there just now."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is being written by another program, or another window.",
            fix="Wait until that is done, or choose another name.",
        )


class StorageFull(CellibError):
    """The drive has no room left."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is no room left on the drive of {where}.",
            fix="Free some space, then try again; nothing was changed.",
        )


class MissingExtra(CellibError):
    """An optional package is not installed."""

    def __init__(self, purpose: str, *, install: str) -> None:
        super().__init__(
            f"{purpose} needs a package that is not installed.",
            fix=f"Install it with: {install}.",
        )


class TourStopped(CellibError):
    """A step of the demo's tour did not come to its end."""

    def __init__(self, step: str, *, seconds: float | None = None) -> None:
        waited = f", after {seconds:.0f} s" if seconds else ""
        super().__init__(
            f"The tour stopped at {step}{waited}.",
            fix="Run 'cellib doctor', then try again.",
        )
