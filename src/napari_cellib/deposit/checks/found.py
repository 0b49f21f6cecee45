"""How checks say what they found."""

from __future__ import annotations

from napari_cellib.deposit.fields import FIELDS
from napari_cellib.model.problem import advice, error

__all__ = ["advice", "at", "error", "field_at"]


def at(name: str, number: int | None = None) -> str:
    """Return where a problem is: the label of a field, and which of several entries.

    Examples
    --------
    >>> at("contributors", 2)
    'Contributors, 2'
    """
    label = FIELDS[name].label
    return label if number is None else f"{label}, {number}"


def field_at(where: str) -> str | None:
    """Return the label of the field that a problem of a draft is about.

    Examples
    --------
    >>> field_at("Contributors, 2")
    'Contributors'
    """
    return where.partition(",")[0] or None
