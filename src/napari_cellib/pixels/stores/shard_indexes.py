"""Where chunks lie in shards: asked for once, although zarr asks for each chunk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from napari_cellib.pixels.stores.flights import Flights

if TYPE_CHECKING:
    from napari_cellib.pixels.stores.contents import Content, Fetched, Span

# An index has 16 bytes for each chunk of its shard.
_LONGEST_INDEX = 4_000_000
_LIMIT = 64_000_000


class Changed(Exception):
    """A shard is no longer the one whose index we have."""


class ShardIndexes:
    """Reads parts of files, and keeps what may be the index of a shard.

    That is the first or the last part of a file. Parts of a shard that was written
    anew in the meantime do not fit its old index, so it is forgotten then.

    Parameters
    ----------
    content : Content
        Gives the bytes.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._flights: Flights[Fetched | None] = Flights()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, Span], Fetched] = OrderedDict()
        self._size = 0
        self._etags: dict[str, str] = {}

    async def get(self, key: str, span: Span) -> Fetched | None:
        """Return a part of a file, or None if there is no such file.

        Raises
        ------
        Changed
            When the file is not the one whose index is kept.
        """
        if not _may_be_index(span):
            found = await self._content.get(key, span)
            if found is not None:
                self._check(key, found)
            return found
        with self._lock:
            kept = self._kept.get((key, span))
            if kept is not None:
                self._kept.move_to_end((key, span))
                return kept
        found = await self._flights.join(
            (key, span), lambda: self._content.get(key, span)
        )
        if found is not None:
            self._check(key, found)
            self._keep(key, span, found)
        return found

    def forget(self, key: str) -> None:
        """Drop the index of a file."""
        with self._lock:
            for name in [name for name in self._kept if name[0] == key]:
                self._size -= len(self._kept.pop(name).data)
            self._etags.pop(key, None)

    def _check(self, key: str, found: Fetched) -> None:
        expected = self._etags.get(key)
        if expected and found.etag and found.etag != expected:
            self.forget(key)
            raise Changed(key)

    def _keep(self, key: str, span: Span, found: Fetched) -> None:
        size = len(found.data)
        if size > _LONGEST_INDEX:
            return
        with self._lock:
            if (key, span) in self._kept:
                return
            self._kept[key, span] = found
            self._size += size
            if found.etag:
                self._etags[key] = found.etag
            while self._size > _LIMIT:
                (name, _), dropped = self._kept.popitem(last=False)
                self._size -= len(dropped.data)
                self._etags.pop(name, None)


def _may_be_index(span: Span) -> bool:
    return span.start <= 0
