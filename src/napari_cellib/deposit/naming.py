"""What the names of files tell: which are siblings, and what they show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from napari_cellib.errors import PatternInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_PART = re.compile(r"\{([^{}]*)\}|(\*)")


def read_names(
    pattern: str, known: Collection[str]
) -> Callable[[str], dict[str, str] | None]:
    """Return a function that takes the name of a file apart as a pattern says.

    Parameters
    ----------
    pattern : str
        As in ``"{group}_{cell_type}_*.tif"``: a name in braces is a part of the file
        name that has a meaning, ``*`` any text.
    known : collection of str
        The names that may stand in braces.

    Returns
    -------
    callable
        Gives the parts of a name, or None for one that does not fit.

    Raises
    ------
    PatternInvalid
        When the pattern names nothing, the same twice, or what is not known.

    Examples
    --------
    >>> read = read_names("{group}_z{z}.tif", known=["group", "z"])
    >>> read("embryo_z12.tif")
    {'group': 'embryo', 'z': '12'}
    >>> read("overview.png")
    """
    # Some systems write an accent as a sign of its own, and nobody sees it.
    pattern = normalize("NFC", pattern)
    expression, end = "", 0
    names: list[str] = []
    for match in _PART.finditer(pattern):
        expression += re.escape(pattern[end : match.start()])
        end = match.end()
        if match[2]:
            expression += ".*?"
            continue
        if match[1] not in known:
            reason = f"{match[1]!r} is not one of {', '.join(known)}"
            raise PatternInvalid(pattern, reason)
        if match[1] in names:
            raise PatternInvalid(pattern, f"it has {match[1]!r} twice")
        names.append(match[1])
        expression += f"(?P<{match[1]}>.+?)"
    if not names:
        raise PatternInvalid(pattern, "it names no part of a file name")
    whole = re.compile(expression + re.escape(pattern[end:]))

    def read(name: str) -> dict[str, str] | None:
        found = whole.fullmatch(normalize("NFC", name))
        return found.groupdict() if found else None

    return read
