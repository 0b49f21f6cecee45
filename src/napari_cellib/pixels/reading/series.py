"""Several files, each a plane or a few, as one image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import PixelsNotFound, SeriesIncomplete
from napari_cellib.jobs import Progress, drive
from napari_cellib.model import Channel
from napari_cellib.pixels.reading.files import open_source
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.reading.names import natural, read_names
from napari_cellib.pixels.reading.source import (
    Parts,
    Planes,
    SourceFile,
    SourceImage,
    reaching,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.reading.names import Series

_ORDER = "tczyx"
_EVERY = 50  # files between two words of progress
_IMAGES = ("TIFF", "PNG", "JPEG", "BMP", "DV", "MRC")
# Where files are stacks, all of them are needed again for the next plane of each.
# Some systems let a program hold 256 files open.
_MOST_OPEN = 64


def files_of(folder: Path) -> list[Path]:
    """Return the images that lie in a folder, in the order of their numbers.

    Raises
    ------
    PixelsNotFound
        When there is none.
    PixelsUnreadable
        When the system does not let them be read.
    """
    with reaching(folder):
        paths = sorted(folder.iterdir(), key=lambda path: natural(path.name))
    files = [
        path
        for path in paths
        if path.is_file() and not path.name.startswith(".") and kind_of(path) in _IMAGES
    ]
    if not files:
        raise PixelsNotFound(str(folder))
    return files


def open_series(files: Sequence[Path], unnamed: str = "") -> Job[SourceFile]:
    """Open several files as one image; their names say which is which.

    Each file is opened to see its shape, and again when its planes are read: there
    may be more of them than a program may hold open. Some stay open meanwhile.

    Parameters
    ----------
    files : sequence of pathlib.Path
        The files, in any order.
    unnamed : str
        What no name and no file says: letters of ``"tcz"``.

    Returns
    -------
    SourceFile
        One image.

    Yields
    ------
    Progress
        In files.

    Raises
    ------
    AxesUnknown
        When neither names nor files say what their planes are.
    SeriesIncomplete
        When they are not of one form, size and type, or one is missing.
    PixelsUnreadable
        When one of them is no image, or damaged.
    """
    series = read_names([path.stem for path in files], unnamed)
    left = "".join(a for a in unnamed if a not in series.axes)
    first = yield from _look(files[0], left)
    for done, file in enumerate(files[1:], 1):
        if done % _EVERY == 1:
            yield Progress("Looking at the files", done, len(files))
        other = yield from _look(file, left)
        _compare(first, other, files[0], file)
    stack = _Stack(files, series, first, left)
    image = stack.source()
    kind = f"series of {len(files)} {kind_of(files[0])} files"
    return SourceFile(kind, (files[0].stem,), lambda _: image, close=stack.close)


def _look(file: Path, unnamed: str) -> Job[SourceImage]:
    opening = open_source(file, stack_axis=unnamed, ask=True, in_series=True)
    with (yield from opening) as source:
        if len(source.scenes) > 1:
            raise SeriesIncomplete(f"{file.name} holds several images")
        image = source.image(0)
        # Only what it says is wanted: its pixels would keep the file open.
        chunk = image.planes.chunks
        parts = Parts(chunk, _closed) if chunk else None
        planes = replace(image.planes, read=_closed, parts=parts)
        return replace(image, planes=planes)


def _closed(index: tuple[int | slice, ...]) -> np.ndarray[Any, Any]:
    raise ValueError(f"plane {index} is in a file that was closed")


def _compare(one: SourceImage, other: SourceImage, first: Path, file: Path) -> None:
    for what, a, b in (
        ("size", one.planes.shape, other.planes.shape),
        ("type", one.planes.dtype, other.planes.dtype),
        ("axes", one.axes, other.axes),
    ):
        if a != b:
            raise SeriesIncomplete(
                f"{file.name} is of another {what} than {first.name} ({b}, not {a})"
            )


class _Stack:
    """Finds planes in files, of which the last ones stay open."""

    def __init__(
        self, files: Sequence[Path], series: Series, first: SourceImage, unnamed: str
    ) -> None:
        if both := set(series.axes) & set(first.axes):
            words = f"the names number {', '.join(sorted(both))}, and so do the files"
            raise SeriesIncomplete(words)
        self._series, self._first, self._unnamed = series, first, unnamed
        self._files = dict(zip(series.places, files, strict=True))
        # The one that was needed last is at the end.
        self._open: dict[Path, tuple[Planes, SourceFile]] = {}

    def close(self) -> None:
        while self._open:
            self._close_oldest()

    def _close_oldest(self) -> None:
        _, source = self._open.pop(next(iter(self._open)))
        source.close()

    def source(self) -> SourceImage:
        series, first = self._series, self._first
        own = dict(zip(first.axes, first.planes.shape, strict=True))
        lengths = own | dict(zip(series.axes, series.lengths, strict=True))
        axes = "".join(axis for axis in _ORDER if axis in lengths)
        planes = Planes(
            first.planes.path.parent,
            tuple(lengths[axis] for axis in axes),
            first.planes.dtype,
            lambda index: self._plane(dict(zip(axes, index, strict=False))),
            self._parts(axes),
        )
        return SourceImage(
            planes,
            axes,
            spacing_um=dict(first.spacing_um),
            time_step_s=first.time_step_s,
            channels=first.channels if "c" not in series.axes else self._channels(),
            rgb=first.rgb,
            warnings=(*series.warnings, *first.warnings),
            notes=first.notes,
        )

    def _channels(self) -> tuple[Channel, ...]:
        labels = self._series.labels["c"]
        if all(label.isdecimal() for label in labels):
            return ()
        return tuple(Channel(name=label) for label in labels)

    def _plane(self, index: dict[str, int]) -> np.ndarray[Any, Any]:
        inner = tuple(index[a] for a in self._first.axes[:-2])
        return np.asarray(self._planes(index)[inner])

    def _parts(self, axes: str) -> Parts | None:
        """Say how parts of planes are read, where the first file allows it."""
        own = self._first.planes.chunks
        if own is None:
            return None
        lengths = dict(zip(self._first.axes, own, strict=True))

        def read(region: tuple[slice, ...]) -> np.ndarray[Any, Any]:
            spans = dict(zip(axes, region, strict=True))
            planes = self._planes({axis: span.start for axis, span in spans.items()})
            inner = tuple(spans[axis] for axis in self._first.axes)
            found = np.asarray(planes[inner])
            return found.reshape([span.stop - span.start for span in region])

        return Parts(tuple(lengths.get(axis, 1) for axis in axes), read)

    def _planes(self, index: dict[str, int]) -> Planes:
        """Return the planes of the file that holds one; it stays open for others."""
        file = self._files[tuple(index[axis] for axis in self._series.axes)]
        found = self._open.pop(file, None)
        if found is None:
            if len(self._open) >= _MOST_OPEN:
                self._close_oldest()
            opening = open_source(
                file, stack_axis=self._unnamed, ask=True, in_series=True
            )
            source = drive(opening)
            try:
                found = source.image(0).planes, source
            except BaseException:
                source.close()
                raise
        self._open[file] = found
        return found[0]
