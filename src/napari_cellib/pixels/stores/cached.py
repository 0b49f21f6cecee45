"""A remote place whose bytes are kept on the disk, and when they are asked for anew.

The documents that describe an image are asked again each time it is opened, which
costs no bytes where the server knows ETags. Chunks with an ETag are shown at once and
asked for in the background, once in a session; those without are taken to be good for
a day.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError

from napari_cellib.errors import CellibError
from napari_cellib.pixels.disk_cache import Kept, Name
from napari_cellib.pixels.stores.contents import (
    ANSWER_LIMIT,
    Fetched,
    NotKept,
    OnlyWhole,
    Span,
    TooLarge,
    Unchanged,
)
from napari_cellib.pixels.stores.words import is_absent, is_silence

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.stores.contents import Content

DOCUMENTS = ("zarr.json", ".zattrs", ".zgroup", ".zarray", ".zmetadata")
_GOOD_S = 24 * 3600.0
_ABSENT_GOOD_S = 600.0
# Checks give way to what somebody waits for.
_CHECK_AFTER_S = 1.0
_CHECKS = 4
# Of one place; those of the wells of a plate would be hundreds.
_MOST_REMEMBERED = 32


class CachedContent:
    """Asks the disk first, then the server.

    Parameters
    ----------
    content : Content
        The server.
    cache : DiskCache
        The disk.
    place : str
        Name of the server's folder in the cache.
    """

    def __init__(self, content: Content, cache: DiskCache, place: str) -> None:
        self.cache = cache
        self.place = place
        self.changed: list[Callable[[str], object]] = []
        self._content = content
        self._checked: set[str] = set()
        self._few = asyncio.Semaphore(_CHECKS)
        self._described: dict[str, None] = {}

    async def get(
        self,
        key: str,
        span: Span | None = None,
        *,
        known: str | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> Fetched | None:
        """Return a chunk or a part of one; see `Content`."""
        name = Name(self.place, key, "" if span is None else str(span))
        kept = await self._find(name, span)
        if kept is not None and (self.cache.offline or _is_good(kept)):
            if kept.etag and not self.cache.offline:
                self._check_later(key, kept.etag)
            return _fetched(kept)
        if self.cache.offline:
            raise NotKept(key)
        try:
            found = await self._content.get(key, span, limit=limit)
        except BaseError as error:
            if kept is None or not is_silence(error):
                raise
            return _fetched(kept)  # it may be old, but it is what there is
        self._keep(name, found)
        return found

    async def document(self, key: str, *, limit: int) -> Fetched | None:
        """Return a document that describes the image, as the server has it now."""
        name = Name(self.place, key, "")
        kept = await self._find(name, None)
        if self.cache.offline:
            if kept is None:
                raise NotKept(key)
            return _fetched(kept)
        self._remember(key)
        absent = kept is not None and kept.data is None and _is_good(kept)
        if absent and await self._has_another(key):
            return None  # else the image may have been made since
        known = kept.etag if kept is not None and kept.data is not None else None
        try:
            found = await self._content.get(key, known=known, limit=limit)
        except Unchanged:
            return None if kept is None else _fetched(kept)
        except BaseError as error:
            if kept is None or kept.data is None or not is_silence(error):
                raise
            return _fetched(kept)
        if kept is not None and kept.data != (found and bytes(found.data)):
            self.cache.forget_unsure(self.place)  # chunks may be others as well
        self._keep(name, found)
        return found

    @property
    def usual(self) -> tuple[str, ...]:
        """The documents of the last place in the same folder, in this session."""
        return self.cache.usual.get(self._folder, ())

    @usual.setter
    def usual(self, documents: tuple[str, ...]) -> None:
        self.cache.usual[self._folder] = documents

    async def remembered(self) -> list[str]:
        """Return the documents that were asked for when the place was last opened.

        Asked for all at once, they take the time of one answer and not of several.
        """
        if self.cache.offline:
            return []
        kept = await self._find(self._list_name, None)
        with suppress(ValueError):
            found = json.loads((kept and kept.data) or b"[]")
            return [key for key in found if isinstance(key, str)]
        return []

    async def size_of(self, key: str) -> int:
        """Return the size of a file in bytes, without keeping anything."""
        kept = await self._find(Name(self.place, key, ""), None)
        if kept is not None:
            return len(kept.data or b"")
        if self.cache.offline:
            raise NotKept(key)
        found = await self._content.get(key, Span(0, 1))
        return 0 if found is None else found.size or len(found.data)

    def forget(self, key: str) -> None:
        """Drop what is kept of a file that has changed."""
        self.cache.forget(self.place, key)

    @property
    def _folder(self) -> str:
        return self.place.rstrip("/").rpartition("/")[0]

    @property
    def _list_name(self) -> Name:
        return Name(self.place, "", "documents")

    def _remember(self, key: str) -> None:
        if key not in self._described and len(self._described) < _MOST_REMEMBERED:
            self._described[key] = None
            listed = json.dumps(list(self._described)).encode()
            self.cache.keep(self._list_name, Kept(listed, None, time.time()))

    async def _has_another(self, key: str) -> bool:
        """Say whether a document of another version describes the same folder."""
        folder = key.rpartition("/")[0]
        for document in DOCUMENTS:
            other = f"{folder}/{document}".lstrip("/")
            found = await self._find(Name(self.place, other, ""), None)
            if found is not None and found.data is not None:
                return True
        return False

    async def _find(self, name: Name, span: Span | None) -> Kept | None:
        cut = None if span is None else slice(span.start, span.stop)
        loop = asyncio.get_running_loop()
        try:
            waiting = loop.run_in_executor(
                self.cache.readers, self.cache.find, name, cut
            )
        except RuntimeError:  # the cache was closed
            return None
        try:
            return await waiting
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return None  # the cache was closed meanwhile

    def _keep(self, name: Name, found: Fetched | None) -> None:
        data, etag = (None, None) if found is None else (found.data, found.etag)
        self.cache.keep(name, Kept(data, etag, time.time()))

    def _check_later(self, key: str, etag: str) -> None:
        if key not in self._checked:
            self._checked.add(key)
            self.cache.background.start(lambda: self._check(key, etag))

    async def _check(self, key: str, etag: str) -> None:
        await asyncio.sleep(_CHECK_AFTER_S)
        async with self._few:
            try:
                found = await self._content.get(key, Span(0, 1), known=etag)
            except (Unchanged, TooLarge, OnlyWhole, CellibError):
                return
            except (BaseError, OSError, ValueError) as error:
                if not is_absent(error):  # what we have stands until it answers
                    return
                found = None
        if found is not None and found.etag == etag:
            return
        self.forget(key)
        for tell in tuple(self.changed):
            tell(key)


def _is_good(kept: Kept) -> bool:
    if kept.data is not None and kept.etag:
        return True
    age = time.time() - kept.checked
    return 0 <= age < (_ABSENT_GOOD_S if kept.data is None else _GOOD_S)


def _fetched(kept: Kept) -> Fetched | None:
    return None if kept.data is None else Fetched(kept.data, kept.etag)
