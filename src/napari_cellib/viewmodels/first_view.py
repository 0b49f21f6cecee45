"""Which level a viewer will show first, worked out before it has any layer.

So bytes can travel while the viewer still makes the layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from napari_cellib.pixels.layers import LayerTuple
    from napari_cellib.pixels.streaming import Streams

_FILLED = 0.95  # of the canvas, by an image that is fitted to it
# Four times the bytes for nothing are worse than a picture that is sharpened soon.
_DOUBT = 1.1


@dataclass(frozen=True, slots=True)
class Canvas:
    """Size of an empty viewer's canvas, in pixels of the screen."""

    height: float
    width: float


@dataclass(frozen=True, slots=True)
class Screen:
    """Where layers are going to be shown; without one, pixels are read as usual.

    Attributes
    ----------
    streams : callable
        Returns what fetches their pixels.
    canvas : Canvas or None
        The canvas, if these will be its first layers.
    """

    streams: Callable[[], Streams]
    canvas: Canvas | None = None


def expect_first_view(layers: Iterable[LayerTuple], canvas: Canvas) -> None:
    """Ask for the level of each layer that an empty viewer will show first.

    Parameters
    ----------
    layers : iterable of tuple
        Layer tuples; those that are not streamed are passed over.
    canvas : Canvas
        Where they will be shown.
    """
    for data, kwargs, _ in layers:
        levels = data if kwargs.get("multiscale") else [data]
        stream = getattr(levels[0], "stream", None)
        if stream is not None and kwargs.get("visible", True):
            sides = slice(-3, -1) if kwargs.get("rgb") else slice(-2, None)
            shapes = [level.shape[sides] for level in levels]
            stream.expect(level_at_fit(shapes, kwargs["scale"][-2:], canvas))


def level_at_fit(
    shapes: Sequence[Sequence[int]], scale: Sequence[float], canvas: Canvas
) -> int:
    """Return the level that napari will choose for an image that fills its canvas.

    napari takes the coarsest level that still has a pixel for each pixel of the
    screen. In doubt the next coarser one is returned.

    Parameters
    ----------
    shapes : sequence of (Y, X)
        Height and width of each level in pixels, the finest first.
    scale : (Y, X)
        Size of a pixel of the finest level, in any unit.
    canvas : Canvas
        Where the image will be shown.

    Returns
    -------
    int
        The level; 0 is the finest.

    Examples
    --------
    >>> shapes = [(4096 // 2**n, 4096 // 2**n) for n in range(5)]
    >>> level_at_fit(shapes, (0.1, 0.1), Canvas(830, 990))
    2
    """
    screen = (canvas.height, canvas.width)
    finest = shapes[0]
    if min(screen) <= 0 or min(*finest, *scale) <= 0:
        return len(shapes) - 1
    extents = [n * step for n, step in zip(finest, scale, strict=True)]
    zoom = _FILLED * min(s / e for s, e in zip(screen, extents, strict=True))
    # What the canvas spans, in pixels of the finest level.
    asked = [ceil(s / zoom / step) for s, step in zip(screen, scale, strict=True)]
    large = [axis for axis, n in enumerate(asked) if n > screen[axis]]
    if not large:
        return 0  # all of it has room
    level = 0
    for number, shape in enumerate(shapes):
        pixels = [asked[axis] * shape[axis] / finest[axis] for axis in large]
        if all(
            n * _DOUBT > screen[axis] for axis, n in zip(large, pixels, strict=True)
        ):
            level = number
    return level
