"""JSON documents that are too large to be read at once, part by part."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LARGEST = 20_000_000  # characters of one part

_CHUNK = 1 << 20
_SPACE = " \t\r\n"
_FOLLOWS = {*_SPACE, ",", ":", "]", "}"}


class JsonParts:
    """Reads a JSON document from its beginning to its end, once.

    Every method raises ValueError where the document is not what was asked for.

    Parameters
    ----------
    file : binary file
        The document, in UTF-8.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._parse = json.JSONDecoder().raw_decode
        self._text, self._at, self._ended = "", 0, False

    def next_is(self, sign: str) -> bool:
        """Return whether the next part begins with a sign."""
        return self._peek() == sign

    def members(self) -> Iterator[str]:
        """Yield the names of an object; the value of each is to be read meanwhile."""
        for _ in self._between("{", "}"):
            name = self.value()
            if not isinstance(name, str):
                raise ValueError(name)
            self._take(":")
            yield name

    def items(self) -> Iterator[None]:
        """Yield once per item of an array, which is to be read meanwhile."""
        return self._between("[", "]")

    def value(self) -> Any:
        """Return the next value as a whole."""
        self._peek()
        wanted = _CHUNK
        while True:
            try:
                found, end = self._parse(self._text, self._at)
            except json.JSONDecodeError:
                if self._ended:
                    raise
            else:
                # Unless something follows, 12 may be the beginning of 123 or 12e3.
                if self._ended or self._text[end : end + 1] in _FOLLOWS:
                    self._at = end
                    return found
            if len(self._text) - self._at > LARGEST:
                raise ValueError("too large")
            self._read(wanted)
            wanted *= 2  # so that a long value is not parsed over and over again

    def _between(self, opening: str, closing: str) -> Iterator[None]:
        self._take(opening)
        if self._peek() == closing:
            self._take(closing)
            return
        while True:
            yield
            if self._peek() == closing:
                self._take(closing)
                return
            self._take(",")

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise ValueError(f"no {sign}")
        self._at += 1

    def _peek(self) -> str:
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                raise ValueError("its end is missing")
            self._read(_CHUNK)

    def _read(self, size: int) -> None:
        raw = self._file.read(size)
        self._ended = not raw
        more = self._decode.decode(raw, final=self._ended)
        self._text, self._at = self._text[self._at :] + more, 0
