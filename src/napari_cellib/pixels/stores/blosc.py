"""Whether what Blosc has packed is whole: it ends the program if it is not.

Blosc reads as many bytes as the beginning of a chunk announces, wherever they are. Of a
chunk that was cut off, these belong to somebody else, or to nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zarr.abc.store import RangeByteRequest
from zarr.codecs import BloscCodec, ShardingCodec

if TYPE_CHECKING:
    from zarr.abc.store import ByteRequest

_HEADER = 16  # bytes; the last four of them say how many there are


class BloscGuard:
    """Looks at chunks before they are unpacked.

    It is told of each array whose chunks are packed by Blosc.
    """

    def __init__(self) -> None:
        self._sharded: dict[str, bool] = {}  # by the path of the array

    def watch(self, path: str, metadata: Any) -> None:
        """Take note of an array.

        Parameters
        ----------
        path : str
            Path of the array in its store.
        metadata : zarr.core.metadata.ArrayV2Metadata or ArrayV3Metadata
            Says how its chunks are packed.
        """
        if getattr(getattr(metadata, "compressor", None), "codec_id", None) == "blosc":
            self._sharded[path] = False
            return
        codecs = getattr(metadata, "codecs", ())
        sharding = (
            codecs[0] if codecs and isinstance(codecs[0], ShardingCodec) else None
        )
        if sharding is not None:
            # An index in front would be read as the parts are, and be no chunk.
            place = sharding.index_location  # an enum in some versions of zarr
            is_behind = getattr(place, "value", place) == "end"
            codecs = sharding.codecs if is_behind else ()
        if codecs and isinstance(codecs[-1], BloscCodec):
            self._sharded[path] = sharding is not None

    def check(self, key: str, part: ByteRequest | None, data: Any) -> None:
        """Refuse a chunk that is cut off.

        Parameters
        ----------
        key : str
            Name of the file.
        part : ByteRequest or None
            Which part of the file it is.
        data : bytes-like
            What was read.

        Raises
        ------
        ValueError
            When there are more bytes, or fewer, than it announces.
        """
        view = memoryview(data)
        if part is None and not view.nbytes:
            raise ValueError(f"{key} is empty")
        if not self._is_chunk(key, part):
            return
        announced = int.from_bytes(view[_HEADER - 4 : _HEADER], "little")
        if view.nbytes < _HEADER or view.nbytes != announced:
            raise ValueError(f"{key} is cut off")

    def _is_chunk(self, key: str, part: ByteRequest | None) -> bool:
        path = key
        while path and path not in self._sharded:
            path = path.rpartition("/")[0]
        sharded = self._sharded.get(path)
        if sharded is None:
            return False
        # Of a shard, parts are chunks; the whole has an index, which has a checksum.
        return isinstance(part, RangeByteRequest) if sharded else part is None
