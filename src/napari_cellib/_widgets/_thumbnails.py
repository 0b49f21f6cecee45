"""The pictures of the cards in sight, fetched and decoded off the GUI thread."""

from __future__ import annotations

import time
from collections import OrderedDict
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtGui import QImage

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.viewmodels.thumbnails import Arrived, thumbnails_job

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.cards import Card, CardKey
    from napari_cellib.viewmodels.libraries import Libraries

_KEPT = 600  # pictures of 220 × 220 pixels: about 110 MB at most
_AT_ONCE = 24
_GATHER_MS = 20
_AGAIN_S = 300.0  # the network may be back

_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPG"))


def decode(picture: bytes | None) -> QImage | None:
    """Return the image in PNG or JPEG bytes, or None if it is neither.

    Qt's other formats are left out: they are not needed, and what a library
    sends is not to be trusted with more decoders than need be.
    """
    if picture is None:
        return None
    for signature, format_name in _SIGNATURES:
        if picture.startswith(signature):
            image = QImage.fromData(picture, format_name)
            return None if image.isNull() else image
    return None


class Thumbnails(QObject):
    """Hands out pictures that are there and fetches those that are not."""

    arrived = Signal(object)  # keys of cards, as a set

    def __init__(self, libraries: Libraries, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._libraries = libraries
        self._images: OrderedDict[CardKey, QImage | None] = OrderedDict()
        self._missed: dict[CardKey, float] = {}  # when to ask again
        self._queues: dict[str | None, _Queue] = {}

    def get(self, card: Card) -> QImage | None:
        """Return a card's picture if it is there, else None and fetch it."""
        if card.key in self._images:
            self._images.move_to_end(card.key)
            image = self._images[card.key]
            if image is not None or time.monotonic() < self._missed[card.key]:
                return image
        if card.library not in self._queues:
            queue = _Queue(self._libraries, self)
            queue.runner.progressed.connect(self._take)
            self._queues[card.library] = queue
        self._queues[card.library].want(card)
        return None

    def forget(self) -> None:
        """Drop all pictures: the libraries have changed."""
        self._images.clear()

    def _take(self, progress: Arrived) -> None:
        if not progress.pictures:
            return
        self._images.update(progress.pictures)
        again = time.monotonic() + _AGAIN_S
        self._missed = {k: t for k, t in self._missed.items() if k in self._images}
        self._missed |= {k: again for k, p in progress.pictures.items() if p is None}
        while len(self._images) > _KEPT:
            self._images.popitem(last=False)
        self.arrived.emit(set(progress.pictures))


class _Queue(QObject):
    """What is wanted of one library: a slow one keeps no other waiting."""

    def __init__(self, libraries: Libraries, parent: QObject) -> None:
        super().__init__(parent)
        self._libraries = libraries
        self._wanted: dict[CardKey, Card] = {}
        self.runner = JobRunner(self)
        self.runner.succeeded.connect(self._fetch_wanted)
        self.runner.failed.connect(self._fetch_wanted)
        # A list asks card by card while it is painted: gather these into one job.
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(_GATHER_MS)
        self._gather.timeout.connect(self._fetch_wanted)

    def want(self, card: Card) -> None:
        """Fetch a card's picture soon."""
        self._wanted[card.key] = card
        if not self._gather.isActive() and not self.runner.is_running:
            self._gather.start()

    def _fetch_wanted(self) -> None:
        if not self._wanted or self.runner.is_running:
            return
        # The latest asked for are the ones in sight; what was scrolled past is
        # asked for again when it comes back.
        cards = list(self._wanted.values())[-_AT_ONCE:]
        self._wanted.clear()
        self.runner.start(_decoded(thumbnails_job(self._libraries, cards)))


def _decoded(job: Job[None]) -> Job[None]:
    with closing(job):
        for progress in job:
            assert isinstance(progress, Arrived)
            pictures = progress.pictures.items()
            yield replace(progress, pictures={key: decode(p) for key, p in pictures})
