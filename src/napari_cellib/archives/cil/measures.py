"""Sizes and spacing of an image, from the numbers that people typed into a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.archives.cil.words import one_line
from napari_cellib.model import Dimensions

if TYPE_CHECKING:
    from napari_cellib.archives.cil.ledger import Ledger, Node
    from napari_cellib.model.dimensions import Axis, SpaceAxis

_MICROMETERS = {
    "microns": 1.0, "micron": 1.0, "micrometers": 1.0, "um": 1.0, "µm": 1.0, "μm": 1.0,
    "nanometers": 1e-3, "nm": 1e-3, "millimeters": 1e3, "mm": 1e3,
    "angstroms": 1e-4, "å": 1e-4,
}  # fmt: skip
_SECONDS = {
    "seconds": 1.0, "s": 1.0, "sec": 1.0, "milliseconds": 1e-3, "ms": 1e-3,
    "minutes": 60.0, "min": 60.0, "hours": 3600.0,
}  # fmt: skip
_AXES: dict[str, SpaceAxis] = {"X": "x", "Y": "y", "Z": "z"}
_ORDER: tuple[Axis, ...] = ("t", "z", "y", "x")
_SMALLEST_UM, _LARGEST_UM = 1e-5, 1e3
_INCH_UM = 25_400.0
_SCANNED_UM = 15.0  # above it, a spacing may be that of a scanner
_FIELD_UM = 40.0


class Measures(NamedTuple):
    """What is known of the size of an image, and what no size says."""

    dimensions: Dimensions | None
    extra: tuple[tuple[str, str], ...]


class _Sizes:
    """Collects the axes of one image."""

    def __init__(self, ledger: Ledger, *, stack: bool) -> None:
        self.ledger, self.stack = ledger, stack
        self.sizes: dict[Axis, int] = {}
        self.spacing: dict[SpaceAxis, float] = {}
        self.step_s: float | None = None
        self.inferred: list[str] = []
        self.extra: list[tuple[str, str]] = []

    def space(self, node: Node) -> None:
        """Take the length and the spacing of one axis."""
        axis = self._axis(node.get("axis"))
        if axis is None:
            return
        count = self._count(node.get("Image_size"))
        repeated = axis == "z" and not self.stack and count == self.sizes.get("y")
        if repeated and count and count > 1:
            # The form offers the numbers of the axis before again.
            for leaf in node.leaves():
                self.ledger.refused(leaf, "it repeats the height; there is no stack")
            return
        if count:
            self.sizes[axis] = count
        if node.get("Pixel_size").value is not None:
            self._take_spacing(axis, node.get("Pixel_size"), count)

    def time(self, node: Node) -> None:
        """Take the number of frames and the time between two of them."""
        frames, value, unit = (node.get(key) for key in ("frame", "value", "unit"))
        if frames.text.isdecimal() and int(frames.text) > 0:
            self.sizes["t"] = int(frames.text)
            self.ledger.mapped(frames)
        elif frames.text:
            self._aside("frames", frames)
        if value.number is None:
            if value.text:
                self.ledger.refused(value, "a time is above zero")
        elif factor := _SECONDS.get(unit.text.lower()):
            self.step_s = value.number * factor
            self.ledger.mapped(value)
            self.ledger.mapped(unit)
        else:
            self.ledger.refused(value, "its unit is none of time")
            self.ledger.refused(unit, "it is no unit of time")

    def wavelength(self, node: Node) -> None:
        """Keep what was written of channels; it is no list of them."""
        value, unit, note = (node.get(key) for key in ("value", "unit", "note"))
        if value.text:
            nm = (
                " nm"
                if unit.text.startswith("nano") and value.text[0].isdigit()
                else ""
            )
            self.extra.append(("wavelengths", f"{one_line(value.text)}{nm}"))
            self.ledger.mapped(value)
            if nm:
                self.ledger.cleaned(unit, "one name for each unit")
            else:
                self.ledger.refused(unit, "it is no unit of such a value")
        if note.text:
            self._aside("number of wavelengths", note)

    def result(self) -> Measures:
        """Return what was collected; without any length there are no dimensions."""
        sizes = {axis: self.sizes[axis] for axis in _ORDER if axis in self.sizes}
        if not sizes:
            for axis, um in self.spacing.items():
                self.extra.append((f"pixel size {axis}", f"{um:g} µm"))
            if self.step_s:
                self.extra.append(("time step", f"{self.step_s:g} s"))
            return Measures(None, tuple(self.extra))
        dimensions = Dimensions(
            sizes=sizes,
            spacing_um=self.spacing,
            time_step_s=self.step_s,
            inferred=tuple(self.inferred),
        )
        return Measures(dimensions, tuple(self.extra))

    def _axis(self, node: Node) -> SpaceAxis | None:
        axis = _AXES.get(node.text.upper())
        if axis is None:
            if node.text:
                self.ledger.refused(node, "there is no such axis")
            return None
        if axis in self.sizes and "y" not in self.sizes:
            axis = "y"  # "X" twice: the second is the height
            self.inferred.append("sizes.y")
            self.ledger.cleaned(node, "the second X is the height")
        elif axis in self.sizes:
            self.ledger.refused(node, "the axis comes twice")
            return None
        else:
            self.ledger.mapped(node)
        return axis

    def _count(self, node: Node) -> int | None:
        number = node.number
        if number is None or number != int(number):
            if node.text:
                self.ledger.refused(node, "it is no number of pixels")
            return None
        self.ledger.mapped(node)
        return int(number)

    def _take_spacing(self, axis: SpaceAxis, node: Node, count: int | None) -> None:
        value, unit = node.get("value"), node.get("unit")
        factor = _MICROMETERS.get(unit.text.lower())
        number = value.number
        reason = "zero stands for unknown"
        if number is not None and factor is None:
            reason = "its unit is none of length"
        elif number is not None and factor is not None:
            um = round(number * factor, 12)
            reason = _doubt(um, axis, count)
            if not reason:
                self.spacing[axis] = um
                if factor == 1.0:
                    self.ledger.mapped(unit)
                    self.ledger.mapped(value)
                else:
                    self.ledger.cleaned(unit, "in micrometers")
                    self.ledger.cleaned(value, "in micrometers")
                return
        self.ledger.refused(value, reason)
        if unit.text:
            self.ledger.refused(unit, reason)

    def _aside(self, name: str, node: Node) -> None:
        self.extra.append((name, one_line(node.text)))
        self.ledger.mapped(node)


def measures(core: Node, *, stack: bool, ledger: Ledger) -> Measures:
    """Return sizes and spacing of an image.

    Parameters
    ----------
    core : Node
        The part ``CORE`` of a document.
    stack : bool
        Whether the document calls it a stack of planes.
    ledger : Ledger
        Told what became of each value.

    Returns
    -------
    Measures
        In micrometers and seconds; what cannot be true is left out.
    """
    sizes = _Sizes(ledger, stack=stack)
    for node in core.get("DIMENSION").each():
        if node.get("Space").value is not None:
            sizes.space(node.get("Space"))
        if node.get("Time").value is not None:
            sizes.time(node.get("Time"))
        if node.get("Wavelength").value is not None:
            sizes.wavelength(node.get("Wavelength"))
    return sizes.result()


def _doubt(um: float, axis: SpaceAxis, count: int | None) -> str:
    """Return why a spacing cannot be that of a specimen, or nothing."""
    if um < _SMALLEST_UM:
        return "it is smaller than an atom"
    if um > _LARGEST_UM:
        return "it is larger than what a microscope sees"
    dpi = _INCH_UM / um
    if um > _SCANNED_UM and abs(dpi - round(dpi)) < 0.001 * dpi and round(dpi) % 4 == 0:
        return "it is the resolution of a scanner, not of the specimen"
    if count is None and axis != "z" and um > _FIELD_UM:
        return "it is the extent of the image, not of a pixel"
    return ""
