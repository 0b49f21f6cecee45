"""What a file is, by its first bytes: names and servers may not tell the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.pixels.reading.source import reaching

if TYPE_CHECKING:
    from pathlib import Path

_ENOUGH = 512
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"BM": "BMP",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b\x08": "gzip",
    b"FLV\x01": "movie",
    b"\x1aE\xdf\xa3": "movie",  # Matroska, WebM
    b"\0\0\1\xba": "movie",  # MPEG
    b"\0\0\1\xb3": "movie",
    b"ZISRAWFILE": "CZI",
    b"\xda\xce\xbe\x0a": "ND2",
    b"\x70\0\0\0": "LIF",
}
# Older ND2 are JPEG 2000 with an extra box.
_JPEG_2000 = b"\0\0\0\x0cjP  \r\n\x87\n"
_DELTAVISION = (b"\xa0\xc0", b"\xc0\xa0")  # at byte 96
_WEB_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")
_WORDS = (b"<", b"{", b"[")


def kind_of(path: Path) -> str:
    """Return what a file is, in a word or two; "unknown" where nobody knows.

    Raises
    ------
    PixelsUnreadable
        When the system does not let it be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "cell.tif"
    ...     _ = file.write_bytes(b"<!DOCTYPE html><title>404</title>")
    ...     kind_of(file)
    'web page'
    """
    with reaching(path), path.open("rb") as file:
        head = file.read(_ENOUGH)
    if not head:
        return "empty"
    if head.startswith(_TIFF):
        return "TIFF"
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free") or (
        head.startswith(b"RIFF") and head[8:12] == b"AVI "
    ):
        return "movie"
    if vendor := _vendor(head):
        return vendor
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_WEB_PAGES):
        return "web page"
    return "text" if text.startswith(_WORDS) else "unknown"


def _vendor(head: bytes) -> str | None:
    if head.startswith(_JPEG_2000):
        return "ND2"
    if head[96:98] in _DELTAVISION:
        return "DV"
    return "MRC" if head[208:212] == b"MAP " else None
