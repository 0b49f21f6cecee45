"""Which chunks a layer wants, and how urgently, from what is looked at."""

from __future__ import annotations

from functools import lru_cache
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
# Planes that are read at once in a film, of those that are likely next.
_NEXT = 2


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
        self.mosaic = lru_cache(maxsize=64)(self._make_mosaic)

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
            # of it where the network keeps up.
            planes = self._planes(shown)
            base += [key for plane in planes for key in self.base(plane)]
            if looks_ahead:
                visible += [k for plane in planes[:_NEXT] for k in self.keys(plane)]
        wanted = {Tier.BASE: tuple(dict.fromkeys(base)), Tier.VISIBLE: tuple(visible)}
        if looks_ahead:
            wanted[Tier.AHEAD] = tuple(self._ahead(shown))
        return wanted

    def _make_mosaic(self, level: int, own: int, ranges: Ranges) -> Mosaic:
        return mosaic(self._sources[own], self._sources[level].shape, ranges)

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
