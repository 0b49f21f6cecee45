"""What stops a window although it runs elsewhere, and how it is kept from that.

A thread that imports a large package holds Python's lock again and again for a second.
A full garbage collection looks at every object of napari at once, for 0.1 to 0.3 s; it
comes when many objects have been made, by whichever thread. And a thread that computes
holds the lock for 5 ms whenever the window asks for it, many times for one picture.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_TURN_S = 0.004  # for which a thread imports before it asks the window again
_PATIENCE_S = 0.1  # a window that is silent for longer may be waiting for the thread

_WAIT_S = 0.0005  # for which another thread goes on when the window wants Python's lock

# Of Python: how many looks at new objects come before one at all of them.
_SELDOM = 1_000_000
_GROWN = 1.2  # and no look at all of them before a quarter is new; just before
_TICK_MS = 200
_REST_S = 2.0  # nobody moves anything, so a pause is not felt


class Turns(QObject):
    """Lets a thread import only while the window has nothing to do.

    It belongs to the application, and is held by the thread too, which may outlive the
    panel: nobody but the screen's thread may destroy its timer.
    """

    _asked = Signal()

    def __init__(self) -> None:
        super().__init__(QCoreApplication.instance())
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
    """Puts off Python's full collections to moments in which nobody feels them.

    What is new is looked at as often as ever, which takes a millisecond. Meanwhile,
    threads let go of Python's lock sooner when the window asks for it.

    Parameters
    ----------
    is_busy : callable
        Says whether anything runs that makes many objects.
    parent : QObject, optional
        Its parent.
    """

    def __init__(
        self, is_busy: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._is_busy = is_busy
        self._usual = gc.get_threshold()
        self._usual_wait = sys.getswitchinterval()
        self._asked = 0.0
        self._rounds, self._old = _full_rounds(), 0  # objects there were by then
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def put_off(self) -> None:
        """Put them off until nothing runs, and nobody has asked again for a while."""
        self._asked = time.monotonic()
        if not self._timer.isActive():
            self._usual = gc.get_threshold()
            gc.set_threshold(*self._usual[:2], _SELDOM)
            self._usual_wait = sys.getswitchinterval()
            sys.setswitchinterval(min(self._usual_wait, _WAIT_S))
            self._timer.start()

    def _tick(self) -> None:
        is_fresh = time.monotonic() - self._asked < _REST_S
        if is_fresh or self._is_busy() or _is_mouse_down():
            return
        self._timer.stop()
        is_due = gc.get_count()[2] > self._usual[2] and self._is_grown()
        gc.set_threshold(*self._usual)
        sys.setswitchinterval(self._usual_wait)
        if is_due:  # else Python would do it as soon as somebody moves something
            gc.collect()
            self._is_grown()

    def _is_grown(self) -> bool:
        """Say whether as much is new since the last full collection as Python asks.

        To count them takes a tenth of the time of a collection.
        """
        rounds, old = _full_rounds(), len(gc.get_objects(generation=2))
        if rounds != self._rounds:
            self._rounds, self._old = rounds, old
        return old > _GROWN * self._old


def _full_rounds() -> int:
    rounds: int = gc.get_stats()[2]["collections"]
    return rounds


def _is_mouse_down() -> bool:
    has_mouse = isinstance(QApplication.instance(), QApplication)
    return has_mouse and QApplication.mouseButtons() != Qt.MouseButton.NoButton


def spare(viewer: Any) -> None:
    """Let collections pass over what there is now: modules, and napari itself.

    Not where images are open: what is passed over is not freed either.

    Parameters
    ----------
    viewer : napari.Viewer or None
        Its images are looked for.
    """
    if viewer is None or not viewer.layers:
        gc.freeze()


def spare_no_more() -> None:
    """Let collections look at everything again."""
    gc.unfreeze()
