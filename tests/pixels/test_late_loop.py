"""Answers of servers that come when nobody waits any more."""

from __future__ import annotations

import asyncio
import threading

import pytest

from napari_cellib.pixels.background import Background
from napari_cellib.pixels.late_loop import LateLoop
from napari_cellib.pixels.streaming.loop_thread import LoopThread


def test_a_loop_does_what_other_threads_want_while_it_runs():
    loop = LateLoop()
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(loop.stop,))
    loop.call_soon(thread.start)
    loop.run_forever()
    thread.join()
    loop.close()


def test_what_is_wanted_of_a_closed_loop_is_dropped():
    loop, called = LateLoop(), []
    loop.close()

    loop.call_soon_threadsafe(called.append, 1)

    assert not called


def test_what_is_done_in_a_closed_loop_itself_is_an_error():
    loop = LateLoop()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon(print)


def test_an_answer_after_the_end_of_the_background_is_dropped():
    background, loops, begun = Background("test"), [], threading.Event()

    async def work() -> None:
        loops.append(asyncio.get_running_loop())
        begun.set()
        await asyncio.sleep(60)

    background.start(work)
    assert begun.wait(5)
    background.close()

    loops[0].call_soon_threadsafe(print, "too late")
    assert loops[0].is_closed()


def test_an_answer_after_the_end_of_a_loader_is_dropped(capsys):
    thread = LoopThread()
    thread.close(lambda: None)

    thread.soon(lambda: print("too late"))

    assert thread.loop.is_closed()
    assert not capsys.readouterr().out
