"""All levels of one layer: makes pictures of what is there, says what is wanted."""

from __future__ import annotations

import weakref
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.streaming.loader import Tier
from napari_cellib.pixels.streaming.painting import mosaic
from napari_cellib.pixels.streaming.sources import chunk_bytes, is_absent
from napari_cellib.pixels.streaming.travel import Attention, Travel, View, zoomed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_cellib.errors import CellibError
    from napari_cellib.pixels.streaming.loader import Keys
    from napari_cellib.pixels.streaming.painting import Mosaic, Ranges
    from napari_cellib.pixels.streaming.sources import ChunkKey, ChunkSource
    from napari_cellib.pixels.streaming.streams import Streams

# A coarsest level up to this size comes before what is looked at; a larger one
# would only keep that waiting.
_BASE_BYTES = 4_000_000
# Of one layer; all layers together have a budget too.
_AHEAD_BYTES = 48_000_000
# Pictures of a whole level up to this size are kept up to date.
_POSTER_BYTES = 64_000_000
_TRIAL_PICTURES = 2


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """What a person may want to know about one layer.

    Attributes
    ----------
    level, levels : int
        The level that is looked at, 0 the finest, and how many there are.
    waiting : int
        Chunks of what is looked at that are not here and did not fail.
    nbytes : int
        Bytes in memory of the chunks that have come for this layer.
    errors : tuple of CellibError
        Why chunks of what is looked at are missing.
    absent : tuple of str
        Levels of which chunks are not stored, in words.
    """

    level: int
    levels: int
    waiting: int
    nbytes: int
    errors: tuple[CellibError, ...] = ()
    absent: tuple[str, ...] = ()


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
        own = (axis for axis, pixels in enumerate(self._extents[0]) if len(pixels) > 1)
        self._travel = Travel(tuple(own))
        self._attention = Attention(len(self.sources) - 1)
        # Bound to the levels, not to the stream, which could not be let go then.
        self._mosaic = lru_cache(maxsize=64)(partial(_mosaic, self.sources))
        self._expected: Keys = ()
        self._has_begun = False
        self._trials = 0
        self._wanted: frozenset[ChunkKey] = frozenset()
        self._missing: dict[View, frozenset[ChunkKey]] = {}
        self._posters: weakref.WeakValueDictionary[View, np.ndarray[Any, Any]] = (
            weakref.WeakValueDictionary()
        )
        self._came: Counter[int] = Counter()
        self._absent: Counter[int] = Counter()
        self._nbytes = 0
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
        """
        view = View(level, ranges)
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
            whole = self._mosaic(level, level, ranges)
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
        keys = self._mosaic(level, level, tuple(ranges)).keys
        with self._lock:
            self._expected = (*self._expected, *keys)
            expected = self._expected
        if self._attention.shown is None:
            self._want({Tier.BASE: expected})

    def begin(self) -> None:
        """Take what is asked for as seen, since the layer is in a viewer."""
        self._has_begun = True
        if shown := self._attention.shown:
            self._want(self._wants(shown))

    def rest(self) -> None:
        """Want nothing, until somebody looks again."""
        with self._lock:
            self._missing = {}
            self._attention = Attention(len(self.sources) - 1)
        self._want({})

    def shows(self, key: ChunkKey) -> bool:
        """Say whether a chunk makes better what was last seen."""
        return any(key in missing for missing in tuple(self._missing.values()))

    def take(self, key: ChunkKey, chunk: np.ndarray[Any, Any]) -> None:
        """Count a chunk that has come, and put it into pictures that are kept."""
        if key not in self._wanted:
            return
        level = self._levels[key[0]]
        self._came[level] += 1
        self._nbytes += 0 if is_absent(chunk) else chunk.nbytes
        self._absent[level] += is_absent(chunk)
        if not self.shows(key):
            return
        for view, picture in tuple(self._posters.items()):
            self._paint(picture, view.level, view.level, view.ranges)

    @property
    def status(self) -> StreamStatus:
        """How far it is with what is looked at."""
        shown = self._attention.shown
        level = shown.level if shown else len(self.sources) - 1
        keys = self._keys(shown) if shown else ()
        loader = self.streams.loader
        missing = self.streams.cache.missing(keys)
        errors = loader.failures.of(missing)
        return StreamStatus(
            level,
            len(self.sources),
            len(missing) - len(errors),
            self._nbytes,
            tuple(dict.fromkeys(errors)),
            tuple(self._absences()),
        )

    def _absences(self) -> Iterator[str]:
        for level, count in sorted(self._absent.items()):
            if count:
                label = self.sources[level].label
                yield f"{label}: {count} of {self._came[level]} chunks absent"

    def _blank(self, view: View) -> np.ndarray[Any, Any]:
        shape = [len(pixels) for pixels in view.ranges]
        return np.zeros(shape, self.sources[view.level].dtype)

    def _is_whole(self, view: View) -> bool:
        return view.ranges == self._extents[view.level]

    def _paint(
        self, picture: np.ndarray[Any, Any], level: int, own: int, ranges: Ranges
    ) -> list[ChunkKey]:
        """Paint a part of `level` with chunks of level `own`, and below them coarser.

        Returns the keys of `own` that are missing.
        """
        tiles = self._mosaic(level, own, ranges)
        chunks = self.streams.cache.get(tiles.keys)
        gaps = [number for number, chunk in enumerate(chunks) if chunk is None]
        if gaps and own + 1 < len(self.sources):
            box = tiles.around(gaps)
            below = tuple(r[s] for r, s in zip(ranges, box, strict=True))
            self._paint(picture[box], level, own + 1, below)
        tiles.paint(picture, chunks)
        return [tiles.keys[number] for number in gaps]

    def _keys(self, view: View) -> Keys:
        return self._mosaic(view.level, view.level, view.ranges).keys

    def _base(self, view: View) -> Keys:
        """Return the chunks that give something to see at once, if they are small."""
        last = len(self.sources) - 1
        keys = self._mosaic(view.level, last, view.ranges).keys
        small = len(keys) * chunk_bytes(self.sources[last]) <= _BASE_BYTES
        return keys if small and view.level < last else ()

    def _note(self, view: View, missing: list[ChunkKey]) -> None:
        """Remember what is seen and what it lacks; tell the loader if it is new."""
        lacks = frozenset(missing)
        if missing:
            lacks |= frozenset(self.streams.cache.missing(self._base(view)))
        with self._lock:
            is_new = self._attention.note(view)
            shown = self._attention.shown
            self._missing[view] = lacks
            views = self._attention.views
            self._missing = {v: k for v, k in self._missing.items() if v in views}
        if is_new and shown == view:
            self._travel.note(view)
        begins = not self._has_begun and not self._is_trial(view)
        if begins or is_new:
            self._has_begun = self._has_begun or begins
            self._want(self._wants(shown or view))
        if lacks and len(self.streams.cache.missing(lacks)) < len(lacks):
            self.streams.tell(self)  # one came while this picture was made

    def _is_trial(self, view: View) -> bool:
        """Say whether napari only makes the layer, out of the first planes.

        It asks for a picture and a thumbnail of them. The viewer shows the middle
        planes a moment later, and what is asked for now is shown to nobody.
        """
        self._trials += 1
        extent = self._extents[view.level]
        scrolled = self._travel.scrolled(view)
        return (
            self._trials <= _TRIAL_PICTURES
            and view.level == len(self.sources) - 1
            and bool(scrolled)
            and all(view.ranges[a].start == extent[a].start for a in scrolled)
        )

    def _wants(self, shown: View) -> dict[Tier, Keys]:
        seen = tuple(key for v in self._attention.views for key in self._keys(v))
        if not self._has_begun:
            return {Tier.BASE: self._expected, Tier.AHEAD: seen}
        return {
            Tier.BASE: self._base(shown),
            Tier.VISIBLE: seen,
            Tier.AHEAD: tuple(self._ahead(shown)),
        }

    def _ahead(self, shown: View) -> Iterator[ChunkKey]:
        """Go through what may be looked at next, as far as the budget goes."""
        room = _AHEAD_BYTES
        for keys in self._next(shown):
            for key in keys:
                room -= chunk_bytes(self.sources[self._levels[key[0]]])
                if room < 0:
                    return
                yield key

    def _next(self, shown: View) -> Iterator[Iterable[ChunkKey]]:
        shape = self.sources[shown.level].shape
        planes = list(self._travel.next_views(shown, shape))
        for plane in planes:
            yield self._base(plane)
        for plane in planes[:1]:
            yield self._keys(plane)
        if shown.level:
            finer = self.sources[shown.level - 1].shape
            yield self._keys(zoomed(shown, shape, finer))
        for plane in planes[1:]:
            yield self._keys(plane)

    def _want(self, wants: dict[Tier, Keys]) -> None:
        self._wanted = frozenset(key for keys in wants.values() for key in keys)
        self.streams.loader.want(self._token, wants)


def _mosaic(
    sources: tuple[ChunkSource, ...], level: int, own: int, ranges: Ranges
) -> Mosaic:
    return mosaic(sources[own], sources[level].shape, ranges)
