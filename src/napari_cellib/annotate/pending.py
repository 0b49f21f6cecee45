"""What was said and is not in a library yet: a journal on the disk for each subject.

Each line is brought to the disk before `add` returns, so that a crash loses nothing
typed. Several programs may write the same journal. A line that was torn by a power cut
is skipped: whoever wrote it was not told that it is safe.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_cellib.errors import JournalBusy, JournalUnreadable
from napari_cellib.library.files import writing_errors
from napari_cellib.locks import try_lock
from napari_cellib.model.statement import Annotation, Region, Remark, Statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from napari_cellib.model.statement import Statement

_FORMAT = 1
_LOCK = "lock"
_PATIENCE_S = 5.0  # a line is written in milliseconds
_KINDS = {Annotation: "annotations", Region: "regions", Remark: "remarks"}


class Pending:
    """What was said of one subject and is not in its library yet; made by `open`.

    Parameters
    ----------
    path : pathlib.Path
        The file of the journal; there is none as long as nothing is pending.
    subject : str
        Of what it is said.
    """

    def __init__(self, path: Path, subject: str) -> None:
        self._path = path
        self._subject = subject
        self._found: dict[str, Statement] = {}  # by key, when the file was in `_state`
        self._state: object = None

    @classmethod
    def open(cls, folder: Path, subject: str) -> Pending:
        """Open the journal of a subject, which may be empty.

        Parameters
        ----------
        folder : pathlib.Path
            Where journals are kept; made when something is said.
        subject : str
            ``cellib://lib/rec``, ``draft:<id>`` or ``layers:<hex>``.

        Raises
        ------
        JournalUnreadable
            When a newer program has written it.
        """
        name = hashlib.sha256(subject.encode()).hexdigest()[:32]
        pending = cls(folder / f"{name}.jsonl", subject)
        _ = pending.said  # so that what cannot be read is told of at once
        return pending

    @property
    def subject(self) -> str:
        """Of what it is said."""
        return self._subject

    @property
    def said(self) -> Statements:
        """What was said, also by other programs meanwhile."""
        return Statements.of(self.by_key.values())

    @property
    def by_key(self) -> Mapping[str, Statement]:
        """The same, by the keys of the statements."""
        state = self._state_now()
        if self._state != state:
            self._found = {} if state is None else _read(self._path)
            self._state = state
        return self._found

    def add(self, *statements: Statement) -> None:
        """Keep what is said; when this returns, it is on the disk.

        The errors are those of `keep`.
        """
        self.keep({one.key: one for one in statements})

    def keep(self, statements: Mapping[str, Statement]) -> None:
        """Keep what is said, by key; when this returns, it is on the disk.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written.
        JournalBusy
            When another program does not let go of the journals.
        """
        if statements:
            said: dict[str, list[Any]] = {}
            for one in statements.values():
                document = one.model_dump(mode="json", exclude_defaults=True)
                said.setdefault(_KINDS[type(one)], []).append(document)
            with self._locked():
                is_known = self._state == self._state_now()
                self._append({"said": said})
                if is_known:  # so that nobody has to read it again
                    self._found |= statements
                    self._state = self._state_now()

    def take_back(self, *keys: str) -> None:
        """Forget what was said by mistake, and has not been written to a library."""
        if keys:
            self.clear(keys)

    def clear(self, keys: Iterable[str]) -> None:
        """Forget what is in the library by now.

        Parameters
        ----------
        keys : iterable of str
            Keys of the statements; others, which came meanwhile, stay.
        """
        gone = frozenset(keys)
        with self._locked():
            gone &= self.by_key.keys()
            if not gone:
                return
            if len(gone) < len(self._found):
                self._append({"gone": sorted(gone)})
            else:
                self._path.unlink()
            for key in gone:
                del self._found[key]
            self._state = self._state_now()

    def close(self) -> None:
        """Do nothing: between two calls, no file is open."""

    # ------------------------------------------------------------------ within

    def _state_now(self) -> tuple[int, ...] | None:
        """Return what is other as soon as anybody has written; None for no file."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    @contextmanager
    def _locked(self) -> Iterator[None]:
        folder = self._path.parent
        with writing_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = try_lock(folder / _LOCK, patience_s=_PATIENCE_S)
            if lock is None:
                raise JournalBusy(str(folder))
            try:
                yield
            finally:
                lock.close()

    def _append(self, line: dict[str, Any]) -> None:
        """Bring a line to the disk.

        It begins with a line break, so that one that was torn stands by itself.
        """
        lines = [line]
        is_new = not self._path.exists()
        if is_new:
            lines.insert(0, {"format": _FORMAT, "subject": self._subject})
        text = "".join(f"\n{json.dumps(one, ensure_ascii=False)}\n" for one in lines)
        with self._path.open("ab") as file:
            before = file.tell()
            try:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:  # of a full drive: nobody may read half a line later
                with suppress(OSError):
                    os.ftruncate(file.fileno(), before)
                raise
        if is_new:
            _keep_name(self._path.parent)


def _keep_name(folder: Path) -> None:
    """Bring the name of a new file to the disk, where the system wants to be told."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> dict[str, Statement]:
    found: dict[str, Statement] = {}
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalUnreadable(path.name, error.strerror or str(error)) from error
    for text in filter(None, lines):
        try:
            line = json.loads(text)
        except ValueError:
            continue  # torn: nobody was told that it is safe
        _take(line, found, path.name)
    return found


def _take(line: object, found: dict[str, Statement], where: str) -> None:
    """Do what a line says; what a newer program has written stops it."""
    if not isinstance(line, dict) or line.get("format", _FORMAT) != _FORMAT:
        raise JournalUnreadable(where, "it is of no known form")
    try:
        said = Statements.model_validate_json(json.dumps(line.get("said", {})))
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].rstrip(".")
        raise JournalUnreadable(where, reason) from error
    for key in line.get("gone", ()):
        found.pop(key, None)
    found.update((one.key, one) for one in said.all)
