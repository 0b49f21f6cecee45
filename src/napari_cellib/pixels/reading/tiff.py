"""TIFF, OME-TIFF, ImageJ's and Zeiss's: one plane at a time, and what they say."""

from __future__ import annotations

import struct
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from tifffile import TiffFile

from napari_cellib.errors import AxesUnknown, PixelsUnreadable
from napari_cellib.pixels.reading.ome_xml import NOTHING, OmeFacts, read_ome_xml
from napari_cellib.pixels.reading.pictures import read_picture
from napari_cellib.pixels.reading.source import (
    Parts,
    Planes,
    SourceFile,
    SourceImage,
    reading,
)
from napari_cellib.pixels.reading.tiff_pixels import TiffPixels
from napari_cellib.pixels.units import unit_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_KNOWN = {"T": "t", "C": "c", "S": "c", "Z": "z", "Y": "y", "X": "x"}
_COLOUR_SAMPLES = 3
_WHITE_IS_ZERO, _PALETTE = 0, 3
_DOTS_PER_INCH = (72, 96, 150, 300, 600)


@contextmanager
def open_tiff(
    path: Path, *, stack_axis: str | None = None, ask: bool = False
) -> Iterator[SourceFile]:
    """Open the images of a TIFF file, reading no pixels.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.
    stack_axis : str, optional
        What the planes of a stack are where the file does not say: a letter of
        ``"tcz"`` for each such axis.
    ask : bool, default: False
        Whether an axis that nobody names is an error, and no guess.

    Yields
    ------
    SourceFile
        To be read as long as the context lasts.

    Raises
    ------
    AxesUnknown
        When an axis has no name, and `ask` is set.
    PixelsUnreadable
        When it is damaged, cut short, too large, or of more axes than images have.
    """
    with ExitStack() as opened:
        with reading(path):
            tif = opened.enter_context(TiffFile(path))
            if _is_cut(tif):
                raise PixelsUnreadable(path.name, "it is cut short")
            if not tif.series:
                raise PixelsUnreadable(path.name, "it holds no image")
            # Others of LSM are thumbnails.
            series = tif.series[:1] if tif.is_lsm else tif.series
            names = tuple(one.name or f"Image {n}" for n, one in enumerate(series, 1))

        def image(number: int) -> SourceImage:
            with reading(path):
                found = _Image(tif, path, number, stack_axis or "", ask=ask)
                return read_picture(path) if found.is_palette else found.source()

        yield SourceFile("TIFF", names, image)


@dataclass(frozen=True)
class _Axis:
    """Where an axis of the image is found among those of the file."""

    letter: str
    places: tuple[int, ...]  # among the axes of the series
    length: int


class _Image:
    """One series of a file."""

    def __init__(
        self, tif: TiffFile, path: Path, number: int, wanted: str, *, ask: bool
    ) -> None:
        self._tif, self._path, self._number = tif, path, number
        self._wanted, self._ask = wanted, ask
        self._series = tif.series[number]
        self._shape: tuple[int, ...] = tuple(self._series.shape)
        self._letters: str = self._series.axes
        self._page = self._series.keyframe
        self._warnings: list[str] = []

    def source(self) -> SourceImage:
        axes = self._axes()
        colours = self._colours(axes)
        if colours:
            axes = [replace(a, length=3) if a.letter == "c" else a for a in axes]
        pixels = TiffPixels(self._tif, self._series, self._path)
        letters = "".join(axis.letter for axis in axes)
        facts = self._facts()
        count = next((a.length for a in axes if a.letter == "c"), 1)
        fits = len(facts.channels) == count and not colours
        planes = Planes(
            self._path,
            tuple(axis.length for axis in axes),
            self._dtype(),
            lambda index: self._plane(pixels, axes, index),
            self._parts(pixels, axes),
        )
        return SourceImage(
            planes,
            letters,
            spacing_um={
                axis: size
                for axis, size in facts.spacing_um.items()
                if axis in letters and not _is_of_print(size)
            },
            time_step_s=facts.time_step_s if "t" in letters else None,
            channels=facts.channels if fits else (),
            rgb=colours and planes.dtype == "uint8",
            warnings=tuple(self._warnings),
        )

    # ------------------------------------------------------------- what axes mean

    def _axes(self) -> list[_Axis]:
        if "Y" not in self._letters or "X" not in self._letters:
            raise PixelsUnreadable(self._path.name, "it holds no picture")
        found: dict[str, list[int]] = {}
        for place, letter in enumerate(self._letters):
            if own := _KNOWN.get(letter):
                found.setdefault(own, []).append(place)
        for place, letter in enumerate(self._letters):
            if letter not in _KNOWN and self._shape[place] > 1:
                self._give_meaning(place, letter, found)
        return [
            _Axis(own, tuple(found[own]), prod(self._shape[p] for p in found[own]))
            for own in "tczyx"
            if own in found
        ]

    def _give_meaning(
        self, place: int, letter: str, found: dict[str, list[int]]
    ) -> None:
        """Take an axis that the file does not name for one that is free."""
        length = self._shape[place]
        named = [a for a in self._wanted if a not in found]
        free = named or [a for a in "zt" if a not in found]
        if letter not in "QI" or not free:
            self._warn(
                f"The file has an axis {letter!r} of {length} planes, of which the "
                "first is shown."
            )
            return
        if not named and self._ask:
            raise AxesUnknown(self._path.name, length)
        found[free[0]] = [place]
        if not named:
            depth = {"z": "depths", "t": "times"}[free[0]]
            self._warn(
                f"The file does not say what its {length} planes are; they are shown "
                f"as {depth}."
            )

    def _colours(self, axes: Sequence[_Axis]) -> bool:
        """Say whether the channels are red, green and blue."""
        samples = self._page.samplesperpixel
        by_sample = any(self._letters[p] == "S" for a in axes for p in a.places)
        channels = next((a.length for a in axes if a.letter == "c"), 1)
        if not by_sample or samples < _COLOUR_SAMPLES or channels != samples:
            return False
        if samples > _COLOUR_SAMPLES:
            self._warn(
                "How transparent the picture is, which it also says, is left out."
            )
        return True

    @property
    def is_palette(self) -> bool:
        """Whether its numbers mean colours of a table."""
        # ImageJ's tables only colour what was measured.
        return (
            self._number == 0
            and self._page.photometric == _PALETTE
            and not self._tif.is_imagej
            and not self._tif.is_ome
            and self._letters == "YX"
        )

    # ----------------------------------------------------------------- its pixels

    def _dtype(self) -> np.dtype[Any]:
        dtype = np.dtype(self._series.dtype).newbyteorder("=")
        if dtype.kind == "b":
            return np.dtype("uint8")
        if dtype == np.float16:
            return np.dtype("float32")
        if dtype.kind not in "uif":
            raise PixelsUnreadable(self._path.name, f"its pixels are of type {dtype}")
        return dtype

    def _parts(self, pixels: TiffPixels, axes: Sequence[_Axis]) -> Parts:
        """Say what is read at once: colours that lie together, too."""
        block = pixels.block
        chunk = [block.get(self._letters[axis.places[-1]], 1) for axis in axes]
        lengths = (axis.length for axis in axes)
        return Parts(
            tuple(map(min, chunk, lengths)),
            lambda region: self._read(pixels, axes, region),
        )

    def _plane(
        self, pixels: TiffPixels, axes: Sequence[_Axis], index: Sequence[int]
    ) -> Any:
        region = [slice(number, number + 1) for number in index]
        region += [slice(0, axis.length) for axis in axes[-2:]]
        return self._read(pixels, axes, region)[(0,) * len(index)]

    def _read(
        self, pixels: TiffPixels, axes: Sequence[_Axis], region: Sequence[slice]
    ) -> Any:
        where: list[Any] = [0] * len(self._shape)
        ranges = []
        for axis, part in zip(axes, region, strict=True):
            *_, fastest = axis.places
            lengths = [self._shape[place] for place in axis.places]
            numbers = map(int, np.unravel_index(part.start, lengths))
            for place, number in zip(axis.places, numbers, strict=True):
                where[place] = number
            count = part.stop - part.start
            if axis.letter in "yx" or count > 1:
                first = where[fastest]
                where[fastest] = slice(first, first + count)
                ranges.append(fastest)
        found = pixels.read(tuple(where))
        order = sorted(ranges)
        found = found.transpose([order.index(place) for place in ranges])
        found = found.reshape([part.stop - part.start for part in region])
        return self._upright(found)

    def _is_white_zero(self) -> bool:
        return (
            self._page.photometric == _WHITE_IS_ZERO
            and np.dtype(self._series.dtype).kind == "u"  # masks are written so, too
        )

    def _upright(self, plane: Any) -> Any:
        """Make large numbers bright."""
        if not self._is_white_zero():
            return plane
        most = 2 ** min(int(self._page.bitspersample), 8 * plane.dtype.itemsize) - 1
        return np.asarray(most - np.minimum(plane, most)).astype(plane.dtype)

    # ------------------------------------------------------------- what it says

    def _facts(self) -> OmeFacts:
        if self._tif.is_ome and self._tif.ome_metadata:
            return read_ome_xml(self._tif.ome_metadata, self._number)
        if self._tif.is_imagej:
            return _imagej_facts(self._tif)
        if self._tif.is_lsm:
            return _lsm_facts(self._tif.lsm_metadata or {})
        # Others only say how large to print it, which is no size of a pixel.
        return NOTHING

    def _warn(self, sentence: str) -> None:
        self._warnings.append(sentence)


def _is_of_print(size_um: float) -> bool:
    """Say whether a pixel is as large as on paper: some take that for its size."""
    per_inch = 25_400 / size_um
    return any(abs(per_inch / dots - 1) < 1e-3 for dots in _DOTS_PER_INCH)


def _is_cut(tif: TiffFile) -> bool:
    """Say whether there are more planes than those that can be found."""
    form, file = tif.tiff, tif.filehandle
    start = tif.pages[len(tif.pages) - 1].offset
    file.seek(start)
    (tags,) = struct.unpack(form.tagnoformat, file.read(form.tagnosize))
    file.seek(start + form.tagnosize + tags * form.tagsize)
    (following,) = struct.unpack(form.offsetformat, file.read(form.offsetsize))
    return bool(following)


def _imagej_facts(tif: TiffFile) -> OmeFacts:
    notes = tif.imagej_metadata or {}
    unit = str(notes.get("unit", "")).encode().decode("unicode_escape", "replace")
    size = unit_size(unit, "space") if unit else None
    spacing = {}
    if size is not None:
        tags = tif.pages.first.tags
        for axis, name in (("x", "XResolution"), ("y", "YResolution")):
            per_pixel = _inverse(tags.valueof(name))
            if per_pixel:
                spacing[axis] = float(f"{per_pixel * size:.7g}")
        depth = _positive(notes.get("spacing"))
        if depth:
            spacing["z"] = float(f"{depth * size:.7g}")
    seconds = unit_size(str(notes.get("tunit", "s")), "time") or 1.0
    step = _positive(notes.get("finterval"))
    return OmeFacts(spacing, step and step * seconds, ())


def _lsm_facts(notes: dict[str, Any]) -> OmeFacts:
    meters = {a: _positive(notes.get(f"VoxelSize{a.upper()}")) for a in "zyx"}
    spacing = {a: float(f"{m * 1e6:.7g}") for a, m in meters.items() if m}
    return OmeFacts(spacing, _positive(notes.get("TimeIntervall")), ())


def _inverse(ratio: Any) -> float | None:
    """Return units per pixel of a tag that counts pixels per unit."""
    try:
        above, below = ratio
        return float(below) / float(above) if above and below else None
    except (TypeError, ValueError):
        return None


def _positive(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 < number < float("inf") else None
