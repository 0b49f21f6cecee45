"""One image of the viewer as a side of a comparison: its plane at a place in the world.

Both sides are read at the same z and the same time in the world's units, so what is
seen is what the sliders of the viewer say for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.compare.subject import (
    MOST_PIXELS,
    Subject,
    subject_of,
    with_pixel_sizes,
)
from napari_cellib.viewmodels.comparing.parts import WHOLE, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from napari_cellib.model import ImageRecord

_UNITS_UM = {
    "micrometer": 1.0, "micron": 1.0, "um": 1.0, "µm": 1.0,
    "nanometer": 1e-3, "nm": 1e-3, "millimeter": 1e3, "mm": 1e3,
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Side:
    """A layer, as far as it matters here.

    Attributes
    ----------
    name : str
        Name of the layer.
    levels : sequence of array
        Its pixels, the finest first; of colours, the last axis holds them.
    scale, translate : tuple of float
        World units per pixel, and where the first pixel lies, of each axis.
    unit : str
        Name of the unit along y and x.
    rgb : bool
        Whether the last axis holds colours.
    address : str or None
        Its ``cellib://`` address, if it is of a library.
    """

    name: str
    levels: Sequence[Any]
    scale: tuple[float, ...]
    translate: tuple[float, ...]
    unit: str
    rgb: bool = False
    address: str | None = None

    @property
    def pixel_sizes_um(self) -> tuple[float | None, float | None]:
        """Sides of a pixel along y and x, in micrometers; None is unknown."""
        size = _UNITS_UM.get(self.unit.lower())
        if size is None:
            return None, None
        return abs(self.scale[-2]) * size, abs(self.scale[-1]) * size

    @property
    def lying(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Where the first pixel lies along y and x, and how far the next one is."""
        return self.translate[-2:], tuple(step or 1.0 for step in self.scale[-2:])

    def plane_shape(self, level: int) -> tuple[int, int]:
        """Return how many rows and columns a level has."""
        shape = self.levels[level].shape
        height, width = shape[-3:-1] if self.rgb else shape[-2:]
        return int(height), int(width)

    def level_for(self, window: Iterable[slice]) -> int:
        """Return the finest level of which a window of the finest is not too large."""
        rows, columns = window
        area = (rows.stop - rows.start) * (columns.stop - columns.start)
        full = float(np.prod(self.plane_shape(0)))
        for level in range(len(self.levels)):
            share = float(np.prod(self.plane_shape(level))) / full
            if area * share <= MOST_PIXELS:
                return level
        return len(self.levels) - 1

    def plane_at(
        self,
        level: int,
        point: Sequence[float],
        window: tuple[slice, slice] | None = None,
    ) -> tuple[NDArray[Any], list[str]]:
        """Read a plane at a place in the world, and say what is odd about that.

        Parameters
        ----------
        level : int
            Of which level.
        point : sequence of float
            The place; see `read`.
        window : tuple of slice, optional
            Which rows and columns of it; all by default.
        """
        array = self.levels[level]
        index, notes = self._index(point, array.shape)
        part = array[(*index, *(window or (slice(None), slice(None))))]
        pixels = part.compute() if hasattr(part, "compute") else np.asarray(part)
        return pixels, notes

    def read(
        self,
        point: Sequence[float],
        *,
        part: Part = WHOLE,
        pixel_size_um: float | None = None,
        record: ImageRecord | None = None,
        library_name: str = "",
    ) -> Subject:
        """Read the plane at a place; waits for a disk or a server, so in a job.

        Parameters
        ----------
        point : sequence of float
            A place in the world, of which only what is before y and x counts; of two
            layers with another number of axes, the last ones are the same.
        part : Part
            What of the plane is meant.
        pixel_size_um : float, optional
            Side of a pixel, where the layer does not know it, or is wrong.
        record : ImageRecord, optional
            What a library knows of it.
        library_name : str, default: ""
            Full name of that library.

        Raises
        ------
        CellibError
            When the pixels cannot be read.
        """
        window = part.window(self, point)
        level = self.level_for(window)
        finest, shape = self.plane_shape(0), self.plane_shape(level)
        rows, columns = (
            _scaled(one, full, n)
            for one, full, n in zip(window, finest, shape, strict=True)
        )
        pixels, notes = self.plane_at(level, point, (rows, columns))
        subject = subject_of(
            pixels,
            name=self.name,
            axes="yxc" if self.rgb else "yx",
            rgb=self.rgb,
            record=record,
            library_name=library_name,
        )
        if level:
            notes.append(f"Level {level} of {self.name} is shown and measured.")
        subject = part.cut(subject, self, window, point)
        y, x = self.pixel_sizes_um
        if pixel_size_um is not None:
            y = x = pixel_size_um
        sizes = (
            None if size is None else size * full / length
            for size, full, length in zip((y, x), finest, shape, strict=True)
        )
        return with_pixel_sizes(subject, *sizes).noting(*notes)

    def _index(
        self, point: Sequence[float], shape: tuple[int, ...]
    ) -> tuple[tuple[int, ...], list[str]]:
        count = len(shape) - (3 if self.rgb else 2)
        place = list(point)[: len(point) - 2][-count:] if count else []
        place = [0.0] * (count - len(place)) + place
        index, notes = [], []
        for axis, where in enumerate(place):
            full, length = self.levels[0].shape[axis], shape[axis]
            asked = (where - self.translate[axis]) / (self.scale[axis] or 1.0)
            number = min(max(round(asked), 0), full - 1)
            if abs(asked - number) > 1:
                notes.append(f"{self.name} does not reach there: its nearest is shown.")
            index.append(min(number * length // full, length - 1))
        return tuple(index), notes


def _scaled(part: slice, full: int, length: int) -> slice:
    """Return pixels of the finest level as those of another one."""
    start = part.start * length // full
    return slice(start, max(start + 1, -(-part.stop * length // full)))
