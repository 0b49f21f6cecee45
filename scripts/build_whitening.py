"""Fit what of a descriptor counts, on pictures that are changed on purpose.

Every picture is described as it is, and with noise, blur, other brightness, turned,
and taken at twice the magnification. What such changes move is held down. Pictures of
one folder count as much as one picture, so that a long series does not decide.

    .venv/bin/python scripts/build_whitening.py FOLDER ...
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tifffile
from PIL import Image
from scipy import ndimage

from napari_cellib.compare.describing import classical
from napari_cellib.compare.describing.network import Network
from napari_cellib.compare.describing.tiles import SIDE, Plane, tiles_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = Path("src/napari_cellib/compare/describing/weights")
GREY = np.array([0.299, 0.587, 0.114])
PER_FOLDER = 3  # files
# How much is added to what the changes move: less holds down more.
RIDGE = {"classical": 0.3, "structure": 1.0}
LENGTH = 128  # numbers that are kept of a network's vector


def planes(folders: list[Path]) -> Iterator[tuple[str, np.ndarray]]:
    """Go through the planes of pictures, each with the folder or file it is of."""
    taken: Counter[str] = Counter()
    found = (p for folder in folders for p in sorted(folder.rglob("*")))
    for path in found:
        suffix = path.suffix.lower()
        is_picture = suffix in {".tif", ".tiff", ".png", ".jpg"}
        if not is_picture or any(w in path.name for w in ("label", "mask", "binary")):
            continue
        taken[str(path.parent)] += 1
        if taken[str(path.parent)] > PER_FOLDER:
            continue
        is_tiff = suffix.startswith(".tif")
        raw = tifffile.imread(path) if is_tiff else np.asarray(Image.open(path))
        values = np.squeeze(np.asarray(raw, "float64"))
        if values.ndim == 3 and values.shape[-1] in (3, 4):
            values = values[..., :3] @ GREY
        stack = values.reshape(-1, *values.shape[-2:])
        count = len(stack)
        for n in sorted({0, count // 3, count // 2, 2 * count // 3}):
            yield str(path.parent), stack[n]


def windows(plane: np.ndarray) -> Iterator[np.ndarray]:
    """Return up to four windows of a plane."""
    axes = [
        (0, n - SIDE) if n >= 2 * SIDE else (max(0, (n - SIDE) // 2),)
        for n in plane.shape
    ]
    for y in axes[0]:
        for x in axes[1]:
            yield plane[y : y + SIDE, x : x + SIDE]


def changed(window: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Return the tile of a window, then those of the same window changed."""
    low, high = np.percentile(window, [0.5, 99.8])
    grey = np.clip((window - low) / max(high - low, 1e-9), 0, 1)
    yield tile(window)
    for photons, read in ((30, 0.05), (10, 0.02), (100, 0.1)):
        shot = rng.poisson(grey * photons) / photons
        yield tile(shot + rng.normal(0, read, grey.shape))
    yield tile(grey**1.7)
    yield tile(grey**0.6)
    yield tile(ndimage.gaussian_filter(grey, 1.5))
    part = window[: SIDE // 2, : SIDE // 2]
    yield tile(ndimage.zoom(part, 2, order=1, grid_mode=True, mode="mirror"), 0.2)
    yield tile(ndimage.rotate(window, 30, reshape=False, mode="mirror", order=1))


def tile(plane: np.ndarray, pixel_size_um: float = 0.4) -> np.ndarray:
    """Return a plane as its tile at 0.4 µm a pixel."""
    cut = tiles_of(Plane([plane], pixel_size_um), per_side=1)
    return next(one.pixels for one in cut if one.step == 2)


def fitted(numbers: np.ndarray, weight: np.ndarray, ridge: float, length: int) -> dict:
    """Return mean, spread and matrix for numbers of shape (tile, change, D)."""
    plain = numbers[:, 0]
    mean = weight @ plain
    spread = np.sqrt(weight @ (plain - mean) ** 2) + 1e-3
    scaled = (numbers - mean) / spread
    basis = np.eye(len(mean))
    if length < len(mean):
        rows = (scaled * np.sqrt(weight)[:, None, None]).reshape(-1, len(mean))
        basis = np.linalg.svd(rows, full_matrices=False)[2][:length].T
    moved = (scaled[:, 1:] - scaled[:, :1]) @ basis
    moved = moved * np.sqrt(weight / moved.shape[1])[:, None, None]
    rows = moved.reshape(-1, basis.shape[1])
    power, axes = np.linalg.eigh(rows.T @ rows + ridge * np.eye(basis.shape[1]))
    matrix = basis @ axes @ np.diag(power**-0.5) @ axes.T / spread[:, None]
    return {"mean": mean, "spread": spread, "matrix": matrix}


def main() -> None:
    """Write the whitening of both descriptors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    sources, tiles = [], []
    for source, plane in planes(arguments.folders):
        if min(plane.shape) < SIDE // 2:
            continue
        for window in windows(plane):
            if min(window.shape) >= SIDE // 2:
                sources.append(source)
                tiles.append(list(changed(window, rng)))
    counts = Counter(sources)
    weight = np.array([1 / counts[source] for source in sources])
    weight /= weight.sum()
    network = Network()
    described = {
        "classical": [[classical.describe(t) for t in row] for row in tiles],
        "structure": [network.raw(row) for row in tiles],
    }
    for name, numbers in described.items():
        length = LENGTH if name == "structure" else len(classical.FEATURES)
        found = fitted(np.array(numbers, "float64"), weight, RIDGE[name], length)
        path = TARGET / f"{name}.npz"
        np.savez_compressed(path, **{k: v.astype("float16" if k == "matrix" and name ==
            "structure" else "float32") for k, v in found.items()})  # fmt: skip
        print(f"{path}: {path.stat().st_size / 1e3:.0f} kB, {len(tiles)} windows")


if __name__ == "__main__":
    main()
