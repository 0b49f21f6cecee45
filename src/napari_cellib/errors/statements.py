"""What can be wrong with what was said of an image and is not in its library yet."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class JournalUnreadable(CellibError):
    """A journal of what was said cannot be used."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"What was said and not yet written, in {where}, cannot be read: {reason}.",
            fix="Update napari-cellib if a newer one wrote it; it was left as it is.",
        )


class JournalBusy(CellibError):
    """Another program keeps a journal from being written."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"Another program is writing in {where}.",
            fix="Try again in a moment; nothing that was said is lost.",
        )
