"""Layers are saved as one OME-Zarr, and come back as they were."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from napari.layers import (
    Image,
    Labels,
    Layer,
    Points,
    Shapes,
    Surface,
    Tracks,
    Vectors,
)

GUESSED = "are taken for"
UM = {"units": ("um", "um"), "axis_labels": ("y", "x")}


def images(random):
    """Return layers that are pixels."""
    fields = random.random((2, 6, 9, 40, 50)).astype("float32")
    zyx = {"axis_labels": ("z", "y", "x"), "units": ("um", "nm", "nm")}
    zyx |= {"scale": (0.5, 100, 100), "translate": (1, 20, 30)}
    rgb = (random.random((40, 50, 3)) * 255).astype("uint8")
    rgba = (random.random((40, 50, 4)) * 255).astype("uint8")
    return [
        Image(fields[0, 0], name="DAPI", colormap="blue", **zyx),
        Image(fields[1, 0], name="actin", colormap="green", gamma=0.5, **zyx),
        Image(fields[0, 1, 0], name="viridis", colormap="viridis", opacity=0.3, **UM),
        Image(fields[0, 1], name="film", axis_labels=("t", "y", "x"),
              units=("ms", "um", "um"), scale=(20, 1, 1)),
        Image(rgb, name="colours", **UM),
        Image(rgba, name="and opacity", **UM),
        Image([fields[0, 0, 0], fields[0, 0, 0, ::3, ::3]], name="own levels", **UM),
        Labels(random.integers(0, 9, (9, 40, 50)), name="nuclei", **zyx),
        Labels(random.integers(0, 3, (40, 50), "uint8"), name="few", visible=False,
               colormap={None: "gray", 1: "red", 2: "#00ff0080"},
               features=pd.DataFrame({"index": [1, 2], "kind": ["a", None]}), **UM),
        Labels(random.integers(0, 9, (700, 300)), name="alone", scale=(2, 2)),
        Image(fields[:, :, :4], name="all axes", axis_labels=tuple("tczyx"),
              scale=(1, 1, 2, 3, 3)),
        Image(fields[:1, 0, :3], name="one channel", axis_labels=tuple("czyx")),
        Labels(random.integers(0, 9, (2, 30, 20)), name="twice",
               axis_labels=("channel", "y", "x")),
    ]  # fmt: skip


def others(random):
    """Return layers that are not."""
    features = pd.DataFrame(
        {
            "number": np.arange(4),
            "text": ["a", "b", None, "d/…"],
            "truth": [True, False, True, True],
            "kind": pd.Categorical(["x", "y", "x", "x"], ["y", "x"], ordered=True),
            "day": pd.to_datetime(["2011-05-01", None, "2020-01-01", "2021-12-31"]),
            "maybe": pd.array([1, None, 3, 4], dtype="Int64"),
            "small": np.arange(4, dtype="uint8"),
            "long": np.arange(4, dtype="longlong"),
            "nested": [[1, 2], (3,), {"a": None}, np.arange(3)],
            7: ["seven", np.nan, None, 7],
            "broken": [1.0, np.nan, np.inf, -0.0],
        }
    )
    graph = {2: [0, 1]}
    track = [[0, 0, 1, 1], [0, 1, 2, 2], [1, 0, 1, 1], [1, 1, 2, 2], [2, 2, 3, 3]]
    return [
        Points(random.random((4, 3)), name="spots", features=features, symbol="ring",
               text={"string": "{text}", "color": {"feature": "kind", "colormap": [
                   "red", "blue"]}}, size=[1, 2, 3, 4],
               scale=(2, 1, 1), rotate=30, units=("um", "um", "um")),
        Points(np.empty((0, 2)), name="none yet"),
        Points(random.random((500, 2)), name="many", face_color="number",
               features={"number": random.random(500)}, shown=random.random(500) > 0.5),
        Shapes([random.random((4, 2)), random.random((7, 2)), random.random((2, 2))],
               shape_type=["rectangle", "polygon", "line"], z_index=[2, 0, 1],
               edge_width=[1, 2, 3], face_color="red", name="outlines",
               features={"class": ["cell", "cell", "axis"]}),
        Tracks(np.array(track, float), graph=graph, name="tracks", tail_length=7,
               features={"speed": [1, 2, 3, 4, 5]}),
        Surface((random.random((4, 3)), np.array([[0, 1, 2], [1, 2, 3]]),
                 np.arange(4.0)), name="surface", shading="smooth", colormap="magma"),
        Surface((random.random((4, 3)), np.array([[0, 1, 2], [1, 2, 3]])), name="bare",
                vertex_colors=random.random((4, 4)), normals={"face": {"length": 2}}),
        Surface((random.random((4, 3)), np.array([[0, 1, 2], [1, 2, 3]])), name="tiled",
                texture=random.random((8, 8)), texcoords=random.random((4, 2))),
        Surface((random.random((4, 3)), np.array([[0, 1, 2], [1, 2, 3]]),
                 random.random((5, 4))), name="values in time", scale=(2, 1, 1)),
        Vectors(random.random((3, 2, 2)), name="flow", features={"l": [1, 2, 3]},
                length=3, vector_style="arrow"),
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["0.5", "0.4"])
@pytest.mark.parametrize("make", [images, others])
def test_layers_come_back_as_they_were(reopened, random, assert_same, make, version):
    layers = make(random)
    found = reopened(*layers, version=version, told=(GUESSED, "no unit"))

    assert [kwargs["name"] for _, kwargs, _ in found] == [la.name for la in layers]
    for before, after in zip(layers, found, strict=True):
        assert_same(before, Layer.create(*after))
        assert after[1]["metadata"]["cellib"]["warnings"] == []


def test_colours_by_a_feature_stay_whatever_came_first(reopened, random, assert_same):
    layer = Points(
        random.random((2, 2)), features={"kind": ["a", "b"]},
        text={"string": "kind", "color": {"feature": "kind", "colormap": ["r", "b"]}},
    )  # fmt: skip
    layer.features = {"kind": ["b", "c"]}
    before = layer.text.color(layer.features)
    ((data, kwargs, _),) = reopened(layer)

    after = Points(data, **kwargs)

    np.testing.assert_allclose(after.text.color(after.features), before)


def test_a_turned_layer_comes_back_turned_and_others_are_told(
    reopened, random, assert_same
):
    turned = Image(random.random((40, 50)), name="turned", rotate=30, shear=[0.2])
    (found,) = reopened(turned, told=("turned, sheared",))

    assert_same(turned, Layer.create(*found))


def test_what_a_user_noted_of_a_layer_stays_with_it(reopened, random):
    noted = {"day": 3, "stage": ["late", None], 7: "seven"}
    layer = Image(random.random((40, 50)), metadata=noted, name="x")
    ((_, kwargs, _),) = reopened(layer)

    assert {k: v for k, v in kwargs["metadata"].items() if k != "cellib"} == {
        "day": 3,
        "stage": ["late", None],
        "7": "seven",
    }


def test_licence_and_citation_of_an_image_follow_it_into_the_file(reopened, random):
    origin = {"licence": "CC BY 4.0", "citation": "Doe (2011).", "title": "Cells"}
    layer = Image(random.random((40, 50)), metadata={"cellib": origin}, name="Cells")
    ((_, kwargs, _),) = reopened(layer)

    own = kwargs["metadata"]["cellib"]
    assert (own["licence"], own["citation"]) == ("CC BY 4.0", "Doe (2011).")


def test_what_no_file_can_hold_is_told_and_the_rest_is_kept(reopened, random):
    layer = Points(random.random((3, 2)), metadata={"f": print, "n": 1}, name="spots")
    ((_, kwargs, _),) = reopened(layer, told=("spots: metadata['f'] cannot be kept",))

    assert kwargs["metadata"]["n"] == 1


def test_features_that_no_file_can_hold_are_texts_and_told(reopened, random):
    features = pd.DataFrame(
        {
            "day": [date(2011, 5, 1), date(2012, 5, 1), None],
            "part": pd.cut([1, 2, 9], 2),
            "size": [1.0, 2.0, 9.0],
        }
    )
    layer = Points(random.random((3, 2)), features=features, name="spots")
    told = (
        "spots: features['day'] other than as text, "
        "features['part'] other than as text cannot be kept."
    )
    ((_, kwargs, _),) = reopened(layer, told=(told,))

    found = kwargs["features"]
    assert list(found["day"]) == ["2011-05-01", "2012-05-01", None]
    assert list(found["part"]) == ["(0.992, 5.0]", "(0.992, 5.0]", "(5.0, 9.0]"]
    assert list(found["size"]) == [1.0, 2.0, 9.0]
