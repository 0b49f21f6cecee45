"""Which depositions are being sent: one after the other, each until it is stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from psygnal import Signal

from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.depositions_rows import Underway

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.pixels.layer_sets.planning import LayerData


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent.

    Attributes
    ----------
    id : str
        Of the deposition.
    layers : sequence of tuple
        Its layers, where it has any that were not written yet.
    only : str or None
        Of the files that were not sent, the only one to be tried again.
    """

    id: str
    layers: Sequence[LayerData] = ()
    only: str | None = None


class Transfers:
    """The depositions on their way; others run the job and tell what came of it.

    One is sent at a time: several would not be there sooner, and a drive that has to
    write two is slower than one that writes one after the other.

    Parameters
    ----------
    send : callable
        Returns the job that does all that is left to do of an order.
    """

    changed: ClassVar[Signal] = Signal(str)  # id of the deposition

    def __init__(self, send: Callable[[Order], Job[ImageRecord]]) -> None:
        self._send = send
        self._waiting: dict[str, Order] = {}
        self._running: Order | None = None
        self._underway = Underway()
        self._layers: dict[str, Sequence[LayerData]] = {}
        self.errors: dict[str, Exception] = {}

    @property
    def ids(self) -> frozenset[str]:
        """All that are being sent, or wait to be."""
        running = [self._running.id] if self._running else []
        return frozenset((*self._waiting, *running))

    @property
    def running(self) -> str | None:
        """The deposition that is being sent."""
        return self._running.id if self._running else None

    def underway(self, id: str) -> Underway | None:
        """Return how far a deposition is; None if it is not being sent."""
        if id == self.running:
            return self._underway
        return Underway() if id in self._waiting else None

    def add(self, order: Order) -> None:
        """Send a deposition, as soon as those before it are through."""
        if order.id in self.ids:
            return
        # Kept until all is through: what was stopped goes on with the same layers.
        if order.layers:
            self._layers[order.id] = order.layers
        self.errors.pop(order.id, None)
        layers = self._layers.get(order.id, ())
        self._waiting[order.id] = replace(order, layers=layers)
        self.changed.emit(order.id)

    def has_layers(self, id: str) -> bool:
        """Say whether the layers of a deposition are still known."""
        return id in self._layers

    def next_job(self) -> Job[ImageRecord] | None:
        """Return the job of the next one, if none is running and any is waiting."""
        if self._running is not None or not self._waiting:
            return None
        order = self._running = self._waiting.pop(next(iter(self._waiting)))
        self._underway = Underway(Progress("Getting ready"))
        self.changed.emit(order.id)
        return self._send(order)

    def take_progress(self, progress: Progress) -> None:
        """Note how far it is."""
        self._underway = replace(self._underway, progress=progress)
        if self._running is not None:
            self.changed.emit(self._running.id)

    def pause(self, id: str) -> bool:
        """Send a deposition no further; say whether its job has to be stopped."""
        if self._waiting.pop(id, None) is None and id == self.running:
            self._underway = replace(self._underway, is_stopping=True)
            self.changed.emit(id)
            return True
        self.changed.emit(id)
        return False

    def settle(self, error: Exception | None = None, *, is_done: bool = False) -> str:
        """Note that the job has come to its end, and return which one that was."""
        assert self._running is not None
        ended, self._running = self._running.id, None
        if error is not None:
            self.errors[ended] = error
        if is_done:
            self.forget(ended)
        self.changed.emit(ended)
        return ended

    def forget(self, id: str) -> None:
        """Forget all that was known of a deposition: it is through, or given up."""
        self._waiting.pop(id, None)
        self._layers.pop(id, None)
        self.errors.pop(id, None)
