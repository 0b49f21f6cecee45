from __future__ import annotations

import logging
import threading
import time

import pytest
from qtpy.QtCore import QObject

from napari_cellib._widgets._job_runner import JobRunner, stop_all_jobs
from napari_cellib.errors import LibraryBusy
from napari_cellib.jobs import Progress


def long_job(cleaned=None, started=None):
    try:
        for step in range(10_000):
            if started is not None:
                started.set()
            time.sleep(0.005)
            yield Progress("Working", step, 10_000)
    finally:
        if cleaned is not None:
            cleaned.set()


@pytest.mark.parametrize("error", [ValueError("bad"), RuntimeError("closed")])
def test_every_error_of_a_job_reaches_the_gui(qtbot, caplog, error):
    def job():
        yield Progress("Working")
        raise error

    runner = JobRunner()
    with qtbot.waitSignal(runner.failed) as caught:
        runner.start(job())

    assert caught.args == [error]
    assert "Traceback" in caplog.text


def test_an_error_that_was_foreseen_needs_no_traceback(qtbot, caplog):
    def job():
        yield Progress("Working")
        raise LibraryBusy("here")

    runner = JobRunner()
    with caplog.at_level(logging.DEBUG), qtbot.waitSignal(runner.failed):
        runner.start(job())

    assert caplog.text == ""


def test_what_goes_wrong_after_cancelling_is_not_logged(qtbot, caplog):
    in_last_step, go_on = threading.Event(), threading.Event()

    def job():
        yield Progress("Working")
        in_last_step.set()
        go_on.wait(5)
        raise OSError("the library was closed meanwhile")

    runner = JobRunner()
    runner.start(job())
    in_last_step.wait(5)
    runner.cancel()
    with qtbot.waitSignal(runner.failed):
        go_on.set()

    assert caplog.text == ""


def test_only_the_newest_job_answers(qtbot):
    in_last_step, go_on = threading.Event(), threading.Event()

    def old():
        yield Progress("Old")
        in_last_step.set()  # beyond the point where it could be cancelled
        go_on.wait(5)
        return "old"

    def new():
        yield Progress("New")
        return "new"

    runner, news = JobRunner(), []
    runner.succeeded.connect(news.append)
    runner.cancelled.connect(lambda: news.append("cancelled"))
    runner.start(old())
    in_last_step.wait(5)
    with qtbot.waitSignal(runner.succeeded):
        runner.start(new())
    go_on.set()
    qtbot.wait(100)

    assert news == ["new"]


def test_cancel_is_reported_once(qtbot):
    runner, reports = JobRunner(), []
    runner.cancelled.connect(lambda: reports.append("cancelled"))
    runner.start(long_job())
    with qtbot.waitSignal(runner.cancelled):
        runner.cancel()
    qtbot.wait(50)

    assert reports == ["cancelled"]
    assert not runner.is_running


def test_progress_is_reported_on_the_gui_thread(qtbot):
    threads = set()
    runner = JobRunner()
    runner.progressed.connect(lambda _: threads.add(threading.get_ident()))
    runner.start(long_job())
    qtbot.waitUntil(lambda: bool(threads))
    runner.cancel()

    assert threads == {threading.get_ident()}


def test_jobs_of_different_runners_do_not_wait_for_each_other(qtbot):
    meeting = threading.Barrier(6, timeout=5)

    def job():
        yield Progress("Waiting for the others")
        meeting.wait()  # breaks, and so fails, unless all six run at once

    runners = [JobRunner() for _ in range(6)]
    done = []
    for runner in runners:
        runner.succeeded.connect(done.append)
        runner.start(job())

    qtbot.waitUntil(lambda: len(done) == 6)


def test_a_job_stops_and_cleans_up_when_its_panel_is_destroyed(qtbot):
    cleaned, started = threading.Event(), threading.Event()
    panel = QObject()
    JobRunner(panel).start(job := long_job(cleaned, started))
    started.wait(2)

    panel.deleteLater()
    qtbot.waitUntil(cleaned.is_set, timeout=1000)
    del job  # held until here, so that only the runner can have closed it


def test_quitting_waits_for_the_cleaning_up(qtbot):
    cleaned, started = threading.Event(), threading.Event()
    runner = JobRunner()
    runner.start(job := long_job(cleaned, started))
    started.wait(2)

    stop_all_jobs()

    assert cleaned.is_set()
    del job


def test_quitting_does_not_wait_for_a_job_that_hangs(qtbot):
    release = threading.Event()

    def job():
        yield Progress("Hanging")
        release.wait(10)

    runner = JobRunner()
    runner.start(job())
    before = time.monotonic()
    stop_all_jobs()

    assert time.monotonic() - before < 1.5
    release.set()
    qtbot.waitUntil(lambda: not runner.is_running)
