from __future__ import annotations

import json

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.pixels.layer_sets import save_layers
from napari_cellib.pixels.layer_sets.accepted import stored_text
from napari_cellib.pixels.layer_sets.encoding import encode
from napari_cellib.pixels.layer_sets.parameters import known_parameters
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.opening import open_place

COLORS = ("face_color", "border_color", "edge_color")


@pytest.fixture
def random():
    return np.random.default_rng(20100)


@pytest.fixture
def reopened(tmp_path):
    """Return a function that saves layers and opens them again."""
    made = []

    def save_and_open(*layers, version="0.5", told=()):
        tuples = [
            layer if isinstance(layer, tuple) else layer.as_layer_data_tuple()
            for layer in layers
        ]
        folder = tmp_path / f"{len(made)}.zarr"
        made.append(folder)
        warnings = drive(save_layers(tuples, folder, version=version))
        assert [w for w in warnings if not any(part in w for part in told)] == []
        libraries = Libraries(Settings(data_folder=tmp_path / "data"))
        return drive(open_place(libraries, str(folder)))

    return save_and_open


def plain(value):
    """Return a value in a form that can be compared, whatever it holds."""
    arrays = {}
    found = json.dumps(encode(value, "value", arrays))
    kept = {n: (str(a.dtype), a.shape, a.tobytes()) for n, a in arrays.items()}
    return found, kept


@pytest.fixture
def assert_same():
    """Return a function that compares two layers by all that a file can hold."""

    def compare(before, after):
        old_data, old, kind = before.as_layer_data_tuple()
        new_data, new, _ = after.as_layer_data_tuple()
        if kind in ("image", "labels"):
            old_levels = list(old_data) if old["multiscale"] else [old_data]
            first = new_data[0] if new["multiscale"] else new_data
            np.testing.assert_array_equal(np.asarray(first), np.asarray(old_levels[0]))
            assert np.asarray(first).dtype == np.asarray(old_levels[0]).dtype
            if old["multiscale"]:
                for one, other in zip(new_data, old_data, strict=True):
                    np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
        else:
            assert plain(new_data) == plain(old_data)
        assert list(map(str, new["units"])) == list(map(str, old["units"]))
        for key in known_parameters(kind):
            if kind == "labels" and key == "colormap":
                colors = getattr(old[key], "color_dict", {})
                assert plain(dict(colors)) == plain(
                    dict(getattr(new[key], "color_dict", {}))
                )
            elif key in COLORS and isinstance(old.get(key), np.ndarray):
                # Older versions of napari make them anew, and round otherwise.
                np.testing.assert_allclose(new[key], old[key], atol=1e-6)
            elif key == "text" and key in old:
                assert plain(stored_text(new[key])) == plain(stored_text(old[key]))
            elif key in old and key not in ("metadata", "units"):
                assert plain(new[key]) == plain(old[key]), (before.name, key)

    return compare
