"""Tiny networks in ONNX, written byte by byte: the library that could is large.

One convolution and a mean: enough to tell disks from noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FLOAT = 1
_INTS = 7  # type of an attribute


def tiny_network(
    path: Path,
    *,
    shape: Sequence[int | str] = ("n", 1, 256, 256),
    seed: int = 0,
    pooled: bool = True,
) -> Path:
    """Write a network that makes 16 numbers of a tile, or a map of them."""
    channels = shape[1] if len(shape) == 4 and isinstance(shape[1], int) else 1
    weights = np.random.default_rng(seed).normal(0, 1, (16, channels, 8, 8))
    weights -= weights.mean(axis=(1, 2, 3), keepdims=True)
    strides = _field(1, b"strides") + _ints(8, (4, 4)) + _number(20, _INTS)
    nodes = [
        _node("Conv", ["tiles", "weights"], "seen", strides),
        _node("Abs", ["seen"], "found" if pooled else "vectors"),
    ]
    if pooled:
        nodes.append(_node("GlobalAveragePool", ["found"], "vectors"))
    initial = (
        _ints(1, weights.shape)
        + _number(2, _FLOAT)
        + _field(8, b"weights")
        + _field(9, weights.astype("<f4").tobytes())
    )
    graph = (
        b"".join(_field(1, node) for node in nodes)
        + _field(2, b"tiny")
        + _field(5, initial)
        + _field(11, _value("tiles", shape))
        + _field(12, _value("vectors", ("n", 16, "y", "x")))
    )
    opset = _field(1, b"") + _number(2, 17)
    path.write_bytes(_number(1, 8) + _field(7, graph) + _field(8, opset))
    return path


def _node(kind: str, given: Sequence[str], made: str, attribute: bytes = b"") -> bytes:
    names = b"".join(_field(1, name.encode()) for name in given)
    end = _field(5, attribute) if attribute else b""
    return names + _field(2, made.encode()) + _field(4, kind.encode()) + end


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sides = b"".join(
        _field(1, _number(1, n) if isinstance(n, int) else _field(2, n.encode()))
        for n in shape
    )
    tensor = _number(1, _FLOAT) + _field(2, sides)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _ints(number: int, values: Sequence[int]) -> bytes:
    return b"".join(_number(number, value) for value in values)


def _varint(value: int) -> bytes:
    parts = []
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
