"""Buckets: S3 and what speaks as it does, Google Cloud Storage, Azure.

Keys are used where there are some; else a bucket is asked as by anybody, which public
ones allow. Nothing is looked for on the network: that would be a long wait on most
computers.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.stores.aws import find_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obstore.store import AzureConfig, ClientConfig, GCSConfig, RetryConfig
    from obstore.store import ObjectStore as ObstoreStore

SCHEMES = ("s3", "gs", "az", "abfs", "abfss")
_RETRIES = 2
_AZURE_HOST = re.compile(r"^([a-z0-9]{3,24})\.(?:dfs|blob)\.core\.windows\.net$")
_GOOGLE_KEYS = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
)
_GOOGLE_LOGIN = "gcloud/application_default_credentials.json"
_AZURE_KEYS = (
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_CLIENT_ID",
    "AZURE_STORAGE_CLIENT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A folder of a bucket.

    Attributes
    ----------
    store : obstore.store.ObjectStore
        Gives the bytes below the folder.
    identity : str
        Where it is, told apart from buckets of that name on other servers.
    has_keys : bool
        Whether it is asked with keys.
    """

    store: ObstoreStore
    identity: str
    has_keys: bool


def open_bucket(where: str, folder: str, name: str, timeout_s: float) -> Bucket:
    """Open a folder of a bucket; nothing is asked yet.

    Parameters
    ----------
    where : str
        The address, which begins with one of `SCHEMES`.
    folder : str
        The folder in it, without the bucket.
    name : str
        The address as it may be shown.
    timeout_s : float
        Longest wait for one answer, in seconds.

    Returns
    -------
    Bucket
        The folder, for reading.

    Raises
    ------
    PixelsUnreadable
        When the address names no bucket, or a profile is missing.
    """
    scheme, _, rest = where.partition("://")
    host = rest.partition("/")[0]
    if not host:
        raise PixelsUnreadable(name, "the address names no bucket")
    makers = {"s3": _open_s3, "gs": _open_google}
    make = makers.get(scheme.lower(), _open_azure)
    try:
        return make(host, folder, name, timeout_s)
    except (BaseError, ValueError):  # which may quote a key
        raise PixelsUnreadable(
            name,
            "the address or the keys for it make no sense",
            fix="Check the name of the bucket, and the keys of your environment.",
        ) from None


def client_options(timeout_s: float) -> ClientConfig:
    """Return how patient we are with a server."""
    wait = timedelta(seconds=timeout_s)
    return {
        "allow_http": True,
        "timeout": wait,
        "connect_timeout": min(wait, timedelta(seconds=10)),
    }


def retry_config(timeout_s: float) -> RetryConfig:
    """Return how often a server that is only busy is asked again."""
    return {
        "max_retries": _RETRIES,
        "retry_timeout": timedelta(seconds=timeout_s),
        "backoff": {
            "init_backoff": timedelta(milliseconds=100),
            "max_backoff": timedelta(seconds=2),
            "base": 2,
        },
    }


def _options(folder: str, timeout_s: float) -> dict[str, Any]:
    return {
        "prefix": folder or None,
        "client_options": client_options(timeout_s),
        "retry_config": retry_config(timeout_s),
    }


def _open_s3(bucket: str, folder: str, name: str, timeout_s: float) -> Bucket:
    settings = find_settings(name)
    config = settings.config(bucket)
    store = S3Store(bucket, config=config, **_options(folder, timeout_s))
    identity = f"{name} at {settings.endpoint}" if settings.endpoint else name
    return Bucket(store, identity, "access_key_id" in config)


def _open_google(bucket: str, folder: str, name: str, timeout_s: float) -> Bucket:
    env = os.environ
    config: GCSConfig = {}
    has_keys = any(env.get(key) for key in _GOOGLE_KEYS) or _has_login(env)
    if not has_keys:
        config["skip_signature"] = True
    store = GCSStore(bucket, config=config, **_options(folder, timeout_s))
    return Bucket(store, name, has_keys)


def _has_login(env: Mapping[str, str]) -> bool:
    home = env.get("APPDATA") or "~/.config"
    return (Path(home).expanduser() / _GOOGLE_LOGIN).is_file()


def _open_azure(host: str, folder: str, name: str, timeout_s: float) -> Bucket:
    env = os.environ
    container, _, server = host.rpartition("@")
    if match := _AZURE_HOST.match(server):
        account = match[1]
        if not container:
            container, _, folder = folder.partition("/")
    else:
        container = host
        account = env.get("AZURE_STORAGE_ACCOUNT_NAME") or env.get(
            "AZURE_STORAGE_ACCOUNT", ""
        )
    if not account or not container:
        raise PixelsUnreadable(
            name,
            "the address does not say whose container it is",
            fix="Set AZURE_STORAGE_ACCOUNT_NAME, or write "
            "abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER.",
        )
    config: AzureConfig = {"account_name": account}
    has_keys = any(env.get(key) for key in _AZURE_KEYS)
    if not has_keys:
        config["skip_signature"] = True
    store = AzureStore(container, config=config, **_options(folder, timeout_s))
    identity = f"{name} of {env.get('AZURE_STORAGE_ENDPOINT') or account}"
    return Bucket(store, identity, has_keys)
