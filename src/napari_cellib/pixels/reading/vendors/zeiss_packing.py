"""How the pixels of a piece of a CZI are packed."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN, _JPEG, _LZW, _JPEG_XR, _ZSTD, _ZSTD_WITH_HEAD = 0, 1, 2, 4, 5, 6
_KNOWN = {_PLAIN, _JPEG, _LZW, _JPEG_XR, _ZSTD, _ZSTD_WITH_HEAD}


def can_unpack(packing: int) -> bool:
    """Say whether a way of packing, by its number, is known here."""
    return packing in _KNOWN


def unpack(
    packed: bytes, packing: int, dtype: np.dtype[Any], shape: Sequence[int]
) -> np.ndarray[Any, Any]:
    """Return the pixels of a piece, colours as red, green and blue.

    Parameters
    ----------
    packed : bytes
        What is stored.
    packing : int
        The way, as the format numbers them.
    dtype : numpy.dtype
        Type of the pixels.
    shape : sequence of int
        Their shape; the last axis are samples of colour.

    Returns
    -------
    numpy.ndarray
        Of that type and shape.

    Raises
    ------
    ValueError
        When there are fewer pixels than there should be.
    """
    size = prod(shape) * dtype.itemsize
    if packing in (_JPEG, _JPEG_XR):
        decode = imagecodecs.jpeg8_decode if packing == _JPEG else (
            imagecodecs.jpegxr_decode
        )  # fmt: skip
        return np.asarray(decode(packed)).reshape(shape)
    if packing == _LZW:
        packed = bytes(imagecodecs.lzw_decode(packed))
    elif packing == _ZSTD:
        packed = bytes(imagecodecs.zstd_decode(packed))
    elif packing == _ZSTD_WITH_HEAD:
        packed = _with_head(packed)
    if len(packed) < size:
        raise ValueError(f"a piece has {len(packed)} of {size} bytes")
    pixels = np.frombuffer(packed, dtype, prod(shape)).reshape(shape)
    samples = shape[-1]
    if samples == 3:
        return pixels[..., ::-1]  # stored as blue, green and red
    return pixels[..., [2, 1, 0, 3]] if samples == 4 else pixels


def _with_head(packed: bytes) -> bytes:
    """Unpack what has a head, that says whether low and high bytes are apart."""
    head = packed[0]
    apart = head >= 3 and packed[1] == 1 and bool(packed[2] & 1)
    plain = bytes(imagecodecs.zstd_decode(packed[head:]))
    if not apart:
        return plain
    return np.frombuffer(plain, "u1").reshape(2, -1).T.tobytes()
