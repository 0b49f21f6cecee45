"""What is looked at, where a person is heading, and which pictures lie there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellib.pixels.streaming.painting import Ranges

# Steps that follow one another faster are a scrub or a film.
_QUICK_S = 0.4
# So fast that the next one comes before anything could be drawn in between.
_FLIGHT_S = 0.09
_PLANES, _PLANES_QUICK = 2, 6


@dataclass(frozen=True, slots=True)
class View:
    """A part of one level; `ranges` are its pixels per axis of the level."""

    level: int
    ranges: Ranges


class Attention:
    """Tells from the pictures that napari asks for which ones it shows.

    It asks for the level that it shows and then, for its thumbnail, for the
    coarsest one; where it shows the coarsest, it asks for that twice.

    Parameters
    ----------
    coarsest : int
        Number of the coarsest level.
    axes : tuple of int
        The axes that belong to the layer.
    """

    def __init__(self, coarsest: int, axes: tuple[int, ...]) -> None:
        self._coarsest = coarsest
        self._axes = axes
        self._awaits_overview = False
        self.picture: View | None = None
        self.overview: View | None = None

    @property
    def shown(self) -> View | None:
        """What is looked at."""
        return self.picture or self.overview

    @property
    def views(self) -> tuple[View, ...]:
        """All that is shown: the picture and the overview."""
        return tuple(v for v in (self.picture, self.overview) if v is not None)

    def forget(self) -> None:
        """Take nothing for shown."""
        self.picture = self.overview = None
        self._awaits_overview = False

    def note(self, view: View) -> bool:
        """Take in what is asked for; say whether it is something new."""
        before = self.views
        if view.level != self._coarsest:
            if view != self.picture and any(
                len(view.ranges[axis]) == 1 for axis in self._axes
            ):
                self.overview = None  # that of another plane; the right one follows
            self.picture, self._awaits_overview = view, True
        else:
            self.overview = view
            if not self._awaits_overview:
                self.picture = None
            self._awaits_overview = False
        return self.views != before


class Travel:
    """Remembers the last steps along the axes that are scrolled through.

    Parameters
    ----------
    axes : tuple of int
        The axes that belong to the layer; of these, those that a view cuts to one
        plane are scrolled.
    """

    def __init__(self, axes: tuple[int, ...]) -> None:
        self._axes = axes
        self._last: View | None = None
        self._heading: tuple[int, int] | None = None
        self._stepped_at = 0.0
        self._pause_s = _QUICK_S  # between the last two steps

    def note(self, view: View) -> None:
        """Take in what is looked at now."""
        last, self._last = self._last, view
        if last is None or last.level != view.level:
            return
        moved = [
            (axis, view.ranges[axis].start - last.ranges[axis].start)
            for axis in self.scrolled(view)
            if view.ranges[axis].start != last.ranges[axis].start
        ]
        if len(moved) == 1:
            axis, way = moved[0]
            now = time.monotonic()
            self._pause_s, self._stepped_at = now - self._stepped_at, now
            self._heading = (axis, 1 if way > 0 else -1)

    @property
    def is_quick(self) -> bool:
        """Whether the last steps are those of a scrub or a film."""
        return self._pause_s < _QUICK_S

    @property
    def is_film(self) -> bool:
        """Whether the last steps are quick, but each can be drawn before the next."""
        return _FLIGHT_S <= self._pause_s < _QUICK_S

    def is_in_flight(self) -> bool:
        """Say whether the next step of a fast scrub is due."""
        since = time.monotonic() - self._stepped_at
        return self._pause_s < _FLIGHT_S and since < _FLIGHT_S

    def is_ahead(self, view: View, other: View) -> bool:
        """Say whether another plane of a level lies in the direction of travel."""
        if self._heading is None:
            return False
        axis, way = self._heading
        return (other.ranges[axis].start - view.ranges[axis].start) * way > 0

    def next_views(self, view: View, shape: tuple[int, ...]) -> Iterator[View]:
        """Go through the planes that are likely next, the likeliest first.

        Parameters
        ----------
        view : View
            What is looked at.
        shape : tuple of int
            Shape of its level.
        """
        axes = self.scrolled(view)
        if self._heading is None or self._heading[0] not in axes:
            ways = [(axis, way) for axis in reversed(axes) for way in (1, -1)]
        else:
            axis, way = self._heading
            count = _PLANES_QUICK if self.is_quick else _PLANES
            ways = [(axis, way * step) for step in range(1, count + 1)]
            ways.append((axis, -way))
        for axis, step in ways:
            at = view.ranges[axis].start + step
            if 0 <= at < shape[axis]:
                ranges = list(view.ranges)
                ranges[axis] = range(at, at + 1)
                yield View(view.level, tuple(ranges))

    def axis(self, view: View) -> int | None:
        """Return the axis that was last scrolled along, else the one for depth."""
        axes = self.scrolled(view)
        if self._heading is not None and self._heading[0] in axes:
            return self._heading[0]
        return axes[-1] if axes else None

    def scrolled(self, view: View) -> list[int]:
        """Return the axes of which a view shows a single plane."""
        return [axis for axis in self._axes if len(view.ranges[axis]) == 1]


def scrolled_to(view: View, planes: Mapping[int, int]) -> View:
    """Return a view of other planes, along the axes of which it shows a single one.

    Parameters
    ----------
    view : View
        What is looked at.
    planes : mapping of int to int
        Which plane of the level, by the axis.

    Examples
    --------
    >>> scrolled_to(View(1, (range(3, 4), range(0, 100))), {0: 7, 1: 5}).ranges
    (range(7, 8), range(0, 100))
    """
    ranges = list(view.ranges)
    for axis, place in planes.items():
        if len(ranges[axis]) == 1:
            ranges[axis] = range(place, place + 1)
    return View(view.level, tuple(ranges))


def zoomed(view: View, shape: tuple[int, ...], finer: tuple[int, ...]) -> View:
    """Return the middle of a view one level finer, as large as the window is now.

    Parameters
    ----------
    view : View
        What is looked at.
    shape, finer : tuple of int
        Shapes of its level and of the finer one.

    Examples
    --------
    >>> zoomed(View(1, (range(3, 4), range(0, 100))), (5, 100), (5, 200)).ranges
    (range(3, 4), range(50, 150))
    """
    ranges = []
    for pixels, length, fine in zip(view.ranges, shape, finer, strict=True):
        middle = (pixels.start + pixels.stop) * fine / (2 * length)
        start = max(0, min(int(middle - len(pixels) / 2), fine - 1))
        ranges.append(range(start, min(fine, start + max(1, len(pixels)))))
    return View(view.level - 1, tuple(ranges))
