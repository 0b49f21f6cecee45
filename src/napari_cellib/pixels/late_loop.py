"""An event loop to which answers may come too late."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

_Ts = TypeVarTuple("_Ts")


class LateLoop(asyncio.SelectorEventLoop):
    """Drops what other threads want of it once it is closed, as nobody waits for it.

    The threads in which obstore talks to servers may tell of an answer while what
    asked for it is being cancelled. A closed loop of Python would raise an error
    there, which nobody can catch and everybody sees.
    """

    def call_soon_threadsafe(
        self,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Call a function soon, from any thread."""
        try:
            return super().call_soon_threadsafe(callback, *args, context=context)
        except RuntimeError:
            if not self.is_closed():
                raise
            return asyncio.Handle(callback, args, self, context)
