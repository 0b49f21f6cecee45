"""A zip that has lost its end, read from the front as far as it goes.

The list of members stands at the end of a zip; before each member stands a header
that says the same once more. See PKWARE's APPNOTE, sections 4.3.7 and 4.3.9.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# signature, version, flags, method, time, date, CRC, packed, size, name, extra
_HEADER = struct.Struct("<4sHHHHHIIIHH")
_LOCAL, _DESCRIPTOR, _LIST = b"PK\x03\x04", b"PK\x07\x08", b"PK\x01\x02"
_ENCRYPTED, _SIZE_FOLLOWS = 0x1, 0x8
_STORED, _DEFLATED = 0, 8
_CHUNK = 1 << 16
_CUT = "the zip breaks off here; get it again for the documents that follow"
_TOO_LONG = "it is too long for one document"


class CutMember(NamedTuple):
    """One member; without a name, the place where the zip breaks off."""

    name: str | None
    body: bytes = b""
    packed: int = 0
    refused: str | None = None


class _CutOff(Exception):
    """There is nothing more to read."""


def cut_members(file: IO[bytes], most: int) -> Iterator[CutMember]:
    """Yield the members of a zip in turn, then a nameless one where it breaks off.

    Parameters
    ----------
    file : binary file
        Open at its beginning, and able to seek.
    most : int
        Longest body that is returned, in bytes; longer ones are refused.
    """
    while True:
        head = file.read(_HEADER.size)
        if head[:4] == _LIST:  # all members are there, only their list is not whole
            yield CutMember(None, refused="the list at the end of the zip is damaged")
            return
        try:
            member = _member(file, head, most)
        except (_CutOff, zlib.error):
            yield CutMember(None, refused=_CUT)
            return
        yield member


def _member(file: IO[bytes], head: bytes, most: int) -> CutMember:
    if len(head) < _HEADER.size or head[:4] != _LOCAL:
        raise _CutOff
    _, _, flags, method, _, _, crc, packed, _, name_size, extra = _HEADER.unpack(head)
    name = file.read(name_size).decode("utf-8", "replace")
    file.seek(extra, 1)
    if flags & _ENCRYPTED:
        raise _CutOff  # where it ends cannot be known
    start = file.tell()
    if method == _DEFLATED:
        body = _inflated(file, most)
    elif method == _STORED and not flags & _SIZE_FOLLOWS:
        body = _copied(file, packed, most)
    else:
        raise _CutOff
    packed = file.tell() - start
    if flags & _SIZE_FOLLOWS:
        crc = _described(file)
    if body is None:
        return CutMember(name, packed=packed, refused=_TOO_LONG)
    if zlib.crc32(body) != crc:
        return CutMember(name, packed=packed, refused="it is damaged")
    return CutMember(name, body, packed)


def _inflated(file: IO[bytes], most: int) -> bytes | None:
    """Return what was packed; None, and its end found, where it is too long."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    body, length = bytearray(), 0
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail or file.read(_CHUNK)
        if not packed:
            raise _CutOff
        piece = unpacker.decompress(packed, _CHUNK)
        length += len(piece)
        if length <= most:
            body += piece
    file.seek(-len(unpacker.unused_data), 1)
    return bytes(body) if length <= most else None


def _copied(file: IO[bytes], size: int, most: int) -> bytes | None:
    if size > most:
        file.seek(size, 1)
        return None
    body = file.read(size)
    if len(body) < size:
        raise _CutOff
    return body


def _described(file: IO[bytes]) -> int:
    """Return the checksum that stands behind a member, and pass its lengths."""
    first = file.read(4)
    if first == _DESCRIPTOR:
        first = file.read(4)
    if len(first) + len(file.read(8)) < 12:
        raise _CutOff
    return int.from_bytes(first, "little")
