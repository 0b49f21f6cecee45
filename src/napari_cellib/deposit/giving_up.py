"""Give up what is not in a library yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.deposit.depositions import Stage, in_library
from napari_cellib.deposit.embedded import carrier_for
from napari_cellib.deposit.transfer import discard
from napari_cellib.errors import DepositRefused, RecordNotFound

if TYPE_CHECKING:
    from napari_cellib.deposit.depositions import Deposition, Depositions
    from napari_cellib.library import EmbeddedLibrary


def give_up(depositions: Depositions, id: str, library: EmbeddedLibrary | None) -> None:
    """Give a deposition up that is not in the library yet; its draft comes back.

    Files that are sealed there are taken away again: nobody has seen them. A library
    that is not there, None, keeps what was sent: it may never come back, and nobody
    should be stuck with a deposition for ever.

    Raises
    ------
    DepositRefused
        When the library has its record.
    TransferBusy
        When somebody is at work on it.
    """
    with depositions.locked(id):
        deposition = depositions.open(id)
        if deposition.stage is Stage.DONE or _can_be_seen(deposition, library):
            raise DepositRefused(
                "it is in the library already",
                fix="Let it be finished, and withdraw it then.",
            )
        if library is not None:
            carrier = carrier_for(library)
            discard(depositions.journal(id), carrier)
            carrier.take_back(deposition.record)
        depositions.drafts.save(deposition.draft)
        depositions.delete(id)


def _can_be_seen(deposition: Deposition, library: EmbeddedLibrary | None) -> bool:
    """Say whether the library has a record of it already: it was killed just then."""
    if library is None:
        return False
    deposition = in_library(deposition, library)
    try:
        library.record(deposition.record)
    except RecordNotFound:
        return False
    # Whoever took its files away by hand is not to be left with it for ever.
    return library.blob_folder(deposition.record).exists()
