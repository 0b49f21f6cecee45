"""The files of a zip, on the disk or on a server, without unpacking it.

A zip lists its files at its end. That list is read once, then each file by its place
in the zip. The zip is not trusted: no name may lead out of it, nothing may become much
larger than it is.
"""

from __future__ import annotations

import asyncio
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from napari_cellib.errors import PixelsNotFound, PixelsUnreadable
from napari_cellib.pixels.stores.contents import (
    ANSWER_LIMIT,
    Fetched,
    Span,
    TooLarge,
    Unchanged,
)
from napari_cellib.pixels.stores.flights import Flights

if TYPE_CHECKING:
    from napari_cellib.pixels.stores.contents import Content

# The end of a zip, and mostly the whole list of a small one.
_TAIL = 256 * 1024
_LARGEST_LIST = 512_000_000
_MOST_FILES = 2_000_000
_HEADER = struct.Struct("<4s22xHH")
# What a header may have besides the name, so that header and file come together.
_ROOM = 128
_SMALL = 1_000_000
_ENCRYPTED = 0x1
_HONEST_RATIO = 500  # black images are packed well, but not better than this
_DAMAGED = "it is no zip file, or it is damaged or cut short"
_ROOT_FILES = ("zarr.json", ".zattrs", ".zgroup", ".zarray")


class ZipContent:
    """The files of one zip; see `Content`.

    Parameters
    ----------
    content : Content
        Where the zip is.
    key : str
        Its name there.
    name : str
        Its name for messages.
    inside : str
        A folder in the zip; by default the one that holds everything.
    """

    def __init__(self, content: Content, key: str, name: str, inside: str) -> None:
        self._content = content
        self._key = key
        self._name = name
        self._inside = inside
        self._flights: Flights[_Listed] = Flights()
        self._listed: _Listed | None = None
        self._starts: dict[str, int] = {}
        self._unchanged: str | None = None

    async def get(
        self,
        key: str,
        span: Span | None = None,
        *,
        known: str | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> Fetched | None:
        """Return a file of the zip or a part of it, or None; see `Content`."""
        if self._listed is None and known is not None:
            await self._check_unchanged(known)
        if self._listed is None:
            self._listed = await self._flights.join("list", self._list)
        listed = self._listed
        info = listed.files.get(listed.root + key)
        if info is None:
            return None
        if known is not None and known == listed.etag:
            raise Unchanged
        if info.file_size > limit and span is None:
            raise TooLarge(info.file_size)
        self._check(info)
        if info.compress_type == zipfile.ZIP_STORED:
            data = await self._stored(info, span)
        else:
            data = await self._packed(info, span)
        return Fetched(data, listed.etag, info.file_size)

    async def _check_unchanged(self, known: str) -> None:
        """Raise Unchanged without reading the list if the zip has this ETag."""
        if known != self._unchanged:
            try:
                await self._content.get(self._key, Span(0, 1), known=known)
            except Unchanged:
                self._unchanged = known
        if known == self._unchanged:
            raise Unchanged

    async def _list(self) -> _Listed:
        """Read the list at the end of the zip."""
        tail = await self._content.get(self._key, Span(-_TAIL))
        if tail is None:
            raise PixelsNotFound(self._name)
        data, size = bytes(tail.data), tail.size or len(tail.data)
        start = _list_start(data, size)
        if start is None or size - start > _LARGEST_LIST:
            raise PixelsUnreadable(self._name, _DAMAGED)
        if start < size - len(data):
            more = await self._content.get(self._key, Span(start, size - len(data)))
            data = (b"" if more is None else bytes(more.data)) + data
        try:
            return await asyncio.to_thread(
                _parse, data, size, tail.etag, self._name, self._inside
            )
        except (zipfile.BadZipFile, struct.error, EOFError, ValueError) as error:
            raise PixelsUnreadable(self._name, _DAMAGED) from error

    def _check(self, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & _ENCRYPTED:
            raise PixelsUnreadable(
                self._name, "it is encrypted", fix="Unpack it with its password."
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PixelsUnreadable(
                self._name,
                "it is packed in a way that is not known here",
                fix="Unpack it, then open the folder.",
            )
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > _SMALL and ratio > _HONEST_RATIO:
            size = f"{info.file_size / 1e6:,.0f} MB"
            raise PixelsUnreadable(
                self._name, f"a file of it would become {size} when unpacked"
            )

    async def _stored(self, info: zipfile.ZipInfo, span: Span | None) -> bytes:
        size = info.file_size
        if span is None:
            return await self._read_file(info, size)
        first, last, _ = slice(span.start, span.stop).indices(size)
        if size <= _SMALL and info.filename not in self._starts:
            return (await self._read_file(info, size))[first:last]
        start = await self._start(info)
        return await self._read(start + first, max(0, last - first))

    async def _packed(self, info: zipfile.ZipInfo, span: Span | None) -> bytes:
        packed = await self._read_file(info, info.compress_size)
        data = await asyncio.to_thread(_unpack, packed, info.file_size)
        if data is None:
            raise PixelsUnreadable(self._name, _DAMAGED)
        return data if span is None else bytes(span.cut(memoryview(data)))

    async def _read_file(self, info: zipfile.ZipInfo, size: int) -> bytes:
        """Read the header of a file and the file, mostly in one go."""
        if (start := self._starts.get(info.filename)) is not None:
            return await self._read(start, size)
        room = _HEADER.size + len(info.filename.encode()) + _ROOM
        data = await self._read(info.header_offset, room + size, short=True)
        offset = self._after_header(info, data)
        if len(data) >= offset + size:
            return data[offset : offset + size]
        return await self._read(info.header_offset + offset, size)

    async def _start(self, info: zipfile.ZipInfo) -> int:
        if info.filename not in self._starts:
            data = await self._read(info.header_offset, _HEADER.size)
            self._after_header(info, data)
        return self._starts[info.filename]

    def _after_header(self, info: zipfile.ZipInfo, data: bytes) -> int:
        if len(data) < _HEADER.size:
            raise PixelsUnreadable(self._name, _DAMAGED)
        mark, name, extra = _HEADER.unpack_from(data)
        if mark != b"PK\x03\x04":
            raise PixelsUnreadable(self._name, _DAMAGED)
        offset: int = _HEADER.size + name + extra
        self._starts[info.filename] = info.header_offset + offset
        return offset

    async def _read(self, start: int, size: int, *, short: bool = False) -> bytes:
        if not size:
            return b""
        found = await self._content.get(self._key, Span(start, start + size))
        data = b"" if found is None else bytes(found.data)
        if len(data) < size and not short:
            raise PixelsUnreadable(self._name, _DAMAGED)
        return data


class _Listed:
    """What is in a zip: its files by name, and the folder that is the image."""

    def __init__(
        self, files: dict[str, zipfile.ZipInfo], root: str, etag: str | None
    ) -> None:
        self.files = files
        self.root = root
        self.etag = etag


class _Tail(io.RawIOBase):
    """A file of which only the end is there, for `zipfile` to look into."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        first = self._at - (self._size - len(self._data))
        if first < 0:
            raise EOFError
        stop = None if size < 0 else first + size
        found = self._data[first:stop]
        self._at += len(found)
        return found


def _list_start(tail: bytes, size: int) -> int | None:
    """Return where in the zip the list of its files begins."""
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        return None
    length, start = struct.unpack_from("<II", tail, end + 12)
    if 0xFFFFFFFF in (length, start) or b"PK\x06\x07" in tail[max(0, end - 20) : end]:
        big = tail.rfind(b"PK\x06\x06", 0, end)
        if big < 0 or big + 56 > len(tail):
            return None
        length, start = struct.unpack_from("<QQ", tail, big + 40)
        end = big
    # What stands before the zip, as in one that unpacks itself, moves the list.
    found = size - len(tail) + end - length
    return found if found >= 0 else None


def _parse(data: bytes, size: int, etag: str | None, name: str, inside: str) -> _Listed:
    with zipfile.ZipFile(_Tail(data, size)) as archive:
        infos = archive.infolist()
    if len(infos) > _MOST_FILES:
        raise PixelsUnreadable(name, f"it holds {len(infos):,} files")
    files: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        path = info.orig_filename
        if "\\" in path or path.startswith("/") or ".." in path.split("/"):
            raise PixelsUnreadable(name, "a file in it wants to lie outside of it")
        if not info.is_dir():
            files[info.filename] = info
    return _Listed(files, _root(files, inside), etag)


def _root(files: dict[str, zipfile.ZipInfo], inside: str) -> str:
    """Return the folder of the image: the zip itself, or the only folder in it."""
    below = f"{inside}/" if inside else ""
    if any(below + name in files for name in _ROOT_FILES):
        return below
    tops = {name.partition("/")[0] for name in files if "/" in name}
    tops.discard("__MACOSX")
    if len(tops) == 1:
        top = f"{tops.pop()}/{below}"
        if any(top + name in files for name in _ROOT_FILES):
            return top
    return below


def _unpack(packed: bytes, size: int) -> bytes | None:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = unpacker.decompress(packed, size + 1)
    except zlib.error:
        return None
    return data if len(data) == size else None
