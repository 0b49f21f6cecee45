"""How far a job of the command line is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellib.jobs import Progress


class ProgressLine:
    """Writes progress in one line, where a person looks on."""

    def __init__(self) -> None:
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Write how far a job is in place of what was written before."""
        if not sys.stderr.isatty():
            return
        of = f" of {progress.total:,}" if progress.total else ""
        line = f"{progress.label} {progress.done:,}{of}"
        sys.stderr.write(f"\r{line:<{self._width}}")
        self._width = len(line)

    def end(self) -> None:
        """Leave an empty line."""
        if self._width:
            sys.stderr.write(f"\r{'':<{self._width}}\r")
