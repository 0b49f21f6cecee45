"""All measurements of one image, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.compare.measuring.detail import measure_detail, power_spectrum
from napari_cellib.compare.measuring.intensity import histogram, measure_intensity
from napari_cellib.compare.measuring.objects import measure_objects
from napari_cellib.compare.measuring.texture import measure_texture
from napari_cellib.compare.measuring.together import measure_together
from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.compare.measuring.quantity import Curve, Quantity
    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of one image.

    Attributes
    ----------
    channels : tuple of tuple of Quantity
        Per channel.
    together : tuple of Quantity
        Of pairs of channels.
    curves : tuple of tuple of Curve
        Per channel.
    """

    channels: tuple[tuple[Quantity, ...], ...]
    together: tuple[Quantity, ...]
    curves: tuple[tuple[Curve, ...], ...]


def measure(
    subject: Subject, scaled: Subject, channels: Sequence[int] | None = None
) -> Job[Measured]:
    """Measure an image.

    Parameters
    ----------
    subject : Subject
        As it is: its brightness and its detail are measured.
    scaled : Subject
        The same at the scale of what it is compared with: its objects and its texture
        are measured.
    channels : sequence of int, optional
        Which channels, from 0, in this order; all by default.

    Returns
    -------
    Measured
        Of these channels.

    Yields
    ------
    Progress
        Per channel.
    """
    numbers = range(len(subject.planes)) if channels is None else channels
    found, curves = [], []
    for done, number in enumerate(numbers):
        yield Progress(f"Measuring {subject.name}", done, len(numbers))
        plain = measure_intensity(subject, number) + measure_detail(subject, number)
        yield Progress(f"Measuring {subject.name}", done, len(numbers))
        objects = measure_objects(scaled, number)
        yield Progress(f"Measuring {subject.name}", done, len(numbers))
        found.append((*plain, *objects, *measure_texture(scaled, number)))
        spectrum = power_spectrum(subject, number)
        shown = (histogram(subject, number), spectrum)
        curves.append(tuple(curve for curve in shown if curve is not None))
    pairs = [(a, b) for n, a in enumerate(numbers) for b in list(numbers)[n + 1 :]]
    together = tuple(measure_together(scaled, pairs))
    return Measured(tuple(found), together, tuple(curves))
