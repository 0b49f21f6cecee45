"""In what the metadata of two images differ: the first thing that a reviewer asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from napari_cellib.model import TermField

if TYPE_CHECKING:
    from napari_cellib.compare.subject import Subject

Verdict: TypeAlias = Literal["same", "differs", "unknown"]

_TERMS = (
    ("organism", TermField.ORGANISM),
    ("cell type", TermField.CELL_TYPE),
    ("cell component", TermField.CELLULAR_COMPONENT),
    ("imaging method", TermField.IMAGING_METHOD),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of two images; None is not known."""

    name: str
    a: str | None
    b: str | None

    @property
    def verdict(self) -> Verdict:
        """Whether they agree."""
        if self.a is None or self.b is None:
            return "unknown"
        return "same" if self.a.casefold() == self.b.casefold() else "differs"


def differences(a: Subject, b: Subject) -> tuple[Fact, ...]:
    """Return what is known of how two images were made, side by side.

    Parameters
    ----------
    a, b : Subject
        The images.

    Returns
    -------
    tuple of Fact
        Also of what agrees, and of what only one says.
    """
    mine, other = _facts(a), _facts(b)
    return tuple(Fact(name, mine[name], other[name]) for name in mine)


def _facts(subject: Subject) -> dict[str, str | None]:
    record, dimensions = subject.record, subject.dimensions
    found: dict[str, str | None] = {}
    for name, field in _TERMS:
        terms = record.terms(field) if record else ()
        found[name] = "; ".join(dict.fromkeys(t.name for t in terms)) or None
    stains = [c.term.name for c in dimensions.channels if c.term] if dimensions else []
    found["channels"] = ", ".join(subject.channels)
    found["stains"] = ", ".join(stains) or None
    found["pixel size"] = _length(subject.pixel_size_um)
    found["z step"] = _length(dimensions.spacing_um.get("z") if dimensions else None)
    step = dimensions.time_step_s if dimensions else None
    found["time step"] = None if step is None else f"{step:g} s"
    height, width = subject.planes.shape[1:]
    found["size"] = f"{width} × {height} px"
    full = subject.full_scale
    found["largest possible value"] = None if full is None else f"{full:g}"
    found["licence"] = record.licence.name if record and record.licence else None
    return found


def _length(length_um: float | None) -> str | None:
    return None if length_um is None else f"{length_um:.4g} µm"
