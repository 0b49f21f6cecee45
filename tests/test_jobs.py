from __future__ import annotations

from threading import Event

import pytest

from napari_cellib.errors import JobCancelled
from napari_cellib.jobs import Progress, drive, single_step


def counting(cleaned: list[str]):
    try:
        for part in range(1_000):
            yield Progress("Counting", part, 1_000)
    finally:
        cleaned.append("cleaned")
    return "done"


def test_a_job_returns_its_value_and_reports_each_step():
    cleaned, seen = [], []

    assert drive(counting(cleaned), seen.append) == "done"
    assert [progress.done for progress in seen] == list(range(1_000))


def test_cancelling_runs_the_clean_up_of_the_job():
    cancel, cleaned = Event(), []

    def stop_after_three(progress):
        if progress.done == 3:
            cancel.set()

    job = counting(cleaned)  # held here, so that only `drive` can have closed it
    with pytest.raises(JobCancelled):
        drive(job, stop_after_three, cancel)

    assert cleaned == ["cleaned"]


def test_a_failing_listener_still_lets_the_job_clean_up():
    cleaned = []

    def fail(_):
        raise RuntimeError("listener")

    job = counting(cleaned)
    with pytest.raises(RuntimeError, match="listener"):
        drive(job, fail)

    assert cleaned == ["cleaned"]


def test_a_plain_call_becomes_a_job_of_one_step():
    seen = []

    assert drive(single_step("Adding", sum, [1, 2]), seen.append) == 3
    assert seen == [Progress("Adding")]
