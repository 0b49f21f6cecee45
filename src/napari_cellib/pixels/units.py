"""Units of OME-Zarr axes, in micrometers and seconds."""

from __future__ import annotations

from typing import Literal, TypeAlias

AxisKind: TypeAlias = Literal["time", "channel", "space", "other"]

_PREFIXES = {
    "yocto": 1e-24, "zepto": 1e-21, "atto": 1e-18, "femto": 1e-15, "pico": 1e-12,
    "nano": 1e-9, "micro": 1e-6, "milli": 1e-3, "centi": 1e-2, "deci": 1e-1,
    "": 1.0, "deca": 1e1, "hecto": 1e2, "kilo": 1e3, "mega": 1e6,
}  # fmt: skip

# The words of the specification (UDUNITS-2), then what other writers put instead.
_MICROMETERS = {
    **{f"{prefix}meter": 1e6 * size for prefix, size in _PREFIXES.items()},
    **{f"{prefix}metre": 1e6 * size for prefix, size in _PREFIXES.items()},
    "angstrom": 1e-4, "inch": 25_400.0, "foot": 304_800.0, "yard": 914_400.0,
    "micron": 1.0, "um": 1.0, "\u00b5m": 1.0, "\u03bcm": 1.0, "pm": 1e-6,
    "nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "a": 1e-4, "\u00e5": 1e-4,
}  # fmt: skip
_SECONDS = {
    **{f"{prefix}second": size for prefix, size in _PREFIXES.items()},
    "minute": 60.0, "hour": 3600.0, "day": 86_400.0,
    "s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "\u00b5s": 1e-6,
    "\u03bcs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0, "d": 86_400.0,
}  # fmt: skip


def unit_size(unit: str, kind: AxisKind) -> float | None:
    """Return how many micrometers, or seconds, one `unit` is.

    Parameters
    ----------
    unit : str
        Name of a unit as an axis gives it, in singular or plural.
    kind : {"time", "channel", "space", "other"}
        What the axis runs along.

    Returns
    -------
    float or None
        Micrometers for axes of space, seconds for axes of time; None for a unit
        that is not known for such an axis.

    Examples
    --------
    >>> unit_size("nanometer", "space"), unit_size("nanometer", "time")
    (0.001, None)
    """
    table = {"space": _MICROMETERS, "time": _SECONDS}.get(kind, {})
    word = unit.strip().lower()
    size = table.get(word, table.get(word.removesuffix("s")))
    return None if size is None else float(f"{size:.12g}")
