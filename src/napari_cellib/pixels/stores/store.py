"""One place that holds an OME-Zarr, and zarr's way into it.

A file that is not there is an answer, ``None``. A server that refuses, fails or
says nothing is an error: taken for absent, it would show black instead of data.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from obstore.exceptions import BaseError
from zarr.abc.store import (
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zarr.abc.store import Store as ZarrBase

from napari_cellib.errors import CellibError, PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.parallel import in_parallel
from napari_cellib.pixels.stores.blosc import BloscGuard
from napari_cellib.pixels.stores.cached import DOCUMENTS, CachedContent
from napari_cellib.pixels.stores.contents import NotKept, OnlyWhole, Span, TooLarge
from napari_cellib.pixels.stores.shard_indexes import Changed, ShardIndexes
from napari_cellib.pixels.stores.words import explain, is_absent

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Callable,
        Coroutine,
        Iterable,
        Mapping,
        Sequence,
    )
    from pathlib import Path

    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.stores.contents import Content, Fetched

T = TypeVar("T")
Answer: TypeAlias = "bytes | CellibError | None"

# No honest image describes itself at greater length; a larger document is an
# accident or an attack, and parsing it would fill the memory.
DOCUMENT_LIMIT = 64_000_000
_ABSENT_LIMIT = 100_000
_FAULTS = (BaseError, OSError, ValueError, TooLarge, OnlyWhole, NotKept)


class Store:
    """One folder, zip or address that holds an OME-Zarr, opened for reading.

    Parameters
    ----------
    name : str
        The place as it may be shown: without user names, passwords and tokens.
    content : Content
        Gives the bytes.
    folder : pathlib.Path, optional
        The folder, where the place is one.
    local : bool
        Whether the place is on this computer.
    has_secrets : bool
        Whether errors of `content` may quote a token.
    cached : CachedContent, optional
        `content`, where it is one that keeps bytes on the disk.
    """

    def __init__(
        self,
        name: str,
        content: Content,
        *,
        folder: Path | None = None,
        local: bool = False,
        has_secrets: bool = False,
        cached: CachedContent | None = None,
    ) -> None:
        self.name = name
        self.folder = folder
        self.zarr = ZarrStore(cached or content, self)
        self.cached = cached
        self._content = content
        self._local = local or folder is not None
        self._has_secrets = has_secrets
        if cached is not None:
            cached.changed.append(self.zarr.forget)

    @property
    def identity(self) -> str:
        """The place, told apart from places that are called the same."""
        return self.name if self.cached is None else self.cached.place

    @property
    def usual(self) -> tuple[str, ...]:
        """The documents that the last image beside it was described by, if known.

        To look for others only makes a server say that they are not there.
        """
        return () if self.cached is None else self.cached.usual

    @usual.setter
    def usual(self, documents: tuple[str, ...]) -> None:
        if self.cached is not None:
            self.cached.usual = documents

    def forget(self, key: str) -> None:
        """Ask anew for a file that makes no sense."""
        self.zarr.forget(key)
        if self.cached is not None:
            self.cached.forget(key)

    def watch(self, changed: Callable[[str], object]) -> None:
        """Have a function told, from another thread, which file has changed.

        That is found out for files that were shown from the disk, once in a session.
        """
        if self.cached is not None:
            self.cached.changed.append(changed)

    def read(self, key: str) -> bytes | None:
        """Return a small document, or None if there is none.

        Raises
        ------
        PixelsUnreachable
            When the place does not answer or refuses.
        PixelsUnreadable
            When the document is too long, or may not be read.
        """
        return _wait_for(self.document(key))

    async def document(self, key: str) -> bytes | None:
        """Return a small document, or None if there is none; see `read`."""
        try:
            if self.cached is not None:
                found = await self.cached.document(key, limit=DOCUMENT_LIMIT)
            else:
                found = await self._content.get(key, limit=DOCUMENT_LIMIT)
        except TooLarge as error:
            raise PixelsUnreadable(
                f"{self.name}/{key}",
                f"{error.size // 1_000_000} MB of metadata are more than the "
                f"{DOCUMENT_LIMIT // 1_000_000} MB that any image needs",
            ) from None
        except _FAULTS as error:
            if is_absent(error):
                return None
            raise self.explain(error) from self.cause(error)
        return None if found is None else bytes(found.data)

    def read_many(self, label: str, keys: Sequence[str]) -> Job[dict[str, Answer]]:
        """Read documents side by side; one that fails does not stop the others.

        Parameters
        ----------
        label : str
            What to say while waiting.
        keys : sequence of str
            Names of the documents.

        Returns
        -------
        dict of str to bytes, CellibError or None
            The document, why it cannot be read, or None where it is absent.

        Yields
        ------
        Progress
            At least four times a second, so that waiting can be cancelled.
        """

        def read_or_error(key: str) -> Answer:
            try:
                return self.read(key)
            except CellibError as error:
                return error

        answers = yield from in_parallel(label, read_or_error, keys, workers=16)
        return dict(zip(keys, answers, strict=True))

    def remembered(self) -> list[str]:
        """Return the documents that were read when it was last opened, if known."""
        return [] if self.cached is None else _wait_for(self.cached.remembered())

    def size_of(self, key: str) -> int:
        """Return the size of a file in bytes, 0 if there is none.

        Raises
        ------
        CellibError
            When the place does not answer or refuses.
        """
        try:
            if self.cached is not None:
                return _wait_for(self.cached.size_of(key))
            found = _wait_for(self._content.get(key, Span(0, 1)))
        except _FAULTS as error:
            raise self.explain(error) from self.cause(error)
        return 0 if found is None else found.size or len(found.data)

    def fetch(self, key: str) -> int:
        """Bring a file into the cache; return how much of it there is, in bytes.

        Raises
        ------
        CellibError
            When the place does not answer or refuses.
        """
        found = _wait_for(self.zarr.fetch(key, None))
        return 0 if found is None else len(found.data)

    def kept_files(self) -> set[str] | None:
        """Return the files that are in the cache, None if others can be had."""
        if self.cached is None or not self.cached.cache.offline:
            return None
        return self.cached.cache.keys(self.cached.place)

    def has_file(self, key: str) -> bool:
        """Say whether a local folder holds that file."""
        return self.folder is not None and (self.folder / key).exists()

    def explain(self, error: Exception) -> CellibError:
        """Turn an error of the folder, the network or obstore into one of ours."""
        return explain(error, self.name, local=self._local)

    def cause(self, error: Exception) -> Exception | None:
        """Return `error` to chain to, unless its text would give away a token."""
        return None if self._has_secrets else error


class ZarrStore(ZarrBase):
    """Zarr's way in: answers known documents at once, remembers what is absent."""

    supports_writes = False
    supports_deletes = False
    supports_listing = False

    def __init__(self, content: Content, place: Store) -> None:
        super().__init__(read_only=True)
        self._content = content
        self._place = place
        self._documents: dict[str, bytes | None] = {}
        self._indexes = ShardIndexes(content)
        self.blosc = BloscGuard()
        self.absent: set[str] = set()

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = ZarrBase.__hash__

    def __str__(self) -> str:
        return self._place.name

    def remember(self, documents: Mapping[str, bytes | None]) -> None:
        """Keep documents that were read already, so that zarr asks no more."""
        self._documents.update(documents)

    def forget(self, key: str) -> None:
        """Ask anew for a file that has changed."""
        self._indexes.forget(key)
        self.absent.discard(key)

    async def get(
        self,
        key: str,
        prototype: BufferPrototype,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """Return the bytes of a chunk, or None if there is no such chunk."""
        if key in self._documents:
            document = self._documents[key]
            return None if document is None else prototype.buffer.from_bytes(document)
        if byte_range is None and key.rpartition("/")[2] in DOCUMENTS:
            document = await self._place.document(key)
            return None if document is None else prototype.buffer.from_bytes(document)
        found = await self.fetch(key, _span(byte_range))
        if found is None:
            if len(self.absent) < _ABSENT_LIMIT:
                self.absent.add(key)
            return None
        self.blosc.check(key, byte_range, found.data)
        return prototype.buffer.from_bytes(found.data)

    async def fetch(self, key: str, span: Span | None) -> Fetched | None:
        """Return a file or a part of it, None if there is none."""
        place = self._place
        try:
            if span is None:
                return await self._content.get(key)
            return await self._indexes.get(key, span)
        except Changed:
            place.forget(key)
            raise PixelsUnreachable(
                place.name, "it was changed while it was read", fix="Try again."
            ) from None
        except _FAULTS as error:
            if is_absent(error):
                return None
            raise place.explain(error) from place.cause(error)

    async def get_partial_values(
        self,
        prototype: BufferPrototype,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> list[Buffer | None]:
        """Return several parts, each by a question of its own."""
        asked = [self.get(key, prototype, part) for key, part in key_ranges]
        return list(await asyncio.gather(*asked))

    async def exists(self, key: str) -> bool:
        """Say whether there is such a file."""
        if key in self._documents:
            return self._documents[key] is not None
        return await self.fetch(key, Span(0, 1)) is not None

    async def set(self, key: str, value: Buffer) -> None:
        """Refuse: what others keep is only read."""
        raise NotImplementedError

    async def delete(self, key: str) -> None:
        """Refuse: what others keep is only read."""
        raise NotImplementedError

    def list(self) -> AsyncIterator[str]:
        """Refuse: web servers have no list of their files."""
        raise NotImplementedError

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Refuse: web servers have no list of their files."""
        raise NotImplementedError

    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Refuse: web servers have no list of their files."""
        raise NotImplementedError


def _span(part: ByteRequest | None) -> Span | None:
    if isinstance(part, RangeByteRequest):
        return Span(part.start, part.end)
    if isinstance(part, SuffixByteRequest):
        return Span(-part.suffix)
    if isinstance(part, OffsetByteRequest):
        return Span(part.offset)
    return None


def _wait_for(work: Coroutine[Any, Any, T]) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1, "cellib-document") as pool:  # called by a notebook
        return pool.submit(asyncio.run, work).result()
