"""The units of napari's layers, which are made on threads here."""

from __future__ import annotations

from functools import cache


@cache
def read_units() -> None:
    """Let pint read its definitions, on the screen's thread: it takes 0.1 s, once.

    It would do so at the first use, and of two threads that come first at once, both
    fail. So whoever makes layers on a thread sees to it before.
    """
    import pint

    pint.application_registry.parse_expression("pixel")
