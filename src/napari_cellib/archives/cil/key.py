"""The key to the Cell Image Library's service: where it is kept, and how it is found.

It is looked for in the settings, which take it from the environment, in the computer's
store of passwords, and in a file that nobody else may read. It is shown nowhere.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_cellib.archives.cil.document import SOURCE
from napari_cellib.errors import KeyNeeded

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.settings import Settings

ENVIRONMENT = "CELLIB_CIL_KEY"
_SERVICE, _ACCOUNT = "napari-cellib", "cil"
_STORE = "the store of passwords"
_SET = "Type 'cellib library key cil' to set it anew."


@dataclass(frozen=True, slots=True)
class Key:
    """Name and password of an account, and where they were found."""

    user: str
    password: str = field(repr=False)
    origin: str = "you"

    @classmethod
    def parse(cls, text: str, origin: str) -> Key:
        """Take ``user:password`` apart.

        Raises
        ------
        KeyNeeded
            When it has not that form.
        """
        user, colon, password = text.strip().partition(":")
        if not (user and colon and password):
            reason = f"that from {origin} has not the form user:password"
            raise KeyNeeded(SOURCE, reason, fix=_fix(origin))
        return cls(user, password, origin)

    @property
    def fix(self) -> str:
        """What a person can do if it is not the right one."""
        return _fix(self.origin)


def _fix(origin: str) -> str:
    if (
        origin == ENVIRONMENT
    ):  # it comes first: to keep another one would change nothing
        return f"Correct {ENVIRONMENT}, or unset it and type 'cellib library key cil'."
    return _SET


def find_key(settings: Settings) -> Key | None:
    """Return the key, or None where none was ever given.

    Raises
    ------
    KeyNeeded
        When there is one that cannot be used.
    """
    if settings.cil.key:
        return Key.parse(settings.cil.key.get_secret_value(), ENVIRONMENT)
    if stored := _from_store():
        return Key.parse(stored, _STORE)
    path = key_file(settings)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = f"the file {path} cannot be read"
        raise KeyNeeded(SOURCE, reason, fix=_SET) from error
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        reason = f"others on this computer may read the file {path}"
        raise KeyNeeded(SOURCE, reason, fix=f"Type: chmod 600 '{path}'.")
    return Key.parse(text, f"the file {path}")


def save_key(settings: Settings, key: Key) -> str:
    """Keep a key for this user and return, in words, where it is.

    Without a store of passwords, as on a server, it is kept in a file.

    Raises
    ------
    KeyNeeded
        When it can be kept nowhere.
    """
    text = f"{key.user}:{key.password}"
    path = key_file(settings)
    store = _store()
    if store is not None:
        try:
            store.set_password(_SERVICE, _ACCOUNT, text)
        except Exception:  # noqa: BLE001 - each kind of store has errors of its own
            store = None
    if store is not None:
        path.unlink(missing_ok=True)
        return _STORE
    try:
        _write(path, text)
    except OSError as error:
        reason = f"it cannot be kept in the file {path}"
        fix = f"Set {ENVIRONMENT} in its place."
        raise KeyNeeded(SOURCE, reason, fix=fix) from error
    return f"the file {path}"


def forget_key(settings: Settings) -> tuple[str, ...]:
    """Remove the key wherever it is kept, and return, in words, where it was."""
    gone = []
    if _from_store() is not None:
        with contextlib.suppress(Exception):  # each kind of store has its own
            _store().delete_password(_SERVICE, _ACCOUNT)
            gone.append(_STORE)
    path = key_file(settings)
    if path.exists():
        path.unlink()
        gone.append(f"the file {path}")
    return tuple(gone)


def key_file(settings: Settings) -> Path:
    """Return the file that holds the key where there is no store of passwords."""
    return settings.data_folder / "cil.key"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    # Never, not even for a moment, is it there for others to read.
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _store() -> Any:
    """Return the package that speaks to the store of passwords, or None."""
    try:
        import keyring
    except ImportError:
        return None
    return keyring


def _from_store() -> str | None:
    """Return what the store holds; one that is missing or locked holds nothing."""
    store = _store()
    if store is None:
        return None
    try:
        found: str | None = store.get_password(_SERVICE, _ACCOUNT)
    except Exception:  # noqa: BLE001 - each kind of store has errors of its own
        return None
    return found
