"""The documents of a dump: a zip or a folder that somebody else made, not trusted."""

from __future__ import annotations

import json
import math
import os
import re
import stat
import zipfile
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from napari_cellib.archives.cut_zip import cut_members
from napari_cellib.errors import DumpUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 1 << 16
_ENCRYPTED = 0x1
_LOCAL_HEADER = b"PK\x03\x04"
_DEEPEST = 64  # levels of a document; deeper ones are made to do harm


@dataclass(frozen=True, slots=True)
class Limits:
    """What a dump may hold at most, so that none can fill the memory.

    Parameters
    ----------
    document_bytes : int
        Length of one document.
    document_values : int
        Texts, numbers, lists and objects of one document: each takes some hundred
        bytes once it is accounted for. The largest of 7,987 real ones has 2,055.
    total_bytes : int
        Length of all documents together, unpacked.
    ratio : int
        How many times longer than packed a document may be, above a megabyte.
    """

    document_bytes: int = 20_000_000
    document_values: int = 100_000
    total_bytes: int = 4_000_000_000
    ratio: int = 200


# Python may have been built without the second.
_DAMAGED: tuple[type[Exception], ...] = (zipfile.BadZipFile, zlib.error, EOFError)
with suppress(ImportError):
    from lzma import LZMAError

    _DAMAGED = (*_DAMAGED, LZMAError)


class Member(NamedTuple):
    """One document of a dump, or why it cannot be read."""

    name: str
    document: Any = None
    refused: str | None = None

    @property
    def stem(self) -> str:
        """Name of the file without folder and ending."""
        return PurePosixPath(self.name).stem


class _Refused(ValueError):
    """Why a member is not read, in a few words."""


class Dump:
    """The documents of a dump, in the order in which they lie there.

    Parameters
    ----------
    where : pathlib.Path
        A zip, whole or cut short, or a folder.
    limits : Limits, optional
        What it may hold at most.

    Attributes
    ----------
    count : int
        How many documents there are; 0 where the zip has lost its end.

    Raises
    ------
    DumpUnreadable
        When it is neither a zip nor a folder.
    """

    def __init__(self, where: Path, limits: Limits | None = None) -> None:
        self.where = where
        self._limits = limits or Limits()
        self._left = self._limits.total_bytes
        self._is_cut = False
        try:
            self.count = self._counted()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DumpUnreadable(str(where), reason) from error

    def members(self) -> Iterator[Member]:
        """Yield every JSON document, parsed, or the reason why one is refused.

        One document is held at a time.
        """
        self._left = self._limits.total_bytes
        if self.where.is_dir():
            for path in _files(self.where):
                name = path.relative_to(self.where).as_posix()
                yield _tried(name, lambda path=path: self._of_file(path))  # type: ignore[misc]
        elif self._is_cut:
            yield from self._of_cut_zip()
        else:
            with zipfile.ZipFile(self.where) as archive:
                for info in filter(_is_wanted, archive.infolist()):
                    yield _tried(
                        info.filename,
                        lambda info=info: self._of_zip(archive, info),  # type: ignore[misc]
                    )

    def _counted(self) -> int:
        if self.where.is_dir():
            return sum(1 for _ in _files(self.where))
        try:
            with zipfile.ZipFile(self.where) as archive:
                return sum(map(_is_wanted, archive.infolist()))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            with self.where.open("rb") as file:
                if file.read(4) != _LOCAL_HEADER:
                    reason = "it is neither a zip nor a folder"
                    raise DumpUnreadable(str(self.where), reason) from error
            self._is_cut = True
            return 0

    def _of_file(self, path: Path) -> Any:
        if path.is_symlink():
            raise _Refused("it is a link to elsewhere")
        if not path.is_file():  # reading a pipe would never end
            raise _Refused("it is no file")
        size = path.stat().st_size
        self._allow(size, size)
        return parse(path.read_bytes(), self._limits.document_values)

    def _of_zip(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
        _check_name(info.filename)
        if info.flag_bits & _ENCRYPTED:
            raise _Refused("it is encrypted")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _Refused("it is a link to elsewhere")
        self._allow(info.file_size, info.compress_size)
        with archive.open(info) as file:
            body = bytearray()
            while chunk := file.read(_CHUNK):
                body += chunk
                if len(body) > info.file_size:  # its header does not tell the truth
                    raise _Refused("it is longer than it says")
        return parse(bytes(body), self._limits.document_values)

    def _of_cut_zip(self) -> Iterator[Member]:
        with self.where.open("rb") as file:
            for found in cut_members(file, self._limits.document_bytes):
                if found.name is None:
                    yield Member(self.where.name, refused=found.refused)
                elif found.name.lower().endswith(".json"):
                    yield _tried(found.name, lambda found=found: self._of_cut(*found))  # type: ignore[misc]

    def _of_cut(self, name: str, body: bytes, packed: int, refused: str | None) -> Any:
        if refused:
            raise _Refused(refused)
        _check_name(name)
        self._allow(len(body), packed)
        return parse(body, self._limits.document_values)

    def _allow(self, size: int, packed: int) -> None:
        limits = self._limits
        if size > limits.document_bytes:
            raise _Refused(f"it has {size / 1e6:,.0f} MB, too many for one document")
        if size > 1_000_000 and size > packed * limits.ratio:
            raise _Refused("it would unpack to far more than it is: a trap")
        if size > self._left:
            raise _Refused("the documents before it have used up what is allowed")
        self._left -= size


def _tried(name: str, read: Callable[[], Any]) -> Member:
    try:
        return Member(name, read())
    except _Refused as error:
        return Member(name, refused=str(error))
    except _DAMAGED:
        return Member(name, refused="it is damaged")
    except (OSError, NotImplementedError, ValueError) as error:
        return Member(name, refused=f"it cannot be read: {error}".rstrip("."))


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):  # follows no links
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(".json"):
                yield Path(where, name)


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    return not info.is_dir() and info.filename.lower().endswith(".json")


def _check_name(name: str) -> None:
    parts = re.split(r"[/\\]", name)
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name):
        raise _Refused("its name leads out of the dump")


def parse(body: bytes, most_values: int | None = None) -> Any:
    """Return the JSON of one document; ValueError says why there is none.

    Parameters
    ----------
    body : bytes
        The document.
    most_values : int, optional
        How many texts, numbers, lists and objects it may hold.
    """
    try:
        document = json.loads(
            body,
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_each_once,
        )
    except _Refused:
        raise
    except RecursionError as error:
        raise _Refused("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise _Refused("its text is not in UTF-8") from error
    except json.JSONDecodeError as error:
        reason = f"it is no JSON: {str(error).lower()}"
        raise _Refused(reason) from error
    except ValueError as error:  # Python reads no number of thousands of digits
        raise _Refused("a number in it is too long") from error
    if harm := _too_much(document, most_values):
        raise _Refused(harm)
    return document


def _no_number(name: str) -> None:
    raise _Refused(f"it is no JSON: {name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused("a number in it is too large")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of two values of one name, one would be lost in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise _Refused(f"it has several values of the name {name[:40]!r}")
    return found


def _too_much(document: Any, most_values: int | None) -> str | None:
    """Return why a document is no honest one, or None."""
    level, count = [document], 1
    for _ in range(_DEEPEST):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        count += len(level)
        if most_values is not None and count > most_values:
            return f"it holds more than {most_values:,} values"
        if not level:
            return None
    return "it is nested too deeply"
