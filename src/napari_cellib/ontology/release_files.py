"""A release of an ontology as a file: what format it has, whether it is whole."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.ontology.curies import prefix_of
from napari_cellib.ontology.graph import Graph
from napari_cellib.ontology.obo import Header, fail, read_obo
from napari_cellib.ontology.obograph import read_obograph
from napari_cellib.ontology.taxdump import read_taxdump

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from napari_cellib.jobs import Job
    from napari_cellib.ontology.rows import TermRow

# A file that unpacks to more than this many times its size was made to do harm.
_MOST_PACKED = 60
_TAR_AT = 257
# In a release that is whole, only a few parents are not in it themselves.
_MOST_LOST_PARENTS = 0.01


@dataclass(frozen=True, slots=True)
class Release:
    """One release of one ontology.

    Parameters
    ----------
    prefix : str
        Of the ontology.
    version : str
        What it calls itself.
    terms : tuple of TermRow
        Its own terms, without those that it takes from others.
    """

    prefix: str
    version: str
    terms: tuple[TermRow, ...]


def read_release(path: Path, prefix: str) -> Job[Release]:
    """Read a release in OBO, OBO-graph JSON or as a dump of the taxonomy.

    Each may be packed with gzip. What it is is told by what is in it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    prefix : str
        The ontology of which it should be.

    Yields
    ------
    Progress
        How far the file is read.

    Returns
    -------
    Release
        The terms of that ontology.

    Raises
    ------
    TermsUnreadable
        When it is none, is not whole, or is one of another ontology.
    """
    where, header, packed = path.name, Header(), path.stat().st_size
    try:
        with path.open("rb") as plain:
            opened = _Bounded(_unpacked(plain), packed * _MOST_PACKED, where)
            with io.BufferedReader(opened, 1 << 20) as file:
                terms = yield from _read(file, where, header, plain, packed)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        fail(where, "its end is missing, or it is damaged", error)
    own = tuple(term for term in terms if term.ontology == prefix)
    _check(own, terms, prefix, where)
    return Release(prefix, header.version, own)


def _read(
    file: io.BufferedReader[_Bounded],
    where: str,
    header: Header,
    plain: BinaryIO,
    packed: int,
) -> Job[list[TermRow]]:
    start = file.peek(512)[:512]
    if start[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return (yield from read_taxdump(file, where, header))
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return (yield from read_obograph(file, where, header))
    if text[:9].lower() in {b"<!doctype", b"<html>"} or text[:5].lower() == b"<html":
        fail(where, "it is a web page; the release is elsewhere now")
    if text.startswith(b"<"):
        fail(where, "it is OWL; the OBO file of the same release works")
    return (yield from read_obo(file, where, header, lambda: (plain.tell(), packed)))


def _unpacked(plain: BinaryIO) -> io.RawIOBase | gzip.GzipFile | BinaryIO:
    magic = plain.read(2)
    plain.seek(0)
    return gzip.GzipFile(fileobj=plain) if magic == b"\x1f\x8b" else plain


def _check(
    own: tuple[TermRow, ...], terms: list[TermRow], prefix: str, where: str
) -> None:
    if not own:
        [(other, _)] = Counter(term.ontology for term in terms).most_common(1)
        fail(where, f"it has no terms of {prefix} but some of {other}")
    if circle := Graph(own).circle():
        fail(where, f"{' is below '.join(circle[:6])}, which is a circle")
    there = {term.curie for term in own}
    parents = [
        parent
        for term in own
        if not term.obsolete
        for parent, _ in term.parents
        if prefix_of(parent) == prefix
    ]
    lost = sum(parent not in there for parent in parents)
    if lost > len(parents) * _MOST_LOST_PARENTS:
        fail(where, f"{lost} terms are named in it that it does not have")


class _Bounded(io.RawIOBase):
    """Reads from another file, up to a limit."""

    def __init__(
        self, file: io.RawIOBase | gzip.GzipFile | BinaryIO, limit: int, where: str
    ) -> None:
        self._file, self._left, self._where = file, max(limit, 1 << 20), where

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read into `buffer`; raise when more comes than is allowed."""
        data = self._file.read(len(buffer)) or b""
        self._left -= len(data)
        if self._left < 0:
            fail(self._where, "it unpacks to far more than a release may have")
        buffer[: len(data)] = data
        return len(data)
