"""A person's own network, and whether it is asked: kept for the sessions to come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from napari_cellib.jobs import Progress
from napari_cellib.library.files import write_file
from napari_cellib.model._base import Model

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.settings import Settings

_NAME = "own-network.json"  # in the data folder

SHIPPED = "EfficientNet-Lite0, comes along"
OWN = "Own network…"
WANTED = (
    "A file in ONNX: it takes tiles of 256 × 256 pixels with values from 0 to 1, of "
    "shape (N, Y, X), (N, 1, Y, X) or (N, 3, Y, X), and its first output is a vector "
    "of each. All images are described by it once; it never leaves this computer."
)


class OwnNetwork(Model):
    """A network in ONNX that a person has chosen.

    Attributes
    ----------
    path : Path or None
        Its file; None where none was ever chosen.
    is_used : bool
        Whether structure is told by it, and not by the one that comes along.
    """

    path: Path | None = None
    is_used: bool = False

    @property
    def name(self) -> str:
        """What a person calls it; empty where there is none."""
        return self.path.name if self.path else ""

    @property
    def used(self) -> Path | None:
        """Its file, if structure is told by it."""
        return self.path if self.is_used else None


def read_own_network(settings: Settings) -> OwnNetwork:
    """Return what was chosen before; nothing if that is not known, or damaged."""
    try:
        return OwnNetwork.model_validate_json(_file(settings).read_bytes())
    except (OSError, ValidationError):
        return OwnNetwork()


def keep_job(settings: Settings, chosen: OwnNetwork) -> Job[OwnNetwork]:
    """Return the job that tries a network if it is to be used, and remembers it.

    Raises
    ------
    MissingExtra, ModelUnusable
        When it cannot be used; what was chosen before stays.
    StorageFull, LibraryReadOnly
        When it cannot be remembered.
    """
    if chosen.used is not None:
        yield Progress(f"Trying {chosen.name}")
        from napari_cellib.compare.describing.network import network_at

        network_at(chosen.used)
    yield Progress("Remembering which network is asked")
    content = chosen.model_dump_json(exclude_defaults=True)
    write_file(_file(settings), content.encode())
    return chosen


def _file(settings: Settings) -> Path:
    return settings.data_folder / _NAME
