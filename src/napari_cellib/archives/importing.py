"""The job that makes a library of the Cell Image Library's public dump."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_cellib.archives.cil.annotations import TermReader
from napari_cellib.archives.cil.document import (
    ADAPTER,
    SOURCE,
    changed_at,
    read_document,
    record_id,
    sha256_of,
)
from napari_cellib.archives.dump import Dump
from napari_cellib.archives.report import ImportReport, Tally, write_report
from napari_cellib.downloads import download, make_folder
from napari_cellib.errors import (
    LibraryBusy,
    LibraryDamaged,
    LibraryNotFound,
    LibraryReadOnly,
    RecordInvalid,
    RecordNotFound,
)
from napari_cellib.jobs import Job, Progress
from napari_cellib.library.embedded import EmbeddedLibrary
from napari_cellib.locks import try_lock
from napari_cellib.model import Query
from napari_cellib.ontology.store import open_chosen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.archives.cil.document import Mapped
    from napari_cellib.archives.dump import Limits, Member
    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology import Terms
    from napari_cellib.settings import Settings

LIBRARY_ID = "cil"
_STEM = "import"
REPORT_NAME = f"{_STEM}.json"
TEXT_NAME = f"{_STEM}.txt"
_LOCK_NAME = "update.lock"

_BATCH = 200
_STEP = 20  # documents between two words of progress
_LARGEST_DUMP = 1_000_000_000  # bytes


def import_cil(
    settings: Settings, dump: Path | None = None, *, limits: Limits | None = None
) -> Job[ImportReport]:
    """Make a library of the Cell Image Library's public dump, or bring it up to date.

    What was taken in stays when the job stops for any reason; the next one takes
    only documents that are new or have changed. A document that an update has taken
    from the archive itself stays, if the dump holds an older one. The report lies in
    the library's folder, too.

    Parameters
    ----------
    settings : Settings
        Where libraries lie, and where the dump is found.
    dump : pathlib.Path, optional
        A zip or a folder of documents; downloaded when left out.
    limits : Limits, optional
        What the dump may hold at most.

    Returns
    -------
    Job
        Its value is the report.

    Raises
    ------
    DumpUnreadable
        When the dump is neither a zip nor a folder.
    DownloadFailed
        When it cannot be downloaded.
    LibraryBusy
        When another program takes images into the same library.
    """
    if dump is None:
        dump = yield from _downloaded(settings)
    source = Dump(dump, limits)
    with closing(own_library(settings)) as library, alone(library.folder):
        terms, _ = open_chosen(settings)
        with terms:
            work = _Import(library, source, terms, settings)
            yield from work.run()
            report = work.report()
        yield from library.update_index()
        write_report(library.folder, report, _STEM)
    return report


def read_report(folder: Path) -> ImportReport:
    """Return the report of the last import into a library.

    Parameters
    ----------
    folder : pathlib.Path
        The library's folder.

    Raises
    ------
    LibraryNotFound
        When no import has come to its end there.
    """
    try:
        return ImportReport.model_validate_json((folder / REPORT_NAME).read_bytes())
    except FileNotFoundError as error:
        fix = "Run 'cellib library add cil' to its end first."
        raise LibraryNotFound(folder.name, fix=fix) from error
    except ValueError as error:
        reason = f"{REPORT_NAME} is no report of an import"
        raise LibraryDamaged(str(folder), reason) from error


def _downloaded(settings: Settings) -> Job[Path]:
    make_folder(settings.downloads_folder)
    target = settings.downloads_folder / "cil.zip"
    with alone(settings.libraries_folder / LIBRARY_ID, settings.downloads_folder):
        yield from download(
            settings.cil.dump,
            target,
            limit=_LARGEST_DUMP,
            timeout_s=settings.timeout_s,
            label="Downloading the records",
        )
    return target


def own_library(settings: Settings) -> EmbeddedLibrary:
    """Return the library of the archive's records; it is made where there is none.

    Raises
    ------
    LibraryExists
        When another library lies in its place.
    LibraryReadOnly
        When it cannot be changed.
    """
    folder = settings.libraries_folder / LIBRARY_ID
    library = EmbeddedLibrary.open_or_create(folder, id=LIBRARY_ID, name=SOURCE)
    if library.info.writable:
        return library
    library.close()
    raise LibraryReadOnly(str(folder))


@contextmanager
def alone(library: Path, place: Path | None = None) -> Iterator[None]:
    """Keep other programs from taking images into the same library.

    Parameters
    ----------
    library : pathlib.Path
        Its folder.
    place : pathlib.Path, optional
        Where the lock lies, if not in that folder; it may not be there yet.

    Raises
    ------
    LibraryBusy
        When another one is at it.
    """
    lock = try_lock((place or library) / _LOCK_NAME)
    if lock is None:
        raise LibraryBusy(str(library))
    with closing(lock):
        yield


class _Import:
    """One way through a dump."""

    def __init__(
        self, library: EmbeddedLibrary, dump: Dump, terms: Terms, settings: Settings
    ) -> None:
        self._library, self._dump, self._hosts = library, dump, settings.cil
        self._terms, self._reader = terms, TermReader(terms)
        self._tally = Tally()
        self._old: dict[str, tuple[str | None, str | None]] = {}
        self._has_unlisted = False
        self._seen: dict[str, str] = {}  # checksum of each document by its record

    def run(self) -> Job[None]:
        yield from self._remember()
        fetched = datetime.now(UTC).replace(microsecond=0)
        batch: list[ImageRecord] = []
        for number, member in enumerate(self._dump.members()):
            if number % _STEP == 0:
                yield self._progress(number)
            if (mapped := self._mapped(member, fetched)) is None:
                continue
            if self._is_news(mapped.record):
                batch.append(mapped.record)
            if len(batch) == _BATCH:
                yield from self._store(batch)
                batch = []
        yield from self._store(batch)
        yield self._progress(self._dump.count)

    def report(self) -> ImportReport:
        return ImportReport(
            source=SOURCE,
            dump=str(self._dump.where),
            adapter=ADAPTER,
            gone=tuple(sorted(self._old.keys() - self._seen.keys())),
            **self._tally.counted(self._terms),
        )

    def _remember(self) -> Job[None]:
        """Learn which documents the library has; pages come without raw ones."""
        query = Query(limit=500, facets=False)
        while len(self._library):
            page = self._library.search(query)
            for hit in page.hits:
                came = hit.record.provenance
                known = (came.sha256, came.adapter) if came else (None, None)
                self._old[hit.record.id] = known
            yield Progress("Looking at what is here", len(self._old), page.total)
            if page.next is None:
                break
            query = query.model_copy(update={"cursor": page.next})
        self._has_unlisted = len(self._library) > len(self._old)

    def _mapped(self, member: Member, fetched: datetime) -> Mapped | None:
        tally = self._tally
        tally.documents += 1
        if member.refused:
            tally.refuse(member.name, member.refused)
            return None
        document = member.document
        try:
            sha256 = sha256_of(document)
        except UnicodeEncodeError:
            tally.refuse(member.name, "it holds half of a character")
            return None
        try:
            if self._repeats(document, member, sha256):
                return None
            mapped = read_document(
                document,
                member.stem,
                terms=self._reader,
                hosts=self._hosts,
                fetched=fetched,
                sha256=sha256,
            )
        except RecordInvalid as error:
            tally.refuse(member.name, error.reason)
            return None
        self._seen[mapped.record.id] = sha256
        tally.take(mapped.record.id, mapped.entries)
        return mapped

    def _repeats(self, document: object, member: Member, sha256: str) -> bool:
        """Say whether a record of that number came before; the first one counts."""
        own = document.get("_id") if isinstance(document, dict) else None
        found = record_id(str(own or member.stem))
        earlier = self._seen.get(found) if found else None
        if earlier == sha256:
            self._tally.repeated += 1
        elif earlier is not None:
            self._tally.refuse(member.name, f"another document of {found} came before")
        return earlier is not None

    def _is_news(self, record: ImageRecord) -> bool:
        came = record.provenance
        old = self._old.get(record.id) or self._unlisted(record.id)
        if old is None:
            self._tally.added += 1
        elif came and old == (came.sha256, came.adapter):
            self._tally.unchanged += 1
            return False
        elif self._has_newer(record):
            self._tally.newer.append(record.id)
            return False
        else:
            self._tally.changed += 1
        return True

    def _has_newer(self, record: ImageRecord) -> bool:
        """Say whether an update has brought a newer document than that of the dump."""
        old = self._library.record(record.id)
        return changed_at(old.raw) > changed_at(record.raw)

    def _unlisted(self, record_id: str) -> tuple[str | None, str | None] | None:
        """Return the checksum of a record that no search finds, as a draft."""
        if not self._has_unlisted:
            return None
        try:
            came = self._library.record(record_id).provenance
        except RecordNotFound:
            return None
        return (came.sha256, came.adapter) if came else (None, None)

    def _store(self, batch: list[ImageRecord]) -> Job[None]:
        done = self._tally.documents
        for _ in self._library.add_many(batch):
            yield self._progress(done)

    def _progress(self, done: int) -> Progress:
        return Progress("Taking in records", done, self._dump.count)
