"""What can be written, and what was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.model import Channel
    from napari_cellib.pixels.label_metadata import Rgba


@dataclass(frozen=True, eq=False)
class Labels:
    """A segmentation to be stored with an image.

    Attributes
    ----------
    data : array or sequence of array
        Whole numbers, with the axes of the image but for ``c``; one array, or all
        levels, the finest first.
    colors : dict of int to tuple of float
        Red, green, blue and opacity between 0 and 1.
    properties : dict of str to sequence
        Columns of a table; ``"index"`` holds the label. Without it, the rows belong
        to the labels 0, 1, 2 and so on.
    spacing : dict of str to float, optional
        Micrometers or seconds of the axes for which they are known; those of the
        image by default.
    translation : dict of str to float, optional
        Where the first pixel lies, likewise.
    """

    data: Any
    colors: Mapping[int, Rgba] = field(default_factory=dict)
    properties: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    spacing: Mapping[str, float] | None = None
    translation: Mapping[str, float] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageToWrite:
    """An image to be stored.

    Attributes
    ----------
    data : array or sequence of array
        Pixels of shape (T, C, Z, Y, X) or those of these axes that are in `axes`:
        one array, of which a pyramid is made, or all levels, the finest first.
        Arrays may be of numpy, dask or zarr, or anything that has ``shape``,
        ``dtype`` and ``ndim``, and gives a plane by its index.
    axes : str
        A letter per axis, in the order of ``"tczyx"``.
    name : str
        Title of the image; the name of the folder by default.
    spacing : dict of str to float
        Micrometers, for t seconds, of the axes for which they are known.
    translation : dict of str to float
        Where the first pixel lies, in the same units, of axes with a known spacing.
    channels : sequence of Channel
        One per channel; contrast limits that are absent are estimated.
    shown : sequence of bool
        Which channels are to be visible; all of them by default.
    rgb : bool
        Whether three channels are red, green and blue of one picture.
    labels : dict of str to Labels
        Segmentations by name.
    as_labels : Labels, optional
        Colours and properties, where the image is itself a segmentation.
    """

    data: Any
    axes: str
    name: str = ""
    spacing: Mapping[str, float] = field(default_factory=dict)
    translation: Mapping[str, float] = field(default_factory=dict)
    channels: Sequence[Channel] = ()
    shown: Sequence[bool] = ()
    rgb: bool = False
    labels: Mapping[str, Labels] = field(default_factory=dict)
    as_labels: Labels | None = None


@dataclass(frozen=True)
class Extra:
    """Something else that is stored in the same folder.

    Attributes
    ----------
    path : str
        Where, below the root, such as ``"cellib/points/spots"``.
    write : callable
        Called with the folder of that path, which is made already; returns a job.
    """

    path: str
    write: Callable[[Path], Job[None]]


@dataclass(frozen=True)
class WrittenImage:
    """What was written.

    Attributes
    ----------
    folder : pathlib.Path
        The OME-Zarr.
    size_bytes : int
        Bytes of all its files.
    shapes : tuple of tuple of int
        Shape of each level of the first image, the finest first; empty if there is
        no image.
    channels : tuple of Channel
        Its channels with the contrast limits that were stored.
    """

    folder: Path
    size_bytes: int
    shapes: tuple[tuple[int, ...], ...]
    channels: tuple[Channel, ...]
