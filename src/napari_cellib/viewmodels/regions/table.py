"""All regions of an image, and which of them are in view.

A viewer that is given ten thousand shapes takes seconds for it, and most of a second
for each stroke afterwards. So it is given those that can be seen, and this table has
the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.regions.placing import bounds, drawn_as
from napari_cellib.viewmodels.regions.words import Words, all_words, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Annotation, Region, Statements
    from napari_cellib.viewmodels.regions.frame import Corners, Frame

_PART = 1000  # regions between two looks whether to stop


class View(NamedTuple):
    """What of the image is on the screen, in pixels of the finest level."""

    at: tuple[float, ...]  # the plane that is looked at
    seen: tuple[int, ...]  # the axes that lie in the screen
    low: tuple[float, ...] | None = None  # corners of what is seen; None is all
    high: tuple[float, ...] | None = None


class InView(NamedTuple):
    """Those to draw, and how many there are."""

    ids: tuple[str, ...]
    total: int


@dataclass
class RegionTable:
    """Regions by id, with their bounds as arrays.

    Parameters
    ----------
    frame : Frame
        The pixels in which they lie.
    regions : dict of str to Region
        Those that there are, by id.
    words : dict of str to Words
        What is written beside them, as far as that was looked up.
    said_of : callable
        Returns what holds of the region with an id, where it was not.
    """

    frame: Frame
    regions: dict[str, Region] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)
    said_of: Callable[[str], Iterable[Annotation]] = lambda _: ()
    _rows: dict[str, int] = field(default_factory=dict)
    _ids: list[str] = field(default_factory=list)
    _box: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2, 0)))
    _points: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))

    @classmethod
    def of(cls, statements: Statements, frame: Frame) -> Job[RegionTable]:
        """Make the table of what holds at present.

        Parameters
        ----------
        statements : Statements
            All that was said, what no longer holds as well.
        frame : Frame
            The pixels of the image.

        Yields
        ------
        Progress
            How many regions are placed.

        Returns
        -------
        RegionTable
            With every region that holds.
        """
        label = "Placing regions"
        yield Progress(label)
        present = statements.present
        table = cls(frame)
        boxes = []
        for number, region in enumerate(present.regions):
            if number % _PART == 0:
                yield Progress(label, number, len(present.regions))
            boxes.append(bounds(region, frame))
        yield Progress(label, len(boxes), len(boxes))
        table._fill(present.regions, np.array(boxes, float))
        table.words = all_words(present.regions, present.annotations)
        return table

    def put(self, region: Region) -> None:
        """Add a region, or have it at its new place."""
        box = np.array(bounds(region, self.frame), float)
        self.regions[region.id] = region
        row = self._rows.get(region.id)
        if row is not None:
            self._box[row] = box
            return
        self._rows[region.id] = len(self._ids)
        self._ids.append(region.id)
        old = self._box.reshape(-1, *box.shape)
        self._box = np.concatenate([old, box[None]])
        self._points = np.append(self._points, drawn_as(region) == "point")

    def take(self, region_id: str) -> Region | None:
        """Forget a region, and return it."""
        row = self._rows.pop(region_id, None)
        if row is not None:
            self._box[row] = np.nan  # which is in no view
        self.words.pop(region_id, None)
        return self.regions.pop(region_id, None)

    def text(self, region_id: str) -> Words:
        """Return what is written beside a region; looked up when it is asked for."""
        region = self.regions.get(region_id)
        if region is None:
            return Words()
        if region_id not in self.words:
            self.words[region_id] = words_of(self.said_of(region_id), region)
        return self.words[region_id]

    def in_view(
        self, view: View, *, most: int, keep: Collection[str] = (), of: str = ""
    ) -> InView:
        """Return which regions to draw.

        Parameters
        ----------
        view : View
            What is looked at.
        most : int
            How many to draw; those nearest to the middle of the view.
        keep : collection of str
            Ids to draw in any case: what a person has selected.
        of : {"", "points", "shapes"}
            Only those that are drawn as such.
        """
        rows = np.flatnonzero(self._is_seen(view))
        if of:
            rows = rows[self._points[rows] == (of == "points")]
        count = len(rows)
        if count > most:
            rows = rows[np.argpartition(self._far(view, rows), most)[:most]]
        ids = dict.fromkeys(self._ids[row] for row in np.sort(rows))
        return InView(
            (*ids, *(i for i in keep if i in self._rows and i not in ids)), count
        )

    def outside(self) -> tuple[str, ...]:
        """Return the regions of which nothing lies in the image."""
        if not self._ids:
            return ()
        last = np.asarray(self.frame.sizes) - 0.5
        low, high = self._box[:, 0], self._box[:, 1]
        is_out = ((high < -0.5) | (low > last)).any(axis=1)
        return tuple(self._ids[row] for row in np.flatnonzero(is_out))

    def _fill(self, regions: Sequence[Region], boxes: Corners) -> None:
        self.regions = {region.id: region for region in regions}
        if len(self.regions) == len(regions):
            self._ids = list(self.regions)
            self._rows = {one: row for row, one in enumerate(self._ids)}
            self._box = boxes
            self._points = np.array([drawn_as(one) == "point" for one in regions], bool)
            return
        for region in regions:  # two people moved one: the later place is drawn
            self.put(region)

    def _is_seen(self, view: View) -> NDArray[np.bool_]:
        if not self._ids:
            return np.zeros(0, bool)
        low, high = self._box[:, 0], self._box[:, 1]
        seen = np.ones(len(self._ids), bool)
        for axis, here in enumerate(view.at):
            first = last = here
            if axis in view.seen:
                first = -np.inf if view.low is None else view.low[axis]
                last = np.inf if view.high is None else view.high[axis]
            seen &= (low[:, axis] < last + 0.5) & (high[:, axis] >= first - 0.5)
        return seen

    def _far(self, view: View, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how far regions are from the middle of the view, squared."""
        axes = list(view.seen)
        sizes = np.asarray(self.frame.sizes, float)
        low = np.asarray(view.low if view.low is not None else np.zeros_like(sizes))
        high = np.asarray(view.high if view.high is not None else sizes)
        box = np.clip(self._box[rows], -1e9, 1e9)
        off = box.mean(axis=1)[:, axes] - ((low + high) / 2)[axes]
        return np.asarray((off**2).sum(axis=1))
