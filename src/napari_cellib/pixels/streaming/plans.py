"""Which chunks a layer wants, and how urgently, from what is looked at."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.pixels.streaming.loader import Tier
from napari_cellib.pixels.streaming.painting import mosaic
from napari_cellib.pixels.streaming.sources import chunk_bytes
from napari_cellib.pixels.streaming.travel import Travel, View, zoomed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellib.pixels.streaming.loader import Keys
    from napari_cellib.pixels.streaming.painting import Mosaic, Ranges
    from napari_cellib.pixels.streaming.sources import ChunkKey, ChunkSource

# A coarsest level up to this size comes before what is looked at; a larger one
# would only keep that waiting.
_BASE_BYTES = 4_000_000
# Of one layer; all layers together have a budget too.
_AHEAD_BYTES = 48_000_000
# So that a jump along a stack has something to show at once.
_FAR_BYTES, _FAR_PLANES = 8_000_000, 256
# Planes that are read at once in a film, of those that are likely next.
_NEXT = 2
# What is known of so many chunks takes up to a megabyte: each layer keeps its own.
_MOST_PIECES, _FEWEST_MOSAICS = 1000, 4


class Plans:
    """Turns views of the levels of one layer into lists of chunks.

    Parameters
    ----------
    sources : tuple of ChunkSource
        The levels, the finest first.
    axes : tuple of int
        The axes that belong to the layer.
    """

    def __init__(self, sources: tuple[ChunkSource, ...], axes: tuple[int, ...]) -> None:
        self._sources = sources
        self._coarsest = len(sources) - 1
        self.travel = Travel(axes)
        self._lock = Lock()
        self._mosaics: OrderedDict[tuple[int, int, Ranges], Mosaic] = OrderedDict()
        self._pieces = 0

    def mosaic(self, level: int, own: int, ranges: Ranges) -> Mosaic:
        """Return how chunks of level `own` make up a part of `level`.

        The last ones are kept, since the same part is painted each time that one of
        its chunks has come.
        """
        key = (level, own, ranges)
        with self._lock:
            found = self._mosaics.get(key)
            if found is not None:
                self._mosaics.move_to_end(key)
                return found
            found = mosaic(self._sources[own], self._sources[level].shape, ranges)
            self._mosaics[key] = found
            self._pieces += len(found.keys)
            while self._pieces > _MOST_PIECES and len(self._mosaics) > _FEWEST_MOSAICS:
                _, oldest = self._mosaics.popitem(last=False)
                self._pieces -= len(oldest.keys)
        return found

    def keys(self, view: View) -> Keys:
        """Return the chunks of a view, the nearest to its middle first."""
        return self.mosaic(view.level, view.level, view.ranges).keys

    def base(self, view: View) -> Keys:
        """Return the chunks that give something to see at once, if they are small."""
        if view.level == self._coarsest:
            return ()
        keys = self.mosaic(view.level, self._coarsest, view.ranges).keys
        size = len(keys) * chunk_bytes(self._sources[self._coarsest])
        return keys if size <= _BASE_BYTES else ()

    def wants(
        self, shown: View, views: Iterable[View], *, looks_ahead: bool
    ) -> dict[Tier, Keys]:
        """Return all that is wanted.

        Parameters
        ----------
        shown : View
            What is looked at.
        views : iterable of View
            All that is on the screen.
        looks_ahead : bool
            Whether the picture is complete, so that there is time for the next one.
        """
        base = list(self.base(shown))
        visible = [key for view in views for key in self.keys(view)]
        if self.travel.is_quick:
            # Whoever flies through the planes is to see something of each, and all
            # of it where the network keeps up. In a film it is too late to ask for a
            # plane once it is shown.
            planes = self._planes(shown)
            base += [key for plane in planes for key in self.base(plane)]
            if looks_ahead or self.travel.is_film:
                # Where a stack ends, the only plane that is left was seen just now.
                coming = [p for p in planes[:_NEXT] if self.travel.is_ahead(shown, p)]
                visible += [key for plane in coming for key in self.keys(plane)]
        wanted = {Tier.BASE: tuple(dict.fromkeys(base)), Tier.VISIBLE: tuple(visible)}
        if looks_ahead:
            wanted[Tier.AHEAD] = tuple(self._ahead(shown))
        return wanted

    def _planes(self, shown: View) -> list[View]:
        shape = self._sources[shown.level].shape
        return list(self.travel.next_views(shown, shape))

    def _ahead(self, shown: View) -> Iterator[ChunkKey]:
        """Go through what may be looked at next, as far as the budget goes."""
        room = _AHEAD_BYTES
        for level, keys in self._next(shown):
            size = chunk_bytes(self._sources[level])
            for key in keys:
                room -= size
                if room < 0:
                    return
                yield key

    def _next(self, shown: View) -> Iterator[tuple[int, Keys]]:
        level, planes = shown.level, self._planes(shown)
        for plane in planes:
            yield self._coarsest, self.base(plane)
        for plane in planes[:1]:
            yield level, self.keys(plane)
        if level:
            shape, finer = (self._sources[n].shape for n in (level, level - 1))
            yield level - 1, self.keys(zoomed(shown, shape, finer))
        for plane in planes[1:]:
            yield level, self.keys(plane)
        yield self._coarsest, self._far(shown)

    def _far(self, shown: View) -> Keys:
        """Return coarse chunks of all other planes, the nearest first, if small."""
        axis = self.travel.axis(shown)
        base = self.base(shown) or self.keys(shown)
        coarsest = self._sources[self._coarsest]
        size = chunk_bytes(coarsest) * len(base)
        room = min(_FAR_PLANES, _FAR_BYTES // size)
        if axis is None or base[0][0] != coarsest.identity:
            return ()
        here, count = (
            base[0][1][axis],
            -(-coarsest.shape[axis] // coarsest.chunks[axis]),
        )
        away = (here + way * step for step in range(1, room + 1) for way in (1, -1))
        others = [number for number in away if 0 <= number < count]
        return tuple(
            (identity, (*index[:axis], number, *index[axis + 1 :]))
            for number in others[:room]
            for identity, index in base
        )
