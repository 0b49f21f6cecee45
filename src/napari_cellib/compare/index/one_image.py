"""Describe one image: its tiles in each way, or why that cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.index.described import Description, rows_of
from napari_cellib.compare.index.planes import pixel_size_of, tiles_of_image
from napari_cellib.errors import CellibError, ModelUnusable, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.describing.tiles import Tile
    from napari_cellib.compare.index.descriptors import Descriptor
    from napari_cellib.jobs import Job, Progress
    from napari_cellib.library.library_image import LibraryImage
    from napari_cellib.pixels.multiscale import MultiscaleImage

    Halves = NDArray[np.float16]

_BATCH = 8  # tiles between two looks at whether the job was cancelled
_LIMITS = (-1e4, 1e4)  # what half precision can hold
# What no other image would fare better with: the job ends.
_FATAL = (StorageFull, ModelUnusable)


@dataclass(frozen=True, slots=True)
class OneImage:
    """What describing one image has come to.

    Attributes
    ----------
    by_key : dict of str to Description
        By the key of each descriptor; empty if nothing could be described.
    channels : list of str
        What is known of its channels, in words; "" is nothing.
    reason : str
        Why it could not be described, in words.
    """

    by_key: Mapping[str, Description] = field(default_factory=dict)
    channels: Sequence[str] = ()
    reason: str = ""


def describe_image(
    image: LibraryImage, by: Sequence[Descriptor], told: Progress
) -> Job[OneImage]:
    """Describe an image in some ways.

    Parameters
    ----------
    image : LibraryImage
        Which one; it is not downloaded for this.
    by : sequence of Descriptor
        In which ways.
    told : Progress
        What is told some tiles at a time.

    Returns
    -------
    OneImage
        Its descriptions, or why there are none.

    Yields
    ------
    Progress
        `told`.

    Raises
    ------
    StorageFull, ModelUnusable
        When no other image would fare better.
    """
    try:
        pixels = _opened(image)
        described = yield from _described(image, pixels, by, told)
    except _FATAL:
        raise
    except _LeftOut as why:
        return OneImage(reason=str(why))
    except CellibError as error:
        return OneImage(reason=error.what.rstrip("."))
    except Exception as error:  # noqa: BLE001 - one odd image must not stop the rest
        return OneImage(reason=f"it cannot be read: {type(error).__name__}, {error}")
    if not described:
        return OneImage(reason="it shows nothing")
    return OneImage(described, _channel_names(image, pixels))


def _opened(image: LibraryImage) -> MultiscaleImage:
    if not image.is_at_hand():
        raise _LeftOut("its file would have to be downloaded first")
    pixels = image.pixels()
    if pixels.labels_only:
        raise _LeftOut("it shows labels only")
    if not set(pixels.axes) <= set("tczyx"):
        raise _LeftOut("it is a plate of several acquisitions")
    return pixels


class _LeftOut(Exception):
    """An image is none that can be described; says why."""


def _channel_names(image: LibraryImage, pixels: MultiscaleImage) -> list[str]:
    """Return what is known of the channels of an image, in words; "" is nothing."""
    known = image.dimensions.channels if image.dimensions else ()
    count = max(len(known), len(pixels.channels))
    names = []
    for number in range(1 if pixels.rgb else count):
        some = [
            group[number] for group in (pixels.channels, known) if number < len(group)
        ]
        words = [one.name for one in some] + [one.term.name for one in some if one.term]
        names.append(", ".join(dict.fromkeys(word for word in words if word)))
    return ["brightness of the colours"] if pixels.rgb else names


def _described(
    image: LibraryImage,
    pixels: MultiscaleImage,
    by: Sequence[Descriptor],
    told: Progress,
) -> Job[dict[str, Description]]:
    spacing = image.dimensions.spacing_um if image.dimensions else {}
    tiles = tiles_of_image(pixels, pixel_size_of(pixels, spacing))
    rows: list[NDArray[np.void]] = []
    parts: dict[str, tuple[list[Halves], list[Halves]]] = {
        one.key: ([], []) for one in by
    }
    for some in _batches(tiles):
        yield told
        rows.append(rows_of(some))
        for one in by:
            vectors, numbers = one.describe(some)
            parts[one.key][0].append(vectors.astype(np.float16))
            parts[one.key][1].append(np.clip(numbers, *_LIMITS).astype(np.float16))
    if not rows:
        return {}
    return {
        key: Description(
            np.concatenate(rows), np.concatenate(vectors), np.concatenate(numbers)
        )
        for key, (vectors, numbers) in parts.items()
    }


def _batches(tiles: Iterator[Tile]) -> Iterator[list[Tile]]:
    while some := list(islice(tiles, _BATCH)):
        yield some
