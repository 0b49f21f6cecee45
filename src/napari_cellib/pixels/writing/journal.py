"""What of an image is written already, for a run that goes on where one was killed."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pathlib import Path

NAME = ".written"


class Journal:
    """A file in the folder that is written, with a line for each part that is done.

    A line is written once the files of the part are. It counts if it is whole, and if
    the files have together the size that it tells.

    Parameters
    ----------
    folder : pathlib.Path
        The folder that is written.
    key : str, optional
        What two runs have in common of which one goes on with the other's work. No
        journal is kept without one.
    """

    def __init__(self, folder: Path, key: str | None) -> None:
        self._path = folder / NAME
        self._key = key
        self._file: TextIO | None = None
        self._known: dict[tuple[str, int], int] = {}

    @property
    def is_kept(self) -> bool:
        """Whether there is a journal by which another run can go on."""
        return self._file is not None

    @property
    def is_continued(self) -> bool:
        """Whether the folder holds the work of a run with the same key."""
        if self._key is None or not self._path.exists():
            return False
        lines = self._path.read_text("utf-8", errors="replace").split("\n")
        return lines[0] == json.dumps(self._key)

    def open(self) -> None:
        """Take note of what is done, and begin or go on."""
        if self._key is None:
            return
        if self.is_continued:
            # The last piece is empty, or a line that was cut off.
            text = self._path.read_text("utf-8", errors="replace")
            whole = text[: text.rindex("\n") + 1]
            for line in whole.splitlines()[1:]:
                with suppress(ValueError):  # damaged: then that part is not done
                    path, part, size = json.loads(line)
                    self._known[path, part] = size
            self._path.write_text(whole, "utf-8")
        else:
            self._path.write_text(json.dumps(self._key) + "\n", "utf-8")
        self._file = self._path.open("a", encoding="utf-8")

    def size_of(self, path: str, part: int) -> int | None:
        """Return the bytes of the files of a part, None if it is not done."""
        return self._known.get((path, part))

    def note(self, path: str, part: int, size: int) -> None:
        """Write down that a part is done."""
        if self._file is not None:
            self._file.write(json.dumps([path, part, size]) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def remove(self) -> None:
        """Take it away: all is done."""
        self.close()
        self._path.unlink(missing_ok=True)
