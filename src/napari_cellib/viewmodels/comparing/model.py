"""What the panel that compares two images shows and decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.compare.pictures import Contrast, grey, matched
from napari_cellib.viewmodels.comparing.measuring import (
    Measured,
    Wish,
    measure_job,
    read_job,
)
from napari_cellib.viewmodels.comparing.parts import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.comparing.parts import Pair, Part
    from napari_cellib.viewmodels.comparing.sides import Side
    from napari_cellib.viewmodels.libraries import Libraries

_NOTHING = "Open your own image in the viewer, and a reference beside it."
_ALONE = (
    "Open a reference to see it beside yours, or name many of them to find out what is "
    "usual."
)


class Mode(StrEnum):
    """How two images are shown."""

    SIDE_BY_SIDE = "Side by side"
    BLINK = "Blink"
    OVERLAY = "Overlay"


@dataclass(frozen=True, eq=False, slots=True)
class Shown:
    """One image as it is drawn.

    Attributes
    ----------
    name : str
        What is written above it.
    grey : numpy.ndarray
        Its brightness from 0 to 255, of shape (Y, X).
    step : float
        Side of a pixel in `unit`.
    unit : str
        Micrometers, or pixels where their size is unknown.
    spot : tuple of float or None
        Top, left, bottom and right of the part that is most alike, as shares of it.
    """

    name: str
    grey: NDArray[np.uint8]
    step: float
    unit: str
    spot: tuple[float, float, float, float] | None = None


@dataclass
class CompareModel:
    """Two images of the viewer; every field tells its listeners when it changes.

    Attributes
    ----------
    libraries : Libraries
        Where records of references are found.
    sides : tuple of Side
        All images that can be chosen.
    chosen : tuple of str
        Names of the two that are compared, the reference last.
    pixel_sizes_um : dict of str to float
        What a person has said of images that do not know theirs, by name.
    parts : tuple of Part
        What was marked in the viewer, and may be meant instead of the whole plane.
    meant : dict of str to str
        Which of these a person has chosen, by name of the image.
    spots : dict of str to Part
        What of an image was found to be most like the other one, by name of the image.
    ways : dict of str to tuple of float
        How far from where the viewer stands the plane of an image lies, by its name.
    wish : Wish or None
        Among which images the first is to be placed.
    mode, contrast
        How they are shown.
    pictures : tuple of Shown
        What is seen of them.
    measured : Measured or None
        What was measured of what is shown.
    message : str
        What a person should know, in sentences.
    """

    libraries: Libraries
    sides: tuple[Side, ...] = ()
    chosen: tuple[str, ...] = ()
    pixel_sizes_um: dict[str, float] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    meant: dict[str, str] = field(default_factory=dict)
    spots: dict[str, Part] = field(default_factory=dict)
    ways: dict[str, tuple[float, ...]] = field(default_factory=dict)
    wish: Wish | None = None
    mode: Mode = Mode.SIDE_BY_SIDE
    contrast: Contrast = Contrast.OWN
    pictures: tuple[Shown, ...] = ()
    measured: Measured | None = None
    message: str = _NOTHING
    _subjects: tuple[Subject, ...] = ()
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def take_sides(self, sides: Sequence[Side]) -> None:
        """Let these images be chosen; what was chosen stays, if it is still there."""
        self.sides = tuple(sides)
        names = [side.name for side in sides]
        kept = [name for name in self.chosen if name in names]
        # One's own comes first: what is of a library is the reference.
        own_first = sorted(sides, key=lambda side: side.address is not None)
        rest = [side.name for side in own_first if side.name not in kept]
        self.choose(*[*kept, *rest][:2])

    def choose(self, *names: str) -> None:
        """Compare these two images, the reference last."""
        if names != self.chosen:
            self._forget()
        if set(names) != set(self.chosen):
            self.spots, self.ways = {}, {}
        self.chosen = names
        if len(names) < 2:
            self.message = _ALONE if names else _NOTHING

    def take_pair(self, pair: Pair) -> None:
        """Compare an image with what was found to be like it."""
        self.choose(pair.image, pair.reference)
        self.spots = {pair.reference: pair.spot} if pair.spot else {}
        self.ways = {pair.image: pair.way} if pair.way else {}
        self.mean(pair.image, pair.part)

    def swap(self) -> None:
        """Let each take the other's place."""
        self.choose(*reversed(self.chosen))

    def say_pixel_size(self, name: str, size_um: float) -> None:
        """Take what a person says of the size of a pixel; 0 is unknown."""
        known = {**self.pixel_sizes_um, name: size_um}
        self.pixel_sizes_um = {n: size for n, size in known.items() if size > 0}
        self._forget()

    def take_parts(self, parts: Sequence[Part]) -> bool:
        """Let these be chosen; say whether what is shown is another place now."""
        before = [self.part_of(name).place for name in self.chosen]
        self.parts = tuple(parts)
        is_moved = before != [self.part_of(name).place for name in self.chosen]
        if is_moved:
            self._forget()
        return is_moved

    def mean(self, name: str, key: str) -> None:
        """Show and measure a part of an image; an empty key is the whole plane."""
        self.meant = {**self.meant, name: key}
        self._forget()

    def part_of(self, name: str) -> Part:
        """Return what of an image is meant."""
        key = self.meant.get(name, "")
        return next((one for one in self.parts_of(name) if one.key == key), WHOLE)

    def parts_of(self, name: str) -> tuple[Part, ...]:
        """Return what of an image may be meant."""
        spot = self.spots.get(name)
        return self.parts if spot is None else (spot, *self.parts)

    @property
    def shown(self) -> tuple[Side, ...]:
        """The images that are chosen and still there."""
        found = {side.name: side for side in self.sides}
        return tuple(found[name] for name in self.chosen if name in found)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Those of them whose pixel size the viewer does not know."""
        return tuple(one.name for one in self.shown if None in one.pixel_sizes_um)

    def read_job(self, point: Sequence[float]) -> Job[tuple[Subject, ...]] | None:
        """Return the job that reads the planes at a place in the world, if any."""
        if not self.shown:
            return None
        return read_job(
            self.libraries,
            self.shown,
            tuple(point),
            sizes=self.pixel_sizes_um,
            parts={name: self.part_of(name) for name in self.chosen},
            ways=self.ways,
        )

    def take_subjects(self, subjects: tuple[Subject, ...]) -> None:
        """Show what was read."""
        self._subjects = subjects
        self.measured = None
        self.show()

    def set_contrast(self, contrast: Contrast) -> None:
        """Match the contrast in another way."""
        self.contrast = contrast
        self.show()

    def show(self) -> None:
        """Draw what was read, with the contrast that was chosen."""
        if not self._subjects:
            return
        subjects = self._subjects
        a, b = subjects[0], subjects[-1]
        limits = matched(a.values(0), b.values(0), self.contrast)
        self.pictures = tuple(
            Shown(
                one.name,
                grey(one.planes[0], limit),
                one.step,
                one.unit,
                self._spot_of(one.name),
            )
            for one, limit in zip(subjects, limits, strict=False)
        )
        self.message = " ".join(dict.fromkeys(self._notes()))

    def wish_for(self, words: str, channel: str = "") -> None:
        """Place the first image among those of a search; no words, no group."""
        words = words.strip()
        self.wish = Wish(words, channel.strip()) if words else None

    @property
    def can_measure(self) -> bool:
        """Whether there is something to measure it against."""
        return len(self._subjects) == 2 or (
            len(self._subjects) == 1 and self.wish is not None
        )

    def measure_job(self) -> Job[Measured] | None:
        """Return the job that measures what is shown; None where nothing is."""
        if not self.can_measure:
            return None
        return measure_job(self.libraries, self._subjects, self.wish)

    def take_measured(self, measured: Measured) -> None:
        """Show what was measured."""
        self.measured = measured
        if measured.problem:
            self.message = measured.problem

    def _notes(self) -> list[str]:
        subjects = self._subjects
        notes = [note for one in subjects for note in one.notes]
        missing = [one.name for one in subjects if one.pixel_size_um is None]
        if len(subjects) < 2:
            size = [f"The pixel size of {name} is not known." for name in missing]
            return [*size, *notes, _ALONE]
        notes.insert(0, f"{self.contrast.in_words}.")
        notes += [
            f"{name} is shown at the plane that was asked about, and the other at the "
            "one that was found: the sliders move both from there."
            for name in self.ways
        ]
        if missing:
            names = " and ".join(missing)
            notes.insert(
                0,
                f"The pixel size of {names} is not known, so sizes cannot be compared: "
                "a pixel of one is as long as a unit of the other.",
            )
        return notes

    def _spot_of(self, name: str) -> tuple[float, float, float, float] | None:
        """Return what is most alike, in an image that is shown whole."""
        spot = self.spots.get(name)
        side = next((one for one in self.shown if one.name == name), None)
        if spot is None or side is None or self.part_of(name) is not WHOLE:
            return None
        rows, columns = spot.window(side, ())
        height, width = side.plane_shape(0)
        top, bottom = rows.start / height, rows.stop / height
        return top, columns.start / width, bottom, columns.stop / width

    def _forget(self) -> None:
        self._subjects = ()
        self.pictures = ()
        self.measured = None
