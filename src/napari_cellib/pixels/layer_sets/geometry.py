"""Where a layer lies, in the words of OME-NGFF: axes, micrometers and seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import PixelsUnwritable
from napari_cellib.pixels.units import unit_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BY_COUNT = {2: "yx", 3: "zyx", 4: "tzyx", 5: "tczyx"}
_LETTERS = {
    "t": "t",
    "time": "t",
    "c": "c",
    "channel": "c",
    "z": "z",
    "y": "y",
    "x": "x",
}
_ORDER = "tczyx"
_CLOSE = 1e-9


@dataclass(frozen=True)
class Geometry:
    """Where the pixels of a layer lie.

    Attributes
    ----------
    axes : str
        A letter per axis, in the order of ``"tczyx"``.
    spacing : dict of str to float
        Micrometers or seconds of the axes of which the unit is known.
    translation : dict of str to float
        Where the first pixel lies, likewise.
    warnings : tuple of str
        What other programs will not see, in sentences.
    """

    axes: str
    spacing: Mapping[str, float]
    translation: Mapping[str, float]
    warnings: tuple[str, ...] = ()

    def fits(self, other: Geometry) -> bool:
        """Say whether both lie alike, apart from channels."""
        mine, theirs = self.axes.replace("c", ""), other.axes.replace("c", "")
        return mine == theirs and all(
            _alike(ours, others)
            for ours, others in (
                (self.spacing, other.spacing),
                (self.translation, other.translation),
            )
        )


def geometry_of(meta: Mapping[str, Any], ndim: int, name: str) -> Geometry:
    """Read where a layer of pixels lies.

    Parameters
    ----------
    meta : dict
        Its attributes, as napari gives them to writers.
    ndim : int
        Number of its axes, without that of colours.
    name : str
        Its name, for messages.

    Raises
    ------
    PixelsUnwritable
        When it has fewer than two axes or more than five, or has them in an order
        that OME-Zarr does not know.
    """
    if ndim not in _BY_COUNT:
        raise PixelsUnwritable(
            name,
            f"it has {ndim} axes, and OME-Zarr has two to five",
            fix="Save a part of it that has fewer.",
        )
    axes, warnings = _axes(meta.get("axis_labels"), ndim, name)
    matrix, shift = placement(meta, ndim)
    steps = np.diag(matrix)
    is_scaled = bool(np.any(steps != 1))
    if not np.allclose(matrix, np.diag(steps), atol=_CLOSE) or np.any(steps <= 0):
        warnings.append(
            f"{name} is turned, sheared or mirrored. Other programs will show it "
            "without that."
        )
        steps = np.sqrt((matrix**2).sum(axis=0))
        is_scaled = False
    units = [unit_of(unit) for unit in meta.get("units") or ("pixel",) * ndim]
    spacing, translation = {}, {}
    for axis, step, offset, unit in zip(axes, steps, shift, units, strict=True):
        size = unit_size(unit, "time" if axis == "t" else "space")
        if size is not None and axis != "c":
            spacing[axis] = _tidy(float(step) * size)
            translation[axis] = _tidy(float(offset) * size)
    if len(spacing) < len(axes.replace("c", "")) and is_scaled:
        warnings.append(
            f"The scale of {name} has no unit. Other programs will count its pixels."
        )
    return Geometry(axes, spacing, translation, tuple(warnings))


def placement(meta: Mapping[str, Any], ndim: int) -> tuple[Any, Any]:
    """Return what takes pixels to their place: a matrix and a shift.

    It is the layer's own scale, shear and rotation, in this order, its translation,
    and then its affine, as napari composes them.
    """
    scale = np.asarray(_given(meta, "scale", np.ones(ndim)), float)
    shift = np.asarray(_given(meta, "translate", np.zeros(ndim)), float)
    matrix = _rotation(meta.get("rotate"), ndim) @ shear_matrix(meta.get("shear"), ndim)
    matrix = matrix @ np.diag(scale)
    affine = np.eye(ndim + 1)
    if (given := meta.get("affine")) is not None:
        own = np.asarray(given, float)
        count = own.shape[-1]  # a smaller one belongs to the last axes
        affine[-count:, -count:] = own
    return affine[:-1, :-1] @ matrix, affine[:-1, :-1] @ shift + affine[:-1, -1]


def _given(meta: Mapping[str, Any], key: str, default: Any) -> Any:
    value = meta.get(key)
    return default if value is None else value


def _rotation(given: Any, ndim: int) -> Any:
    matrix = np.eye(ndim)
    if given is None:
        return matrix
    own = np.asarray(given, float)
    if own.ndim == 0:  # an angle in degrees, in the last plane
        angle = np.deg2rad(float(own))
        own = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
    matrix[-len(own) :, -len(own) :] = own
    return matrix


def shear_matrix(given: Any, ndim: int) -> Any:
    """Return a layer's shear as a matrix; napari gives it also by its upper corner."""
    matrix = np.eye(ndim)
    if given is None:
        return matrix
    own = np.asarray(given, float)
    if own.ndim == 2:
        matrix[-len(own) :, -len(own) :] = own
    elif own.size == ndim * (ndim - 1) // 2:
        matrix[np.triu_indices(ndim, 1)] = own
    return matrix


def axes_of(labels: Sequence[str] | None, ndim: int) -> str:
    """Return a letter per axis of a layer of any type; question marks if unknown."""
    try:
        return _axes(labels, ndim, "")[0] if ndim in _BY_COUNT else "?" * ndim
    except PixelsUnwritable:
        return "?" * ndim


def _axes(labels: Sequence[str] | None, ndim: int, name: str) -> tuple[str, list[str]]:
    letters = [_LETTERS.get(str(label).strip().lower(), "") for label in labels or ()]
    found = "".join(letters)
    in_order = "".join(axis for axis in _ORDER if axis in found) == found
    if len(found) == ndim and found.endswith("yx") and in_order:
        return found, []
    if "" not in letters and len(set(letters)) == ndim and {"y", "x"} <= set(letters):
        wanted = ", ".join(axis for axis in _ORDER if axis in letters)
        raise PixelsUnwritable(
            name,
            f"its axes are {', '.join(letters)}, and OME-Zarr has them as {wanted}",
            fix="Add it again with its axes in that order, or rename them.",
        )
    guessed = _BY_COUNT[ndim]
    if ndim == 2:
        return guessed, []
    words = ", ".join(guessed)
    return guessed, [
        f"The axes of {name} are not named so; they are taken for {words}."
    ]


def unit_of(unit: Any) -> str:
    """Return the name of a unit of napari."""
    return str(getattr(unit, "units", unit))


def _alike(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return set(one) == set(other) and all(
        abs(one[axis] - other[axis]) <= _CLOSE * max(1.0, abs(one[axis]))
        for axis in one
    )


def _tidy(value: float) -> float:
    return float(f"{value:.12g}")
