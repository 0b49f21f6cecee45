"""The user's own store of terms: which file it is, and how it is exchanged.

A folder of the user's data holds up to two stores and a note that names them. To
exchange the store is to replace the note, which is one step that cannot be left half
done, and which works while other programs still read the old one.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.downloads import Download
from napari_cellib.errors import TermsBusy
from napari_cellib.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOTE_NAME = "current.json"

_LOCK_NAME = "update.lock"
_STORES = "terms-*.sqlite*"
_FIRST = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """Which stores are in the user's folder.

    Parameters
    ----------
    current, before : pathlib.Path or None
        The present store, and the one before it.
    releases : mapping of str to Download
        From which files the present one was made, by name of the source.
    """

    current: Path | None = None
    before: Path | None = None
    releases: Mapping[str, Download] = field(default_factory=dict)


def read_choice(folder: Path) -> Choice:
    """Return what the note says; nothing where there is none, or it is damaged."""
    try:
        note = json.loads((folder / NOTE_NAME).read_text("utf-8"))
        releases = {name: Download(**facts) for name, facts in note["releases"].items()}
        current, before = note["current"], note["before"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Choice()
    return Choice(_inside(folder, current), _inside(folder, before), releases)


def _inside(folder: Path, name: object) -> Path | None:
    """Return the path of a store; a note cannot name a file of another folder."""
    if not isinstance(name, str) or name != Path(name).name:
        return None
    return folder / name


def write_choice(folder: Path, choice: Choice) -> None:
    """Exchange the note in one step, so that it also survives a power cut."""
    note = {
        "current": choice.current.name if choice.current else None,
        "before": choice.before.name if choice.before else None,
        "releases": {name: asdict(facts) for name, facts in choice.releases.items()},
    }
    handle, name = tempfile.mkstemp(prefix=".note-", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(note, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, folder / NOTE_NAME)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def next_store(folder: Path) -> Path:
    """Return the path of a store that is not there yet."""
    taken = [path.name.split(".")[0].partition("-")[2] for path in folder.glob(_STORES)]
    numbers = [int(number) for number in taken if number.isdecimal()]
    return folder / f"terms-{max(numbers, default=_FIRST - 1) + 1}.sqlite"


def sweep(folder: Path) -> None:
    """Remove stores that the note does not name, and what a killed update left.

    To be called while holding the lock. On Windows, what another program still
    reads cannot be removed; a later sweep will.
    """
    choice = read_choice(folder)
    kept = {choice.current, choice.before}
    for pattern in (_STORES, ".note-*"):
        for path in folder.glob(pattern):
            if path not in kept:
                with contextlib.suppress(OSError):
                    path.unlink()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other programs from updating the same folder.

    The system lets go of the lock when the program dies.

    Raises
    ------
    TermsBusy
        When another one is at it.
    """
    lock = try_lock(folder / _LOCK_NAME)
    if lock is None:
        raise TermsBusy(str(folder))
    with contextlib.closing(lock):
        yield
