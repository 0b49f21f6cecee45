"""Depositions on the disk: what was handed in, how far it is, and what became of it.

::

    <id>/deposition.json    what is known of it; written whole or not at all
         journal.sqlite     of the transfer, while there is one
         staged/            the OME-Zarr that is made, until it was sent
         lock               held by whoever is at work on it
    former/                 journals of OME-Zarr that were deposited as they are
    lock                    held by whoever hands something in
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.deposit.states import Action, Actor, Case, Person, State
from napari_cellib.errors import (
    DepositionNotFound,
    DepositionUnreadable,
    DepositRefused,
    TransferBusy,
)
from napari_cellib.library.files import write_file, writing_errors
from napari_cellib.library.marker import is_library, read_marker
from napari_cellib.locks import try_lock
from napari_cellib.model._base import Model, Sha256, Text
from napari_cellib.model.address import LibraryId, RecordId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.library import EmbeddedLibrary

_FORMAT = 1
_NAME = "deposition.json"
_PATIENCE_S = 10.0  # a number is taken in milliseconds
_ID = re.compile(r"[0-9a-f]{32}\Z")


class Stage(StrEnum):
    """What is left to do of a deposition."""

    WRITING = "writing"
    SENDING = "sending"
    REGISTERING = "registering"
    DONE = "done"


class Event(Model):
    """A step that somebody took."""

    at: datetime
    action: Action
    by: Text
    note: Text | None = None


class Deposition(Model):
    """An image that was handed in, with all that has happened to it.

    Attributes
    ----------
    seen : str, optional
        What the files were when the OME-Zarr was made of them.
    digest : str, optional
        That of the manifest, once the files are sealed in the library.
    """

    id: str = Field(
        pattern=r"^[0-9a-f]{32}$", description="of the draft it was made of"
    )
    draft: Draft
    library: LibraryId
    place: Text = Field(description="folder of the library")
    library_key: Text | None = Field(None, description="what its marker says")
    record: RecordId = Field(description="number under which it is cited")
    state: State = State.DRAFT
    stage: Stage = Stage.WRITING
    history: tuple[Event, ...] = Field(min_length=1)
    version_of: RecordId | None = None
    seen: str | None = None
    digest: Sha256 | None = None

    @property
    def actor(self) -> Actor:
        """The person who deposits it."""
        return Actor(self.history[0].by, frozenset({Person.DEPOSITOR}))

    @property
    def case(self) -> Case:
        """What decides about its steps: in a library of one, so far."""
        people = self.draft.contributors
        authors = (person.orcid or person.name for person in people)
        return Case(
            state=self.state,
            depositor=self.history[0].by,
            authors=frozenset(filter(None, authors)),
            taken=tuple(event.action for event in self.history),
            is_library_of_one=True,
        )

    def after(
        self, action: Action, state: State, note: str | None = None
    ) -> Deposition:
        """Return it as it is once a step was taken, now."""
        by = self.history[0].by
        event = Event(at=datetime.now(UTC), action=action, by=by, note=note)
        history = (*self.history, event)
        return self.model_copy(update={"state": state, "history": history})


@dataclass(frozen=True, slots=True)
class SavedDeposition:
    """A deposition in the list of depositions.

    Attributes
    ----------
    id : str
        By which it is opened.
    title : str or None
        What the image is called.
    saved : datetime.datetime or None
        When something has last happened to it.
    deposition : Deposition or None
        All that is known of it, unless it cannot be read.
    problem : str or None
        Why it cannot be read; its files are left as they are.
    """

    id: str
    title: str | None = None
    saved: datetime | None = None
    deposition: Deposition | None = None
    problem: str | None = None


class _DepositionFile(Model):
    """What is in the file of a deposition."""

    format: int = Field(default=_FORMAT, ge=1, le=_FORMAT)
    saved: datetime
    deposition: Deposition


class Depositions:
    """The depositions of one person, a folder for each.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are kept; made when the first one is saved.
    drafts : Drafts, optional
        Where a draft comes from and goes back to; those beside `folder` by default.
    """

    def __init__(self, folder: Path, drafts: Drafts | None = None) -> None:
        self._folder = folder
        self.drafts = drafts or Drafts(folder.with_name("drafts"))

    def all(self) -> tuple[SavedDeposition, ...]:
        """Return all depositions, the last changed first; also those damaged."""
        if not self._folder.is_dir():
            return ()
        listed = [
            self._listed(path.name)
            for path in self._folder.iterdir()
            if _ID.match(path.name)
        ]
        oldest = datetime.min.replace(tzinfo=UTC)
        found = [one for one in listed if one is not None]
        return tuple(sorted(found, key=lambda one: one.saved or oldest, reverse=True))

    def open(self, id: str) -> Deposition:
        """Return a deposition as it was saved last.

        Raises
        ------
        DepositionNotFound
            When there is none.
        DepositionUnreadable
            When its file is damaged, or from a newer version of this program.
        """
        return self._read(id).deposition

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and bool(_ID.match(id)) and self._path(id).exists()

    def save(self, deposition: Deposition) -> None:
        """Save a deposition, whole or not at all.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written; what was saved before is still there.
        """
        document: dict[str, Any] = {
            "format": _FORMAT,
            "saved": datetime.now(UTC).isoformat(),
            "deposition": deposition.model_dump(mode="json", exclude_defaults=True),
        }
        document["deposition"]["draft"]["id"] = deposition.draft.id
        text = json.dumps(document, ensure_ascii=False, indent=1)
        write_file(self._path(deposition.id), text.encode())

    def moved(self, deposition: Deposition, folder: Path) -> int:
        """Take note where a library is now, for all depositions in it; say how many.

        Others that somebody is at work on are left out: what was read of them here
        would undo how far they have come.

        Raises
        ------
        DepositRefused
            When it is not the library of `deposition`.
        LibraryNotFound
            When there is none in `folder`.
        TransferBusy
            When somebody is at work on `deposition`.
        """
        _check_is_for(deposition, folder)
        self._note_place(deposition.id, folder)
        count = 1
        for saved in self.all():
            other = saved.deposition
            if other and other.id != deposition.id and is_for(other, folder):
                with suppress(TransferBusy, DepositionNotFound):
                    self._note_place(other.id, folder)
                    count += 1
        return count

    def delete(self, id: str) -> None:
        """Forget a deposition and what was made for it; the library is not asked."""
        folder = self.folder(id)
        with writing_errors(folder):
            # What lies there without it is no deposition any more.
            self._path(id).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def folder(self, id: str) -> Path:
        """Return the folder of a deposition."""
        if not _ID.match(id):
            raise DepositionNotFound(id)
        return self._folder / id

    def journal(self, id: str) -> Path:
        """Return where the journal of its transfer is kept."""
        return self.folder(id) / "journal.sqlite"

    def former(self, source: Path) -> Path:
        """Return where the journal of the last deposit of an OME-Zarr is kept.

        What has not changed since need not be hashed again.
        """
        name = hashlib.sha256(str(source.absolute()).encode()).hexdigest()[:32]
        return self._folder / "former" / f"{name}.sqlite"

    def staged(self, id: str) -> Path:
        """Return the folder of what is made for it before it is sent."""
        return self.folder(id) / "staged"

    @contextmanager
    def locked(self, id: str) -> Iterator[None]:
        """Let nobody else work on a deposition meanwhile.

        The system lets go of the lock when the program dies.

        Raises
        ------
        DepositionNotFound
            When there is none.
        TransferBusy
            When another program, or another part of this one, is at work on it.
        """
        if id not in self:
            raise DepositionNotFound(id)
        lock = try_lock(self.folder(id) / "lock")
        if lock is None:
            raise TransferBusy(str(self.folder(id)))
        try:
            yield
        finally:
            lock.close()

    @contextmanager
    def handing_in(self) -> Iterator[None]:
        """Let one program at a time hand something in: else it had two numbers.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When nothing can be written.
        TransferBusy
            When another program does not come to an end.
        """
        with writing_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        lock = try_lock(self._folder / "lock", patience_s=_PATIENCE_S)
        if lock is None:
            raise TransferBusy(str(self._folder))
        with closing(lock):
            yield

    def _note_place(self, id: str, folder: Path) -> None:
        with self.locked(id):
            self.save(self.open(id).model_copy(update={"place": str(folder)}))

    def _listed(self, id: str) -> SavedDeposition | None:
        try:
            file = self._read(id)
        except DepositionNotFound:  # deleted just now
            return None
        except DepositionUnreadable as error:
            return SavedDeposition(id, problem=str(error))
        found = file.deposition
        return SavedDeposition(id, found.draft.title, file.saved, found)

    def _read(self, id: str) -> _DepositionFile:
        path = self._path(id)
        try:
            return _DepositionFile.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise DepositionNotFound(id) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise DepositionUnreadable(str(path), reason) from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            reason = f"{where}: {first['msg']}".removeprefix(": ").rstrip(".")
            raise DepositionUnreadable(str(path), reason) from error

    def _path(self, id: str) -> Path:
        return self.folder(id) / _NAME


def is_for(deposition: Deposition, folder: Path) -> bool:
    """Say whether a library is the one that a deposition was handed in for.

    It may have been moved or renamed since. Another one of the same id is not: its
    numbers are other images.

    Raises
    ------
    LibraryNotFound, LibraryDamaged, LibraryTooNew
        When there is none in `folder`, or it is none that can be used.
    """
    marker, place = read_marker(folder), Path(deposition.place)
    if (deposition.library, deposition.library_key) != (marker.id, marker.key):
        return False
    return marker.key is not None or place == folder or not is_library(place)


def in_library(deposition: Deposition, library: EmbeddedLibrary) -> Deposition:
    """Return a deposition with the place where its library is now.

    Raises
    ------
    DepositRefused
        When it was handed in for another library.
    """
    _check_is_for(deposition, library.folder)
    return deposition.model_copy(update={"place": str(library.folder)})


def _check_is_for(deposition: Deposition, folder: Path) -> None:
    if not is_for(deposition, folder):
        name, place = deposition.library, deposition.place
        what = f"it was handed in for the library {name}, which was in {place}"
        raise DepositRefused(what, fix="Open that one.")
