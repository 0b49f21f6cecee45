"""Leica's LIF, by the optional package ``liffile``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.model import Channel
from napari_cellib.pixels.reading.ome_xml import OmeFacts
from napari_cellib.pixels.reading.source import SourceFile, reading
from napari_cellib.pixels.reading.vendors.frames import Frames, even_step, source_of

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
    try:
        facts = _facts(stored)
    except Exception as error:  # noqa: BLE001 - what is wrong with it costs no pixel
        warnings.append(f"What the file says of its image cannot be read: {error}.")
        facts = OmeFacts({}, None, ())
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


def _facts(stored: Any) -> OmeFacts:
    coordinates = stored.coords  # in meters and seconds
    spacing = {
        axis: float(f"{step * 1e6:.7g}")
        for axis in "zyx"
        if (step := even_step(coordinates.get(axis.upper(), ())))
    }
    spectrum = coordinates.get("λ", coordinates.get("Λ", ()))
    if len(spectrum) and stored.sizes.get("C", 1) == 1:
        names = [f"{1e9 * float(wave):.0f} nm" for wave in spectrum]
        channels = tuple(Channel(name=name) for name in names)
    else:
        channels = tuple(
            Channel(color=_LUTS.get(c.lut_name.lower())) for c in stored._channels
        )
    return OmeFacts(spacing, even_step(coordinates.get("T", ())), channels)
