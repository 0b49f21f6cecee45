"""Opens images before they are looked at, so that they are there at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._layer_opener import make_layers
from napari_cellib.viewmodels.first_view import Canvas, Screen
from napari_cellib.viewmodels.opening import open_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib._widgets._layer_opener import Made
    from napari_cellib._widgets._stream_host import StreamHost
    from napari_cellib.viewmodels.cards import Card, CardKey
    from napari_cellib.viewmodels.libraries import Libraries

_LOOK_MS = 50
_CANVAS = Canvas(800, 800)  # where a viewer does not say how large its own is


class Ahead(QObject):
    """Makes the layers of some images, one image after the other.

    The layers of an image that waits already fetch what an empty viewer would show
    of it first: that is how the next one is seen at once.

    Parameters
    ----------
    viewer : napari.Viewer
        Where the images will be shown.
    libraries : Libraries
        Where they are found.
    host : StreamHost
        What fetches their pixels.
    parent : QObject
        Its parent.
    """

    came = Signal(object, object)  # CardKey, Made
    failed = Signal(object, object)  # CardKey, the Exception

    def __init__(
        self, viewer: Any, libraries: Libraries, host: StreamHost, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._libraries = libraries
        self._host = host
        self._ready: dict[CardKey, Made] = {}
        self._wanted: list[Card] = []
        self._coming: Card | None = None
        self._runner = JobRunner(self)
        self._runner.succeeded.connect(self._take)
        self._runner.failed.connect(self._give_up)
        self._rest = QTimer(self)
        self._rest.setInterval(_LOOK_MS)
        self._rest.timeout.connect(self._go_on)

    def take(self, card: Card) -> Made | None:
        """Return the layers of an image if they are there, and forget them."""
        return self._ready.pop(card.key, None)

    def want_now(self, card: Card) -> None:
        """Open an image at once, whatever else is being opened."""
        self._rest.stop()
        if self._coming is None or self._coming.key != card.key:
            self._open(card)

    def want(self, cards: Sequence[Card]) -> None:
        """Open these once all is there that is seen now; forget all others."""
        keys = {card.key for card in cards}
        self._ready = {key: made for key, made in self._ready.items() if key in keys}
        self._wanted = [card for card in cards if card.key not in self._ready]
        if self._wanted:
            self._rest.start()

    def forget(self) -> None:
        """Open nothing more."""
        self._rest.stop()
        self._runner.cancel()
        self._coming = None
        self._wanted = []
        self._ready = {}

    def _go_on(self) -> None:
        """Open what is wanted, when nothing in view is still to come."""
        if self._runner.is_running or not self._host.streams().are_complete():
            return
        if self._wanted:
            self._open(self._wanted.pop(0))
        else:
            self._rest.stop()

    def _open(self, card: Card) -> None:
        self._coming = card
        size = getattr(getattr(self._viewer, "canvas", None), "size", None)
        canvas = Canvas(*size) if size is not None else _CANVAS
        job = open_record(
            self._libraries,
            card.library,
            card.record,
            screen=Screen(self._host.streams, canvas),
        )
        self._runner.start(make_layers(job))

    def _take(self, made: Made) -> None:
        card, self._coming = self._coming, None
        if card is not None:
            self._ready[card.key] = made
            self.came.emit(card.key, made)

    def _give_up(self, error: Exception) -> None:
        card, self._coming = self._coming, None
        if card is not None:
            self.failed.emit(card.key, error)
