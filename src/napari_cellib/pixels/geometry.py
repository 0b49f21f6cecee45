"""Axes of an image: their letters, names, kinds and units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cellib.errors import PixelsUnreadable

if TYPE_CHECKING:
    from napari_cellib.pixels.units import AxisKind

Warn: TypeAlias = Callable[[str], object]

_KINDS: dict[str, AxisKind] = {
    "t": "time", "c": "channel", "z": "space", "y": "space", "x": "space",
}  # fmt: skip
_TYPED: tuple[AxisKind, ...] = ("time", "channel", "space")
SPARE_LETTERS = "abdefghijklmnopqrsuvw"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis; `letter` is ``t``, ``c``, ``z``, ``y``, ``x`` or another one."""

    letter: str
    name: str
    kind: AxisKind
    unit: str | None = None


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
            wanted = next(a for a in SPARE_LETTERS if a not in letters)
        letters.append(wanted)
    return letters
