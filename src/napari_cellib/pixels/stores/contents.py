"""What every kind of place is asked: some bytes of one file, and when they changed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import obstore
from obstore.exceptions import BaseError, NotModifiedError, NotSupportedError
from obstore.store import LocalStore

from napari_cellib.pixels.stores.flights import Flights

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import ObjectStore

# No chunk that a screen can show is larger; a larger answer would fill the memory.
ANSWER_LIMIT = 4 * 2**30
# A server that gives only whole files makes us keep some of them, to cut from.
_WHOLE_LIMIT = 256_000_000
_TOO_OFTEN = "429 Too Many Requests"
_FIRST_PAUSE_S = 0.5
_IGNORED_RANGE = ("non-partial response", "Range request not supported")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file, in bytes: the last ones where `start` is negative."""

    start: int
    stop: int | None = None

    def cut(self, data: memoryview) -> memoryview:
        """Return this part of a whole file."""
        return data[self.start : self.stop]

    def __str__(self) -> str:
        return f"{self.start}:{'' if self.stop is None else self.stop}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """Bytes, and what tells whether the file has changed since."""

    data: Any  # bytes, or whatever shows its bytes as they do
    etag: str | None = None
    size: int | None = None


class Unchanged(Exception):
    """The file is as it was when its ETag was noted."""


class TooLarge(Exception):
    """An answer is longer than what was asked for can be."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size


class OnlyWhole(Exception):
    """A server gives no parts of files, and this one is too large to be taken whole."""


class NotKept(Exception):
    """Only the cache may be used, and a file is not in it."""


class Content(Protocol):
    """The files of one place."""

    async def get(
        self,
        key: str,
        span: Span | None = None,
        *,
        known: str | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> Fetched | None:
        """Return a file or a part of it, or None if there is no such file.

        Parameters
        ----------
        key : str
            Name of the file.
        span : Span, optional
            The part; all of it by default.
        known : str, optional
            ETag of the file that we have.
        limit : int
            Most bytes that make sense.

        Returns
        -------
        Fetched or None
            The bytes.

        Raises
        ------
        Unchanged
            When the file still has the ETag `known`.
        TooLarge
            When it is longer than `limit`.
        """


class ObjectContent:
    """A folder, a web server or a bucket, through obstore.

    Parameters
    ----------
    store : obstore.store.ObjectStore
        Gives the bytes.
    patience_s : float, default: 0
        How long to wait for a server that says it is asked too often, in seconds.
    """

    def __init__(self, store: ObjectStore, *, patience_s: float = 0.0) -> None:
        self._store = store
        self._patience_s = patience_s
        self._flights: Flights[Fetched | None] = Flights()
        self._cuts_suffixes = True
        self._cuts = True
        self._whole: OrderedDict[str, Fetched] = OrderedDict()

    async def get(
        self,
        key: str,
        span: Span | None = None,
        *,
        known: str | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> Fetched | None:
        """Return a file or a part of it; see `Content`."""
        if span is None or not self._cuts:
            return await self._get_whole(key, span, known, limit)
        if span.start < 0 and not self._cuts_suffixes:
            return await self._get_end(key, span, known)
        try:
            return await self._ask(key, span, known, limit)
        except BaseError as error:
            if not _range_was_ignored(error):
                raise
        if span.start < 0:  # some, as Azure, only do not know ends
            found = await self._get_end(key, span, known)
            self._cuts_suffixes = not self._cuts
            return found
        self._cuts = False
        return await self._get_whole(key, span, known, limit)

    async def _get_end(self, key: str, span: Span, known: str | None) -> Fetched | None:
        try:
            head = await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return None
        size = head["size"]
        return await self.get(key, Span(max(0, size + span.start), size), known=known)

    async def _get_whole(
        self, key: str, span: Span | None, known: str | None, limit: int
    ) -> Fetched | None:
        if span is None:
            return await self._ask(key, None, known, limit)
        if (found := self._whole.get(key)) is None:
            found = await self._flights.join(key, lambda: self._keep_whole(key))
        if found is None:
            return None
        if known is not None and found.etag == known:
            raise Unchanged
        part = span.cut(memoryview(found.data))
        return Fetched(bytes(part), found.etag, found.size)

    async def _keep_whole(self, key: str) -> Fetched | None:
        try:
            found = await self._ask(key, None, None, _WHOLE_LIMIT)
        except TooLarge as error:
            raise OnlyWhole from error
        if found is not None:
            self._whole[key] = found
            while sum(len(f.data) for f in self._whole.values()) > _WHOLE_LIMIT:
                self._whole.popitem(last=False)
        return found

    async def _ask(
        self, key: str, span: Span | None, known: str | None, limit: int
    ) -> Fetched | None:
        """Ask, and again when the server is too busy, each time after a longer wait."""
        waited, pause = 0.0, _FIRST_PAUSE_S
        while True:
            try:
                return await self._ask_once(key, span, known, limit)
            except BaseError as error:
                if _TOO_OFTEN not in str(error) or waited + pause > self._patience_s:
                    raise
            await asyncio.sleep(pause)
            waited, pause = waited + pause, pause * 2

    async def _ask_once(
        self, key: str, span: Span | None, known: str | None, limit: int
    ) -> Fetched | None:
        options = _options(span, known)
        try:
            if limit < ANSWER_LIMIT and isinstance(self._store, LocalStore):
                await self._check_size(key, limit)
            answer: GetResult = await obstore.get_async(
                self._store, key, options=options
            )
            first, last = answer.range
            if last - first > limit:
                raise TooLarge(last - first)
            data = await answer.bytes_async()
        except FileNotFoundError:
            return None
        except NotModifiedError as error:
            raise Unchanged from error
        return Fetched(data, answer.meta["e_tag"], answer.meta["size"])

    async def _check_size(self, key: str, limit: int) -> None:
        """Refuse a long file before it is opened: it would stay open for a while."""
        head = await obstore.head_async(self._store, key)
        if head["size"] > limit:
            raise TooLarge(head["size"])


def _options(span: Span | None, known: str | None) -> GetOptions | None:
    options: GetOptions = {}
    if known is not None:
        options["if_none_match"] = known
    if span is None:
        return options or None
    if span.start < 0:
        options["range"] = {"suffix": -span.start}
    elif span.stop is None:
        options["range"] = {"offset": span.start}
    else:
        options["range"] = (span.start, span.stop)
    return options


def _range_was_ignored(error: Exception) -> bool:
    text = str(error)
    return isinstance(error, NotSupportedError) or any(
        mark in text for mark in _IGNORED_RANGE
    )
