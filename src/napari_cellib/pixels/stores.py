"""Where bytes come from: the only module that opens folders and servers.

A file that is not there is an answer, ``None``. A server that refuses, fails or
says nothing is an error: taken for absent, it would show black instead of data.
"""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import (
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import HTTPStore, LocalStore
from zarr.storage import ObjectStore

from napari_cellib.errors import (
    CellibError,
    PixelsNotFound,
    PixelsUnreachable,
    PixelsUnreadable,
    StorageFull,
)
from napari_cellib.pixels.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obstore.store import ClientConfig
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

    from napari_cellib.jobs import Job

Answer: TypeAlias = "bytes | CellibError | None"

# No honest image describes itself at greater length; a larger document is an
# accident or an attack, and parsing it would fill the memory.
DOCUMENT_LIMIT = 64_000_000
_RETRIES = 2
_STATUS = re.compile(r"status code: (\d{3} [A-Za-z ]+\w)")
_ABSENT_OS_ERRORS = ("(os error 20)",)  # a folder was asked for within a file
_FULL_OS_ERRORS = ("(os error 28)", "(os error 112)", "(os error 122)")
_BUSY = {"429 Too Many Requests": "it is asked too often (429)"}
_ABSENT_LIMIT = 100_000


class Store:
    """One folder or address that holds an OME-Zarr, opened for reading.

    Parameters
    ----------
    name : str
        The place as it may be shown: without user names, passwords and tokens.
    content : obstore.store.LocalStore or obstore.store.HTTPStore
        Gives the bytes.
    folder : pathlib.Path, optional
        The folder, where the place is one.
    has_secrets : bool
        Whether errors of `content` may quote a token.
    """

    def __init__(
        self,
        name: str,
        content: LocalStore | HTTPStore,
        *,
        folder: Path | None = None,
        has_secrets: bool = False,
    ) -> None:
        self.name = name
        self.folder = folder
        self.zarr = _ZarrStore(content, self)
        self._content = content
        self._has_secrets = has_secrets

    def read(self, key: str) -> bytes | None:
        """Return a small document, or None if there is none.

        Raises
        ------
        PixelsUnreachable
            When the place does not answer or refuses.
        PixelsUnreadable
            When the document is too long, or may not be read.
        """
        try:
            answer = obstore.get(self._content, key)
            size = answer.meta["size"]
            document = None if size > DOCUMENT_LIMIT else bytes(answer.bytes())
        except (BaseError, OSError, ValueError) as error:
            if _is_absent(error):
                return None
            raise self.explain(error) from self.cause(error)
        if document is None:
            raise PixelsUnreadable(
                f"{self.name}/{key}",
                f"{size // 1_000_000} MB of metadata are more than the "
                f"{DOCUMENT_LIMIT // 1_000_000} MB that any image needs",
            )
        return document

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

    def has_file(self, key: str) -> bool:
        """Say whether a local folder holds that file."""
        return self.folder is not None and (self.folder / key).exists()

    def explain(self, error: Exception) -> CellibError:
        """Turn an error of the folder, the network or obstore into one of ours."""
        text = str(error)
        if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
            if self.folder is None:
                status = _status(text) or "no permission"
                return PixelsUnreachable(
                    self.name,
                    f"access is refused ({status})",
                    fix="Check the address, or ask its owner to let you in.",
                )
            return PixelsUnreadable(self.name, "you may not read its files")
        if isinstance(error, ValueError):
            return PixelsUnreadable(self.name, "it names a file that cannot exist")
        if self.folder is not None:
            reason = "you may not read its files" if "os error 13" in text else None
            return PixelsUnreadable(self.name, reason or _first_line(text))
        return PixelsUnreachable(self.name, _reason(text))

    def cause(self, error: Exception) -> Exception | None:
        """Return `error` to chain to, unless its text would give away a token."""
        return None if self._has_secrets else error


class _ZarrStore(ObjectStore["LocalStore | HTTPStore"]):
    """Zarr's way in: answers known documents at once, remembers what is absent."""

    def __init__(self, content: LocalStore | HTTPStore, place: Store) -> None:
        super().__init__(content, read_only=True)
        self._place = place
        self._documents: dict[str, bytes | None] = {}
        self.absent: set[str] = set()

    def remember(self, documents: Mapping[str, bytes | None]) -> None:
        """Keep documents that were read already, so that zarr asks no more."""
        self._documents.update(documents)

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
        value: Buffer | None = None
        try:
            value = await super().get(key, prototype, byte_range)
        except (BaseError, OSError, ValueError) as error:
            if not _is_absent(error):
                raise self._place.explain(error) from self._place.cause(error)
        if value is None and len(self.absent) < _ABSENT_LIMIT:
            self.absent.add(key)
        return value


def open_store(where: str | Path, *, timeout_s: float) -> Store:
    """Open the place that holds an image; nothing is asked of a server yet.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder, or an address that begins with ``file://``, ``http://`` or
        ``https://``.
    timeout_s : float
        Longest wait for one answer of a server, in seconds.

    Returns
    -------
    Store
        The place, for reading.

    Raises
    ------
    PixelsNotFound
        When there is no such folder.
    PixelsUnreadable
        When `where` is a file, or an address of another kind.
    """
    if isinstance(where, Path):
        return _open_folder(where)
    where = where.strip()
    address = urlsplit(where)
    if address.scheme.lower() in ("http", "https"):
        return _open_server(address, timeout_s)
    if address.scheme.lower() == "file":
        return _open_folder(Path(url2pathname(_file_path(address))))
    if len(address.scheme) > 1 and "://" in where:
        raise PixelsUnreadable(
            safe_name(where),
            f"addresses that begin with {address.scheme}:// are not supported",
            fix="Use a folder, or an address that begins with https:// or http://.",
        )
    return _open_folder(Path(where).expanduser())


def safe_name(where: str | Path) -> str:
    """Return a place as it may be shown: without user, password and tokens."""
    text = str(where)
    address = urlsplit(text)
    if address.scheme.lower() not in ("http", "https"):
        return text
    host = address.netloc.rpartition("@")[2]
    return urlunsplit((address.scheme, host, address.path.rstrip("/"), "", ""))


def folder_for_writing(folder: Path) -> ObjectStore[LocalStore]:
    """Open a folder, which is made if need be, for zarr to write into."""
    return ObjectStore(LocalStore(folder, mkdir=True))


def storage_error(error: Exception, where: Path) -> CellibError | None:
    """Return StorageFull if `error` says that a drive has no room, else None."""
    full_numbers = (28, 122)  # ENOSPC, EDQUOT
    if isinstance(error, OSError) and error.errno in full_numbers:
        return StorageFull(str(where))
    if any(mark in str(error) for mark in _FULL_OS_ERRORS):
        return StorageFull(str(where))
    return None


def _file_path(address: SplitResult) -> str:
    local = address.netloc.lower() in ("", "localhost")
    return address.path if local else f"//{address.netloc}{address.path}"


def _open_folder(folder: Path) -> Store:
    if folder.is_file():
        zipped = folder.suffix.lower() in (".zip", ".ozx")
        raise PixelsUnreadable(
            str(folder),
            "it is a zip file" if zipped else "it is a file, and an OME-Zarr a folder",
            fix="Unpack it, then open the folder." if zipped else None,
        )
    if not folder.is_dir():
        raise PixelsNotFound(str(folder))
    resolved = folder.absolute()
    return Store(str(folder), LocalStore(resolved), folder=resolved)


def _open_server(address: SplitResult, timeout_s: float) -> Store:
    credentials, _, host = address.netloc.rpartition("@")
    # A slash at the end would be doubled when a file name is added.
    path = address.path.rstrip("/")
    plain = address._replace(netloc=host, path=path, fragment="")
    wait = timedelta(seconds=timeout_s)
    options: ClientConfig = {
        "allow_http": True,
        "timeout": wait,
        "connect_timeout": min(wait, timedelta(seconds=10)),
    }
    if credentials:
        token = base64.b64encode(unquote(credentials).encode()).decode()
        options["default_headers"] = {"Authorization": f"Basic {token}"}
    try:
        content = HTTPStore.from_url(
            urlunsplit(plain),
            client_options=options,
            retry_config={
                "max_retries": _RETRIES,
                "retry_timeout": wait,
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=2),
                    "base": 2,
                },
            },
        )
    except (BaseError, ValueError) as error:
        name = safe_name(urlunsplit(plain))
        cause = None if address.query else error
        raise PixelsUnreadable(name, "this is no valid address") from cause
    name = safe_name(urlunsplit(plain))
    return Store(name, content, has_secrets=bool(address.query or credentials))


def _is_absent(error: Exception) -> bool:
    if isinstance(error, (FileNotFoundError, IsADirectoryError, NotADirectoryError)):
        return True
    return any(mark in str(error) for mark in _ABSENT_OS_ERRORS)


def _status(text: str) -> str | None:
    match = _STATUS.search(text)
    return match[1] if match else None


def _reason(text: str) -> str:
    if status := _status(text):
        return _BUSY.get(status, f"error {status}")
    if "Content-Length" in text:
        return "it does not say how long its answers are (no Content-Length)"
    if "timed out" in text.lower() or "TimedOut" in text or "kind: Timeout" in text:
        return "it took too long"
    if "response body" in text:
        return "it broke off in the middle of an answer"
    if "dns" in text.lower():
        return "its name is not known"
    return "no connection could be made"


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line[:200].rstrip(".")
