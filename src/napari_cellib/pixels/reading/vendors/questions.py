"""Questions about metadata, each of which may fail where the pixels do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def asked(warnings: list[str], what: str, ask: Callable[[], T], otherwise: T) -> T:
    """Ask one question; an answer that fails costs a sentence, not the image.

    Parameters
    ----------
    warnings : list of str
        Where the sentence goes.
    what : str
        What is asked, as in "the size of its pixels".
    ask : callable
        Gives the answer.
    otherwise : object
        The answer when it fails.

    Returns
    -------
    object
        The answer.

    Examples
    --------
    >>> warnings = []
    >>> asked(warnings, "its size", lambda: 1 / 0, None), warnings
    (None, ['The file does not say its size: division by zero.'])
    """
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - readers of metadata raise anything
        words = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        warnings.append(f"The file does not say {what}: {words.rstrip('.')}.")
        return otherwise
