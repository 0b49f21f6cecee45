"""Layers that were saved, opened so that their pixels come as they are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples
from napari_cellib.pixels.layer_sets import restore_layers, save_layers
from napari_cellib.pixels.loading import open_for_viewing
from napari_cellib.pixels.stores import open_store
from napari_cellib.pixels.streaming import Streams
from napari_cellib.pixels.streaming.streamed_level import StreamedLevel


@pytest.mark.parametrize(
    ("shape", "meta"),
    [
        ((2, 3, 2, 300, 40), {"axis_labels": tuple("tczyx")}),
        ((1, 300, 40), {"axis_labels": tuple("cyx")}),
        ((300, 40, 4), {"axis_labels": tuple("yx"), "rgb": True}),
    ],
    ids=["channels", "one channel", "colours"],
)
def test_channels_of_a_layer_stream_as_one(tmp_path, shape, meta):
    pixels = np.random.default_rng(1).integers(0, 200, shape).astype("uint8")
    place = str(tmp_path / "x.zarr")
    drive(save_layers([(pixels, {"name": "x", **meta}, "image")], tmp_path / "x.zarr"))
    with Streams() as streams:

        def open_image(path):
            options = {"eager_bytes": 0, "streams": streams}
            return layer_tuples((yield from open_for_viewing(place, **options)))

        store = open_store(place, timeout_s=5)
        own = drive(open_for_viewing(place)).layer_set
        ((levels, kwargs, _),), warnings = drive(restore_layers(store, own, open_image))

        assert warnings == []
        assert all(isinstance(level, StreamedLevel) for level in levels)
        assert bool(kwargs.get("rgb")) == bool(meta.get("rgb"))
        assert (np.asarray(levels[0]) == pixels).all()
