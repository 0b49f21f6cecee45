"""Long SQL statements as jobs: a cancel need not wait for their end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import Job, Progress

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

_POLL_S = 0.1


def execute(
    connection: sqlite3.Connection,
    statement: str,
    label: str,
    values: Mapping[str, object] | None = None,
) -> Job[list[Any]]:
    """Execute one statement on a thread; a cancel interrupts it.

    Parameters
    ----------
    connection : sqlite3.Connection
        Nobody else uses it meanwhile; made with ``check_same_thread=False``.
    statement : str
        SQL.
    label : str
        What the progress says.
    values : mapping, optional
        What the names in the statement stand for.

    Yields
    ------
    Progress
        Ten times a second.

    Returns
    -------
    list of tuple
        The rows of the answer.
    """
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(_rows, connection, statement, values or {})
        try:
            while not running.done():
                yield Progress(label)
                wait([running], _POLL_S)
        finally:
            while not running.done():
                # Again and again: it may not have begun when it is told to end.
                connection.interrupt()
                wait([running], _POLL_S)
    return running.result()


def _rows(
    connection: sqlite3.Connection, statement: str, values: Mapping[str, object]
) -> list[Any]:
    return connection.execute(statement, values).fetchall()
