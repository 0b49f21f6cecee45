"""What was said on its way to the disk, from whatever thread has time."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.annotate.pending import Pending
from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Statement

# Statements in a line of the file: to read more at once would stop the window.
_PART = 200


class Journal:
    """Brings what was said of one subject to the disk, in the order of saying.

    The file is open only while it is written, so nobody has to close a journal.

    Parameters
    ----------
    folder : pathlib.Path
        Where journals are kept.
    subject : str
        Whose journal it is.
    """

    def __init__(self, folder: Path, subject: str) -> None:
        self._folder = folder
        self._subject = subject
        self._pending: Pending | None = None  # remembers what it has read
        # What was said, by key, or the keys of what is said no more.
        self._waiting: deque[dict[str, Statement] | tuple[str, ...]] = deque()
        self._lock = Lock()

    @property
    def is_kept(self) -> bool:
        """Whether there is nothing that must be brought to the disk."""
        return not self._waiting

    def open(self) -> closing[Pending]:
        """Open the file, to be used by ``with``, within a job."""
        return closing(Pending.open(self._folder, self._subject))

    def read(self) -> dict[str, Statement]:
        """Return what waits to be written, by key, on the disk or on its way there."""
        with self._lock:
            found = dict(self._own().by_key)
            for what in tuple(self._waiting):
                if isinstance(what, dict):
                    found |= what
                else:
                    for key in what:
                        found.pop(key, None)
        return found

    def add(self, said: Mapping[str, Statement]) -> None:
        """Note what was said, by key; it is on the disk once `keep` was called."""
        statements = iter(said.items())
        while part := dict(islice(statements, _PART)):
            self._waiting.append(part)

    def take_back(self, *keys: str) -> None:
        """Note what is said no more."""
        if keys:
            self._waiting.append(keys)

    def keep(self) -> None:
        """Bring to the disk what is not there yet.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written; it is tried again at the next call.
        """
        with self._lock:
            if self.is_kept:
                return
            pending = self._own()
            while self._waiting:
                what = self._waiting[0]
                if isinstance(what, dict):
                    pending.keep(what)
                else:
                    pending.take_back(*what)
                self._waiting.popleft()

    def _own(self) -> Pending:
        if self._pending is None:
            self._pending = Pending.open(self._folder, self._subject)
        return self._pending


class Journals:
    """The journals of all that was annotated in one panel: for each subject, one.

    A person may go on to another image while the disk is slow; what was said of the
    one before is still brought there.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._journals: dict[str, Journal] = {}

    @property
    def is_kept(self) -> bool:
        """Whether all that was said is on the disk."""
        return all(one.is_kept for one in tuple(self._journals.values()))

    def of(self, subject: str) -> Journal:
        """Return the journal of a subject."""
        return self._journals.setdefault(subject, Journal(self._folder, subject))

    def keep(self) -> None:
        """Bring to the disk what is not there yet; the errors are `Journal.keep`'s."""
        for one in tuple(self._journals.values()):
            one.keep()

    def job(self) -> Job[None]:
        """Return the job that does so."""
        yield Progress("Keeping what was said")
        self.keep()
