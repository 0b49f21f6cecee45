"""Axes of an image and what a pixel measures along them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.units import AxisKind, unit_size

Warn: TypeAlias = Callable[[str], object]
Spacing: TypeAlias = "tuple[float | None, ...]"

_KINDS: dict[str, AxisKind] = {
    "t": "time", "c": "channel", "z": "space", "y": "space", "x": "space",
}  # fmt: skip
_TYPED: tuple[AxisKind, ...] = ("time", "channel", "space")
_SPARE_LETTERS = "abdefghijklmnopqrsuvw"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis; `letter` is ``t``, ``c``, ``z``, ``y``, ``x`` or another one."""

    letter: str
    name: str
    kind: AxisKind
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Transform:
    """Scale and translation in the units of the axes; None where not given."""

    scale: tuple[float, ...] | None = None
    translation: tuple[float, ...] | None = None

    @classmethod
    def parse(cls, found: object, count: int, warn: Warn) -> Transform:
        """Read a list of transformations, each of which may be broken by itself."""
        scale = translation = None
        for item in as_list(found):
            entry = as_mapping(item)
            kind = entry.get("type")
            if kind == "scale":
                scale = _numbers(entry.get("scale"), count, warn, kind)
                if scale and min(scale) <= 0:
                    warn("a scale of the image is not positive: it is left unknown")
                    scale = None
            elif kind == "translation":
                translation = _numbers(entry.get("translation"), count, warn, kind)
            elif kind != "identity":
                warn(f"a transformation of the kind {kind!r} is left out")
        return cls(scale, translation)


def as_mapping(found: object) -> dict[str, Any]:
    """Return a JSON object, an empty one in place of anything else."""
    return dict(found) if isinstance(found, Mapping) else {}


def as_list(found: object) -> list[Any]:
    """Return a JSON list, an empty one in place of anything else."""
    return found if isinstance(found, list) else []


def parse_axes(found: object, where: str) -> tuple[Axis, ...]:
    """Read the axes of an image, whichever version wrote them."""
    # Versions 0.1 and 0.2 have no axes: always these five.
    entries = as_list(found) or list("tczyx")
    raw = [_parse_axis(entry) for entry in entries]
    if len(raw) > 12 or len({axis.name for axis in raw}) < len(raw):
        raise PixelsUnreadable(where, "its axes have the same name twice")
    letters = _letters(raw)
    if "y" not in letters or "x" not in letters:
        raise PixelsUnreadable(where, "fewer than two of its axes are axes of space")
    return tuple(
        Axis(letter, axis.name, axis.kind, axis.unit)
        for letter, axis in zip(letters, raw, strict=True)
    )


def _parse_axis(entry: object) -> Axis:
    if isinstance(entry, str):
        return Axis("", entry, _KINDS.get(entry.lower(), "other"))
    axis = as_mapping(entry)
    name = str(axis.get("name", ""))
    by_name = _KINDS.get(name.lower(), "other")
    given = axis.get("type", by_name)
    kind: AxisKind = "other"
    kind = next((known for known in _TYPED if known == given), kind)
    unit = axis.get("unit")
    return Axis("", name, kind, unit if isinstance(unit, str) and unit else None)


def _letters(axes: Sequence[Axis]) -> list[str]:
    """Name axes t, c, z, y, x: space by name if possible, else by order."""
    space = [axis.name for axis in axes if axis.kind == "space"]
    by_name = {name: name.lower() for name in space}
    if not {"y", "x"} <= set(by_name.values()) <= {"z", "y", "x"}:
        by_name = dict(zip(reversed(space), "xyz", strict=False))
    letters: list[str] = []
    for axis in axes:
        wanted = {"time": "t", "channel": "c"}.get(axis.kind) or by_name.get(axis.name)
        if wanted is None or wanted in letters:
            wanted = next(a for a in _SPARE_LETTERS if a not in letters)
        letters.append(wanted)
    return letters


def locate(
    axes: Sequence[Axis], inner: Transform, outer: Transform, warn: Warn
) -> tuple[Spacing, Spacing]:
    """Compose two transformations to spacing and offset per axis.

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
    spacing, offset : tuple of float or None
        In micrometers or seconds; None where it is not known.
    """
    spacing: list[float | None] = []
    offset: list[float | None] = []
    for number, axis in enumerate(axes):
        # x' = s2 (s1 x + t1) + t2
        s1, s2 = (t.scale[number] if t.scale else None for t in (inner, outer))
        t1, t2 = (
            t.translation[number] if t.translation else 0.0 for t in (inner, outer)
        )
        given = s1 is not None or s2 is not None
        scale = (1.0 if s1 is None else s1) * (1.0 if s2 is None else s2)
        shift = (1.0 if s2 is None else s2) * t1 + t2
        size = _unit_of(axis, scale, warn) if given else None
        spacing.append(None if size is None else _tidy(scale * size))
        offset.append(None if size is None else _tidy(shift * size))
    return tuple(spacing), tuple(offset)


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
    good = all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
        for v in values
    )
    if not good or len(values) != count:
        warn(f"a {what} of the image does not fit its {count} axes: left unknown")
        return None
    return tuple(float(v) for v in values)


def _tidy(value: float) -> float:
    """Cut the noise that a product of decimal fractions leaves: 0.65, not 0.6500001."""
    return float(f"{value:.12g}")
