from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import ndimage
from tests.compare.tiny_network import tiny_network

from napari_cellib.compare.describing import classical, network
from napari_cellib.compare.describing.tiles import SIDE, Plane, step_um, tiles_of
from napari_cellib.compare.describing.whitening import shipped
from napari_cellib.compare.index import descriptors
from napari_cellib.errors import ModelUnusable

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(3)


def disks(size: int = 512, radius: float = 10) -> np.ndarray:
    """Return blurred disks, as nuclei are."""
    image = np.zeros((size, size))
    places = np.random.default_rng(1).integers(0, size, (size // 8, 2))
    image[tuple(places.T)] = 1
    image = ndimage.distance_transform_edt(image == 0) < radius
    return ndimage.gaussian_filter(image.astype("float64"), 1.5)


def stripes(size: int = 512, period: float = 12) -> np.ndarray:
    """Return wavy stripes, as filaments are."""
    y, x = np.mgrid[:size, :size]
    return np.sin((x + 8 * np.sin(y / 30)) * 2 * np.pi / period)


def vector(plane: np.ndarray, um: float = 0.4, step: int = 2) -> np.ndarray:
    tiles = tiles_of(Plane([plane], um), per_side=1)
    tile = next(tile.pixels for tile in tiles if tile.step == step)
    return shipped("classical")(classical.describe(tile))[0]


@pytest.mark.parametrize(
    "plane",
    [
        np.zeros((256, 256)),
        np.full((300, 300), np.nan),
        np.full((256, 256), 65535, "uint16"),
        np.arange(64, dtype="uint8").reshape(8, 8),
        np.eye(256, dtype=bool),
        np.ones((1, 1)),
        np.ones((3, 2000), "float32"),
        np.where(np.eye(64), np.inf, -np.inf),
    ],
    ids=["black", "nan", "saturated", "8x8", "1-bit", "1x1", "strip", "infinite"],
)
@pytest.mark.parametrize("pixel_size", [0.1, None, 1e9, -1.0, float("nan")])
def test_any_plane_is_described(plane: np.ndarray, pixel_size: float | None) -> None:
    for tile in tiles_of(Plane([plane], pixel_size)):
        assert tile.pixels.shape == (SIDE, SIDE)
        assert tile.scaled == (pixel_size == 0.1)
        assert np.isfinite(tile.pixels).all()
        assert 0 <= tile.pixels.min() <= tile.pixels.max() <= 1
        numbers = classical.describe(tile.pixels)
        assert numbers.shape == (len(classical.FEATURES),)
        assert np.isfinite(numbers).all()


def test_no_two_numbers_have_the_same_name() -> None:
    assert len(set(classical.FEATURES)) == len(classical.FEATURES)


def test_tiles_are_at_standard_sizes_nearest_to_the_planes_own() -> None:
    tiles = list(tiles_of(Plane([disks(1200)], 0.22)))
    assert sorted({step_um(tile.step) for tile in tiles}) == [0.2, 0.4, 0.8]


def test_coarse_tiles_come_from_a_coarse_level_and_look_the_same() -> None:
    fine = disks(1024)
    coarse = fine.reshape(512, 2, 512, 2).mean((1, 3))

    class Unread:
        """A level that is too fine to be needed."""

        shape = fine.shape

        def __getitem__(self, key: object) -> np.ndarray:
            raise AssertionError("read")

    of_both = list(tiles_of(Plane([fine, coarse], 0.1), per_side=1))
    assert [tile.step for tile in of_both] == [0, 1, 2]
    alone = list(tiles_of(Plane([fine], 0.1), per_side=1))
    for one, other in zip(of_both[1:], alone[1:], strict=True):
        difference = np.abs(one.pixels - other.pixels)[16:-16, 16:-16].mean()
        assert difference < 0.05


@pytest.mark.parametrize("change", ["noise", "gamma", "turned", "size", "offset"])
def test_what_is_in_a_picture_counts_more_than_how_it_was_taken(change: str) -> None:
    def changed(plane: np.ndarray) -> np.ndarray:
        grey = (plane - plane.min()) / np.ptp(plane)
        return {
            "noise": RNG.poisson(grey * 30) / 30 + RNG.normal(0, 0.05, grey.shape),
            "gamma": grey**1.6,
            "turned": np.rot90(grey),
            "size": grey,
            "offset": grey * 1000 + 300,
        }[change]

    um = 0.4
    nuclei, filaments = vector(disks()), vector(stripes())
    again = disks() if change != "size" else ndimage.zoom(disks(), 2, order=1)
    query = vector(changed(again), um / 2 if change == "size" else um)
    assert query @ nuclei > query @ filaments + 0.3


def test_noise_is_estimated_and_taken_out_but_edges_stay() -> None:
    clean = disks(256).astype("float32")
    noisy = clean + RNG.normal(0, 0.1, clean.shape).astype("float32")
    level = classical.noise_level(noisy)
    assert level == pytest.approx(0.1, rel=0.1)
    left = classical.denoised(noisy, level) - clean
    assert np.sqrt((left**2).mean()) < 0.05


def test_the_network_tells_structures_apart() -> None:
    pytest.importorskip("onnxruntime")
    net = network.Network()
    planes = [disks(), np.rot90(disks()), stripes()]
    tiles = [next(iter(tiles_of(Plane([p], 0.4), per_side=1))).pixels for p in planes]
    one, turned, other = net.describe(tiles)
    assert (net.name, net.version) == ("efficientnet-lite0", "1")
    assert one @ turned > one @ other + 0.2


@pytest.mark.parametrize(
    "shape",
    [
        ("n", 1, 256, 256),
        ("n", 3, "y", "x"),
        (1, 1, 64, 64),  # as many are saved: one tile at a time, of its own size
        (2, 3, 128, 128),
    ],
)
def test_a_network_of_ones_own_describes_tiles_one_by_one_or_together(
    shape: tuple[int | str, ...], tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime")
    path = tiny_network(tmp_path / "my net (2).onnx", shape=shape)
    planes = [disks(), np.rot90(disks()), RNG.normal(size=(256, 256))]
    tiles = [next(iter(tiles_of(Plane([p], 0.4), per_side=1))).pixels for p in planes]

    net = network.network_at(path)
    one, turned, noise = net.describe(tiles)

    assert one.shape == (16,)
    assert one @ turned > one @ noise
    assert np.allclose(net.describe(tiles[:1])[0], one, atol=1e-5)
    assert network.network_at(path) is net  # to make it ready takes a while
    key = descriptors.ByNetwork(path).key
    assert key.startswith(f"own:my-net-2 {net.version}, tiles ")
    other = tiny_network(tmp_path / "other.onnx", shape=shape, seed=1)
    assert network.Network(other).version != net.version


def test_a_network_that_is_none_or_takes_something_else_is_refused_in_words(
    tmp_path: Path,
) -> None:
    pytest.importorskip("onnxruntime")
    path = tmp_path / "mine.onnx"
    with pytest.raises(ModelUnusable, match=r"mine\.onnx .* No such file"):
        network.network_at(path)
    path.write_bytes(b"no network")
    with pytest.raises(ModelUnusable, match=r"it is no network in ONNX"):
        network.network_at(path)
    path.write_bytes(b"")
    with pytest.raises(ModelUnusable, match=r"it is no network in ONNX"):
        network.network_at(path)
    tiny_network(path, shape=("n", 4, 64, 64))
    with pytest.raises(ModelUnusable, match=r"it takes .*\(n, 4, 64, 64\)"):
        network.network_at(path)
    tiny_network(path, pooled=False)
    with pytest.raises(ModelUnusable, match=r"makes 63,504 numbers of a tile"):
        network.network_at(path)
