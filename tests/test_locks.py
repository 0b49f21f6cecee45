from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Timer

from napari_cellib.jobs import Progress, drive
from napari_cellib.locks import try_lock, use_log, wait_for_lock

AT_ONCE = 6


def test_of_those_who_begin_a_database_at_once_none_is_refused(tmp_path):
    together = Barrier(AT_ONCE)

    def begin(number: int) -> None:
        with closing(sqlite3.connect(tmp_path / f"{number}.sqlite")) as connection:
            together.wait(20)
            use_log(connection, patience_s=20)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(20):
            for beginning in [threads.submit(begin, number) for _ in range(AT_ONCE)]:
                beginning.result()


def test_one_waits_until_another_lets_go_and_says_why(tmp_path):
    path = tmp_path / "lock"
    held = try_lock(path)
    assert held is not None
    assert try_lock(path) is None
    told = []
    timer = Timer(0.3, held.close)
    timer.start()

    drive(wait_for_lock(path, "Waiting"), told.append).close()

    timer.join()
    assert set(told) == {Progress("Waiting")}
