"""Pictures of which everything is known: bright disks on a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def disks(
    size: int = 128,
    *,
    radius: int = 6,
    every: int = 32,
    seed: int = 0,
    noise: float = 20,
) -> NDArray[np.uint16]:
    """Return bright disks on a grid, on a background of 100 with noise."""
    y, x = np.mgrid[:size, :size] % every - every // 2
    plane = 100 + 900.0 * (np.hypot(y, x) <= radius)
    plane += np.random.default_rng(seed).normal(0, noise, plane.shape)
    return np.clip(plane, 0, 65535).astype(np.uint16)
