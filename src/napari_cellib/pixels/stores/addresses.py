"""From an address to the place that it names."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError
from obstore.store import HTTPStore, LocalStore
from zarr.storage import ObjectStore

from napari_cellib.errors import PixelsNotFound, PixelsUnreadable
from napari_cellib.pixels.stores import clouds
from napari_cellib.pixels.stores.cached import CachedContent
from napari_cellib.pixels.stores.contents import ObjectContent
from napari_cellib.pixels.stores.store import Store
from napari_cellib.pixels.stores.zipped import ZipContent

if TYPE_CHECKING:
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.stores.contents import Content

_ZIP = (".zip", ".ozx")
# https://host/image.ozx, or a folder in it.
_ZIP_IN_PATH = re.compile(r"^(.*\.(?:ozx|zip))(?:/(.*))?$", re.IGNORECASE)


def open_store(
    where: str | Path, *, timeout_s: float, disk: DiskCache | None = None
) -> Store:
    """Open the place that holds an image; nothing is asked of a server yet.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder or a zip, or an address of one that begins with ``https://``,
        ``http://``, ``s3://``, ``gs://``, ``az://``, ``abfs://`` or ``file://``.
    timeout_s : float
        Longest wait for one answer of a server, in seconds.
    disk : DiskCache, optional
        Where the bytes of servers are kept.

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
        return _open_path(where)
    where = where.strip()
    address = urlsplit(where)
    scheme = address.scheme.lower()
    if scheme in ("http", "https"):
        return _open_server(address, timeout_s, disk)
    if scheme in clouds.SCHEMES:
        return _open_bucket(where, timeout_s, disk)
    if scheme == "file":
        return _open_path(Path(url2pathname(_file_path(address))))
    if len(scheme) > 1 and "://" in where:
        raise PixelsUnreadable(
            safe_name(where),
            f"addresses that begin with {scheme}:// are not supported",
            fix="Use a folder, or an address that begins with https://, http://, "
            "s3://, gs:// or az://.",
        )
    return _open_path(Path(where).expanduser())


def safe_name(where: str | Path) -> str:
    """Return a place as it may be shown: without user, password and tokens."""
    text = str(where)
    address = urlsplit(text)
    scheme = address.scheme.lower()
    if scheme in clouds.SCHEMES:
        plain = text.strip().partition("?")[0].rstrip("/")
        host, slash, path = plain.partition("://")[2].partition("/")
        if scheme not in ("abfs", "abfss", "az"):  # there, it is CONTAINER@ACCOUNT
            host = host.rpartition("@")[2]
        return f"{scheme}://{host}{slash}{path}"
    if scheme not in ("http", "https"):
        return text
    host = address.netloc.rpartition("@")[2]
    return urlunsplit((address.scheme, host, address.path.rstrip("/"), "", ""))


def folder_for_writing(folder: Path) -> ObjectStore[LocalStore]:
    """Open a folder, which is made if need be, for zarr to write into."""
    return ObjectStore(LocalStore(folder, mkdir=True))


def _file_path(address: SplitResult) -> str:
    local = address.netloc.lower() in ("", "localhost")
    return address.path if local else f"//{address.netloc}{address.path}"


def _open_path(path: Path) -> Store:
    if path.is_file():
        return _open_file(path, "")
    if path.is_dir():
        resolved = path.absolute()
        content = ObjectContent(LocalStore(resolved))
        return Store(str(path), content, folder=resolved)
    for parent in path.parents:
        if parent.suffix.lower() in _ZIP and parent.is_file():
            return _open_file(parent, path.relative_to(parent).as_posix())
    raise PixelsNotFound(str(path))


def _open_file(file: Path, inside: str) -> Store:
    if file.suffix.lower() not in _ZIP:
        raise PixelsUnreadable(
            str(file), "it is a file, and an OME-Zarr a folder or a zip"
        )
    name = str(file / inside) if inside else str(file)
    folder = ObjectContent(LocalStore(file.absolute().parent))
    return Store(name, ZipContent(folder, file.name, name, inside), local=True)


def _open_bucket(where: str, timeout_s: float, disk: DiskCache | None) -> Store:
    name = safe_name(where)
    path = name.partition("://")[2].partition("/")[2].strip("/")
    folder, file, inside = _split_zip(path)
    bucket = clouds.open_bucket(name, folder, name, timeout_s)
    content: Content = ObjectContent(bucket.store, patience_s=timeout_s / 2)
    if file:
        content = ZipContent(content, file, name, inside)
    return _remote(name, content, bucket.identity, disk, has_secrets=bucket.has_keys)


def _open_server(
    address: SplitResult, timeout_s: float, disk: DiskCache | None
) -> Store:
    credentials, _, host = address.netloc.rpartition("@")
    # A slash at the end would be doubled when a file name is added.
    plain = address._replace(netloc=host, path=address.path.rstrip("/"), fragment="")
    name = safe_name(urlunsplit(plain))
    folder, file, inside = _split_zip(plain.path)
    options = clouds.client_options(timeout_s)
    if credentials:
        token = base64.b64encode(unquote(credentials).encode()).decode()
        options["default_headers"] = {"Authorization": f"Basic {token}"}
    try:
        store = HTTPStore.from_url(
            urlunsplit(plain._replace(path=folder)),
            client_options=options,
            retry_config=clouds.retry_config(timeout_s),
        )
    except (BaseError, ValueError) as error:
        cause = None if address.query else error
        raise PixelsUnreadable(name, "this is no valid address") from cause
    content: Content = ObjectContent(store, patience_s=timeout_s / 2)
    if file:
        content = ZipContent(content, unquote(file), name, inside)
    # What follows the question mark may choose another image, and may be secret.
    digest = hashlib.sha256(address.query.encode()).hexdigest()[:16]
    identity = f"{name} ({digest})" if address.query else name
    secret = bool(address.query or credentials)
    return _remote(name, content, identity, disk, has_secrets=secret)


def _remote(
    name: str,
    content: Content,
    identity: str,
    disk: DiskCache | None,
    *,
    has_secrets: bool,
) -> Store:
    cached = None if disk is None else CachedContent(content, disk, identity)
    return Store(name, content, has_secrets=has_secrets, cached=cached)


def _split_zip(path: str) -> tuple[str, str, str]:
    """Return the folder of a zip, its name, and a folder in it."""
    match = _ZIP_IN_PATH.match(path)
    if match is None or (match[2] and match[1].lower().endswith(".zip")):
        return path, "", ""
    folder, _, file = match[1].rpartition("/")
    return folder, file, (match[2] or "").strip("/")
