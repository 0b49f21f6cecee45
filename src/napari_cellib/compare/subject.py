"""What is compared: one plane of an image, with its pixel size and what is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import ComparisonRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellib.model import Dimensions, ImageRecord

# A plane larger than this says nothing more, and takes minutes to measure.
MOST_PIXELS = 2**24
_AXES = "tczyx"
# Red, green and blue as bright as they look (Rec. 709).
LUMINANCE = (0.2126, 0.7152, 0.0722)
_SQUARE = 0.01  # sides of a pixel that differ by less are alike


@dataclass(frozen=True, eq=False, kw_only=True)
class Subject:
    """One side of a comparison: a plane of each channel, as numbers.

    Attributes
    ----------
    name : str
        What a person calls it.
    planes : numpy.ndarray
        The values, of shape (C, Y, X), float32; what is no number is NaN.
    channels : tuple of str
        A name per channel.
    pixel_size_um : float or None
        Side of a pixel in micrometers; None is unknown.
    full_scale : float or None
        The largest value that the pixels can have, where their type has one.
    mask : numpy.ndarray or None
        Of shape (Y, X): the pixels that count; all where None.
    labels : numpy.ndarray or None
        Of shape (Y, X): objects that somebody has outlined, 0 is background.
    record : ImageRecord or None
        What a library knows of the image.
    library_name : str
        Full name of that library, for the citation.
    notes : tuple of str
        What was chosen, or is missing, in sentences.
    """

    name: str
    planes: NDArray[np.float32]
    channels: tuple[str, ...]
    pixel_size_um: float | None = None
    full_scale: float | None = None
    mask: NDArray[np.bool_] | None = None
    labels: NDArray[np.int64] | None = None
    record: ImageRecord | None = None
    library_name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """In what lengths are: micrometers, or pixels where their size is unknown."""
        return "px" if self.pixel_size_um is None else "µm"

    @property
    def step(self) -> float:
        """Side of a pixel in that unit."""
        return self.pixel_size_um or 1.0

    @property
    def dimensions(self) -> Dimensions | None:
        """Sizes and spacings as the record has them."""
        return self.record.dimensions if self.record else None

    def values(self, channel: int) -> NDArray[np.float32]:
        """Return the numbers of one channel that count, in a row."""
        plane: NDArray[np.float32] = self.planes[channel]
        counted = np.isfinite(plane)
        found: NDArray[np.float32] = plane[
            counted if self.mask is None else counted & self.mask
        ]
        return found

    def filled(self, channel: int) -> NDArray[np.float32]:
        """Return a plane without gaps: what is no number has the median of the rest."""
        plane: NDArray[np.float32] = self.planes[channel]
        known = np.isfinite(plane)
        if known.all():
            return plane
        middle = np.median(plane[known]) if known.any() else 0.0
        return np.where(known, plane, np.float32(middle))

    def noting(self, *notes: str) -> Subject:
        """Return the same with more to say."""
        return replace(self, notes=tuple(dict.fromkeys([*self.notes, *notes])))

    def cropped(self, rows: slice, columns: slice) -> Subject:
        """Return a rectangle of it, given in pixels."""
        part = self.planes[:, rows, columns]
        if not part.size:
            raise ComparisonRefused(
                f"the region lies outside of {self.name}",
                fix="Choose a part of the image.",
            )
        return replace(
            self,
            planes=part,
            mask=None if self.mask is None else self.mask[rows, columns],
            labels=None if self.labels is None else self.labels[rows, columns],
        )

    def only_label(self, number: int) -> Subject:
        """Return one of its labelled objects, with the pixels around it not counted.

        Raises
        ------
        ComparisonRefused
            When there is no such label.
        """
        inside = None if self.labels is None else self.labels == number
        if inside is None or not inside.any():
            raise ComparisonRefused(
                f"{self.name} has no label {number}",
                fix="Choose a number that its labels have.",
            )
        rows, columns = np.nonzero(inside)
        part = replace(self, mask=inside).cropped(
            slice(int(rows.min()), int(rows.max()) + 1),
            slice(int(columns.min()), int(columns.max()) + 1),
        )
        return part.noting(
            f"Of {self.name} only label {number} is measured; its detail and texture "
            "are those of the rectangle around it."
        )


def subject_of(
    array: NDArray[Any],
    *,
    name: str = "the image",
    axes: str | None = None,
    pixel_size_um: float | None = None,
    channels: Sequence[str | None] = (),
    rgb: bool | None = None,
    z: int | None = None,
    t: int | None = None,
    labels: NDArray[Any] | None = None,
    **known: Any,
) -> Subject:
    """Return one plane of an array as something to be compared.

    Parameters
    ----------
    array : numpy.ndarray
        The pixels, of up to five axes.
    name : str
        What a person calls it.
    axes : str, optional
        A letter of ``"tczyx"`` per axis; the last of these by default, or
        ``"yxc"`` for three or four bytes per pixel that look like colours.
    pixel_size_um : float, optional
        Side of a pixel in micrometers.
    channels : sequence of str or None
        Names of the channels, as far as they are known.
    rgb : bool, optional
        Whether the channels are red, green and blue of one picture: then its
        brightness is measured. Guessed from the shape by default.
    z, t : int, optional
        Which plane and time; the middle plane and the first time by default.
    labels : numpy.ndarray, optional
        Objects that somebody has outlined, of shape (Y, X).
    **known
        Other attributes of a `Subject`.

    Returns
    -------
    Subject
        The plane, as numbers.

    Raises
    ------
    ComparisonRefused
        When the axes do not fit, or there is no such plane.

    Examples
    --------
    >>> subject_of(np.zeros((5, 4, 4)), pixel_size_um=0.1).notes
    ('Plane 3 of 5 is measured.',)
    """
    array = np.asarray(array)
    colors = axes is None and rgb is not False and _looks_rgb(array)
    if axes is None:
        axes = "yxc" if colors else _AXES[max(0, 5 - array.ndim) :]
        axes = axes if "c" not in axes or array.ndim >= 4 or colors else "zyx"
    if len(axes) != array.ndim or not {"y", "x"} <= set(axes) <= set(_AXES):
        raise ComparisonRefused(
            f"axes {axes!r} are none of an array of {array.ndim} axes",
            fix="Say one of the letters t, c, z, y, x for each axis.",
        )
    full_scale = _full_scale(array.dtype)
    planes, notes = _one_plane(array, axes, z, t)
    planes = np.abs(planes) if planes.dtype.kind == "c" else planes
    values = planes.astype(np.float32)
    values[~np.isfinite(values)] = np.nan
    if colors or (rgb and len(values) in (3, 4)):
        values = np.tensordot(LUMINANCE, values[:3], axes=1)[None].astype(np.float32)
        notes.append(f"The brightness of the colours of {name} is measured.")
        channels = ("brightness",)
    subject = Subject(
        name=name,
        planes=values,
        channels=_names(channels, len(values)),
        pixel_size_um=pixel_size_um,
        full_scale=full_scale,
        labels=None if labels is None else np.asarray(labels).astype(np.int64),
        **known,
    )
    return _cut(subject.noting(*notes, *_gaps(subject)))


def plane_number(axis: str, asked: int | None, count: int) -> int:
    """Return the number of the plane or time to read, from 0.

    Where none is asked for, that is the middle plane, and the first time.

    Raises
    ------
    ComparisonRefused
        When there is no such one.
    """
    number = (count // 2 if axis == "z" else 0) if asked is None else asked
    if number not in range(count):
        raise ComparisonRefused(
            f"{axis} runs from 0 to {count - 1}, not to {number}",
            fix="Choose a number in between.",
        )
    return number


def plane_note(axis: str, number: int, count: int) -> list[str]:
    """Say which plane or time was chosen, if there are several."""
    word = "Plane" if axis == "z" else "Time"
    return [f"{word} {number + 1} of {count} is measured."] if count > 1 else []


def unnamed(count: int) -> tuple[str, ...]:
    """Return what so many channels are called that have no names."""
    return tuple(f"channel {number}" for number in range(1, count + 1))


def with_pixel_sizes(subject: Subject, y: float | None, x: float | None) -> Subject:
    """Return a subject whose pixels have these sides, in micrometers.

    Pixels that are no squares are made squares of the longer side.
    """
    if y is None or x is None:
        return replace(subject, pixel_size_um=y or x)
    longer = max(y, x)
    if abs(y - x) <= _SQUARE * longer:
        return replace(subject, pixel_size_um=x)
    subject = resized(subject, (y / longer, x / longer))
    note = f"The pixels of {subject.name} were no squares: {y:g} × {x:g} µm."
    return replace(subject, pixel_size_um=longer).noting(note)


def resized(subject: Subject, factors: tuple[float, float]) -> Subject:
    """Return a subject with fewer pixels, each the mean of those it stands for.

    Parameters
    ----------
    subject : Subject
        What has more.
    factors : tuple of float
        New pixels per old one along y and x, at most 1.
    """
    from skimage.transform import resize

    shape = tuple(
        max(1, round(n * f))
        for n, f in zip(subject.planes.shape[1:], factors, strict=True)
    )
    if shape == subject.planes.shape[1:]:
        return subject
    planes = [
        resize(subject.filled(n), shape, order=1, anti_aliasing=True)
        for n in range(len(subject.planes))
    ]

    def nearest(image: NDArray[Any] | None) -> NDArray[Any] | None:
        if image is None:
            return None
        rows, columns = (
            np.minimum((np.arange(n) + 0.5) * old / n, old - 1).astype(int)
            for n, old in zip(shape, image.shape, strict=True)
        )
        return image[np.ix_(rows, columns)]

    return replace(
        subject,
        planes=np.stack(planes).astype(np.float32),
        mask=nearest(subject.mask),
        labels=nearest(subject.labels),
    )


def _looks_rgb(array: NDArray[Any]) -> bool:
    return array.ndim == 3 and array.shape[-1] in (3, 4) and array.dtype == np.uint8


def _full_scale(dtype: np.dtype[Any]) -> float | None:
    return float(np.iinfo(dtype).max) if dtype.kind in "iu" else None


def _one_plane(
    array: NDArray[Any], axes: str, z: int | None, t: int | None
) -> tuple[NDArray[Any], list[str]]:
    """Return a plane of each channel, of shape (C, Y, X), and what was chosen."""
    notes = []
    for axis, asked in (("t", t), ("z", z)):
        if axis not in axes:
            continue
        place = axes.index(axis)
        count = array.shape[place]
        number = plane_number(axis, asked, count)
        notes += plane_note(axis, number, count)
        array, axes = array.take(number, place), axes.replace(axis, "")
    if "c" not in axes:
        array, axes = array[None], f"c{axes}"
    return array.transpose([axes.index(axis) for axis in "cyx"]), notes


def _names(names: Sequence[str | None], count: int) -> tuple[str, ...]:
    known = names if len(names) == count else [None] * count
    return tuple(
        name or other for name, other in zip(known, unnamed(count), strict=True)
    )


def _gaps(subject: Subject) -> list[str]:
    missing = (
        1 - float(np.isfinite(subject.planes).mean()) if subject.planes.size else 1
    )
    if not missing:
        return []
    return [f"{missing:.2%} of the values of {subject.name} are no numbers."]


def _cut(subject: Subject) -> Subject:
    """Return the middle of a plane that is too large to be measured."""
    height, width = subject.planes.shape[1:]
    if height * width <= MOST_PIXELS:
        return subject
    edge = int(MOST_PIXELS**0.5)
    rows, columns = (
        slice(max(0, (n - edge) // 2), max(0, (n - edge) // 2) + edge)
        for n in (height, width)
    )
    note = f"The middle {edge} × {edge} pixels of {subject.name} are measured."
    return subject.cropped(rows, columns).noting(note)
