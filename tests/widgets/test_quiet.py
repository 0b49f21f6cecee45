"""What is kept for moments in which the window has nothing to do."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
import time

import numpy as np
import pytest

from napari_cellib._widgets import _quiet
from napari_cellib._widgets._quiet import Collections, Turns

BUSY = """
import time
end = time.perf_counter() + 0.01
while time.perf_counter() < end:
    pass
"""
COUNT = 20


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return the name of a package whose modules take a hundredth of a second each."""
    name = f"slow_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / name
    folder.mkdir()
    names = [f"part{number}" for number in range(COUNT)]
    for part in names:
        (folder / f"{part}.py").write_text(BUSY)
    lines = [f"from {name} import {part}\n" for part in names]
    (folder / "__init__.py").write_text("".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    for module in [one for one in sys.modules if one.split(".")[0] == name]:
        del sys.modules[module]


def import_in_thread(turns, name):
    def work():
        with turns.between_imports():
            importlib.import_module(name)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def is_there(name):
    return f"{name}.part{COUNT - 1}" in sys.modules


def test_the_window_has_its_turns_between_the_modules(qtbot, package):
    turns, seen = Turns(), []
    turns._idle.timeout.connect(lambda: seen.append(True))

    thread = import_in_thread(turns, package)
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=10_000)

    assert is_there(package)
    assert len(seen) >= COUNT // 2


def test_a_window_that_is_busy_is_waited_for(qtbot, package, monkeypatch):
    monkeypatch.setattr(_quiet, "_PATIENCE_S", 30.0)
    turns = Turns()

    thread = import_in_thread(turns, package)
    time.sleep(0.3)
    waiting = not is_there(package)
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=10_000)

    assert waiting
    assert is_there(package)


def test_a_window_that_waits_for_the_import_does_not_stop_it(qtbot, package):
    thread = import_in_thread(Turns(), package)

    importlib.import_module(package)  # on the thread of the window
    thread.join(10)

    assert is_there(package)


def test_nothing_is_waited_for_when_somebody_needs_the_import(qtbot, package):
    turns = Turns()
    turns.hurry()

    thread = import_in_thread(turns, package)
    thread.join(10)

    assert is_there(package)


def test_other_threads_can_import_while_one_rests(qtbot, package, monkeypatch):
    monkeypatch.setattr(_quiet, "_PATIENCE_S", 30.0)
    turns = Turns()
    thread = import_in_thread(turns, package)
    time.sleep(0.1)
    sys.modules.pop("this_is_no_module", None)
    begun = time.perf_counter()

    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("this_is_no_module")

    assert time.perf_counter() - begun < 5
    turns.hurry()
    thread.join(10)


def test_what_was_imported_knows_its_source_and_python_is_as_before(qtbot, package):
    before, turns = list(sys.meta_path), Turns()
    turns.hurry()

    import_in_thread(turns, package).join(10)

    assert sys.modules[package].__spec__.loader.get_source(package).startswith("from")
    assert sys.meta_path == before


@pytest.fixture
def usual(monkeypatch, qapp):
    """Return Python's own thresholds, and put them back."""
    for other in qapp.findChildren(Collections):
        other._timer.stop()  # of a window that has gone
    usual = gc.get_threshold()
    monkeypatch.setattr(_quiet, "_TICK_MS", 10)
    monkeypatch.setattr(_quiet, "_REST_S", 0.1)
    yield usual
    gc.set_threshold(*usual)


def test_full_collections_wait_until_no_job_runs(qtbot, qapp, usual):
    work = [True]
    collections = Collections(lambda: bool(work), qapp)
    rounds = gc.get_stats()[2]["collections"]
    collections.put_off()
    collections.put_off()
    kept = [[None] for _ in range(600_000)]
    qtbot.wait(100)

    assert gc.get_threshold()[:2] == usual[:2]
    assert gc.get_stats()[2]["collections"] == rounds
    work.clear()
    qtbot.waitUntil(lambda: gc.get_threshold() == usual, timeout=5000)
    assert gc.get_stats()[2]["collections"] == rounds + 1  # at rest, as it was due
    assert len(kept) == 600_000


def test_a_full_collection_that_python_would_not_make_is_not_made(qtbot, qapp, usual):
    collections = Collections(lambda: False, qapp)
    gc.collect()
    collections.put_off()
    rounds = gc.get_stats()[2]["collections"]
    for _ in range(usual[2] + 1):
        gc.collect(1)  # nothing is new but for the looks at it

    qtbot.waitUntil(lambda: gc.get_threshold() == usual, timeout=5000)
    assert gc.get_stats()[2]["collections"] == rounds


def test_full_collections_wait_while_they_are_put_off_again(qtbot, qapp, usual):
    collections = Collections(lambda: False, qapp)
    for _ in range(10):
        collections.put_off()
        qtbot.wait(30)

    assert gc.get_threshold() != usual
    qtbot.waitUntil(lambda: gc.get_threshold() == usual, timeout=5000)


@pytest.fixture
def seen():
    """Return a function that counts what collections look at."""
    yield lambda: len(gc.get_objects())
    gc.unfreeze()


def test_collections_pass_over_what_was_there_before(qtbot, viewer, seen):
    before = seen()

    _quiet.spare(viewer)
    spared = seen()
    _quiet.spare_no_more()

    assert spared < before / 10
    assert seen() > before / 2


def test_nothing_is_passed_over_while_images_are_open(qtbot, viewer, seen):
    viewer.add_image(np.zeros((4, 4)))

    _quiet.spare(viewer)

    assert gc.get_freeze_count() == 0
