"""Layers of all types with random attributes, saved by napari without a window."""

from __future__ import annotations

import warnings

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import zarr
from napari.components import ViewerModel
from napari.layers import Layer
from npe2 import PluginManager
from npe2.io_utils import write_get_writer

from napari_cellib._reader import read
from napari_cellib.jobs import drive
from napari_cellib.pixels.writing import write_image

PLUGIN = "napari-cellib"
UM = {"scale": (0.5, 0.1, 0.1), "units": ("um",) * 3, "axis_labels": ("z", "y", "x")}


@pytest.fixture
def viewer():
    PluginManager.instance().discover()
    return ViewerModel()


def opened(path):
    return [Layer.create(*layer) for layer in read(str(path))]


def is_same(one, other):
    """Say whether two parts of the states of layers are equal."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
        return True
    if hasattr(one, "color_dict"):
        return is_same(dict(one.color_dict), dict(other.color_dict))
    if type(one).__name__ == "CyclicLabelColormap":
        return type(one) is type(other)  # colours of labels that are drawn at random
    if isinstance(one, dict):
        return set(one) == set(other) and all(is_same(one[k], other[k]) for k in one)
    if isinstance(one, np.ndarray) and one.dtype != object:
        kind = one.dtype.kind
        return np.array_equal(one, other, equal_nan=kind == "f") or (
            kind == "f" and np.allclose(one, other, rtol=1e-12, atol=0, equal_nan=True)
        )
    if isinstance(one, list | tuple | np.ndarray):
        pairs = zip(one, other, strict=True)
        return len(one) == len(other) and all(is_same(a, b) for a, b in pairs)
    if isinstance(one, float):
        return one == pytest.approx(other, rel=1e-12, nan_ok=True)
    return bool(one == other) or (pd.isna(one) and pd.isna(other))


def states(layer):
    data, kwargs, kind = layer.as_layer_data_tuple()
    parts = list(data) if isinstance(data, list | tuple) else [np.asarray(data)]
    kwargs = {k: v for k, v in kwargs.items() if k not in ("metadata", "properties")}
    return kind, parts, kwargs


def differences(one, other):
    """Return which parts of two layers are not equal."""
    kind, data, kwargs = states(one)
    other_kind, other_data, other_kwargs = states(other)
    found = [] if kind == other_kind else ["type"]
    found += [] if is_same(data, other_data) else ["data"]
    return found + [k for k in kwargs if not is_same(kwargs[k], other_kwargs[k])]


class Random:
    """Layers of all types, with whatever a person may have done to them."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def choice(self, *values):
        return values[self.rng.integers(len(values))]

    def colors(self, count):
        return self.rng.integers(0, 256, (count, 4)) / 255

    def common(self, ndim):
        kwargs = {
            "name": self.choice("a", "b - t", "c/d", "é..", "same"),
            "opacity": float(self.rng.random()),
            "blending": self.choice("opaque", "additive", "translucent"),
            "visible": bool(self.rng.integers(2)),
            "axis_labels": {2: "yx", 3: "zyx"}[ndim],
        }
        scale = self.choice(1.0, 0.25)
        kwargs["scale"] = (scale,) * ndim
        if scale != 1:
            kwargs["units"] = ("um",) * ndim
            kwargs["translate"] = tuple(self.rng.integers(-5, 5, ndim) / 4)
        if not self.rng.integers(4):
            kwargs["affine"] = np.eye(ndim + 1)[
                [*range(ndim - 2), ndim - 1, ndim - 2, ndim]
            ]
        return kwargs

    def features(self, count):
        columns = {
            "n": self.rng.integers(-9, 9, count),
            "x": np.where(self.rng.random(count) < 0.3, np.nan, self.rng.random(count)),
            "flag": self.rng.random(count) < 0.5,
            "text": [self.choice("a", "β", "", None) for _ in range(count)],
            "kind": pd.Categorical([self.choice("u", "v") for _ in range(count)]),
            "gap": pd.array([self.choice(1, None) for _ in range(count)], "Int64"),
            "day": pd.Timestamp("2020-01-31") + pd.to_timedelta(range(count), "D"),
        }
        names = [name for name in columns if self.rng.integers(2)]
        return pd.DataFrame({name: columns[name] for name in names}, range(count))

    def image(self):
        shape = self.choice((9, 11), (9, 12), (5, 300))
        data = self.rng.integers(0, 200, shape).astype(self.choice("u1", "u2", "f4"))
        return data, self.common(2) | {
            "colormap": self.choice("gray", "green", "viridis", "gray_r", "bop blue"),
            "contrast_limits": (float(self.rng.integers(9)), 99.5),
            "gamma": float(self.rng.random() + 0.5),
            "interpolation2d": self.choice("nearest", "cubic"),
            "rendering": self.choice("mip", "minip"),
        }, "image"  # fmt: skip

    def picture(self):
        count = self.choice(3, 4)
        data = self.rng.integers(0, 256, (7, 8, count)).astype("uint8")
        return data, self.common(2) | {"rgb": True}, "image"

    def labels(self):
        data = self.rng.integers(0, 9, self.choice((9, 11), (280, 7))).astype("uint8")
        kwargs = self.common(2) | {"features": self.features(4)}
        if self.rng.integers(2):
            colors = dict(enumerate(self.colors(9)))
            kwargs["colormap"] = {None: (0.5, 0.5, 0.5, 1.0), **colors}
        return data, kwargs, "labels"

    def points(self):
        count = int(self.rng.integers(1, 9))
        kwargs = {
            "features": self.features(count),
            "size": self.rng.integers(1, 20, count).astype(float),
            "face_color": self.colors(count),
            "border_color": self.colors(count),
            "symbol": [self.choice("disc", "star") for _ in range(count)],
            "border_width": 0.25,
            "shown": self.rng.random(count) < 0.8,
        }
        if "n" in kwargs["features"] and count:
            kwargs["text"] = {"string": "no {n}", "size": 9, "color": "green"}
        return self.rng.random((count, 3)), self.common(3) | kwargs, "points"

    def shapes(self):
        kinds = ["polygon", "path", "line", "rectangle", "ellipse"]
        kinds = [self.choice(*kinds) for _ in range(int(self.rng.integers(1, 6)))]
        corners = {"polygon": 5, "path": 3, "line": 2, "rectangle": 4, "ellipse": 4}
        box = np.array([[0.0, 0], [0, 2], [3, 2], [3, 0]])
        data = [
            box + self.rng.random() if corners[k] == 4 else
            self.rng.random((corners[k], 2)) for k in kinds
        ]  # fmt: skip
        return data, self.common(2) | {
            "shape_type": kinds,
            "features": self.features(len(kinds)),
            "edge_width": self.rng.integers(1, 5, len(kinds)).tolist(),
            "z_index": self.rng.integers(0, 3, len(kinds)).tolist(),
            "face_color": self.colors(len(kinds)),
        }, "shapes"  # fmt: skip

    def tracks(self):
        ids = np.repeat([0, 1, 2], 3)
        data = np.column_stack([ids, np.tile([0, 1, 2], 3), self.rng.random((9, 2))])
        return data, self.common(3) | {
            "graph": self.choice({}, {1: [0], 2: [0]}),
            "features": self.features(9).drop(columns=["text"], errors="ignore"),
            "tail_length": 7,
            "colormap": self.choice("turbo", "hsv"),
        }, "tracks"  # fmt: skip

    def surface(self):
        faces = np.array([[0, 1, 2], [1, 2, 3]])
        data = (self.rng.random((4, 3)), faces, self.rng.random(4))
        return data, self.common(3) | {
            "colormap": self.choice("gray", "magma"),
            "shading": self.choice("none", "smooth"),
            "wireframe": {"visible": True, "color": "red"},
        }, "surface"  # fmt: skip

    def vectors(self):
        count = int(self.rng.integers(1, 6))
        return self.rng.random((count, 2, 2)), self.common(2) | {
            "features": self.features(count),
            "edge_color": self.colors(count),
            "edge_width": 2.5,
            "vector_style": self.choice("line", "arrow"),
        }, "vectors"  # fmt: skip

    def layers(self):
        makers = [
            self.image, self.image, self.picture, self.labels, self.points,
            self.shapes, self.tracks, self.surface, self.vectors,
        ]  # fmt: skip
        self.rng.shuffle(makers)
        return [Layer.create(*make()) for make in makers]


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 12))]
)
def test_layers_of_all_types_come_back_as_they_were(seed, viewer, tmp_path):
    viewer.layers.extend(Random(seed).layers())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what others will not see
        (path,) = viewer.layers.save(str(tmp_path / "all.ome.zarr"), plugin=PLUGIN)

    found = opened(path)

    pairs = zip(viewer.layers, found, strict=True)
    assert {f"{n} {one}": differences(one, other)
            for n, (one, other) in enumerate(pairs)} == {
        f"{n} {one}": [] for n, one in enumerate(viewer.layers)
    }  # fmt: skip


def test_open_save_open_gives_the_same_layers(viewer, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 999, (2, 3, 30, 40)).astype("uint16")
    first = tmp_path / "first.ome.zarr"
    drive(
        write_image(
            first, pixels, axes="czyx", name="cells",
            spacing_um={"z": 0.5, "y": 0.1, "x": 0.1},
            labels={"nuclei": np.ones((3, 30, 40), "uint8")},
        )
    )  # fmt: skip
    layers = opened(first)
    viewer.layers.extend(layers)

    (second,) = viewer.layers.save(str(tmp_path / "second.zarr"), plugin=PLUGIN)

    found = opened(second)
    assert [layer.name for layer in found] == [layer.name for layer in layers]
    for one, other in zip(layers, found, strict=True):
        assert differences(one, other) == []
    attributes = zarr.open_group(second, mode="r").attrs["ome"]
    assert attributes["multiscales"][0]["name"] == "cells"


def test_one_layer_saves_itself(viewer, tmp_path):
    layer = viewer.add_labels(np.eye(5, dtype=int), name="a")
    (path,) = layer.save(str(tmp_path / "one.zarr"), plugin=PLUGIN)
    (found,) = opened(path)
    assert differences(layer, found) == []


def test_napari_offers_it_for_zarr_and_for_nothing_else(viewer, tmp_path):
    layer = viewer.add_image(np.zeros((4, 4)), name="a").as_layer_data_tuple()
    _, writer = write_get_writer(
        str(tmp_path / "a.zarr"), layer_data=[layer], plugin_name=PLUGIN
    )
    assert writer.filename_extensions == [".zarr"]
    with pytest.raises(ValueError, match="writer"):
        write_get_writer(
            str(tmp_path / "a.tif"), layer_data=[layer], plugin_name=PLUGIN
        )


def test_lazy_pixels_are_written_as_they_are(viewer, tmp_path):
    pixels = np.arange(4 * 600 * 600).reshape(4, 600, 600).astype("uint32")
    stored = zarr.create_array(
        tmp_path / "plain.zarr", data=pixels, chunks=(1, 128, 128)
    )
    lazy = da.from_array(pixels, chunks=(1, 200, 200))
    for data in (stored, lazy, [lazy, lazy[:, ::2, ::2]]):
        viewer.add_image(data, name="a", **UM, contrast_limits=(0, 9))

    (path,) = viewer.layers.save(str(tmp_path / "x.zarr"), plugin=PLUGIN)

    for layer in opened(path):
        finest = layer.data[0] if layer.multiscale else layer.data
        assert np.array_equal(finest, pixels)


def test_what_others_will_not_see_is_a_warning(viewer, tmp_path):
    viewer.add_image(np.zeros((4, 4)), name="a", rotate=30)
    with pytest.warns(UserWarning, match="a is turned"):
        viewer.layers.save(str(tmp_path / "x.zarr"), plugin=PLUGIN)
