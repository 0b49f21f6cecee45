"""napari saves layers as OME-Zarr: without a window, and in one that stays alive."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.errors import LayersChanged, PixelsUnwritable, TargetExists
from napari_cellib.jobs import JobCancelled, drive
from napari_cellib.pixels.layer_sets import save_layers


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer()
    pixels = np.arange(3000, dtype="uint16").reshape(50, 60)
    viewer.add_image(pixels, name="cells", units=("um", "um"), scale=(0.1, 0.1))
    viewer.add_labels((pixels > 2000).astype("uint8"), name="nuclei")
    viewer.add_points([[1, 2], [3, 4]], name="spots")
    return viewer


def image(pixels, **meta):
    return pixels, {"name": "x", **meta}, "image"


def test_napari_saves_and_opens_layers_of_several_types(viewer, tmp_path):
    target = tmp_path / "mine.zarr"

    assert viewer.layers.save(str(target), plugin="napari-cellib") == [str(target)]

    again = viewer.open(str(target), plugin="napari-cellib")
    assert len(again) == 3
    for old, new in zip(list(viewer.layers)[:3], again, strict=True):
        assert new.name.startswith(old.name)  # a second one gets a number
        np.testing.assert_array_equal(np.asarray(new.data), np.asarray(old.data))
        np.testing.assert_allclose(new.scale, old.scale)


def test_selected_layers_alone_can_be_saved(viewer, tmp_path):
    viewer.layers.selection = {viewer.layers["spots"]}
    target = tmp_path / "spots.zarr"
    viewer.layers.save(str(target), selected=True, plugin="napari-cellib")

    (layer,) = viewer.open(str(target), plugin="napari-cellib")
    np.testing.assert_array_equal(layer.data, [[1, 2], [3, 4]])


def test_what_is_there_already_is_left_alone(viewer, tmp_path):
    (tmp_path / "mine.zarr").mkdir()
    (tmp_path / "mine.zarr" / "thesis.txt").write_text("years of work")

    with pytest.raises(TargetExists):
        viewer.layers.save(str(tmp_path / "mine.zarr"), plugin="napari-cellib")
    assert (tmp_path / "mine.zarr" / "thesis.txt").read_text() == "years of work"


def test_a_layer_that_changes_meanwhile_is_not_saved_half_and_half(tmp_path):
    pixels = np.zeros((4, 600, 600), "uint8")
    job = save_layers([image(pixels)], tmp_path / "x.zarr")

    def draw(progress):
        if progress.label == "Writing the image":
            pixels[0, 0, 0] += 1

    with pytest.raises(LayersChanged, match=r"x\.zarr"):
        drive(job, draw)
    assert list(tmp_path.iterdir()) == []


def test_a_cancel_leaves_nothing(tmp_path):
    pixels = np.zeros((4, 600, 600), "uint8")

    class Soon:
        steps = 12

        def is_set(self):
            self.steps -= 1
            return self.steps < 0

    with pytest.raises(JobCancelled):
        drive(save_layers([image(pixels)], tmp_path / "x.zarr"), cancel=Soon())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.zeros((2,) * 6, "uint8"), "6 axes"),
        (np.zeros((9, 9), "complex64"), "complex"),
        (np.zeros((9, 9), "O"), "objects"),
        (np.zeros((0, 9), "uint8"), "empty"),
    ],
)
def test_what_the_format_cannot_hold_is_refused_with_the_reason(
    pixels, reason, tmp_path
):
    with pytest.raises(PixelsUnwritable, match=reason):
        drive(save_layers([image(pixels)], tmp_path / "x.zarr"))
    assert list(tmp_path.iterdir()) == []


def test_no_layer_is_no_file(tmp_path):
    with pytest.raises(PixelsUnwritable, match="no layer"):
        drive(save_layers([], tmp_path / "x.zarr"))
