"""Leica's LIF, by the optional package ``liffile``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.model import Channel
from napari_cellib.pixels.reading.ome_xml import OmeFacts
from napari_cellib.pixels.reading.source import SourceFile, reading
from napari_cellib.pixels.reading.vendors.frames import Frames, even_step, source_of
from napari_cellib.pixels.reading.vendors.questions import asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.pixels.reading.source import SourceImage

_IN_MEMORY = 256_000_000  # bytes; more of what is read as a whole goes to the drive
_LUTS = {
    "red": "FF0000", "green": "00FF00", "blue": "0000FF", "gray": "FFFFFF",
    "cyan": "00FFFF", "magenta": "FF00FF", "yellow": "FFFF00",
}  # fmt: skip


@contextmanager
def open_lif(path: Path) -> Iterator[SourceFile]:
    """Open all images of a LIF, reading no pixels.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.

    Yields
    ------
    SourceFile
        To be read as long as the context lasts.

    Raises
    ------
    ImportError
        When ``liffile`` is not installed.
    PixelsUnreadable
        When it is damaged.
    """
    from liffile import LifFile

    with reading(path):
        lif = LifFile(path)
    with lif:
        with reading(path):
            images = list(lif.images)
            names = tuple(image.path or image.name for image in images)

        def image(number: int) -> SourceImage:
            with reading(path):
                return _image(path, images[number])

        yield SourceFile("LIF", names, image)


def _image(path: Path, stored: Any) -> SourceImage:
    warnings: list[str] = []
    facts = OmeFacts(
        asked(warnings, "the size of its pixels", lambda: _spacing(stored), {}),
        asked(warnings, "the time between its images", lambda: _step(stored), None),
        asked(warnings, "what its channels are", lambda: _channels(stored), ()),
    )
    return source_of(path, _frames(stored), facts, warnings)


def _frames(stored: Any) -> Frames:
    dtype, frames = np.dtype(stored.dtype), stored.frames
    if {"Y", "X"} & set(stored.dims) <= set(frames.frame_dims):
        return Frames(
            numbered=tuple(
                pair
                for pair in _sized(frames.dims, frames.shape)
                if pair[0] not in frames.frame_dims
            ),
            within=_sized(frames.frame_dims, frames.frame_shape),
            dtype=dtype,
            read=lambda index: np.asarray(frames[index]),
        )
    # Scanned along other axes first: planes are spread over all of it.
    out = "memmap" if stored.nbytes > _IN_MEMORY else None
    return Frames(
        numbered=(),
        within=_sized(stored.dims, stored.shape),
        dtype=dtype,
        read=lambda _: stored.asarray(out=out),
    )


def _sized(names: Any, lengths: Any) -> tuple[tuple[str, int], ...]:
    return tuple((str(a), int(n)) for a, n in zip(names, lengths, strict=True))


def _spacing(stored: Any) -> dict[str, float]:
    coordinates = stored.coords  # in meters
    return {
        axis: float(f"{step * 1e6:.7g}")
        for axis in "zyx"
        if (step := even_step(coordinates.get(axis.upper(), ())))
    }


def _step(stored: Any) -> float | None:
    return even_step(stored.coords.get("T", ()))


def _channels(stored: Any) -> tuple[Channel, ...]:
    spectrum = stored.coords.get("λ", stored.coords.get("Λ", ()))
    if len(spectrum) and stored.sizes.get("C", 1) == 1:
        names = [f"{1e9 * float(wave):.0f} nm" for wave in spectrum]
        return tuple(Channel(name=name) for name in names)
    luts = [channel.lut_name.lower() for channel in stored._channels]
    return tuple(Channel(color=_LUTS.get(lut)) for lut in luts)
