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

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def read(
        self,
        point: Sequence[float],
        *,
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
        pixel_size_um : float, optional
            Side of a pixel, where the layer does not know it.
        record : ImageRecord, optional
            What a library knows of it.
        library_name : str, default: ""
            Full name of that library.

        Raises
        ------
        CellibError
            When the pixels cannot be read.
        """
        level = self._level()
        array = self.levels[level]
        index, notes = self._index(point, array.shape)
        part = array[index]
        pixels = part.compute() if hasattr(part, "compute") else np.asarray(part)
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
        y, x = self.pixel_sizes_um
        if y is None and pixel_size_um is not None:
            y = x = pixel_size_um
        finest, shape = self._plane(self.levels[0].shape), self._plane(array.shape)
        sizes = (
            None if size is None else size * full / length
            for size, full, length in zip((y, x), finest, shape, strict=True)
        )
        return with_pixel_sizes(subject, *sizes).noting(*notes)

    def _level(self) -> int:
        for number, array in enumerate(self.levels):
            height, width = self._plane(array.shape)
            if height * width <= MOST_PIXELS:
                return number
        return len(self.levels) - 1

    def _plane(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(shape[-3:-1] if self.rgb else shape[-2:])

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
