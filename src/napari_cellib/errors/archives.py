"""What can go wrong with archives and what comes from them."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class DownloadFailed(CellibError):
    """A file could not be brought here from a server."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{where} could not be downloaded: {reason}.",
            fix=fix
            or "Check the network connection, then try again: it goes on "
            "from where it stopped.",
        )


class DumpUnreadable(CellibError):
    """What should be an archive's dump is none."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The dump {where} cannot be read: {reason}.",
            fix="Name the zip as it was downloaded, or a folder of its documents.",
        )


class ArchiveUnreachable(CellibError):
    """The server of an archive does not answer, or has moved, or is too busy."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{where} cannot be asked: {reason}.",
            fix=fix
            or "Check the network connection, then try again: what was taken in stays.",
        )


class ArchiveUnreadable(CellibError):
    """The server of an archive gives an answer that is none."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The answer of {where} cannot be used: {reason}.",
            fix="Try again later; if it goes on, the archive has changed its answers.",
        )
        self.reason = reason


class KeyNeeded(CellibError):
    """An archive gives something only to those who have a key, and the right one."""

    def __init__(self, archive: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{archive} asks for a key: {reason}.",
            fix=fix or "Ask the archive for one, then type 'cellib library key cil'.",
        )
