"""What a measurement returns: a number with its name, unit and doubts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number.

    Attributes
    ----------
    section : str
        What kind of thing it tells of, such as ``"intensity"``.
    name : str
        What it is, in words.
    value : float or None
        None where it cannot be had; `note` says why.
    unit : str
        Its unit; empty for ratios and counts.
    note : str
        How it was had, or why not.
    """

    section: str
    name: str
    value: float | None
    unit: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """By what the same quantity of another image is found."""
        return f"{self.section}: {self.name}"


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """A plot of one channel: a histogram or a spectrum.

    Attributes
    ----------
    name : str
        What it shows.
    x, y : numpy.ndarray
        Its points.
    x_label, y_label : str
        What the axes are, with their units.
    is_log : bool
        Whether both axes are to be shown by their logarithms.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x_label: str
    y_label: str
    is_log: bool = False
