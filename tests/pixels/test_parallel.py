import time
from threading import Event

import pytest

from napari_cellib.errors import JobCancelled
from napari_cellib.jobs import drive
from napari_cellib.pixels.parallel import in_parallel


def test_answers_keep_the_order_of_the_questions():
    def late_if_early(number):
        time.sleep(0.02 if number == 0 else 0)
        return number * 10

    assert drive(in_parallel("", late_if_early, [0, 1, 2])) == [0, 10, 20]


def test_nothing_to_do_is_done():
    assert drive(in_parallel("", str, [])) == []


def test_progress_counts_the_weights():
    seen = []
    drive(in_parallel("Reading", str, [1, 2], weights=[30, 12]), seen.append)

    assert (seen[0].done, seen[0].total) == (0, 42)
    assert seen[-1].done == 42


def test_an_error_ends_the_job_before_the_rest_is_done():
    started = []

    def work(number):
        started.append(number)
        time.sleep(0.01)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        drive(in_parallel("", work, range(1000), workers=2))

    assert len(started) < 100


def test_waiting_can_be_cancelled():
    cancel, release = Event(), Event()
    began = time.monotonic()
    with pytest.raises(JobCancelled):
        drive(
            in_parallel("", lambda _: release.wait(20), [1]),
            lambda _: cancel.set(),
            cancel,
        )

    assert time.monotonic() - began < 2
    release.set()
