"""Where pixels lie: scales, translations and affine maps, put together in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cellib.pixels.geometry import as_list, as_mapping
from napari_cellib.pixels.units import unit_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.pixels.geometry import Axis, Warn

Matrix: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Steps: TypeAlias = "tuple[float | None, ...]"
Affine: TypeAlias = "tuple[tuple[float, ...], ...]"

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where the first pixel lies and how far it is to the next, along each axis.

    Attributes
    ----------
    spacing, offset : tuple of float or None
        In micrometers or seconds; None where it is not known.
    affine : tuple of tuple of float, optional
        What turns, shears or mirrors the image once its pixels have their spacing:
        a row per axis, the last column in micrometers or seconds. Then `offset` is
        part of it.
    """

    spacing: Steps
    offset: Steps
    affine: Affine | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Transform:
    """A map from pixels to places: x' = matrix x + shift, in units of the axes.

    `is_measure` says whether anything but a translation was given: without, nobody
    knows how far a pixel is from the next.
    """

    matrix: Matrix
    shift: Matrix
    is_measure: bool = False

    @classmethod
    def parse(cls, found: object, count: int, warn: Warn) -> Transform:
        """Read a list of transformations, each of which may be broken by itself.

        They are applied in the order in which they are listed.
        """
        return cls._parse(found, count, warn, 0)

    @classmethod
    def _parse(cls, found: object, count: int, warn: Warn, depth: int) -> Transform:
        whole = cls(np.eye(count), np.zeros(count))
        for item in as_list(found):
            entry = as_mapping(item)
            if entry.get("type") == "sequence" and depth < _DEEPEST:
                inner = entry.get("transformations")
                step: Transform | None = cls._parse(inner, count, warn, depth + 1)
            else:
                step = cls._one(entry, count, warn)
            if step is not None:
                whole = whole.then(step)
        return whole

    @classmethod
    def _one(cls, entry: dict[str, Any], count: int, warn: Warn) -> Transform | None:
        kind = entry.get("type")
        none = np.zeros(count)
        if kind == "scale":
            scale = _numbers(entry.get("scale"), count, warn, kind)
            if scale is not None and min(scale) <= 0:
                warn("a scale of the image is not positive: it is left unknown")
                scale = None
            return None if scale is None else cls(np.diag(scale), none, is_measure=True)
        if kind == "translation":
            shift = _numbers(entry.get("translation"), count, warn, kind)
            return None if shift is None else cls(np.eye(count), np.array(shift))
        if kind == "affine":
            rows = _rows(entry.get("affine"), count, count + 1, warn, kind)
            return (
                None
                if rows is None
                else cls(rows[:, :-1], rows[:, -1], is_measure=True)
            )
        if kind == "rotation":
            rows = _rows(entry.get("rotation"), count, count, warn, kind)
            return None if rows is None else cls(rows, none)
        if kind != "identity":
            warn(f"a transformation of the kind {kind!r:.60} is left out")
        return None

    def then(self, other: Transform) -> Transform:
        """Return this one followed by `other`."""
        with np.errstate(all="ignore"):
            matrix = other.matrix @ self.matrix
            shift = other.matrix @ self.shift + other.shift
        if not (_are_finite([*matrix.flat, *shift])):
            return self  # numbers so large that their product is none
        return Transform(matrix, shift, self.is_measure or other.is_measure)


def locate(
    axes: Sequence[Axis], inner: Transform, outer: Transform, warn: Warn
) -> Place:
    """Compose two transformations to spacing, offset and affine.

    Parameters
    ----------
    axes : sequence of Axis
        The axes, with their units.
    inner, outer : Transform
        That of the level, which comes first, and that of the whole image.
    warn : callable
        Told of numbers that mean nothing for want of a unit.

    Returns
    -------
    Place
        In micrometers or seconds.
    """
    whole = inner.then(outer)
    coupled = _coupled(whole.matrix)
    lengths = np.sqrt((whole.matrix**2).sum(axis=0))
    sizes = [
        _unit_of(axis, float(length), warn) if whole.is_measure else None
        for axis, length in zip(axes, lengths, strict=True)
    ]
    if coupled and not all(
        axes[n].kind == "space" and sizes[n] and lengths[n] > 0 for n in coupled
    ):
        if whole.is_measure:
            warn("an affine transformation between these axes cannot be shown")
        sizes = [None if n in coupled else size for n, size in enumerate(sizes)]
        coupled = set()
    units = np.array([size or 1.0 for size in sizes])
    physical = units[:, None] * whole.matrix
    # The length of a pixel's edge, whichever way it lies.
    steps = np.sqrt((physical**2).sum(axis=0))
    spacing = _known(steps, sizes)
    offset = _known(units * whole.shift, sizes)
    if not coupled:
        return Place(spacing, offset)
    rows = [
        tuple(_tidy(float(v)) for v in (*row, shift or 0.0))
        for row, shift in zip(physical / steps, offset, strict=True)
    ]
    return Place(spacing, offset, tuple(rows))


def _coupled(matrix: Matrix) -> set[int]:
    """Return the axes that are not simply stretched."""
    mixed = ~np.isclose(matrix, np.diag(np.diag(matrix)), rtol=0, atol=1e-12)
    mixed |= np.diag(np.diag(matrix) <= 0)
    return {int(n) for n in np.flatnonzero(mixed.any(axis=0) | mixed.any(axis=1))}


def _known(values: Matrix, sizes: Sequence[float | None]) -> Steps:
    pairs = zip(values, sizes, strict=True)
    return tuple(None if size is None else _tidy(float(v)) for v, size in pairs)


def _unit_of(axis: Axis, scale: float, warn: Warn) -> float | None:
    """Return micrometers or seconds per unit, None where a number means nothing."""
    if axis.kind in ("channel", "other"):
        return None
    if axis.unit is None:
        # 1 without a unit is what writers put when they know nothing.
        if scale != 1.0:
            warn(f"the spacing {scale:g} of axis {axis.name} has no unit: left unknown")
        return None
    size = unit_size(axis.unit, axis.kind)
    if size is None:
        warn(f"the unit {axis.unit!r} of axis {axis.name} is not known: left unknown")
    return size


def _numbers(
    found: object, count: int, warn: Warn, what: str
) -> tuple[float, ...] | None:
    values = as_list(found)
    if not _are_finite(values) or len(values) != count:
        warn(f"a {what} of the image does not fit its {count} axes: left unknown")
        return None
    return tuple(float(v) for v in values)


def _rows(
    found: object, count: int, width: int, warn: Warn, what: str
) -> Matrix | None:
    rows = [as_list(row) for row in as_list(found)]
    # The last row of a square matrix says nothing: 0 ... 0 1.
    rows = rows[:count] if what == "affine" and len(rows) == count + 1 else rows
    sizes_fit = len(rows) == count and all(len(row) == width for row in rows)
    if not sizes_fit or not all(map(_are_finite, rows)):
        warn(f"a {what} of the image does not fit its {count} axes: left unknown")
        return None
    return np.array(rows, dtype=np.float64)


def _are_finite(values: Sequence[object]) -> bool:
    # Compared, not converted: JSON has whole numbers that no float can hold.
    return all(
        isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e90
        for v in values
    )


def _tidy(value: float) -> float:
    """Cut the noise that a product of decimal fractions leaves: 0.65, not 0.6500001."""
    return float(f"{value:.12g}")
