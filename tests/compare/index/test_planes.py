"""What of an image is described, and how much of it is read for that."""

from __future__ import annotations

import numpy as np
import pytest
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.index.planes import MOST_TILES, pixel_size_of, tiles_of_image
from napari_cellib.pixels.multiscale import MultiscaleImage


class Read:
    """A level that notes how much is read of it at once."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array
        self.shape, self.dtype = array.shape, array.dtype
        self.most = 0

    def __getitem__(self, key: tuple[slice | int, ...]) -> np.ndarray:
        part = self._array[key]
        self.most = max(self.most, part.size)
        return part


def image(axes: str, *levels: np.ndarray, rgb: bool = False) -> MultiscaleImage:
    return MultiscaleImage(
        where="memory",
        axes=axes,
        axis_names=tuple(axes),
        levels=tuple(map(Read, levels)),  # type: ignore[arg-type]
        scale=tuple(0.2 if axis in "yx" else None for axis in axes),
        translation=(None,) * len(axes),
        rgb=rgb,
    )


def test_of_a_movie_of_stacks_some_planes_are_described_and_the_brightest_values():
    one = disks(160).astype("float32")
    stacks = one * np.linspace(0.1, 1, 5 * 3 * 6).reshape(5, 3, 6, 1, 1)
    movie = image("tczyx", stacks)

    tiles = list(tiles_of_image(movie, 0.2))

    assert 0 < len(tiles) <= MOST_TILES
    assert {tile.channel for tile in tiles} == {0, 1, 2}
    assert {tile.t for tile in tiles} == {0, 2, 4}
    assert {tile.z for tile in tiles} == {None, 3}
    assert {tile.step for tile in tiles} == {1, 2}
    assert all(tile.window == (0, 0, 160, 160) for tile in tiles)
    assert movie.levels[0].most <= one.size


def test_of_a_large_plane_only_what_is_described_is_read():
    large = disks(2400)
    plane = image("yx", large, large[::2, ::2], large[::4, ::4])

    tiles = list(tiles_of_image(plane, 0.1))

    assert len(tiles) == 12
    assert plane.levels[0].most < 300**2
    assert {tile.window[2:] for tile in tiles} >= {(256, 256), (2400, 2400)}


@pytest.mark.parametrize(("axes", "rgb"), [("cyx", True), ("yxc", True)])
def test_of_a_picture_in_colours_the_brightness_is_described(axes, rgb):
    gray = disks(100).astype("uint8")
    colors = np.stack([gray] * 3, axis=axes.index("c"))

    (found, *_) = tiles_of_image(image(axes, colors, rgb=rgb), None)
    (right, *_) = tiles_of_image(image("yx", gray), None)

    assert not found.scaled
    np.testing.assert_allclose(found.pixels, right.pixels, atol=1e-5)


def test_the_pixel_size_of_the_file_counts_more_than_that_of_the_record():
    assert pixel_size_of(image("yx", disks()), {"y": 9.0, "x": 9.0}) == 0.2
