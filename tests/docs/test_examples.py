"""The programs in examples/ run."""

from __future__ import annotations

import gc
import runpy
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, demo_here, request):
    if "napari.Viewer(" in path.read_text("utf-8"):
        request.getfixturevalue("make_napari_viewer")  # closes and checks all viewers

    # Not as "__main__", where it would wait for its window to be closed.
    names = runpy.run_path(str(path), run_name="example")

    if "viewer" in names:
        assert names["viewer"].layers
        names["viewer"].close()
    names.clear()
    gc.collect()


def test_there_are_examples():
    assert EXAMPLES
