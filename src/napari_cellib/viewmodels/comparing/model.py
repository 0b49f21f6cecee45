"""What the panel that compares two images shows and decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.compare.comparing import Compared
from napari_cellib.compare.comparison import compare_subjects
from napari_cellib.compare.pictures import Contrast, grey, matched
from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.model import Address
from napari_cellib.viewmodels.search_state import problem_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.viewmodels.comparing.sides import Side
    from napari_cellib.viewmodels.libraries import Libraries

_NOTHING = "Open two images in the viewer: your own, and a reference."


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
    """

    name: str
    grey: NDArray[np.uint8]
    step: float
    unit: str


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
    mode, contrast
        How they are shown.
    pictures : tuple of Shown
        None, or both images.
    compared : Compared or None
        What was measured of what is shown.
    message : str
        What a person should know, in sentences.
    """

    libraries: Libraries
    sides: tuple[Side, ...] = ()
    chosen: tuple[str, ...] = ()
    pixel_sizes_um: dict[str, float] = field(default_factory=dict)
    mode: Mode = Mode.SIDE_BY_SIDE
    contrast: Contrast = Contrast.OWN
    pictures: tuple[Shown, ...] = ()
    compared: Compared | None = None
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
        self.chosen = names
        if len(names) < 2:
            self.message = _NOTHING

    def swap(self) -> None:
        """Let each take the other's place."""
        self.choose(*reversed(self.chosen))

    def say_pixel_size(self, name: str, size_um: float) -> None:
        """Take what a person says of the size of a pixel; 0 is unknown."""
        known = {**self.pixel_sizes_um, name: size_um}
        self.pixel_sizes_um = {n: size for n, size in known.items() if size > 0}
        self._forget()

    @property
    def pair(self) -> tuple[Side, Side] | None:
        """The two images that are compared; None if there are no two."""
        found = {side.name: side for side in self.sides}
        if len(self.chosen) < 2 or not found.keys() >= set(self.chosen):
            return None
        return found[self.chosen[0]], found[self.chosen[1]]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Those of the two whose pixel size the viewer does not know."""
        sides = self.pair or ()
        return tuple(side.name for side in sides if None in side.pixel_sizes_um)

    def read_job(self, point: Sequence[float]) -> Job[tuple[Subject, ...]] | None:
        """Return the job that reads both planes at a place in the world, if any."""
        pair = self.pair
        if pair is None:
            return None
        return _read(self.libraries, pair, tuple(point), self.pixel_sizes_um)

    def take_subjects(self, subjects: tuple[Subject, ...]) -> None:
        """Show both planes."""
        self._subjects = subjects
        self.compared = None
        self.show()

    def set_contrast(self, contrast: Contrast) -> None:
        """Match the contrast in another way."""
        self.contrast = contrast
        self.show()

    def show(self) -> None:
        """Draw what was read, with the contrast that was chosen."""
        if len(self._subjects) < 2:
            return
        a, b = self._subjects
        limits = matched(a.values(0), b.values(0), self.contrast)
        self.pictures = tuple(
            Shown(one.name, grey(one.planes[0], limit), one.step, one.unit)
            for one, limit in zip((a, b), limits, strict=True)
        )
        missing = [one.name for one in (a, b) if one.pixel_size_um is None]
        notes = [f"{self.contrast.in_words}.", *a.notes, *b.notes]
        if missing:
            names = " and ".join(missing)
            notes.insert(
                0,
                f"The pixel size of {names} is not known, so sizes cannot be compared: "
                "a pixel of one is as long as a unit of the other.",
            )
        self.message = " ".join(dict.fromkeys(notes))

    def measure_job(self) -> Job[Compared] | None:
        """Return the job that measures what is shown; None where nothing is."""
        return _measure(*self._subjects) if len(self._subjects) == 2 else None

    def take_compared(self, compared: Compared) -> None:
        """Show what was measured."""
        self.compared = compared

    def take_error(self, error: Exception) -> None:
        """Say what went wrong."""
        self.message = " ".join(problem_in_words(error))

    def _forget(self) -> None:
        self._subjects = ()
        self.pictures = ()
        self.compared = None


def _read(
    libraries: Libraries,
    pair: tuple[Side, Side],
    point: tuple[float, ...],
    sizes: dict[str, float],
) -> Job[tuple[Subject, ...]]:
    subjects = []
    for side in pair:
        yield Progress(f"Reading {side.name}")
        record, name = _record(libraries, side.address)
        size = sizes.get(side.name)
        subjects.append(
            side.read(point, pixel_size_um=size, record=record, library_name=name)
        )
    return tuple(subjects)


def _record(
    libraries: Libraries, address: str | None
) -> tuple[ImageRecord | None, str]:
    """Return what a library knows of an image, and its name, if it can be asked."""
    if address is None:
        return None, ""
    try:
        where = Address.parse(address)
        library = libraries.get(where.library)
        return library.record(where.record), library.info.name
    except CellibError:  # it is compared all the same, without what is known of it
        return None, ""


def _measure(a: Subject, b: Subject) -> Job[Compared]:
    return Compared((yield from compare_subjects(a, b)))
