"""What a place that gives no bytes means, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

from napari_cellib.errors import (
    CellibError,
    PixelsNotKept,
    PixelsUnreachable,
    PixelsUnreadable,
    StorageFull,
)
from napari_cellib.pixels.stores.contents import NotKept, OnlyWhole, TooLarge

if TYPE_CHECKING:
    from pathlib import Path

# Not all numbers have a name: 520 to 530 are those of a network of caches.
_STATUS = re.compile(r"status code: (\d{3}(?: [A-Za-z][A-Za-z' -]*\w)?)")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_ABSENT_OS_ERRORS = ("(os error 20)",)  # a folder was asked for within a file
_FULL_OS_ERRORS = ("(os error 28)", "(os error 112)", "(os error 122)")
_BUSY = {"429 Too Many Requests": "it is asked too often (429)"}
_CUT = "416 Range Not Satisfiable"
_RENEW = "Get new ones, for example with 'aws sso login', then try again."
_EXPIRED = ("your credentials have expired", _RENEW)
_LINK = ("this link has expired", "Ask for a new link.")
_CODES = {
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": ("your session token is not known there", _RENEW),
    "InvalidAccessKeyId": (
        "your access key is not known there",
        "See which key AWS_ACCESS_KEY_ID or ~/.aws/credentials holds.",
    ),
    "SignatureDoesNotMatch": (
        "your secret key is not the right one",
        "See which key AWS_SECRET_ACCESS_KEY or ~/.aws/credentials holds.",
    ),
    "RequestTimeTooSkewed": (
        "the clock of this computer is wrong",
        "Set the clock, then try again.",
    ),
    "AuthenticationFailed": (
        "your key or link is not valid there, or has expired",
        "Check the key, or ask for a new link.",
    ),
}
_OTHER_REGION = (
    "its bucket is in another region",
    "Set AWS_REGION to the region of the bucket, such as eu-west-1.",
)


def explain(error: Exception, name: str, *, local: bool) -> CellibError:
    """Turn an error of a folder, the network or obstore into one of ours.

    Parameters
    ----------
    error : Exception
        What was raised.
    name : str
        The place as it may be shown.
    local : bool
        Whether it lies on this computer.

    Returns
    -------
    CellibError
        What a person can act on.
    """
    text = str(error)
    if isinstance(error, NotKept):
        return PixelsNotKept(name, text)
    if isinstance(error, TooLarge):
        return PixelsUnreadable(name, f"a file of it has {_size(error.size)}")
    if isinstance(error, OnlyWhole):
        return PixelsUnreadable(
            name,
            "its server gives no parts of files, and they are too large to take whole",
            fix="Download it, then open it from the disk.",
        )
    if isinstance(error, ValueError):
        return PixelsUnreadable(name, "it names a file that cannot exist")
    if local:
        refused = isinstance(error, PermissionDeniedError) or "os error 13" in text
        reason = "you may not read its files" if refused else first_line(text)
        return PixelsUnreadable(name, reason)
    return _of_server(error, text, name)


def is_absent(error: Exception) -> bool:
    """Say whether an error only means that there is no such file."""
    if isinstance(error, (FileNotFoundError, IsADirectoryError, NotADirectoryError)):
        return True
    return any(mark in str(error) for mark in _ABSENT_OS_ERRORS)


def is_silence(error: Exception) -> bool:
    """Say whether no server was reached at all, so that nothing was refused."""
    text = str(error)
    return _status(text) is None and _reason(text) in _SILENCE


def storage_error(error: Exception, where: Path) -> CellibError | None:
    """Return StorageFull if `error` says that a drive has no room, else None."""
    full_numbers = (28, 122)  # ENOSPC, EDQUOT
    if isinstance(error, OSError) and error.errno in full_numbers:
        return StorageFull(str(where))
    if any(mark in str(error) for mark in _FULL_OS_ERRORS):
        return StorageFull(str(where))
    return None


def first_line(text: str) -> str:
    """Return the first line of a message, without a full stop."""
    line = text.strip().partition("\n")[0]
    return line[:200].rstrip(".")


def _of_server(error: Exception, text: str, name: str) -> CellibError:
    code = _CODE.search(text)
    if code and (known := _CODES.get(code[1])):
        reason, fix = known
        return PixelsUnreachable(name, f"{reason} ({code[1]})", fix=fix)
    if code and code[1] == "AccessDenied" and "expired" in text:
        return PixelsUnreachable(name, _LINK[0], fix=_LINK[1])
    if "configured region" in text or (code and code[1] == "PermanentRedirect"):
        return PixelsUnreachable(name, _OTHER_REGION[0], fix=_OTHER_REGION[1])
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
        status = _status(text) or "no permission"
        return PixelsUnreachable(
            name,
            f"access is refused ({status})",
            fix="Check the address, or ask its owner to let you in.",
        )
    if _status(text) == _CUT:
        return PixelsUnreadable(name, "a file of it is cut short")
    return PixelsUnreachable(name, _reason(text))


def _status(text: str) -> str | None:
    match = _STATUS.search(text)
    return match[1] if match else None


_LATE = "it took too long"
_UNKNOWN = "its name is not known"
_NOBODY = "no connection could be made"
_SILENCE = {_LATE, _UNKNOWN, _NOBODY}


def _reason(text: str) -> str:
    if status := _status(text):
        return _BUSY.get(status, f"error {status}")
    if "Content-Length" in text:
        return "it does not say how long its answers are (no Content-Length)"
    if "following redirect" in text or "TooManyRedirects" in text:
        return "it leads from one address to the next without end"
    if "timed out" in text.lower() or "TimedOut" in text or "kind: Timeout" in text:
        return _LATE
    if "response body" in text or "Range request not supported" in text:
        return "it broke off in the middle of an answer"
    if re.search(r"Requested \d+\.\.\d+, got", text):
        return "it gives another part of a file than it was asked for"
    if "dns" in text.lower():
        return _UNKNOWN
    return _NOBODY


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
