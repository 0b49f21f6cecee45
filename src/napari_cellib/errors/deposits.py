"""What can stop files on their way into a library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.errors.base import CellibError

if TYPE_CHECKING:
    from collections.abc import Iterable


class FilesRefused(CellibError):
    """A file is none that a library can keep, or it cannot be read."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{where} cannot be deposited: {reason}.",
            fix=fix or "Rename it or move it away, then try again.",
        )


class FileChanged(CellibError):
    """A file became another one while it was read."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} was changed while it was deposited.",
            fix="Wait until whatever writes it is done, then try again.",
        )


class TransferBusy(CellibError):
    """Another program is at work on the same deposit."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"Another program is working on the deposit in {where}.",
            fix="Go on there, or close it first.",
        )


class TransferUnreadable(CellibError):
    """The journal of a deposit is missing or damaged."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The journal of the deposit in {where} cannot be read: {reason}.",
            fix="Discard this deposit and begin it anew; your files are as they were.",
        )


class TransferIncomplete(CellibError):
    """Some files did not get through; all others did."""

    def __init__(self, count: int, first: str, problem: str) -> None:
        files = "1 file was" if count == 1 else f"{count} files were"
        super().__init__(
            f"{files} not sent, {first} for one: {problem}",
            fix="Mend that and try again; what has arrived is not sent twice.",
        )


class CarrierUnreachable(CellibError):
    """The library that files are sent to is not there at the moment."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The library in {where} takes nothing at the moment: {reason}.",
            fix="Check its drive or the network, then go on.",
        )


class CarrierUnsound(CellibError):
    """What a library answers to a deposit cannot be true."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The library does not take the files as it should: {reason}.",
            fix="Try again; if it goes on, tell whoever looks after that library.",
        )


class ManifestUnreadable(CellibError):
    """The list of what files must be is missing or damaged."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The files in {where} cannot be verified: {reason}.",
            fix="Name the folder of a deposited image, which has a manifest.json.",
        )


class DepositionNotFound(CellibError):
    """There is no deposition of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no deposition {name!r}.",
            fix="Look at the list of depositions.",
        )


class DepositionUnreadable(CellibError):
    """What is kept of a deposition cannot be used."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The deposition in {where} cannot be read: {reason}.",
            fix="Update napari-cellib if a newer one wrote it; it was left as it is.",
        )


class DepositRefused(CellibError):
    """What is chosen cannot be deposited together, or not into this library."""

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(f"That is not possible: {reason}.", fix=fix)


class LayersGone(CellibError):
    """Layers that a deposition was begun with are not there any more."""

    def __init__(self, names: Iterable[str]) -> None:
        named = ", ".join(names)
        super().__init__(
            f"The deposition needs the layers it was begun with: {named}.",
            fix="Open them in napari again and choose them anew.",
        )
