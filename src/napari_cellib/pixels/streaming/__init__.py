"""Streaming: layers that show at once what has come, and ask for what has not.

`streams.py` owns what all layers share; `stream.py` makes pictures of what is there;
`loader.py` fetches what is not. Nothing here knows of Qt or napari.
"""

from __future__ import annotations

from napari_cellib.pixels.streaming.sources import (
    ChunkKey,
    ChunkSource,
    absent_chunk,
)
from napari_cellib.pixels.streaming.status import StreamStatus
from napari_cellib.pixels.streaming.stream import Stream
from napari_cellib.pixels.streaming.streamed_level import StreamedLevel
from napari_cellib.pixels.streaming.streams import Streams, for_layer

__all__ = [
    "ChunkKey",
    "ChunkSource",
    "Stream",
    "StreamStatus",
    "StreamedLevel",
    "Streams",
    "absent_chunk",
    "for_layer",
]
