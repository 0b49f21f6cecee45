"""What an index asks for: a cut that reads nothing, and what is left to numpy."""

from __future__ import annotations

import operator
from typing import Any, TypeAlias

import numpy as np

Cut: TypeAlias = "list[slice | int]"


def split_key(key: Any, shape: tuple[int, ...]) -> tuple[Cut, tuple[Any, ...] | None]:
    """Split an index into a slice or a number per axis, and an index of the result.

    Parameters
    ----------
    key : object
        Whatever stood between the brackets.
    shape : tuple of int
        Shape of what is indexed.

    Returns
    -------
    cut : list of slice or int
        The part that holds all that is asked for; with numbers only where they are
        the whole answer.
    rest : tuple or None
        What is to be taken from that part by numpy; None if all of it.

    Raises
    ------
    IndexError
        When there are too many indices, or one is out of bounds.

    Examples
    --------
    >>> split_key((3, ..., slice(5)), (9, 9, 9))
    ([3, slice(None, None, None), slice(None, 5, None)], None)
    >>> cut, rest = split_key((slice(5), [4, 7]), (9, 9, 9))
    >>> cut[:2], rest[1].tolist()
    ([slice(None, 5, None), slice(4, 8, None)], [0, 3])
    """
    parts = _expanded(key, len(shape))
    if all(_is_plain(part) for part in parts):
        return [_checked(part, n, shape) for n, part in enumerate(parts)], None
    cut: Cut = []
    rest: list[Any] = []
    for part in parts:
        if part is None or isinstance(part, bool | np.bool_):
            rest.append(part)
        elif isinstance(part, slice):
            cut.append(part)
            rest.append(slice(None))
        else:
            taken, left = _bounded(np.asarray(part), len(cut), shape)
            cut += taken
            rest.append(left)
    return cut, tuple(rest)


def _expanded(key: Any, ndim: int) -> list[Any]:
    """Fill up an index to one part for each axis."""
    parts = list(key) if isinstance(key, tuple) else [key]
    if sum(part is Ellipsis for part in parts) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    left = ndim - sum(_axes_of(part) for part in parts)
    if left < 0:
        raise IndexError(
            f"too many indices for array: array is {ndim}-dimensional, "
            f"but {ndim - left} were indexed"
        )
    where = next((n for n, part in enumerate(parts) if part is Ellipsis), None)
    if where is None:
        return parts + [slice(None)] * left
    return parts[:where] + [slice(None)] * left + parts[where + 1 :]


def _axes_of(part: Any) -> int:
    if part is None or part is Ellipsis or isinstance(part, bool | np.bool_):
        return 0
    array = None if isinstance(part, slice | int) else np.asarray(part)
    return array.ndim if array is not None and array.dtype == bool else 1


def _is_plain(part: Any) -> bool:
    if isinstance(part, slice):
        return True
    return (
        not isinstance(part, bool | np.bool_)
        and hasattr(part, "__index__")
        and (
            not isinstance(part, np.ndarray) or (part.ndim == 0 and part.dtype != bool)
        )
    )


def _checked(part: Any, axis: int, shape: tuple[int, ...]) -> slice | int:
    if isinstance(part, slice):
        return part
    number, length = operator.index(part), shape[axis]
    if not -length <= number < length:
        raise IndexError(
            f"index {number} is out of bounds for axis {axis} with size {length}"
        )
    return number


def _bounded(
    part: np.ndarray[Any, Any], axis: int, shape: tuple[int, ...]
) -> tuple[list[slice], np.ndarray[Any, Any]]:
    """Return the smallest cut that holds what an array picks, and the array in it."""
    if part.dtype == bool:
        return [slice(None)] * part.ndim, part
    if not part.size:
        return [slice(0, 0)], part.astype(int)
    for number in (part.min(), part.max()):
        _checked(number, axis, shape)
    at = np.where(part < 0, part + shape[axis], part)
    start = int(at.min())
    return [slice(start, int(at.max()) + 1)], at - start
