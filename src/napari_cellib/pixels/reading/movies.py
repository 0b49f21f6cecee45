"""Movies: every frame is one time point. Needs the optional package ``av``."""

from __future__ import annotations

import math
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_cellib.errors import MissingExtra, PixelsUnreadable
from napari_cellib.jobs import Progress
from napari_cellib.pixels.reading.source import Planes, SourceImage, reading

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from napari_cellib.jobs import Job

    Frame = np.ndarray[Any, Any]

# Frames of longer movies are left out: unpacked, an hour of video fills a drive.
MOST_BYTES = 4_000_000_000
_GREY_NOISE = 3  # by how much compression makes grey look coloured, of 255
_EVERY = 25  # frames between two words of progress


class Seen(NamedTuple):
    """What can only be known by looking at all frames."""

    frames: int
    height: int
    width: int
    grey: bool
    frames_per_s: float | None = None


def look_through(path: Path) -> Job[Seen]:
    """Count the frames of a movie and look whether they have colours.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.

    Returns
    -------
    Seen
        For `open_movie`.

    Yields
    ------
    Progress
        In frames.

    Raises
    ------
    MissingExtra
        When the package that reads movies is not installed.
    PixelsUnreadable
        When it is damaged or holds no pictures.
    """
    seen = Seen(0, 0, 0, grey=True)
    with reading(path), _frames(path) as (frames, rate):
        for frame in frames:
            if seen.frames % _EVERY == 0:
                yield Progress("Looking through the movie", seen.frames)
            height, width = seen[1:3] if seen.frames else (frame.height, frame.width)
            grey = seen.grey and _is_grey(frame)
            seen = Seen(seen.frames + 1, height, width, grey, rate)
    if not seen.frames:
        raise PixelsUnreadable(path.name, "it holds no pictures")
    return seen


@contextmanager
def open_movie(
    path: Path, seen: Seen, *, most_bytes: int = MOST_BYTES
) -> Iterator[SourceImage]:
    """Open a movie to take its frames out in their order.

    The speed at which frames are shown says nothing about the time that passed under
    the microscope: there is no time step, but only the step at which it is played.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.
    seen : Seen
        What `look_through` has found.
    most_bytes : int
        Frames of a movie that has more bytes, unpacked, are left out evenly.

    Yields
    ------
    SourceImage
        Red, green and blue, or one channel where all frames are grey.
    """
    channels = () if seen.grey else (3,)
    plane = seen.height * seen.width * math.prod(channels)
    step = max(1, math.ceil(seen.frames * plane / most_bytes))
    shape = (math.ceil(seen.frames / step), *channels, seen.height, seen.width)
    warnings: tuple[str, ...] = ()
    if step > 1:
        told = f"The movie has {seen.frames} frames; one in {step} is shown, because "
        warnings = (f"{told}all of them would fill the drive.",)
    with closing(_played(path, seen, step)) as frames:
        planes = Planes(path, shape, np.dtype("uint8"), _InOrder(frames).plane)
        axes = "tyx" if seen.grey else "tcyx"
        yield SourceImage(
            planes,
            axes,
            played_step_s=step / seen.frames_per_s if seen.frames_per_s else None,
            rgb=not seen.grey,
            warnings=warnings,
        )


class _InOrder:
    """Gives the channels of one frame after the other; never goes back."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames
        self._time = -1
        self._frame: Any = None

    def plane(self, index: tuple[int, ...]) -> Frame:
        time, *channel = index
        while self._time < time:
            self._frame = next(self._frames)
            self._time += 1
        plane: Frame = self._frame[(..., *channel)]
        return plane


def _played(path: Path, seen: Seen, step: int) -> Generator[Frame, None, None]:
    size = {"width": seen.width, "height": seen.height}  # some change it on the way
    form = "gray" if seen.grey else "rgb24"
    with _frames(path) as (frames, _):
        for number, frame in enumerate(frames):
            if number % step == 0:
                yield frame.to_ndarray(format=form, **size)


@contextmanager
def _frames(path: Path) -> Iterator[tuple[Iterator[Any], float | None]]:
    try:
        import av
    except ImportError as error:
        install = "pip install 'napari-cellib[movies]'"
        raise MissingExtra("Opening a movie", install=install) from error
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise PixelsUnreadable(path.name, "it holds no pictures")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = stream.average_rate
        yield container.decode(stream), float(rate) if rate else None


def _is_grey(frame: Any) -> bool:
    if frame.format.name.startswith("gray"):
        return True
    pixels = frame.to_ndarray(format="yuv444p")  # brightness, then two of colour
    colour = pixels[1:].astype("int16") - 128
    return bool(np.abs(colour).max() <= _GREY_NOISE)
