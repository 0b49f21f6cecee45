"""What checks look at: an image and a share of its pixels, wherever they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.model import Channel

Values = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class ExaminedLabels:
    """A segmentation that comes with an image.

    Attributes
    ----------
    name : str
        What it is called.
    sizes : dict of str to int
        Length of each axis by its letter.
    dtype : numpy.dtype
        Type of one value.
    spacing : dict of str to float
        Known spacings by axis letter, in micrometers or seconds.
    values : numpy.ndarray
        Labels of a coarse level, or of a part of it.
    listed : frozenset of int
        Labels that its colours or its table name.
    """

    name: str
    sizes: Mapping[str, int]
    dtype: np.dtype[Any]
    spacing: Mapping[str, float]
    values: Values
    listed: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False, kw_only=True)
class Examined:
    """An image, and the pixels of it that were looked at.

    Attributes
    ----------
    where : str
        Its name, as a person may be shown it.
    sizes : dict of str to int
        Length of each axis by its letter, in the order stored.
    dtype : numpy.dtype
        Type of one value.
    spacing : dict of str to float
        Known spacings by axis letter, in micrometers or seconds.
    channels : sequence of Channel
        One per channel.
    rgb : bool
        Whether three channels are one picture in natural colours.
    overview : tuple of numpy.ndarray
        Per channel, values of a coarse level: all of it, unless that is large.
    sharp : tuple of numpy.ndarray
        Per channel, values at full resolution from the middle of the image, or all
        of a small one.
    labels : tuple of ExaminedLabels
        Its segmentations.
    """

    where: str
    sizes: Mapping[str, int]
    dtype: np.dtype[Any]
    spacing: Mapping[str, float]
    channels: Sequence[Channel] = ()
    rgb: bool = False
    overview: tuple[Values, ...] = ()
    sharp: tuple[Values, ...] = ()
    labels: tuple[ExaminedLabels, ...] = field(default=())

    def name_of(self, channel: int) -> str:
        """Return what to call a channel."""
        names = [c.name for c in self.channels]
        name = names[channel] if channel < len(names) else None
        return f"channel {channel + 1}" + (f" ({name})" if name else "")
