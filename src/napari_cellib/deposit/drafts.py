"""Drafts on the disk: saved at every change, so that nothing typed is ever lost.

Each draft is a file of its own, which is written whole or not at all. Two programs may
have the same draft open: whoever saves later is told, and goes on with a copy.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from pydantic import Field, ValidationError

from napari_cellib.deposit.draft import Draft, DraftPerson, Origin
from napari_cellib.deposit.elsewhere import SaidElsewhere
from napari_cellib.errors import DraftNotFound, DraftUnreadable
from napari_cellib.library.files import write_file, writing_errors
from napari_cellib.model._base import Model
from napari_cellib.profile import Profile, read_profile, write_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FORMAT = 1
_ID = re.compile(r"[0-9a-f]{32}\Z")
_LOCK = "lock.sqlite"
_PATIENCE_S = 5.0  # a draft is written in milliseconds

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft in the list of drafts.

    Attributes
    ----------
    id : str
        By which it is opened.
    title : str or None
        What it is called, so far.
    saved : datetime.datetime or None
        When it was saved last.
    problem : str or None
        Why it cannot be opened; its file is left as it is.
    """

    id: str
    title: str | None = None
    saved: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Saving:
    """What became of a draft that was saved.

    Attributes
    ----------
    draft : Draft
        The draft to go on with.
    is_copy : bool
        Whether another program had changed the draft meanwhile, so that this one was
        kept beside it under a number of its own.
    elsewhere : SaidElsewhere, optional
        What another program had said of it meanwhile, which is in it now.
    """

    draft: Draft
    is_copy: bool = False
    elsewhere: SaidElsewhere | None = None


class _DraftFile(Model):
    """What is in the file of a draft."""

    format: int = Field(default=_FORMAT, ge=1, le=_FORMAT)
    saved: datetime
    draft: Draft


class Drafts:
    """The drafts of one person.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are kept; made when the first one is saved.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> tuple[SavedDraft, ...]:
        """Return all drafts, the last saved first; also those that are damaged."""
        if not self._folder.is_dir():
            return ()
        files = [path for path in self._folder.glob("*.json") if _ID.match(path.stem)]
        oldest = datetime.min.replace(tzinfo=UTC)
        listed = (self._listed(path) for path in files)
        found = [one for one in listed if one is not None]
        return tuple(sorted(found, key=lambda one: one.saved or oldest, reverse=True))

    def open(self, id: str) -> Draft:
        """Return a draft as it was saved last.

        Raises
        ------
        DraftNotFound
            When there is none.
        DraftUnreadable
            When its file is damaged, or from a newer version of this program.
        """
        try:
            return _read(self._path(id), _DraftFile).draft
        except FileNotFoundError as error:
            raise DraftNotFound(id) from error

    def save(self, draft: Draft, *, before: Draft | None = None) -> Saving:
        """Save a draft, or a copy of it if another program has changed it meanwhile.

        Parameters
        ----------
        draft : Draft
            What is to be kept.
        before : Draft, optional
            As it was read or saved here last. If all that another program did since is
            to say something of the image, then that is taken over, without a copy.

        Returns
        -------
        Saving
            With the draft to go on with, which knows how often it was saved.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written; what was saved before is still there.
        """
        with writing_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            elsewhere, version = None, draft.version
            if self._is_changed(draft):
                now = self._readable(draft.id)
                if now is not None and before is not None:
                    elsewhere = SaidElsewhere.between(before, now)
                if now is None or elsewhere is None:
                    copy = draft.model_copy(update={"id": uuid4().hex, "version": 1})
                    self._write(copy)
                    return Saving(copy, is_copy=True)
                draft, version = elsewhere.on(draft), now.version
            saved = draft.model_copy(update={"version": version + 1})
            self._write(saved)
            return Saving(saved, elsewhere=elsewhere)

    def delete(self, id: str) -> None:
        """Remove a draft; the files that it names are not touched."""
        with writing_errors(self._folder):
            self._path(id).unlink(missing_ok=True)

    def __contains__(self, id: object) -> bool:
        """Say whether a draft is kept."""
        return isinstance(id, str) and self._path(id).is_file()

    @property
    def corrections(self) -> Drafts:
        """What was typed to correct depositions, by their ids, and not handed in."""
        return Drafts(self._folder / "corrections")

    @property
    def profile(self) -> Profile:
        """What is remembered of the person; empty if nothing is, or it is damaged."""
        return read_profile(self._folder)

    def remember(self, profile: Profile) -> None:
        """Keep a profile for the next draft.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written.
        """
        write_profile(self._folder, profile)

    def _is_changed(self, draft: Draft) -> bool:
        try:
            found = self.open(draft.id)
        except DraftNotFound:
            # Deleted by another program: what is typed here is all there is.
            return False
        except DraftUnreadable:
            return True  # never written over: a newer program may read it
        return found.version != draft.version

    def _readable(self, id: str) -> Draft | None:
        try:
            return self.open(id)
        except DraftUnreadable:
            return None

    def _write(self, draft: Draft) -> None:
        file = _DraftFile(saved=datetime.now(UTC), draft=draft)
        write_file(self._path(draft.id), _json(file))

    def _listed(self, path: Path) -> SavedDraft | None:
        try:
            file = _read(path, _DraftFile)
        except FileNotFoundError:  # deleted just now
            return None
        except DraftUnreadable as error:
            return SavedDraft(path.stem, problem=str(error))
        return SavedDraft(path.stem, file.draft.title, file.saved)

    def _path(self, id: str) -> Path:
        if not _ID.match(id):
            raise DraftNotFound(id)
        return self._folder / f"{id}.json"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one program at a time compare versions and write.

        The system lets go of the lock when the program dies. Where it cannot be had,
        as on some network drives, saving matters more.
        """
        lock = sqlite3.connect(self._folder / _LOCK, timeout=_PATIENCE_S)
        try:
            with contextlib.suppress(sqlite3.Error):
                lock.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            lock.close()


def filled_by(profile: Profile, draft: Draft) -> Draft:
    """Return the draft with a person as its contributor, where it has none."""
    person = DraftPerson(
        name=profile.name, orcid=profile.orcid, affiliation=profile.affiliation
    )
    named = (person,) if profile.name else ()
    return draft.filled(Origin.PROFILE, contributors=named, licence=profile.licence)


def read_template(path: Path) -> Draft:
    """Return what a lab template says: a draft's file, with fields to be taken over.

    Use it with `Draft.filled_by`.

    Parameters
    ----------
    path : pathlib.Path
        A file in the form of those in the folder of drafts, or with the fields of a
        draft alone.

    Raises
    ------
    DraftUnreadable
        When it is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DraftUnreadable(path.name, error.strerror or str(error)) from error
    document: Any = None
    with contextlib.suppress(ValueError):
        document = json.loads(content)
    if isinstance(document, dict) and "draft" in document:
        return _valid(content, path.name, _DraftFile).draft
    return _valid(content, path.name, Draft)


def _json(model: Model) -> bytes:
    document = model.model_dump(mode="json", exclude_defaults=True)
    if isinstance(model, _DraftFile):
        document["format"] = model.format
        document["draft"]["id"] = model.draft.id
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _read(path: Path, kind: type[M]) -> M:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DraftUnreadable(path.name, error.strerror or str(error)) from error
    return _valid(content, path.name, kind)


def _valid(content: bytes, name: str, kind: type[M]) -> M:
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        reason = f"{where}: {first['msg']}" if where else first["msg"]
        raise DraftUnreadable(name, reason.rstrip(".")) from error
