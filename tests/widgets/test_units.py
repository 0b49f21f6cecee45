from __future__ import annotations

import subprocess
import sys

WORK = """
import sys
from threading import Barrier, Thread
import pint
from napari_cellib._widgets._units import read_units

def ask():
    start.wait()
    try:
        pint.get_application_registry().parse_expression("micrometer")
    except BaseException as error:
        print(type(error).__name__)

sys.setswitchinterval(1e-6)
if "read" in sys.argv:
    read_units()
start = Barrier(4)
threads = [Thread(target=ask) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
"""


def test_threads_that_need_a_unit_at_once_all_get_it():
    done = subprocess.run(
        [sys.executable, "-c", WORK, "read"], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
