"""People who say something, and what they say."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from napari_cellib.annotate.saying import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def jane() -> Speaker:
    return Speaker("Doe, Jane", "0000-0002-1825-0097", "napari-cellib 1")


@pytest.fixture
def joe() -> Speaker:
    return Speaker("Joe")


@pytest.fixture
def start_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return what runs code in a process of its own, which ends with the test."""
    with ExitStack() as started:

        def start(code: str, *arguments: object) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield start
