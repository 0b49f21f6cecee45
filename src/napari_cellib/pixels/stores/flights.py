"""One question for all who ask the same at the same time."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task
        self.waiting = 0


class Flights(Generic[T]):
    """Questions that are under way.

    One that nobody waits for any longer is given up. Askers in different event loops
    ask each for themselves.
    """

    def __init__(self) -> None:
        self._flights: dict[tuple[int, Hashable], _Flight[T]] = {}

    async def join(self, name: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer to `ask`, or to the same question asked before.

        Parameters
        ----------
        name : hashable
            What makes questions the same.
        ask : callable
            Called if nobody is asking it just now.

        Returns
        -------
        object
            The answer.
        """
        place = (id(asyncio.get_running_loop()), name)
        flight = self._flights.get(place)
        if flight is None:
            flight = _Flight(asyncio.ensure_future(_awaited(ask)))
            self._flights[place] = flight
            flight.task.add_done_callback(partial(self._landed, place, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                flight.task.cancel()
                self._land(place, flight)

    def _landed(
        self, place: tuple[int, Hashable], flight: _Flight[T], _: asyncio.Task[T]
    ) -> None:
        self._land(place, flight)

    def _land(self, place: tuple[int, Hashable], flight: _Flight[T]) -> None:
        if self._flights.get(place) is flight:
            del self._flights[place]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # nobody may be left to hear of it


async def _awaited(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()
