"""How well images of the same kind find one another, and what describing them costs.

    .venv/bin/python benchmarks/similarity.py FOLDER

FOLDER holds a folder per class with its pictures. Pictures of one class whose names
begin alike, up to ``__``, are of one field, well or sequence: they never count as found
for one another. Classes count the same, whatever the number of their pictures.

One window of each is described, 256 x 256 pixels from its middle. With --whole, all of
a picture is looked for instead, as a search does it. "both" counts a classical vector
and one of the structure as one.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tifffile
from PIL import Image
from scipy import ndimage

from napari_cellib.compare.describing import classical, network
from napari_cellib.compare.describing.tiles import SIDE, Plane, tiles_of
from napari_cellib.compare.describing.whitening import shipped, unit
from napari_cellib.compare.index.asking import Asked, ask_for
from napari_cellib.compare.index.descriptors import ByNetwork, Classical
from napari_cellib.compare.index.matrix import TileTable
from napari_cellib.compare.index.nearest import Exact
from napari_cellib.compare.index.scoring import nearest_images
from napari_cellib.compare.subject import Subject, subject_of
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_cellib.compare.describing.tiles import Tile
    from napari_cellib.compare.index.descriptors import Descriptor

GREY = np.array([0.299, 0.587, 0.114])
CLASSICAL_WEIGHT = 1.5  # of the classical vector beside that of the network
SUFFIXES = {".tif", ".tiff", ".png", ".jpg", ".jpeg"}


def read(path: Path) -> np.ndarray:
    """Return a picture as one plane."""
    is_tiff = path.suffix.lower().startswith(".tif")
    raw = tifffile.imread(path) if is_tiff else np.asarray(Image.open(path))
    values = np.squeeze(np.asarray(raw, "float64"))
    if values.ndim == 3 and values.shape[-1] in (3, 4):
        return values[..., :3] @ GREY
    while values.ndim > 2:
        values = values[len(values) // 2]
    return values


def middle(plane: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Return the middle of a plane."""
    y, x = (max(0, (n - side) // 2) for n in plane.shape)
    return plane[y : y + side, x : x + side]


def tile(plane: np.ndarray, pixel_size_um: float = 0.4) -> np.ndarray:
    """Return a plane as its tile at 0.4 µm a pixel."""
    cut = tiles_of(Plane([plane], pixel_size_um), per_side=1)
    return next(one.pixels for one in cut if one.step == 2)


def changes(
    plane: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[str, np.ndarray]]:
    """Return the tile of a plane, and of the same plane changed."""
    window = middle(plane)
    low, high = np.percentile(window, [0.5, 99.8])
    grey = np.clip((window - low) / max(high - low, 1e-9), 0, 1)
    turned = ndimage.rotate(
        middle(plane, 380), 37, reshape=False, mode="mirror", order=1
    )
    half = middle(plane, SIDE // 2)
    zoomed = ndimage.zoom(half, 2, order=1, grid_mode=True, mode="mirror")
    yield "as it is", tile(window)
    yield "turned by 37°", tile(middle(turned))
    yield "gamma 2", tile(grey**2)
    noisy = rng.poisson(grey * 30) / 30 + rng.normal(0, 0.05, grey.shape)
    yield "noise", tile(noisy)
    yield "blur of 2 px", tile(ndimage.gaussian_filter(window, 2))
    yield "zoom 2x, size unknown", tile(zoomed)
    yield "zoom 2x, size known", tile(zoomed, 0.2)


def whole_changes(
    plane: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[str, Subject]]:
    """Return a picture, and the same picture changed, each as what is looked for."""
    low, high = np.percentile(plane, [0.5, 99.8])
    grey = np.clip((plane - low) / max(high - low, 1e-9), 0, 1)
    noisy = rng.poisson(grey * 30) / 30 + rng.normal(0, 0.05, grey.shape)
    quarter = middle(plane, max(plane.shape) // 2)
    zoomed = ndimage.zoom(quarter, 2, order=1, grid_mode=True, mode="mirror")
    for name, pixels, size in (
        ("as it is", plane, 0.4),
        ("gamma 2", grey**2, 0.4),
        ("noise", noisy, 0.4),
        ("zoom 2x, size known", zoomed, 0.2),
    ):
        yield name, subject_of(pixels, axes="yx", pixel_size_um=size)


class Both:
    """A classical vector and one of the structure, as one."""

    key = "both"

    def __init__(self) -> None:
        self._parts = Classical(), ByNetwork()

    def describe(self, some: Sequence[Tile]) -> tuple[np.ndarray, np.ndarray]:
        """Return vectors of length 1, and no numbers."""
        one, other = (part.describe(some)[0] for part in self._parts)
        return unit(np.hstack([CLASSICAL_WEIGHT * one, other])), one[:, :0]


def whole_scores(
    asked: list[Asked], library: list[Asked], kinds: np.ndarray, groups: np.ndarray
) -> tuple[float, float, float]:
    """Return the scores of whole pictures that are looked for."""
    tiles = np.concatenate([one.tiles for one in library])
    order = np.argsort(tiles["step"], kind="stable")
    steps, firsts = np.unique(tiles["step"][order], return_index=True)
    lasts = [*firsts[1:], len(order)]
    images = np.repeat(np.arange(len(library)), [len(one.tiles) for one in library])
    table = TileTable(
        np.concatenate([one.vectors for one in library])[order],
        tiles[order],
        order,
        images[order],
        {int(s): slice(a, b) for s, a, b in zip(steps, firsts, lasts, strict=True)},
    )
    alike = np.full((len(asked), len(library)), -1.0)
    for row, one in enumerate(asked):
        for hit in nearest_images(table, Exact(table), one, len(library)):
            alike[row, hit.image] = 1 - hit.distance
    return scores(alike, kinds, groups)


def scores(
    alike: np.ndarray, kinds: np.ndarray, groups: np.ndarray
) -> tuple[float, float, float]:
    """Return precision at 1 and at 5, and the mean average precision."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for row, kind in enumerate(kinds):
        others = groups != groups[row]
        order = np.argsort(-alike[row][others])
        right = (kinds[others] == kind)[order]
        if right.any():
            precision = np.cumsum(right) / np.arange(1, len(right) + 1)
            one = (float(right[0]), right[:5].mean(), precision[right].mean())
            found.setdefault(str(kind), []).append(one)
    return tuple(np.mean([np.mean(rows, 0) for rows in found.values()], 0))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, help="another network, in ONNX")
    parser.add_argument("--whole", action="store_true", help="whole pictures only")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    found = sorted(arguments.folder.glob("*/*"))
    paths = [path for path in found if path.suffix.lower() in SUFFIXES]
    kinds = np.array([p.parent.name for p in paths])
    groups = np.array([f"{p.parent.name}/{p.stem.split('__')[0]}" for p in paths])
    print(f"{len(paths)} pictures of {len(set(kinds))} classes")
    if arguments.whole:
        show(*whole(paths, kinds, groups, arguments.model))
        return
    tiles: dict[str, list[np.ndarray]] = {}
    for path in paths:
        for name, pixels in changes(read(path), rng):
            tiles.setdefault(name, []).append(pixels)
    describers = {
        "classical": lambda t: shipped("classical")(
            np.array([classical.describe(one) for one in t])
        )
    }
    if network.is_installed():
        net = network.Network(arguments.model)
        describers["structure"] = lambda t: np.concatenate(
            [net.describe(t[i : i + 8]) for i in range(0, len(t), 8)]
        )
    vectors: dict[str, dict[str, np.ndarray]] = {}
    for name, describe in describers.items():
        began = time.process_time()
        vectors[name] = {change: describe(one) for change, one in tiles.items()}
        spent = (time.process_time() - began) / (len(paths) * len(tiles))
        print(f"{name}: {spent * 1000:.0f} ms of one processor per tile")
    if len(vectors) > 1:
        vectors["both"] = {
            change: unit(
                np.hstack([
                    CLASSICAL_WEIGHT * vectors["classical"][change],
                    vectors["structure"][change],
                ])
            )
            for change in tiles
        }  # fmt: skip
    table = {
        change: [
            scores(one[change] @ one["as it is"].T, kinds, groups)
            for one in vectors.values()
        ]
        for change in tiles
    }
    show(vectors, table)


def whole(
    paths: list[Path], kinds: np.ndarray, groups: np.ndarray, model: Path | None
) -> tuple[list[str], dict[str, list[tuple[float, float, float]]]]:
    """Return what describes, and the scores of whole pictures."""
    ways: dict[str, Descriptor] = {"classical": Classical()}
    if network.is_installed():
        ways |= {"structure": ByNetwork(model), "both": Both()}
    table: dict[str, list[tuple[float, float, float]]] = {}
    for by in ways.values():
        rng = np.random.default_rng(0)
        asked: dict[str, list[Asked]] = {}
        for path in paths:
            for change, subject in whole_changes(read(path), rng):
                asked.setdefault(change, []).append(drive(ask_for(subject, by, None)))
        for change, some in asked.items():
            found = whole_scores(some, asked["as it is"], kinds, groups)
            table.setdefault(change, []).append(found)
    return list(ways), table


def show(
    columns: Iterable[str], table: dict[str, list[tuple[float, float, float]]]
) -> None:
    """Print a table of scores."""
    print(f"{'P@1 / P@5 / mAP':<24}" + "".join(f"{name:>22}" for name in columns))
    for change, cells in table.items():
        shown = (" / ".join(f"{n:.3f}" for n in cell) for cell in cells)
        print(f"{change:<24}" + "".join(f"{text:>22}" for text in shown))


if __name__ == "__main__":
    main()
