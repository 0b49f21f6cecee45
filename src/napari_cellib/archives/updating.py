"""The jobs that ask the Cell Image Library itself: for changes, and for single images.

What is still to be done is noted in the library's folder before it is begun, so that
an update that was stopped goes on there, whatever stopped it.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from napari_cellib.archives.cil.document import ADAPTER, SOURCE, record_id
from napari_cellib.archives.cil.key import find_key
from napari_cellib.archives.cil.pages import ADAPTER as PAGE_ADAPTER
from napari_cellib.archives.cil.pages import is_of_page
from napari_cellib.archives.cil.service import CilService
from napari_cellib.archives.importing import LIBRARY_ID, alone, own_library
from napari_cellib.archives.report import Tally, UpdateReport, write_report
from napari_cellib.errors import (
    ArchiveUnreadable,
    KeyNeeded,
    LibraryNotFound,
    RecordInvalid,
    RecordNotFound,
)
from napari_cellib.jobs import Job, Progress
from napari_cellib.library.files import write_file
from napari_cellib.library.marker import is_library
from napari_cellib.model._base import Model
from napari_cellib.ontology.store import open_chosen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from napari_cellib.archives.cil.document import Mapped
    from napari_cellib.archives.cil.key import Key
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology import Terms
    from napari_cellib.settings import Settings

UPDATE_STEM = "update"

_CHANGES_NAME = "changes.json"
_MARGIN = timedelta(days=1)  # the archive's clock may be another one
_STEP = 20  # images between two notes of what is still to be done
_FAILURES = 3  # one after another, until the archive is left alone
_ASKING = "Asking the archive"
_WITHOUT = (
    "Ask the archive for one, then type 'cellib library key cil'. Without one, "
    "'cellib library add cil' takes in the newest dump, and 'cellib library update cil "
    "--record CIL:13543' the page of an image."
)


class Changes(Model):
    """How far a library has followed the changes of its archive.

    Attributes
    ----------
    checked : datetime.datetime or None
        When the archive was last asked what had changed.
    waiting : tuple of str
        Images that are still to be taken in.
    """

    checked: datetime | None = None
    waiting: tuple[str, ...] = ()


def update_cil(
    settings: Settings, *, since: datetime | None = None
) -> Job[UpdateReport]:
    """Take in what is new or has changed in the Cell Image Library; needs a key.

    The first time, that is what the library lacks, or has only from a page; later,
    what was published since the last time. What was taken in stays when the job stops
    for any reason; the next one goes on from there.

    Parameters
    ----------
    settings : Settings
        Where libraries lie, and how the archive is asked.
    since : datetime.datetime, optional
        Take what was published since then.

    Returns
    -------
    Job
        Its value is the report. It lies in the library's folder, too.

    Raises
    ------
    KeyNeeded
        When there is no key, or not the right one.
    LibraryNotFound
        When the dump was not taken in before.
    ArchiveUnreachable
        When the archive does not answer.
    ArchiveUnreadable
        When it does not say what has changed.
    """
    key = find_key(settings)
    if key is None:
        reason = "without one it does not say what has changed"
        raise KeyNeeded(SOURCE, reason, fix=_WITHOUT)
    with _opened(settings) as (library, terms):
        work = _Update(library, terms, settings, key)
        yield from work.follow(since)
        return (yield from work.end())


def fetch_cil(
    settings: Settings,
    records: Iterable[str] = (),
    *,
    find: str = "",
    siblings: bool = False,
) -> Job[UpdateReport]:
    """Take in single images of the Cell Image Library, with a key or without.

    Without a key, records are made of the archive's public pages. They hold less than
    others, and never take the place of one.

    Parameters
    ----------
    settings : Settings
        Where libraries lie, and how the archive is asked.
    records : iterable of str
        Numbers of images, as in ``CIL:13543``.
    find : str
        Words for which the archive's own site is searched; the first images that it
        finds are taken, too.
    siblings : bool
        Take the other images of their groups, too; that needs a key.

    Returns
    -------
    Job
        Its value is the report. It lies in the library's folder, too.

    Raises
    ------
    RecordNotFound
        When one of `records` is no number of an image.
    KeyNeeded
        When there is no key and siblings are asked for, or not the right one.
    LibraryNotFound
        When the dump was not taken in before.
    ArchiveUnreachable
        When the archive does not answer.
    """
    wanted = [_number(text) for text in records]
    key = find_key(settings)
    if siblings and key is None:
        reason = "without one it does not say which images are of one group"
        raise KeyNeeded(SOURCE, reason)
    with _opened(settings) as (library, terms):
        work = _Update(library, terms, settings, key)
        if find:
            wanted += yield from work.service.found(find, Progress(_ASKING))
        if siblings:
            for one in tuple(wanted):
                wanted += yield from work.service.group(one, Progress(_ASKING))
        yield from work.take(tuple(dict.fromkeys(wanted)))
        return (yield from work.end())


def read_changes(folder: Path) -> Changes:
    """Return how far a library has followed its archive; from the start if unknown.

    Parameters
    ----------
    folder : pathlib.Path
        The library's folder.
    """
    try:
        return Changes.model_validate_json((folder / _CHANGES_NAME).read_bytes())
    except (OSError, ValidationError):
        return Changes()


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[EmbeddedLibrary, Terms]]:
    """Open the library and the terms, while nobody else asks for the same library."""
    folder = settings.libraries_folder / LIBRARY_ID
    if not is_library(folder):
        fix = "Run 'cellib library add cil' first: it takes in all that is public."
        raise LibraryNotFound(LIBRARY_ID, fix=fix)
    with closing(own_library(settings)) as library, alone(folder):
        terms, _ = open_chosen(settings)
        with terms:
            yield library, terms


def _number(text: str) -> str:
    found = record_id(text)
    if found is None:
        raise RecordNotFound(text, library=SOURCE)
    return found


class _Update:
    """One round of questions, and what became of the answers."""

    def __init__(
        self,
        library: EmbeddedLibrary,
        terms: Terms,
        settings: Settings,
        key: Key | None,
    ) -> None:
        self.service = CilService(settings, key, terms)
        self._library, self._terms, self._key = library, terms, key
        self._tally = Tally()
        self._since: datetime | None = None
        self._changes: Changes | None = None  # what is noted in the library, if at all
        self._left: dict[str, None] = {}  # what is to be done, in order
        self._failed: list[str] = []
        self._trouble = ""
        self._kept: list[str] = []

    def follow(self, since: datetime | None) -> Job[None]:
        """Take what has changed, and note what could not be taken."""
        changes, now = read_changes(self._library.folder), datetime.now(UTC)
        checked = changes.checked
        since = since.astimezone(UTC) if since else None
        self._since = since or (checked - _MARGIN if checked else None)
        ids = yield from self.service.changed(self._since, Progress(_ASKING))
        if self._since is None:
            ids = yield from self._lacking(ids)
        # A time of the caller's own may leave a gap; then it counts for this once.
        if since is None or (checked is not None and since <= checked):
            checked = now.replace(microsecond=0)
        todo = tuple(dict.fromkeys((*ids, *changes.waiting)))
        self._changes = Changes(checked=checked, waiting=todo)
        self._note(todo)
        try:
            yield from self.take(todo)
        finally:
            self._note(tuple(self._left))

    def take(self, ids: Sequence[str]) -> Job[None]:
        """Take in images, one after another; those that cannot be read are left."""
        self._left = dict.fromkeys(ids)
        in_a_row = 0
        for done, wanted in enumerate(ids):
            if self._key is None and self._is_full(wanted):
                self._kept.append(wanted)
            else:
                said = Progress(_ASKING, done, len(ids))
                try:
                    yield from self._one(wanted, said)
                    in_a_row = 0
                except ArchiveUnreadable as error:
                    self._failed.append(wanted)
                    self._trouble, in_a_row = error.reason, in_a_row + 1
            if in_a_row == _FAILURES:
                break
            if wanted not in self._failed:
                del self._left[wanted]
            if done % _STEP == _STEP - 1:
                self._note(tuple(self._left))

    def end(self) -> Job[UpdateReport]:
        """Make what was taken searchable, and report."""
        yield from self._library.update_index()
        report = UpdateReport(
            source=SOURCE,
            dump=self.service.where,
            adapter=ADAPTER if self._key else PAGE_ADAPTER,
            since=self._since.isoformat() if self._since else None,
            kept=tuple(self._kept),
            waiting=tuple(self._left),
            trouble=self._trouble,
            **self._tally.counted(self._terms),
        )
        write_report(self._library.folder, report, UPDATE_STEM)
        return report

    def _one(self, wanted: str, said: Progress) -> Job[None]:
        try:
            mapped = yield from self.service.record(wanted, said)
        except RecordInvalid as error:
            self._tally.documents += 1
            self._tally.refuse(wanted, error.reason)
        else:
            self._store(mapped)

    def _store(self, mapped: Mapped) -> None:
        record, tally = mapped.record, self._tally
        tally.documents += 1
        tally.take(record.id, mapped.entries)
        old = self._old(record.id)
        if old is None:
            tally.added += 1
        elif _version(old) == _version(record):
            tally.unchanged += 1
            return
        else:
            tally.changed += 1
        self._library.add(record)

    def _lacking(self, ids: Sequence[str]) -> Job[tuple[str, ...]]:
        lacking = []
        for done, wanted in enumerate(ids):
            if done % _STEP == 0:
                yield Progress("Looking at what is here", done, len(ids))
            if not self._is_full(wanted):
                lacking.append(wanted)
        return tuple(lacking)

    def _is_full(self, wanted: str) -> bool:
        old = self._old(wanted)
        return old is not None and not is_of_page(old)

    def _old(self, wanted: str) -> ImageRecord | None:
        try:
            return self._library.record(wanted)
        except RecordNotFound:
            return None

    def _note(self, waiting: tuple[str, ...]) -> None:
        """Note what is still to be done, where that is remembered at all."""
        if self._changes is None:
            return
        changes = self._changes.model_copy(update={"waiting": waiting})
        content = changes.model_dump_json(indent=1).encode()
        write_file(self._library.folder / _CHANGES_NAME, content)


def _version(record: ImageRecord) -> tuple[str | None, str | None]:
    came = record.provenance
    return (came.sha256, came.adapter) if came else (None, None)
