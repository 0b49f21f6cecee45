"""Keeping an image for use without a network: what is offered, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.words import size_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.saving import Looked


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part that can be kept, in words with the most that it takes up."""

    words: str
    region: Mapping[str, slice]


def keepable(looked: Looked) -> tuple[KeptPart, ...]:
    """Return what can be kept, the smallest part first.

    A part is kept in all levels, so that one can zoom in it. How far a server has
    packed its pixels is not known before it is asked, so each size is the most.

    Examples
    --------
    >>> from napari_cellib.viewmodels.saving import Looked
    >>> looked = Looked(
    ...     where="x.zarr",
    ...     title="Cells",
    ...     axes=("z", "y", "x"),
    ...     level=0,
    ...     shapes=((5, 1000, 1000), (5, 500, 500)),
    ...     view={"y": slice(0, 100), "x": slice(0, 100)},
    ...     plane={"z": slice(2, 3)},
    ... )
    >>> for part in keepable(looked):
    ...     print(part.words)
    What is seen, in all planes: at most 62 kB
    The whole image: at most 6.2 MB
    """
    offered: dict[int, KeptPart] = {}
    for words, region in (
        ("What is seen, in all planes", looked.view),
        ("The whole image", {}),
    ):
        levels = range(len(looked.shapes))
        size = sum(looked.size_bytes(level, region) for level in levels)
        said = f"{words}: at most {size_in_words(size)}"
        offered[size] = KeptPart(said, region)  # the whole, where both are alike
    return tuple(offered.values())


def keep_job(settings: Settings, looked: Looked, part: KeptPart) -> Job[str]:
    """Return the job that brings a part of an image here, to stay.

    Parameters
    ----------
    settings : Settings
        How patient to be, and where chunks are kept.
    looked : Looked
        The image.
    part : KeptPart
        One of its `keepable` parts.

    Returns
    -------
    str
        What was kept, in words.
    """
    yield Progress("Keeping the image")
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.image import open_image
    from napari_cellib.pixels.offline import keep, measure

    wait = settings.timeout_s
    with DiskCache.of(settings, pins=True) as disk:
        image = yield from open_image(looked.where, timeout_s=wait, disk=disk)
        pairs = zip(image.axis_names, image.axes, strict=True)
        letters = {name or letter: letter for name, letter in pairs}
        region = {letters[axis]: pixels for axis, pixels in part.region.items()}
        keeping = yield from measure(
            looked.where, disk, timeout_s=wait, region=region or None
        )
        yield from keep(keeping, disk)
    size = size_in_words(keeping.size_bytes)
    return f"{looked.title} is kept for use without a network, about {size}."
