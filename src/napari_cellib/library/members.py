"""One of several libraries: opened when it is first asked, and never waited for."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.library.protocol import Library

T = TypeVar("T")

_AT_ONCE = 8  # questions to one library; those to a dead one must not pile up


class Member:
    """A library among several.

    Questions are put in threads of its own. They are daemons: a library that never
    answers keeps neither its neighbours waiting nor the program alive.

    Parameters
    ----------
    id, name : str
        Of the library, known before it is open.
    open : callable
        Returns the library; called once, in a thread, unless it fails.
    """

    def __init__(self, id: str, name: str, open: Callable[[], Library]) -> None:
        self.id = id
        self.name = name
        self._open = open
        self._library: Library | None = None
        self._opening = Lock()
        self._lock = Lock()
        self._waiting: deque[tuple[Callable[[Library], Any], Future[Any]]] = deque()
        self._workers = 0
        self._closed = False

    @classmethod
    def of(cls, library: Library) -> Member:
        """Return a library that is open already as a member."""
        info = library.info
        member = cls(info.id, info.name, lambda: library)
        member._library = library
        return member

    def library(self) -> Library:
        """Return the library, opened if need be: waits for a disk.

        Raises
        ------
        CellibError
            When it cannot be opened.
        ValueError
            When the member was closed.
        """
        with self._opening:
            if self._closed:
                raise ValueError(f"{self.name} was closed")
            if self._library is None:
                self._library = self._open()
            return self._library

    def ask(self, question: Callable[[Library], T]) -> Future[T]:
        """Put a question in a thread; what comes of it, or its error, comes later."""
        future: Future[T] = Future()
        with self._lock:
            self._waiting.append((question, future))
            if self._workers == _AT_ONCE:
                # Nobody waits any longer for those that were cancelled.
                kept = (task for task in self._waiting if not task[1].cancelled())
                self._waiting = deque(kept)
                return future
            self._workers += 1
        Thread(target=self._work, name=f"cellib-{self.id}", daemon=True).start()
        return future

    def close(self) -> None:
        """Close the library, as soon as it has given the answers it is working on."""
        with self._lock:
            self._closed = True
            for _, future in self._waiting:
                future.cancel()
            self._waiting.clear()
            if self._workers:
                return  # the last of them closes it
        self._shut()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            question, future = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                answer = question(self.library())
            except Exception as error:  # noqa: BLE001 - belongs to whoever asked
                future.set_exception(error)
            else:
                future.set_result(answer)

    def _next(self) -> tuple[Callable[[Library], Any], Future[Any]] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._workers -= 1
            is_last = self._closed and not self._workers
        if is_last:
            self._shut()
        return None

    def _shut(self) -> None:
        with self._opening:
            library, self._library = self._library, None
        if library is not None:
            library.close()
