"""Any file that a plugin of the optional package ``bioio`` reads.

Every question is asked by itself, because any of them may fail where the pixels do
not. Of the ways to pixels the lazy one is tried first, and the first plane is read to
know whether it works.
"""

from __future__ import annotations

import importlib
import threading
import warnings
from bisect import bisect_right
from contextlib import contextmanager
from itertools import accumulate
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.model import Channel
from napari_cellib.pixels.reading.ome_xml import NOTHING, OmeFacts, read_ome_xml
from napari_cellib.pixels.reading.source import SourceFile, reading
from napari_cellib.pixels.reading.vendors.frames import Frames, Kept, source_of
from napari_cellib.pixels.reading.vendors.questions import asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_cellib.pixels.reading.source import SourceImage

_WHOLE_LIMIT = 2_000_000_000  # bytes
_HELD = "TCZYXSM"


@contextmanager
def open_with_bioio(path: Path, plugin: str | None) -> Iterator[SourceFile]:
    """Open a file with a plugin of bioio.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    plugin : str or None
        The module to read it with; the one that bioio chooses by its name if None.

    Yields
    ------
    SourceFile
        To be read as long as the context lasts.

    Raises
    ------
    PixelsUnreadable
        When bioio cannot read it either.
    """
    with reading(path), _quiet():
        import bioio

        chosen = {"reader": importlib.import_module(plugin).Reader} if plugin else {}
        opened = bioio.BioImage(path, **chosen)
        scenes = tuple(map(str, opened.scenes))

    def image(number: int) -> SourceImage:
        with reading(path), _quiet():
            opened.set_scene(number)
            return _Scene(path, opened).source()

    kind = type(opened.reader).__module__.partition(".")[0].removeprefix("bioio_")
    yield SourceFile(kind.upper(), scenes, image)


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class _Scene:
    """The scene that an opened file stands at."""

    def __init__(self, path: Path, opened: Any) -> None:
        self._path, self._opened = path, opened
        self._warnings: list[str] = []
        self._lock = threading.Lock()
        self._first: Any = None

    def source(self) -> SourceImage:
        colours = "S" in self._asked("its axes", lambda: self._opened.dims.order, "")
        array = self._pixels("TCZYXS" if colours else "TCZYX")
        dropped = self._asked("its other axes", self._dropped, {})
        for axis, length in dropped.items():
            self._warnings.append(
                f"The file has an axis {axis!r} of {length}, for which images have "
                f"no place: {length - 1} of every {length} of its pixels are left out."
            )
        frames = Frames(
            numbered=tuple(zip("TCZ", array.shape[:3], strict=True)),
            within=tuple(zip("YXS", array.shape[3:], strict=False)),
            dtype=np.dtype(array.dtype),
            read=self._reader(array),
        )
        return source_of(self._path, frames, self._facts(), self._warnings)

    def _asked(self, what: str, ask: Callable[[], Any], otherwise: Any) -> Any:
        return asked(self._warnings, what, ask, otherwise)

    # ------------------------------------------------------------------- pixels

    def _pixels(self, order: str) -> Any:
        try:
            lazy = self._opened.get_image_dask_data(order)
            self._first = self._block(lazy, (0, 0, 0))
        except Exception as error:
            size = prod(self._opened.shape) * np.dtype(self._opened.dtype).itemsize
            if size > _WHOLE_LIMIT:
                reason = "it cannot be read in pieces, and is too large as a whole"
                raise PixelsUnreadable(self._path.name, reason) from error
            return self._opened.get_image_data(order)
        return lazy

    def _block(self, array: Any, block: tuple[int, ...]) -> np.ndarray[Any, Any]:
        with _quiet():
            return np.asarray(array.blocks[block].compute(scheduler="threads"))

    def _reader(self, array: Any) -> Callable[[tuple[int, ...]], Any]:
        if isinstance(array, np.ndarray):
            return lambda index: array[index]
        kept, first = Kept(), self._first
        starts = [[0, *accumulate(sizes)] for sizes in array.chunks[:3]]

        def fetch(block: tuple[int, ...]) -> np.ndarray[Any, Any]:
            return first if not any(block) else self._block(array, block)

        def read(index: tuple[int, ...]) -> np.ndarray[Any, Any]:
            pairs = list(zip(starts, index, strict=True))
            block = tuple(bisect_right(edges, n) - 1 for edges, n in pairs)
            inside = tuple(
                n - edges[b] for (edges, n), b in zip(pairs, block, strict=True)
            )
            with self._lock:
                return np.asarray(kept.get(block, fetch)[inside])

        return read

    def _dropped(self) -> dict[str, int]:
        dims = self._opened.dims
        return {
            axis: int(length)
            for axis, length in zip(dims.order, dims.shape, strict=True)
            if axis not in _HELD and length > 1
        }

    # ------------------------------------------------------------ what it says

    def _facts(self) -> OmeFacts:
        said = self._from_ome()
        sizes = self._asked("the size of its pixels", self._sizes, {})
        step = self._asked("the time between its images", self._time_step, None)
        names = self._asked("the names of its channels", self._names, [])
        channels = said.channels
        if len(channels) != len(names):
            channels = tuple(Channel(name=name) for name in names)
        return OmeFacts(
            dict(said.spacing_um) | sizes,
            said.time_step_s if step is None else step,
            channels,
            said.notes,
        )

    def _from_ome(self) -> OmeFacts:
        try:
            ome = self._opened.ome_metadata
            xml = ome if isinstance(ome, str) else ome.to_xml()
            return read_ome_xml(xml, image=self._opened.current_scene_index)
        except NotImplementedError:  # most plugins
            return NOTHING
        except Exception as error:  # noqa: BLE001 - an OME object that is not valid
            words = type(error).__name__
            self._warnings.append(f"What the file says in OME cannot be read: {words}.")
            return NOTHING

    def _sizes(self) -> dict[str, float]:
        sizes = self._opened.physical_pixel_sizes
        return {
            axis: float(f"{size:.7g}")
            for axis in "zyx"
            if (size := _positive(getattr(sizes, axis.upper(), None))) and size != 1
        }

    def _time_step(self) -> float | None:
        step = self._opened.time_interval
        seconds = _positive(getattr(step, "total_seconds", lambda: step)())
        return None if seconds == 1 else seconds

    def _names(self) -> list[str | None]:
        names = self._opened.channel_names or []
        return [
            None if isinstance(name, int | np.integer) else str(name).strip() or None
            for name in names
        ]


def _positive(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) and number > 0 else None
