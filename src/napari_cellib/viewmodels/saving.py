"""Saving what is seen of an image: which parts are offered, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.words import size_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is looked at in a viewer.

    Attributes
    ----------
    where : str
        Where the image is opened.
    title : str
        What it is called.
    axes : tuple of str
        Names of the axes of its layers.
    shapes : tuple of tuple of int
        Lengths of the axes in each level, the finest first.
    level : int
        The level that is shown.
    view, plane : dict of str to slice
        By axis, in pixels of the finest level: what is seen of the axes that are
        displayed, and where the viewer is on the others.
    pixel_bytes : int
        Bytes of one pixel, with all channels.
    """

    where: str
    title: str
    axes: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    level: int
    view: Mapping[str, slice]
    plane: Mapping[str, slice] = field(default_factory=dict)
    pixel_bytes: int = 1

    def size_bytes(self, level: int, region: Mapping[str, slice]) -> int:
        """Return how large a part of a level is before packing, in bytes.

        Parameters
        ----------
        level : int
            Its number, 0 is the finest.
        region : dict of str to slice
            By the name of an axis, in pixels of the finest level.
        """
        from napari_cellib.pixels.regions import scaled

        found = scaled(region, self.axes, self.shapes[level], self.shapes[0])
        pixels: int = prod(part.stop - part.start for part in found)
        return pixels * self.pixel_bytes


@dataclass(frozen=True, slots=True)
class SavedPart:
    """A part that can be saved, in words with its size."""

    words: str
    level: int
    region: Mapping[str, slice]


def parts(looked: Looked) -> tuple[SavedPart, ...]:
    """Return what can be saved, the smallest part first.

    Examples
    --------
    >>> looked = Looked(
    ...     where="x.zarr",
    ...     title="Cells",
    ...     axes=("z", "y", "x"),
    ...     level=0,
    ...     shapes=((5, 1000, 1000),),
    ...     view={"y": slice(0, 100), "x": slice(0, 100)},
    ...     plane={"z": slice(2, 3)},
    ... )
    >>> for part in parts(looked):
    ...     print(part.words)
    What is seen, level 0: 10 kB
    The same of all planes, level 0: 50 kB
    All of level 0: 5.0 MB
    """
    offered: dict[int, SavedPart] = {}
    level = looked.level
    for words, region in (
        (f"What is seen, level {level}", {**looked.view, **looked.plane}),
        (f"The same of all planes, level {level}", looked.view),
        (f"All of level {level}", {}),
    ):
        size = looked.size_bytes(level, region)
        said = f"{words}: {size_in_words(size)}"
        offered.setdefault(size, SavedPart(said, level, region))
    return tuple(offered.values())


def save_job(
    settings: Settings, looked: Looked, part: SavedPart, target: Path
) -> Job[str]:
    """Return the job that saves a part of an image, with all its channels.

    Parameters
    ----------
    settings : Settings
        How patient to be, and where chunks are kept.
    looked : Looked
        The image.
    part : SavedPart
        One of its `parts`.
    target : pathlib.Path
        A new file that ends in ``.tif``, or a new folder.

    Returns
    -------
    str
        What was saved, in words.
    """
    yield Progress("Saving the image")
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.image import open_image
    from napari_cellib.pixels.saving import Part, save

    with DiskCache.of(settings) as disk:
        image = yield from open_image(
            looked.where, timeout_s=settings.timeout_s, disk=disk
        )
        pairs = zip(image.axis_names, image.axes, strict=True)
        letters = {name or letter: letter for name, letter in pairs}
        region = {letters[axis]: pixels for axis, pixels in part.region.items()}
        size = yield from save(Part.of(image, part.level, region), target)
    return f"{target.name} is saved, {size_in_words(size)}."
