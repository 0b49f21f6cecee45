"""A release of an ontology as a file: what format it has, whether it is whole."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from typing import TYPE_CHECKING

from napari_cellib.ontology.obo import Header, fail, read_obo
from napari_cellib.ontology.obograph import read_obograph
from napari_cellib.ontology.taxdump import TAXA, read_taxdump

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from napari_cellib.jobs import Job
    from napari_cellib.ontology.drafts import Draft
    from napari_cellib.ontology.rows import TermRow

# A file that unpacks to more than this many times its size was made to do harm.
_MOST_PACKED = 60
_TAR_AT = 257
# In a release that is whole, only a few parents are not in it themselves.
_MOST_LOST_PARENTS = 0.01


def read_release(path: Path, prefix: str, draft: Draft) -> Job[str]:
    """Read a release in OBO, OBO-graph JSON or as a dump of the taxonomy.

    Each may be packed with gzip. What it is is told by what is in it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    prefix : str
        The ontology of which it should be.
    draft : Draft
        Where its own terms go, without those that it takes from others.

    Yields
    ------
    Progress
        How far the file is read.

    Returns
    -------
    str
        What the release calls itself.

    Raises
    ------
    TermsUnreadable
        When it is none, is not whole, or is one of another ontology.
    """
    where, header, packed = path.name, Header(), path.stat().st_size
    own = _Own(prefix, draft)
    try:
        with path.open("rb") as plain:
            opened = _Bounded(_unpacked(plain), packed * _MOST_PACKED, where)
            with io.BufferedReader(opened, 1 << 20) as file:
                yield from _read(file, where, header, plain, own)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        fail(where, "its end is missing, or it is damaged", error)
    draft.flush()
    if not draft.has(prefix):
        others = f" of {prefix} but some of {max(own.found)}" if own.found else ""
        fail(where, f"it has no terms{others}")
    yield from _check(prefix, draft, where)
    return header.version


class _Own:
    """Hands the terms of one ontology on, and remembers of which others some came."""

    def __init__(self, prefix: str, draft: Draft) -> None:
        self.prefix, self.draft = prefix, draft
        self.found: set[str] = set()

    def take(self, term: TermRow) -> None:
        self.found.add(term.ontology)
        if term.ontology == self.prefix:
            self.draft.add(term)


def _read(
    file: io.BufferedReader[_Bounded],
    where: str,
    header: Header,
    plain: BinaryIO,
    own: _Own,
) -> Job[None]:
    start = file.peek(512)[:512]
    if start[_TAR_AT : _TAR_AT + 5] == b"ustar":
        if own.prefix != TAXA:
            fail(where, f"it has no terms of {own.prefix} but some of {TAXA}")
        return (yield from read_taxdump(file, where, header, own.draft))
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return (yield from read_obograph(file, where, header, own.take))
    if text[:9].lower() in {b"<!doctype", b"<html>"} or text[:5].lower() == b"<html":
        fail(where, "it is a web page; the release is elsewhere now")
    if text.startswith(b"<"):
        fail(where, "it is OWL; the OBO file of the same release works")
    size = os.fstat(plain.fileno()).st_size
    yield from read_obo(file, where, header, lambda: (plain.tell(), size), own.take)
    return None


def _unpacked(plain: BinaryIO) -> io.RawIOBase | gzip.GzipFile | BinaryIO:
    magic = plain.read(2)
    plain.seek(0)
    return gzip.GzipFile(fileobj=plain) if magic == b"\x1f\x8b" else plain


def _check(prefix: str, draft: Draft, where: str) -> Job[None]:
    graph = yield from draft.graph(prefix)
    if circle := (yield from graph.circle()):
        names = " is below ".join(draft.curies(circle[:6]))
        fail(where, f"{names}, which is a circle")
    parents, lost = yield from draft.parents(prefix)
    if lost > parents * _MOST_LOST_PARENTS:
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
