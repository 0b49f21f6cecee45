"""Values of layers as JSON and arrays, and back: nothing changes on the way.

JSON holds what is small. Numbers in bulk become arrays that are stored beside it, and
the JSON says which: ``{"stored": "face_color"}``. Other kinds of values are objects
with one key that says what they are, such as ``{"tuple": [1, 2]}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from napari_cellib.pixels.layer_sets.tables import (
    Unstorable,
    decode_table,
    encode_table,
    is_table,
)

Array: TypeAlias = np.ndarray[Any, Any]
Json: TypeAlias = Any

_INLINE = 64  # values; more of them are an array of their own
_DEEPEST = 12
_STORABLE = "biuf"
_MARKS = {"stored", "array", "texts", "tuple", "pairs", "number", "ragged", "table"}


def encode(value: Any, name: str, arrays: dict[str, Array], depth: int = 0) -> Json:
    """Return a value as JSON, and put its arrays beside it.

    Parameters
    ----------
    value : object
        Numbers, texts, sequences, mappings, arrays, tables, and members of enums.
    name : str
        What to call its arrays.
    arrays : dict of str to numpy.ndarray
        Where to put them.
    depth : int
        How deep in other values it lies.

    Returns
    -------
    object
        JSON types only.

    Raises
    ------
    Unstorable
        When it is of another kind.
    """
    if depth > _DEEPEST:
        raise Unstorable(f"{name} is nested too deeply")
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": str(value)}
    return _compound(value, name, arrays, depth)


def _compound(value: Any, name: str, arrays: dict[str, Array], depth: int) -> Json:
    if isinstance(value, np.ndarray):
        return _array(np.asarray(value), name, arrays)
    if is_table(value):
        return {"table": encode_table(value, name, arrays, encode)}
    if isinstance(value, Mapping):
        return _mapping(value, name, arrays, depth)
    if not isinstance(value, (list, tuple)):
        raise Unstorable(f"{name} is a {type(value).__name__}")
    if _is_ragged(value):
        return {"ragged": _ragged(value, name, arrays)}
    found = [
        encode(part, f"{name}.{n}", arrays, depth + 1) for n, part in enumerate(value)
    ]
    return {"tuple": found} if isinstance(value, tuple) else found


def decode(found: Json, arrays: Mapping[str, Array], depth: int = 0) -> Any:
    """Return the value that `encode` made JSON of.

    Raises
    ------
    ValueError
        When it is none of them, or an array is missing.
    """
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(found, list):
        return [decode(part, arrays, depth + 1) for part in found]
    if not isinstance(found, dict):
        return found
    (mark, content) = next(iter(found.items())) if len(found) == 1 else ("", None)
    if mark not in _MARKS:
        return {key: decode(part, arrays, depth + 1) for key, part in found.items()}
    return _DECODERS[mark](content, arrays, depth)


def _array(value: Array, name: str, arrays: dict[str, Array]) -> Json:
    if value.dtype.kind in "OU":
        texts = [part.value if isinstance(part, Enum) else part for part in value.flat]
        if not all(part is None or isinstance(part, str) for part in texts):
            raise Unstorable(f"{name} holds Python objects")
        return {"texts": _by_category(texts, value, name, arrays)}
    if value.dtype.kind not in _STORABLE:
        raise Unstorable(f"{name} is an array of {value.dtype}")
    if not value.size:
        return {"array": {"dtype": _dtype(value), "empty": list(value.shape)}}
    if value.size <= _INLINE and np.all(np.isfinite(value)):
        return {"array": {"dtype": _dtype(value), "values": value.tolist()}}
    arrays[name] = value
    return {"stored": name}


def _by_category(
    texts: Sequence[str | None], value: Array, name: str, arrays: dict[str, Array]
) -> Json:
    """Store texts once each: a thousand points have four symbols."""
    known = list(dict.fromkeys(texts))
    places = {text: number for number, text in enumerate(known)}
    codes = np.array([places[text] for text in texts], "int32").reshape(value.shape)
    return {
        "is_object": value.dtype.kind == "O",
        "known": known,
        "codes": _array(codes, f"{name}.codes", arrays),
    }


def _texts(content: Json, arrays: Mapping[str, Array], depth: int) -> Array:
    codes = decode(content["codes"], arrays, depth + 1)
    known = np.array(content["known"], dtype=object)
    found = np.empty(codes.shape, object)
    found[...] = known[codes] if len(known) else None
    return found if content["is_object"] else found.astype(str)


def _mapping(
    value: Mapping[Any, Any], name: str, arrays: dict[str, Array], depth: int
) -> Json:
    parts = {
        key: encode(part, f"{name}.{key}", arrays, depth + 1)
        for key, part in value.items()
    }
    if all(isinstance(key, str) for key in parts) and not set(parts) & _MARKS:
        return parts
    return {"pairs": [[encode(key, name, {}), part] for key, part in parts.items()]}


def _is_ragged(value: Sequence[Any]) -> bool:
    """Say whether they are arrays of points, of which each may have another number."""
    return bool(value) and all(
        isinstance(part, np.ndarray)
        and part.ndim == 2
        and part.shape[1:] == value[0].shape[1:]
        and part.dtype == value[0].dtype
        and part.dtype.kind in _STORABLE
        for part in value
    )


def _ragged(value: Sequence[Array], name: str, arrays: dict[str, Array]) -> Json:
    lengths = np.array([len(part) for part in value], "int64")
    return {
        "is_tuple": isinstance(value, tuple),
        "lengths": _array(lengths, f"{name}.lengths", arrays),
        "points": _array(np.concatenate(list(value)), name, arrays),
    }


def _apart(content: Json, arrays: Mapping[str, Array], depth: int) -> Any:
    lengths = decode(content["lengths"], arrays, depth + 1)
    points = decode(content["points"], arrays, depth + 1)
    parts = np.split(points, np.cumsum(lengths)[:-1])
    return tuple(parts) if content["is_tuple"] else parts


def _inline(content: Json) -> Array:
    if "empty" in content:
        return np.empty(content["empty"], content["dtype"])
    return np.array(content["values"], content["dtype"])


def _dtype(value: Array) -> str:
    return str(value.dtype.newbyteorder("="))


def _stored(content: Json, arrays: Mapping[str, Array], _: int) -> Array:
    if content not in arrays:
        raise ValueError(f"the array {content!r} is missing")
    return arrays[content]


_DECODERS: dict[str, Callable[[Json, Mapping[str, Array], int], Any]] = {
    "stored": _stored,
    "array": lambda content, _a, _d: _inline(content),
    "texts": _texts,
    "tuple": lambda content, arrays, depth: tuple(decode(content, arrays, depth + 1)),
    "pairs": lambda content, arrays, depth: {
        key: decode(part, arrays, depth + 1) for key, part in content
    },
    "number": lambda content, _a, _d: float(content),
    "ragged": _apart,
    "table": lambda content, arrays, _: decode_table(content, arrays, decode),
}
