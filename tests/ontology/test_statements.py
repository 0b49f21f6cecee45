"""Long statements that can be cancelled."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from napari_cellib.errors import JobCancelled
from napari_cellib.jobs import drive
from napari_cellib.ontology.statements import execute

ENDLESS = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number)
SELECT count(*) FROM number
"""


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as opened:
        yield opened


def test_a_statement_gives_back_its_rows(connection):
    job = execute(connection, "SELECT :one + 1, 3", "Adding", {"one": 1})

    assert drive(job) == [(2, 3)]


def test_what_is_wrong_with_a_statement_is_raised(connection):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        drive(execute(connection, "SELECT * FROM no_table", "Asking"))


@pytest.mark.parametrize("wait_s", [0, 0.3])
def test_a_cancel_ends_a_statement_that_would_never_end(connection, wait_s):
    cancel = threading.Event()
    begun = time.monotonic()

    def look(progress):
        assert progress.label == "Counting"
        if time.monotonic() - begun >= wait_s:
            cancel.set()

    with pytest.raises(JobCancelled):
        drive(execute(connection, ENDLESS, "Counting"), look, cancel)

    assert time.monotonic() - begun < 2
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
