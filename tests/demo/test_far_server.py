from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from napari_cellib.demo.far_server import far_server

ENDS_AT_ONCE = """
import os, sys
from pathlib import Path
from napari_cellib.demo.far_server import far_server

if __name__ == "__main__":
    with far_server(Path(sys.argv[1])) as server:
        import multiprocessing
        print(multiprocessing.active_children()[0].pid, flush=True)
        os._exit(0)
"""


@pytest.fixture
def served(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc")
    return tmp_path


def test_another_process_serves_the_folder_and_counts_what_it_was_asked(served):
    with far_server(served, latency_s=0) as server:
        before = server.count_requests()
        with urllib.request.urlopen(f"{server.url}/a.bin", timeout=5) as answer:
            body = answer.read()
        after = server.count_requests()

    assert (body, before, after) == (b"abc", 0, 1)


def test_it_ends_with_its_block(served):
    with far_server(served, latency_s=0):
        (serving,) = multiprocessing.active_children()

    assert not serving.is_alive()


def test_it_ends_with_the_process_that_made_it(served, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(ENDS_AT_ONCE)

    done = subprocess.run(
        [sys.executable, program, served],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    number, deadline = int(done.stdout), time.monotonic() + 10
    while psutil.pid_exists(number) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(number)
