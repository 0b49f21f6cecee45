"""From the frames of a vendor's file, of whatever axes, to planes of y and x."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.source import Parts, Planes, SourceImage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from napari_cellib.pixels.reading.ome_xml import OmeFacts

# Frames that hold several planes are kept for the next one, up to so many bytes.
_KEPT = 256_000_000
_ORDER = "tczyx"
_KNOWN = {letter.upper(): letter for letter in _ORDER} | {"S": "c"}
_SPECTRAL = "λΛ"  # emission and excitation: the image has a channel for each step
_COLOUR_SAMPLES = (3, 4)


class Kept:
    """Keeps what was read last, because several planes may be in it."""

    def __init__(self, limit: int = _KEPT) -> None:
        self._limit, self._size = limit, 0
        self._parts: OrderedDict[tuple[int, ...], np.ndarray[Any, Any]] = OrderedDict()

    def get(
        self,
        key: tuple[int, ...],
        read: Callable[[tuple[int, ...]], np.ndarray[Any, Any]],
    ) -> np.ndarray[Any, Any]:
        """Return what is kept under a key, read if it is not there."""
        if key in self._parts:
            self._parts.move_to_end(key)
            return self._parts[key]
        part = self._parts[key] = read(key)
        self._size += part.nbytes
        while self._size > self._limit and len(self._parts) > 1:
            self._size -= self._parts.popitem(last=False)[1].nbytes
        return part


@dataclass(frozen=True)
class Frames:
    """Pixels as a vendor's reader gives them.

    Attributes
    ----------
    numbered : tuple of (str, int)
        Letter and length of each axis that numbers the frames.
    within : tuple of (str, int)
        Letter and length of each axis of one frame, with ``Y`` and ``X`` among them
        where the image has them; ``S`` are samples of colour.
    dtype : numpy.dtype
        Type of the pixels.
    read : callable
        Returns a frame by an index of the axes that number them.
    part : callable, optional
        Returns rows and columns of a frame that is ``Y``, ``X`` and perhaps ``S``.
    block : tuple of int
        Height and width of a part that is read at once.
    """

    numbered: tuple[tuple[str, int], ...]
    within: tuple[tuple[str, int], ...]
    dtype: np.dtype[Any]
    read: Callable[[tuple[int, ...]], np.ndarray[Any, Any]]
    part: Callable[[tuple[int, ...], slice, slice], np.ndarray[Any, Any]] | None = None
    block: tuple[int, int] = (1, 1)

    @property
    def lengths(self) -> dict[str, int]:
        """Length of each axis by its letter."""
        return dict((*self.numbered, *self.within))


def source_of(
    path: Path, frames: Frames, facts: OmeFacts, warnings: Sequence[str] = ()
) -> SourceImage:
    """Return the image that frames make, and say what of them it cannot hold.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    frames : Frames
        Its pixels.
    facts : OmeFacts
        What it says of them.
    warnings : sequence of str
        What a person should know already.

    Returns
    -------
    SourceImage
        Of the axes ``"tczyx"`` that it has.

    Raises
    ------
    PixelsUnreadable
        When it is no picture, or its pixels are of a type that images do not have.
    """
    if "X" not in frames.lengths:
        raise PixelsUnreadable(path.name, "it holds no picture")
    laid = _Laid(frames, list(warnings))
    dtype = frames.dtype.newbyteorder("=")
    if dtype.kind not in "uif" or dtype == np.float16:
        raise PixelsUnreadable(path.name, f"its pixels are of type {dtype}")
    axes = "".join(a for a in _ORDER if a in laid.places or a == "y")
    shape = tuple(laid.length(axis) for axis in axes)
    count = shape[axes.index("c")] if "c" in axes else 1
    fits = len(facts.channels) == count and not laid.rgb
    return SourceImage(
        Planes(path, shape, dtype, laid.plane, laid.parts(axes)),
        axes,
        spacing_um={a: s for a, s in facts.spacing_um.items() if a in axes},
        time_step_s=facts.time_step_s if "t" in axes else None,
        channels=facts.channels if fits else (),
        rgb=laid.rgb and dtype == "uint8",
        warnings=tuple(laid.warnings),
        notes=facts.notes,
    )


class _Laid:
    """Finds each plane in the frames."""

    def __init__(self, frames: Frames, warnings: list[str]) -> None:
        self._frames, self.warnings = frames, warnings
        self._lengths = frames.lengths
        self._kept = Kept()
        self._lock = threading.Lock()  # vendors' readers share one position in a file
        self.places = self._places()
        samples = self._lengths.get("S", 0)
        self.rgb = samples in _COLOUR_SAMPLES and self.places.get("c") == ["S"]
        if self.rgb and samples > 3:
            self._lengths["S"] = 3
            warnings.append("How transparent the picture is, is left out.")

    def _places(self) -> dict[str, list[str]]:
        """Return the file's axes that each axis of the image is made of."""
        found: dict[str, list[str]] = {}
        for letter, length in self._lengths.items():
            own = _KNOWN.get(letter)
            if letter in _SPECTRAL and self._lengths.get("C", 1) == 1:
                own = "c"
            if own and (length > 1 or letter in "TCZYX"):
                found.setdefault(own, []).append(letter)
            elif not own and length > 1:
                gone = f"{length - 1} of every {length} of its pixels are left out"
                self.warnings.append(
                    f"The file has an axis {letter!r} of {length}, for which images "
                    f"have no place: the first is kept, {gone}."
                )
        for own, letters in found.items():
            if len(letters) > 1:  # those of one step number nothing
                longer = [a for a in letters if self._lengths[a] > 1]
                found[own] = longer or letters[:1]
        return {a: p for a, p in found.items() if a in "yx" or self._number(p) > 1}

    def _number(self, letters: Sequence[str]) -> int:
        return prod(self._lengths[letter] for letter in letters)

    def length(self, axis: str) -> int:
        return self._number(self.places.get(axis, ()))

    def _where(self, index: Sequence[int]) -> dict[str, int]:
        """Return the number along each of the file's axes."""
        shown = [a for a in _ORDER[:-2] if a in self.places]
        where: dict[str, int] = {}
        for axis, number in zip(shown, index, strict=True):
            letters = self.places[axis]
            lengths = [self._lengths[letter] for letter in letters]
            parts = np.unravel_index(number, lengths)
            where |= {a: int(n) for a, n in zip(letters, parts, strict=True)}
        return where

    def _numbers(self, where: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(where.get(a, 0) for a, _ in self._frames.numbered)

    def parts(self, axes: str) -> Parts | None:
        """Say how parts of planes are read, if they can be."""
        read = self._frames.part
        if read is None:
            return None
        colours = axes.index("c") if self.places.get("c") == ["S"] else None
        outer = [1] * (len(axes) - 2)
        if colours is not None:
            outer[colours] = self.length("c")

        def part(region: tuple[slice, ...]) -> np.ndarray[Any, Any]:
            where = self._where([axis.start for axis in region[:-2]])
            with self._lock:
                found = read(self._numbers(where), *region[-2:])
            if found.ndim > 2:
                first = where.get("S", 0)
                last = first + 1 if colours is None else region[colours].stop
                found = np.moveaxis(found[..., first:last], 2, 0)
            return found.reshape([axis.stop - axis.start for axis in region])

        return Parts((*outer, *self._frames.block), part)

    def plane(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        where = self._where(index)
        with self._lock:
            frame = self._frame(self._numbers(where))
        letters = [letter for letter, _ in self._frames.within]
        plane = frame[
            tuple(slice(None) if a in "YX" else where.get(a, 0) for a in letters)
        ]
        if plane.ndim == 1:
            return plane[np.newaxis]  # a line, scanned again and again
        return plane.T if letters.index("X") < letters.index("Y") else plane

    def _frame(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        within = dict(self._frames.within)
        planes = prod(n for a, n in within.items() if a not in "YX")
        if planes == 1:  # nobody asks for it again
            return self._frames.read(index)
        return self._kept.get(index, self._frames.read)


def even_step(values: Sequence[float]) -> float | None:
    """Return the step of values that are as far apart as one another.

    Examples
    --------
    >>> even_step([0.0, 0.5, 1.0]), even_step([0.0, 1.0, 5.0])
    (0.5, None)
    """
    steps = [b - a for a, b in pairwise(map(float, values))]
    if not steps or min(map(abs, steps)) <= 0:
        return None
    mean = sum(steps) / len(steps)
    if any(abs(step - mean) > 0.05 * abs(mean) for step in steps):
        return None
    return float(f"{abs(mean):.7g}")
