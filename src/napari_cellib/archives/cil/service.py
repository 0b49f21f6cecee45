"""The Cell Image Library, asked over the network: its service, or else its pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_cellib.archives.answers import Answers
from napari_cellib.archives.cil import api, pages
from napari_cellib.archives.cil.annotations import TermReader
from napari_cellib.archives.cil.document import SOURCE, page_path, read_document
from napari_cellib.archives.polite import PoliteClient
from napari_cellib.errors import ArchiveUnreadable, KeyNeeded, RecordInvalid

if TYPE_CHECKING:
    from napari_cellib.archives.cil.document import Mapped
    from napari_cellib.archives.cil.key import Key
    from napari_cellib.jobs import Job, Progress
    from napari_cellib.ontology import Terms
    from napari_cellib.settings import Settings


class CilService:
    """Asks the service where there is a key to it, and else the public pages.

    Parameters
    ----------
    settings : Settings
        Where the archive is, and how often it may be asked.
    key : Key or None
        Opens the service.
    terms : Terms
        Give names that documents leave out.
    """

    def __init__(self, settings: Settings, key: Key | None, terms: Terms) -> None:
        self._settings, self._key = settings, key
        self._reader = TermReader(terms)
        self._answers = Answers(settings.answers_folder)
        self._site = self._client(settings.cil.site)
        self._api = self._client(settings.cil.api, key) if key else None

    @property
    def where(self) -> str:
        """The address that is asked for records."""
        hosts = self._settings.cil
        return hosts.api if self._api else hosts.site

    def changed(
        self, since: datetime | None, progress: Progress
    ) -> Job[tuple[str, ...]]:
        """Return the ids of what was published since a time, or of all; needs a key."""
        ids: dict[str, None] = {}
        start, total = 0, 1
        while start < total:
            body = yield from self._service.get(api.ids_path(start, since), progress)
            if body is None:
                reason = "its service is not at that address (404)"
                raise ArchiveUnreadable(SOURCE, reason)
            page = api.read_ids(body)
            ids.update(dict.fromkeys(page.ids))
            start, total = start + page.listed, page.total
            if not page.listed and start < total:
                reason = f"it lists {start:,} images and says that there are {total:,}"
                raise ArchiveUnreadable(SOURCE, reason)
        return tuple(ids)

    def group(self, record_id: str, progress: Progress) -> Job[tuple[str, ...]]:
        """Return the ids of the images of the same group; needs a key."""
        body = yield from self._service.get(api.group_path(record_id), progress)
        return api.read_group(body) if body else ()

    def found(self, words: str, progress: Progress) -> Job[tuple[str, ...]]:
        """Return the ids of the first images that the archive's own site finds."""
        page = yield from self._site.get(pages.find_path(words), progress)
        return pages.read_found(_text(page or b""))

    def record(self, record_id: str, progress: Progress) -> Job[Mapped]:
        """Return one record: of its document, or without a key of its page.

        Raises
        ------
        RecordInvalid
            When there is no such public image, or nothing that describes it.
        """
        now = datetime.now(UTC).replace(microsecond=0)
        client = self._api or self._site
        path = api.document_path if self._api else page_path
        body = yield from client.get(path(record_id), progress)
        if body is None:
            raise RecordInvalid(record_id, "the archive has no such image")
        hosts = self._settings.cil
        if not self._api:
            text = _text(body)
            return pages.read_page(text, record_id, hosts=hosts, fetched=now)
        document = api.read_document_answer(body, record_id)
        return read_document(
            document, record_id, terms=self._reader, hosts=hosts, fetched=now
        )

    @property
    def _service(self) -> PoliteClient:
        if self._api is None:
            raise KeyNeeded(SOURCE, "there is none")
        return self._api

    def _client(self, home: str, key: Key | None = None) -> PoliteClient:
        return PoliteClient(
            SOURCE,
            home,
            pause_s=self._settings.cil.pause_s,
            timeout_s=self._settings.timeout_s,
            # The service chooses by this; it would rather send HTML.
            accept="application/json" if key else "text/html",
            answers=self._answers,
            key=key,
        )


def _text(page: bytes) -> str:
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode("cp1252", "replace")
