"""Moments in which the window has nothing to do, and what is kept for them.

Two things stop a window although they run elsewhere: a thread that imports a large
package, which holds Python's lock again and again for a second, and a full garbage
collection, which looks at every object of napari at once, for 0.1 s.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt, QTimer, Signal
from qtpy.QtGui import QCursor
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_TURN_S = 0.004  # for which a thread imports before it asks the window again
_PATIENCE_S = 0.1  # a window that is silent for longer may be waiting for the thread

# Of Python: a first look after so many new objects, a wider one after so many looks.
_SELDOM = (50_000, 20, 100)
_TICK_MS = 500
_QUIET_TICKS = 4


class Turns(QObject):
    """Lets a thread import only while the window has nothing to do.

    It has no parent and is held by the thread too, which may outlive the panel.
    """

    _asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._turn = threading.Event()
        self._hurry = False
        self._is_late = False
        # Fires when no event is waiting any more.
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._turn.set)
        self._asked.connect(self._idle.start)

    def hurry(self) -> None:
        """Let the thread go on without rests: somebody waits for what it imports."""
        self._hurry = True
        self._turn.set()

    @contextmanager
    def between_imports(self) -> Iterator[None]:
        """Rest between the modules that this thread imports, also the innermost."""
        finder = _RestingFinder(self._wait)
        sys.meta_path.insert(sys.meta_path.index(PathFinder), finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)

    def _wait(self) -> None:
        # A window that wants a module which is being imported has no turn to give.
        if self._hurry or (self._is_late and not self._turn.is_set()):
            return
        self._turn.clear()
        with suppress(RuntimeError):  # Qt is taken down
            self._asked.emit()
        self._is_late = not self._turn.wait(_PATIENCE_S)


class _RestingFinder(MetaPathFinder):
    """Finds modules as Python does, for one thread that is to rest before each."""

    def __init__(self, wait: Callable[[], None]) -> None:
        self._wait = wait
        self._thread = threading.get_ident()
        self._begun = time.perf_counter()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a module of this thread; all others are left to those that follow."""
        if threading.get_ident() != self._thread:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and type(spec.loader) is SourceFileLoader:
            spec.loader = _RestingLoader(fullname, spec.loader.path, self._rest)
        return spec

    def _rest(self) -> None:
        if time.perf_counter() - self._begun > _TURN_S:
            self._wait()
            self._begun = time.perf_counter()


class _RestingLoader(SourceFileLoader):
    """Rests before it runs a module; while it looks for one, nobody can import."""

    def __init__(self, name: str, path: str, rest: Callable[[], None]) -> None:
        super().__init__(name, path)
        self._rest = rest

    def exec_module(self, module: ModuleType) -> None:
        """Run the module after a rest."""
        self._rest()
        super().exec_module(module)


class Collections(QObject):
    """Puts off Python's full collections until nobody would notice them.

    Parameters
    ----------
    is_busy : callable
        Says whether work goes on that makes many objects.
    parent : QObject, optional
        Its parent.
    """

    def __init__(
        self, is_busy: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._is_busy = is_busy
        self._usual = gc.get_threshold()
        self._ticks = 0
        self._where = QCursor.pos()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def put_off(self) -> None:
        """Put them off until there is no work and the mouse rests for two seconds."""
        self._ticks = 0
        if not self._timer.isActive():
            self._usual = gc.get_threshold()
            gc.set_threshold(*_SELDOM)
            self._timer.start()

    def _tick(self) -> None:
        where, before = QCursor.pos(), self._where
        self._where = where
        pressed = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if pressed or where != before or self._is_busy():
            self._ticks = 0
            return
        self._ticks += 1
        if self._ticks >= _QUIET_TICKS:
            self._timer.stop()
            # Else Python would soon do it by itself, at some other moment.
            is_due = any(gc.get_count()[1:])
            gc.set_threshold(*self._usual)
            if is_due:
                gc.collect()
