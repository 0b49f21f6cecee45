"""All levels of one layer: makes pictures of what is there, says what is wanted."""

from __future__ import annotations

import weakref
from contextlib import suppress
from math import prod
from threading import Lock
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.streaming.loader import Tier
from napari_cellib.pixels.streaming.painting import mosaic
from napari_cellib.pixels.streaming.plans import Plans
from napari_cellib.pixels.streaming.status import Arrivals, StreamStatus
from napari_cellib.pixels.streaming.travel import Attention, View, scrolled_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from napari_cellib.pixels.streaming.loader import Keys
    from napari_cellib.pixels.streaming.painting import Ranges
    from napari_cellib.pixels.streaming.sources import ChunkKey, ChunkSource
    from napari_cellib.pixels.streaming.streams import Streams

# Pictures of a whole level up to this size are kept up to date.
_POSTER_BYTES = 64_000_000
# As many as napari asks for while it makes a layer and adds it to a viewer.
_TRIAL_PICTURES = 6
# Times the memory for chunks: a larger picture would take napari down with it.
_LARGEST_PICTURE = 4


class Stream:
    """The levels of one layer, and what is seen of them.

    Parameters
    ----------
    streams : Streams
        Whose loader and cache are used.
    sources : sequence of ChunkSource
        The levels, the finest first.
    extents : sequence of tuple of range
        What of each level belongs to the layer, such as one channel; ascending.
    scrolled : tuple of int, default: ()
        The axes of which a viewer shows one plane at a time to begin with.
    """

    def __init__(
        self,
        streams: Streams,
        sources: Sequence[ChunkSource],
        extents: Sequence[Ranges],
        scrolled: tuple[int, ...] = (),
    ) -> None:
        self.streams = streams
        self.sources = tuple(sources)
        self._extents = tuple(extents)
        self._scrolled = scrolled
        self._lock = Lock()
        self._deciding = Lock()
        own = [axis for axis, pixels in enumerate(self._extents[0]) if len(pixels) > 1]
        self._plans = Plans(self.sources, tuple(own))
        self._attention = Attention(len(self.sources) - 1, tuple(own))
        self._arrivals = Arrivals()
        self._expected: Keys = ()
        self._expected_view: View | None = None
        self._has_begun = False
        self._trials = 0
        self._looks_ahead = False
        self._is_foreseen = False
        self._wanted: frozenset[ChunkKey] = frozenset()
        self._missing: dict[View, frozenset[ChunkKey]] = {}
        self._posters: weakref.WeakValueDictionary[View, np.ndarray[Any, Any]] = (
            weakref.WeakValueDictionary()
        )
        self._levels = {s.identity: n for n, s in enumerate(self.sources)}
        for source in self.sources:
            streams.loader.introduce(source)
        self._token = object()
        weakref.finalize(self, streams.loader.leave, self._token)

    def twin(self) -> Stream:
        """Return a stream of the same pixels, for a copy of the layer."""
        twin = Stream(self.streams, self.sources, self._extents, self._scrolled)
        self.streams.add(twin)
        return twin

    def compose(self, level: int, ranges: Ranges) -> np.ndarray[Any, Any]:
        """Return a picture at once, of what is there, and ask for what is not.

        Parameters
        ----------
        level : int
            Which level.
        ranges : tuple of range
            Which of its pixels, per axis, ascending.

        Returns
        -------
        numpy.ndarray
            Pixels whose chunk has not come are those of the finest coarser level
            that has; where there is none, they are zero.

        Raises
        ------
        PixelsUnreadable
            When the picture is larger than any memory.
        """
        view = View(level, ranges)
        self._check_size(view)
        picture = self._posters.get(view)
        if picture is None:
            picture = self._blank(view)
            if self._is_whole(view) and picture.nbytes <= _POSTER_BYTES:
                # napari keeps such a picture for good, so it is kept up to date.
                self._posters[view] = picture
        if picture.size:
            self._note(view, self._paint(picture, level, level, ranges))
        return picture

    def read(self, level: int, ranges: Ranges) -> np.ndarray[Any, Any]:
        """Return the true pixels, for which it waits.

        Parameters
        ----------
        level : int
            Which level.
        ranges : tuple of range
            Which of its pixels, per axis, ascending.

        Raises
        ------
        CellibError
            When one of them cannot be read.
        """
        picture = self._blank(View(level, ranges))
        if picture.size:
            # Not from memory, which a list of all chunks of a level would fill.
            source = self.sources[level]
            whole = mosaic(source, source.shape, ranges)
            numbers = {key: number for number, key in enumerate(whole.keys)}
            self.streams.loader.read(
                whole.keys,
                lambda key, chunk: whole.paint_one(picture, numbers[key], chunk),
            )
        return picture

    def expect(self, level: int = -1) -> None:
        """Ask for the middle plane of a level before anybody looks at it.

        Parameters
        ----------
        level : int, default: -1
            The level that is going to be seen first; the coarsest by default.
        """
        level %= len(self.sources)
        extent = self._extents[level]
        ranges = list(extent)
        for axis in self._scrolled:  # napari begins in the middle
            middle = extent[axis][(len(extent[axis]) - 1) // 2]
            ranges[axis] = range(middle, middle + 1)
        view = View(level, tuple(ranges))
        with self._lock:
            self._expected_view = view
            self._expected = (*self._expected, *self._plans.keys(view))
            expected = self._expected
        with self._deciding:
            if self._attention.shown is None:
                self._want({Tier.BASE: expected})

    def begin(self) -> None:
        """Take what is asked for as seen, since the layer is in a viewer."""
        self._has_begun = True
        self._update()

    def foresee(self, planes: Mapping[int, int]) -> None:
        """Want other planes than those that are shown: they are asked for in a moment.

        Parameters
        ----------
        planes : mapping of int to int
            Which plane of the level that is shown, by the axis as it is stored.
        """
        with self._deciding:
            shown = self._attention.shown
            if shown is None or not self._has_begun:
                return
            view = scrolled_to(shown, planes)
            if view != shown:
                self._is_foreseen = True
                self._want(self._plans.wants(view, (view,), looks_ahead=False))

    def settle(self) -> None:
        """Want what is shown, if nobody has asked for what was foreseen."""
        if self._is_foreseen:
            self._is_foreseen = False
            self._update()

    def look_ahead(self) -> None:
        """Want also what may be looked at next."""
        if not self._looks_ahead:
            self._looks_ahead = True
            self._update()

    def is_complete(self) -> bool:
        """Say whether all that is seen has come, but for what cannot be had."""
        if not self._has_begun:
            return True  # nobody sees it
        lacks = [key for keys in tuple(self._missing.values()) for key in keys]
        lacks = self.streams.cache.missing(lacks)
        return not self.streams.loader.failures.without(lacks)

    def rest(self) -> None:
        """Want nothing, until somebody looks again."""
        with self._deciding:
            with self._lock:
                self._missing = {}
                self._attention.forget()
            self._want({})

    def shows(self, key: ChunkKey) -> bool:
        """Say whether a chunk makes better what was last seen."""
        return any(key in missing for missing in tuple(self._missing.values()))

    def take(self, key: ChunkKey, chunk: np.ndarray[Any, Any] | None) -> None:
        """Count a chunk that has come, and put it into pictures that are kept.

        Parameters
        ----------
        key : ChunkKey
            Which chunk.
        chunk : numpy.ndarray or None
            None if it failed, or is no longer true.
        """
        if key not in self._wanted:
            return
        if chunk is None:
            with self._lock:
                for view in self._missing:
                    if key in self._plans.keys(view):
                        self._missing[view] |= {key}
            return
        self._arrivals.count(self._levels[key[0]], chunk)
        if self.shows(key):
            for view, picture in tuple(self._posters.items()):
                self._touch_up(view, picture, key, chunk)

    def is_flown_through(self) -> bool:
        """Say whether somebody steps so fast that the next step is due any moment."""
        return self._plans.travel.is_in_flight()

    @property
    def status(self) -> StreamStatus:
        """How far it is with what is looked at."""
        shown = self._attention.shown
        level = shown.level if shown else len(self.sources) - 1
        keys = self._plans.keys(shown) if shown else ()
        missing = self.streams.cache.missing(keys)
        errors = self.streams.loader.failures.of(missing)
        return StreamStatus(
            level,
            len(self.sources),
            len(missing) - len(errors),
            self._arrivals.nbytes,
            tuple(dict.fromkeys(errors)),
            self._arrivals.absences(self.sources),
        )

    def _blank(self, view: View) -> np.ndarray[Any, Any]:
        shape = [len(pixels) for pixels in view.ranges]
        return self.streams.pages.blank(shape, self.sources[view.level].dtype)

    def _check_size(self, view: View) -> None:
        source = self.sources[view.level]
        size = prod(len(pixels) for pixels in view.ranges) * source.dtype.itemsize
        if size > self.streams.cache.budget * _LARGEST_PICTURE:
            raise PixelsUnreadable(
                source.label,
                f"a picture of {size / 1e9:,.1f} GB has no room in memory",
                fix="Choose a coarser level, or set aside more memory for pixels.",
            )

    def _is_whole(self, view: View) -> bool:
        return view.ranges == self._extents[view.level]

    def _paint(
        self, picture: np.ndarray[Any, Any], level: int, own: int, ranges: Ranges
    ) -> list[ChunkKey]:
        """Paint a part of `level` with chunks of level `own`, and below them coarser.

        Returns the keys of `own` that are missing.
        """
        tiles = self._plans.mosaic(level, own, ranges)
        chunks = self.streams.cache.get(tiles.keys)
        gaps = [number for number, chunk in enumerate(chunks) if chunk is None]
        if gaps and own + 1 < len(self.sources):
            box = tiles.around(gaps)
            below = tuple(r[s] for r, s in zip(ranges, box, strict=True))
            self._paint(picture[box], level, own + 1, below)
        tiles.paint(picture, chunks)
        return [tiles.keys[number] for number in gaps]

    def _touch_up(
        self,
        view: View,
        picture: np.ndarray[Any, Any],
        key: ChunkKey,
        chunk: np.ndarray[Any, Any],
    ) -> None:
        """Paint a chunk that has come into a picture that is kept."""
        level = self._levels[key[0]]
        if level > view.level:  # it shows where finer ones are missing
            self._paint(picture, view.level, view.level, view.ranges)
        elif level == view.level:
            tiles = self._plans.mosaic(level, level, view.ranges)
            with suppress(ValueError):  # it lies elsewhere
                tiles.paint_one(picture, tiles.keys.index(key), chunk)

    def _note(self, view: View, missing: list[ChunkKey]) -> None:
        """Remember what is seen and what it lacks; tell the loader what is new."""
        cache, lacks = self.streams.cache, frozenset(missing)
        if missing:
            lacks |= frozenset(cache.missing(self._plans.base(view)))
        with self._lock:
            is_new = self._attention.note(view)
            self._missing[view] = lacks
            views = self._attention.views
            self._missing = {v: k for v, k in self._missing.items() if v in views}
        if is_new:
            self._looks_ahead = self._is_foreseen = False
            if self._is_as_expected(view):
                self._expected = ()
            if self._attention.shown == view:
                self._plans.travel.note(view)
        begins = not self._has_begun and not self._is_trial(view)
        self._has_begun = self._has_begun or begins
        if is_new or begins:
            self._update()
        # Not before this picture is made of all that has come, and that of the others
        # has come too: that goes first.
        if not self._looks_ahead and self.streams.are_complete():
            self.streams.tell_complete()
        if lacks and len(cache.missing(lacks)) < len(lacks):
            self.streams.tell(self)  # one came while this picture was made

    def _is_trial(self, view: View) -> bool:
        """Say whether napari only makes the layer, out of the first planes.

        The viewer shows the middle planes a moment later, and what is asked for now
        is shown to nobody.
        """
        self._trials += 1
        return self._trials <= _TRIAL_PICTURES and self._is_at_start(view)

    def _is_as_expected(self, view: View) -> bool:
        """Say whether what was expected is seen by now, or something else instead.

        napari goes through the first planes, then through coarser levels of the
        middle ones, and what it ends with is on its way.
        """
        expected = self._expected_view
        if expected is None or view.level <= expected.level:
            return not self._is_at_start(view)
        own = [view.ranges[axis] for axis in self._scrolled]
        return not self._is_at_start(view) and own != [
            expected.ranges[axis] for axis in self._scrolled
        ]

    def _is_at_start(self, view: View) -> bool:
        extent = self._extents[view.level]
        scrolled = self._plans.travel.scrolled(view)
        return bool(scrolled) and all(
            view.ranges[a].start == extent[a].start for a in scrolled
        )

    def _update(self) -> None:
        """Tell the loader all that is wanted now."""
        with self._deciding:  # else a thread might still tell it what was before
            shown, views = self._attention.shown, self._attention.views
            if shown is not None:
                self._want(self._wants(shown, views))

    def _wants(self, shown: View, views: tuple[View, ...]) -> dict[Tier, Keys]:
        if not self._has_begun:
            keys = tuple(key for view in views for key in self._plans.keys(view))
            return {Tier.BASE: self._expected, Tier.AHEAD: keys}
        wants = self._plans.wants(shown, views, looks_ahead=self._looks_ahead)
        # napari slices in a thread of its own, and may be behind: still at the first
        # planes when the layer has long been in a viewer.
        wants[Tier.VISIBLE] = (*wants[Tier.VISIBLE], *self._expected)
        return wants

    def _want(self, wants: Mapping[Tier, Keys]) -> None:
        self._wanted = frozenset(key for keys in wants.values() for key in keys)
        self.streams.loader.want(self._token, wants)
