"""Which way of making labels smaller keeps what is thin, and where things are.

Circles, lines and a net of cell borders are drawn as labels, and halved four times. Of
each way it is told how many objects are still there, how much of the length of the
lines, and how far the area of the large objects is off.

    .venv/bin/python benchmarks/label_levels.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.writing.pyramid import halve_labels

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE, LEVELS = 2048, 4
LINES, SMALL, LARGE = 1, 1000, 2000  # where the numbers of each kind begin


def nearest(plane: Any) -> Any:
    """Return every other pixel."""
    return plane[..., ::2, ::2]


def largest(plane: Any) -> Any:
    """Return the largest number of 2 x 2 pixels, so that nothing is lost."""
    rows = np.maximum(plane[0::2], plane[1::2])
    return np.maximum(rows[:, 0::2], rows[:, 1::2])


WAYS: dict[str, Callable[[Any], Any]] = {
    "nearest": nearest, "mode, any label first": halve_labels, "largest": largest,
}  # fmt: skip


def draw() -> Any:
    """Return labels: 200 lines, 1 pixel wide; 400 small and 200 large circles."""
    random = np.random.default_rng(11)
    plane = np.zeros((SIDE, SIDE), "int32")
    y, x = np.mgrid[:SIDE, :SIDE]
    for first, count, radii in ((LARGE, 200, (10, 40)), (SMALL, 400, (2, 5))):
        for number in range(first, first + count):
            middle, radius = random.uniform(50, SIDE - 50, 2), random.uniform(*radii)
            lo, hi = (middle - 41).astype(int), (middle + 42).astype(int)
            part = (slice(max(0, lo[0]), hi[0]), slice(max(0, lo[1]), hi[1]))
            inside = (y[part] - middle[0]) ** 2 + (x[part] - middle[1]) ** 2 < radius**2
            plane[part][inside] = number
    for number in range(LINES, LINES + 200):
        start, angle = random.uniform(0, SIDE, 2), random.uniform(0, np.pi)
        steps = np.arange(300)
        rows = (start[0] + steps * np.sin(angle)).astype(int)
        columns = (start[1] + steps * np.cos(angle)).astype(int)
        kept = (rows < SIDE) & (columns >= 0) & (columns < SIDE)
        plane[rows[kept], columns[kept]] = number
    return plane


def length(plane: Any) -> float:
    """Return the length of all lines, in pixels of this level."""
    found = 0
    for number in range(LINES, LINES + 200):
        rows, columns = np.nonzero(plane == number)
        if rows.size:
            tall, wide = len(set(rows)), len(set(columns))
            found += max(tall, wide)
    return float(found)


def main() -> None:
    """Print a table."""
    whole = draw()
    full_length = length(whole)
    numbers, areas = np.unique(whole[whole >= LARGE], return_counts=True)
    small = np.unique(whole[(whole >= SMALL) & (whole < LARGE)]).size
    print("way                     level  lines kept  small objects  area is off by")
    for name, halve in WAYS.items():
        plane = whole
        for level in range(1, LEVELS + 1):
            plane = halve(plane)
            kept = np.unique(plane[(plane >= SMALL) & (plane < LARGE)]).size
            now = np.array([(plane == n).sum() for n in numbers]) * 4**level
            print(
                f"{name:22} {level:6} {length(plane) * 2**level / full_length:11.0%}"
                f"{kept / small:15.0%}{np.median(abs(now / areas - 1)):16.1%}"
            )


if __name__ == "__main__":
    main()
