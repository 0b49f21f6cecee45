"""What the names of files in a series say: which is which depth, time or channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING

from napari_cellib.errors import AxesUnknown, SeriesIncomplete

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTS = re.compile(r"\d+|[^\W\d_]+|[\W_]+")
_WORDS = {
    **dict.fromkeys(("z", "slice", "plane", "depth", "section", "focus"), "z"),
    **dict.fromkeys(("t", "time", "tp", "timepoint", "frame"), "t"),
    **dict.fromkeys(("c", "ch", "chan", "channel", "w", "wavelength"), "c"),
}
_ORDER = "tcz"


@dataclass(frozen=True)
class Series:
    """Files that make one image.

    Attributes
    ----------
    axes : str
        What numbers the files, of ``"tcz"`` and in this order.
    lengths : tuple of int
        Length of each of these axes.
    places : tuple of tuple of int
        The index of each file, in the order in which they were given.
    labels : dict of str to tuple of str
        What the names call the steps of each axis, as they are written.
    warnings : tuple of str
        What a person should know, in sentences.
    """

    axes: str
    lengths: tuple[int, ...]
    places: tuple[tuple[int, ...], ...]
    labels: dict[str, tuple[str, ...]]
    warnings: tuple[str, ...] = ()


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts 2 before 10.

    Examples
    --------
    >>> sorted(["t10.tif", "t2.tif"], key=natural)
    ['t2.tif', 't10.tif']
    """
    parts = _PARTS.findall(name)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def read_names(names: Sequence[str], unnamed: str = "") -> Series:
    """Tell by their names how files make one image.

    Names must be alike but for numbers, or one word. The letter or word before a
    number says what it counts: z, t or c, slice, time or channel, and a few more.

    Parameters
    ----------
    names : sequence of str
        Names without folder and suffix, no two alike.
    unnamed : str
        What counts whose meaning no letter tells are, in their order.

    Returns
    -------
    Series
        Where each file belongs.

    Raises
    ------
    AxesUnknown
        When a count remains without a meaning.
    SeriesIncomplete
        When names are of different forms, or a file is missing.

    Examples
    --------
    >>> read_names(["a_z01_c0", "a_z02_c0", "a_z01_c1", "a_z02_c1"]).lengths
    (2, 2)
    """
    rows = [_PARTS.findall(name) for name in names]
    for name, row in zip(names, rows, strict=True):
        if _form(row) != _form(rows[0]):
            reason = f"the name {name!r} is of another form than {names[0]!r}"
            raise SeriesIncomplete(reason)
    parts = list(zip(*rows, strict=True))
    columns = _counting(parts)
    named = _meanings(columns, parts, unnamed, names[0])
    axes = "".join(axis for axis in _ORDER if axis in named)
    values = {axis: columns[named[axis]] for axis in axes}
    steps = {axis: sorted(set(column), key=natural) for axis, column in values.items()}
    places = [
        tuple(steps[axis].index(values[axis][row]) for axis in axes)
        for row in range(len(names))
    ]
    lengths = tuple(len(steps[axis]) for axis in axes)
    _check_complete(axes, steps, lengths, places)
    return Series(
        axes,
        lengths,
        tuple(places),
        {axis: tuple(found) for axis, found in steps.items()},
        tuple(
            _gaps(axis, found) for axis, found in steps.items() if _gaps(axis, found)
        ),
    )


def _form(parts: Sequence[str]) -> list[str]:
    """Return what names of a series have in common."""
    return ["0" if p.isdecimal() else "a" if p.isalpha() else p for p in parts]


def _counting(parts: list[tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    """Return the parts that differ; of those that always change together, one."""
    found: dict[int, tuple[str, ...]] = {}
    for place, column in enumerate(parts):
        if len(set(column)) == 1:
            continue
        twin = next((p for p, c in found.items() if _is_twin(c, column)), None)
        if twin is None or (_word(parts, twin) and _word(parts, place)):
            found[place] = column
        elif _word(parts, place):
            del found[twin]
            found[place] = column
    return found


def _is_twin(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    pairs = len(set(zip(one, other, strict=True)))
    return len(set(one)) == len(set(other)) == pairs


def _word(parts: list[tuple[str, ...]], place: int) -> str | None:
    """Return what a number counts, by the letters before it."""
    if not place or not parts[place][0].isdecimal():
        return None
    before = parts[place - 1][0]
    if not before.isalpha() and place > 1:  # as in z_01
        before = parts[place - 2][0]
    return _WORDS.get(before.lower())


def _meanings(
    columns: dict[int, tuple[str, ...]],
    parts: list[tuple[str, ...]],
    unnamed: str,
    example: str,
) -> dict[str, int]:
    found: dict[str, int] = {}
    without: list[int] = []
    for place in columns:
        axis = _word(parts, place)
        if axis is None or axis in found:
            without.append(place)
        else:
            found[axis] = place
    free = [axis for axis in unnamed if axis not in found]
    if len(without) > len(free):
        count = len(set(columns[without[len(free)]]))
        raise AxesUnknown(f"A series of files like {example!r}", count, what="files")
    return found | dict(zip(free, without, strict=False))


def _check_complete(
    axes: str,
    steps: dict[str, list[str]],
    lengths: tuple[int, ...],
    places: list[tuple[int, ...]],
) -> None:
    if len(set(places)) < len(places):
        raise SeriesIncomplete("two files have the same numbers")
    if len(places) == prod(lengths):
        return
    there = set(places)
    for index in product(*map(range, lengths)):
        if index not in there:
            words = [f"{a} {steps[a][i]}" for a, i in zip(axes, index, strict=True)]
            raise SeriesIncomplete(f"the file of {', '.join(words)} is missing")


def _gaps(axis: str, steps: Sequence[str]) -> str:
    """Say where numbers are left out, as of every tenth time that was kept."""
    if axis == "c" or not all(step.isdecimal() for step in steps):
        return ""
    numbers = [int(step) for step in steps]
    if len({b - a for a, b in pairwise(numbers)} | {1}) == 1:
        return ""
    what = {"t": "times", "z": "depths"}[axis]
    return f"The {what} {_listed(steps)} are there; numbers between them are not."


def _listed(steps: Sequence[str]) -> str:
    shown = list(steps) if len(steps) <= 4 else [*steps[:2], "...", steps[-1]]
    return ", ".join(shown)
