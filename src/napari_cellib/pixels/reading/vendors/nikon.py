"""Nikon's ND2, by the optional package ``nd2``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.model import Channel
from napari_cellib.pixels.reading.ome_xml import OmeFacts
from napari_cellib.pixels.reading.source import SourceFile, reading
from napari_cellib.pixels.reading.vendors.frames import Frames, source_of
from napari_cellib.pixels.reading.vendors.questions import asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.pixels.reading.source import SourceImage

_WITHIN = "CYXS"


@contextmanager
def open_nd2(path: Path) -> Iterator[SourceFile]:
    """Open all positions of an ND2, reading no pixels.

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
        When ``nd2`` is not installed.
    PixelsUnreadable
        When it is damaged.
    """
    from nd2 import ND2File

    with reading(path):
        file = ND2File(path)
    with file:
        with reading(path):
            count = int(file.sizes.get("P", 1))

        def image(number: int) -> SourceImage:
            with reading(path):
                return _image(path, file, number)

        yield SourceFile("ND2", tuple(f"Position {n + 1}" for n in range(count)), image)


def _image(path: Path, file: Any, position: int) -> SourceImage:
    warnings: list[str] = []
    nothing: dict[str, float] = {}
    facts = OmeFacts(
        asked(warnings, "the size of its pixels", lambda: _spacing(file), nothing)
        | asked(warnings, "the step of its depths", lambda: _depth(file), nothing),
        asked(warnings, "the time between its images", lambda: _step(file), None),
        asked(warnings, "what its channels are", lambda: _channels(file), ()),
        asked(warnings, "its objective", lambda: _objective(file), ()),
    )
    sizes = {str(axis): int(length) for axis, length in file.sizes.items()}
    outer = [axis for axis in sizes if axis not in _WITHIN]
    within = tuple((a, n) for a, n in sizes.items() if a in _WITHIN)
    lengths = [sizes[axis] for axis in outer]

    def read(index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        found = dict(zip((a for a in outer if a != "P"), index, strict=True))
        where = [found.get(axis, position) for axis in outer]
        number = int(np.ravel_multi_index(where, lengths)) if where else 0
        frame = np.asarray(file.read_frame(number))
        return frame.reshape([n for _, n in within])

    numbered = tuple((a, n) for a, n in sizes.items() if a in outer and a != "P")
    frames = Frames(numbered, within, np.dtype(file.dtype), read)
    return source_of(path, frames, facts, warnings)


def _spacing(file: Any) -> dict[str, float]:
    described = file.metadata.channels
    calibrated = described[0].volume.axesCalibrated if described else (False,) * 3
    return {
        axis: float(f"{step:.7g}")
        for axis, step, known in zip("xyz", file.voxel_size(), calibrated, strict=True)
        if known and step > 0
    }


def _depth(file: Any) -> dict[str, float]:
    steps = [
        loop.parameters.stepUm for loop in file.experiment if loop.type == "ZStackLoop"
    ]
    return {"z": float(f"{abs(steps[0]):.7g}")} if steps and steps[0] else {}


def _step(file: Any) -> float | None:
    for loop in file.experiment:
        if loop.type == "TimeLoop" and loop.parameters.periodMs > 0:
            return float(loop.parameters.periodMs) / 1000
    return None


def _objective(file: Any) -> tuple[tuple[str, str], ...]:
    scope = file.metadata.channels[0].microscope
    said = (
        ("objective", scope.objectiveName),
        ("numerical aperture", scope.objectiveNumericalAperture),
        ("magnification", scope.objectiveMagnification),
    )
    return tuple(
        (word, value if isinstance(value, str) else f"{value:g}")
        for word, value in said
        if value
    )


def _channels(file: Any) -> tuple[Channel, ...]:
    return tuple(map(_channel, file.metadata.channels or ()))


def _channel(described: Any) -> Channel:
    channel = described.channel
    color = channel.color
    return Channel(
        name=(channel.name or "").strip() or None,
        color=f"{color.r:02X}{color.g:02X}{color.b:02X}",
        emission_nm=channel.emissionLambdaNm or None,
        excitation_nm=channel.excitationLambdaNm or None,
    )
