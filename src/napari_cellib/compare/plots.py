"""Plots of a comparison as SVG, drawn by hand: no plotting package is needed."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.comparison import Comparison
    from napari_cellib.compare.groups import ReferenceGroup
    from napari_cellib.compare.measuring.quantity import Curve, Quantity

# Apart for those who see no red or no green, too.
FIRST, SECOND, QUIET = "#d55e00", "#0072b2", "#9a9a9a"
WIDTH, HEIGHT = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 52, 42
_BINS = 12


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where numbers lie along one side of a plot."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    @classmethod
    def over(
        cls, values: NDArray[np.float64], start: float, end: float, *, is_log: bool
    ) -> _Axis:
        low, high = float(values.min()), float(values.max())
        if not low < high:
            room = abs(low) * 0.5 or 1.0
            low, high = (low / 2, high * 2) if is_log else (low - room, high + room)
        return cls(low, high, start, end, is_log)

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = (float(np.log(n)) for n in (low, high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    @property
    def ends(self) -> tuple[float, float]:
        return self.low, self.high


def comparison_svgs(comparison: Comparison) -> Iterator[str]:
    """Return the curves of two images, those with the same axes in one plot."""
    a, b = comparison.a, comparison.b
    for pair, curves in zip(comparison.pairs, comparison.curves, strict=True):
        of = f"{a.channels[pair[0]]} and {b.channels[pair[1]]}"
        others = {curve.name: curve for curve in curves[1]}
        for curve in curves[0]:
            other = others.get(curve.name)
            if other is None:
                continue
            title = f"{curve.name}, {of}"
            both = [(a.name, FIRST, curve), (b.name, SECOND, other)]
            if other.x_label == curve.x_label:
                yield curve_svg(title, both)
            else:
                yield from (curve_svg(title, [one]) for one in both)


def curve_svg(title: str, curves: Sequence[tuple[str, str, Curve]]) -> str:
    """Return curves of both images in one plot.

    Parameters
    ----------
    title : str
        What is written above.
    curves : sequence of tuple
        For each its name, its colour, and the curve; all with the same axes.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    first = curves[0][2]
    points = [(curve.x, curve.y) for _, _, curve in curves]
    if first.is_log:
        points = [(x[(x > 0) & (y > 0)], y[(x > 0) & (y > 0)]) for x, y in points]
    across, up = (np.concatenate(values) for values in zip(*points, strict=True))
    if not across.size:
        return ""
    x_axis, y_axis = _axes(across, up, is_log=first.is_log)
    drawn = []
    for (_, color, _), (xs, ys) in zip(curves, points, strict=True):
        line = " ".join(
            f"{x_axis(float(x)):.1f},{y_axis(float(y)):.1f}"
            for x, y in zip(xs, ys, strict=True)
        )
        drawn.append(
            f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>'
        )
    drawn += _legend([(name, color) for name, color, _ in curves])
    return _framed(title, first.x_label, first.y_label, x_axis, y_axis, drawn)


def group_svg(group: ReferenceGroup, quantity: Quantity, name: str) -> str:
    """Return how a quantity is distributed in a group, and where an image lies.

    Parameters
    ----------
    group : ReferenceGroup
        The references.
    quantity : Quantity
        That of the image.
    name : str
        What the image is called.

    Returns
    -------
    str
        An ``<svg>`` element; empty where there is nothing to show.
    """
    values = group.values(quantity.key)
    if not values.size or quantity.value is None:
        return ""
    everything = np.append(values, quantity.value)
    counts, edges = np.histogram(
        values, _BINS, (float(everything.min()), float(everything.max()))
    )
    x_axis, y_axis = _axes(edges, np.array([0.0, counts.max()]), is_log=False)
    drawn = [
        f'<rect x="{x_axis(left):.1f}" y="{y_axis(count):.1f}" '
        f'width="{x_axis(right) - x_axis(left) - 1:.1f}" '
        f'height="{y_axis(0) - y_axis(count):.1f}" fill="{QUIET}"/>'
        for count, left, right in zip(counts, edges[:-1], edges[1:], strict=True)
        if count
    ]
    here = x_axis(quantity.value)
    drawn.append(
        f'<line x1="{here:.1f}" x2="{here:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}" '
        f'stroke="{FIRST}" stroke-width="2"/>'
    )
    # Towards the middle, where there is room for it.
    is_left = here < (_LEFT + WIDTH - _RIGHT) / 2
    side, anchor = (6, "start") if is_left else (-6, "end")
    words = f"{_short(name, 24)}: you are here"
    drawn.append(_text(here + side, _TOP - 6, words, anchor, f'fill="{FIRST}"'))
    label = f"{quantity.name} {f'({quantity.unit})' if quantity.unit else ''}".strip()
    count = f"{len(values)} reference{'' if len(values) == 1 else 's'}"
    title = f"{quantity.section}, {count}"
    return _framed(title, label, "images", x_axis, y_axis, drawn)


def _axes(
    across: NDArray[np.float64], up: NDArray[np.float64], *, is_log: bool
) -> tuple[_Axis, _Axis]:
    return (
        _Axis.over(across, _LEFT, WIDTH - _RIGHT, is_log=is_log),
        _Axis.over(up, HEIGHT - _BOTTOM, _TOP, is_log=is_log),
    )


def _legend(entries: Sequence[tuple[str, str]]) -> list[str]:
    # Above the curves, which may be anywhere.
    return [
        _text(_LEFT, 31 + 14 * n, _short(name, 52), "start", f'fill="{color}"')
        for n, (name, color) in enumerate(entries)
    ]


def _framed(
    title: str,
    x_label: str,
    y_label: str,
    x_axis: _Axis,
    y_axis: _Axis,
    drawn: Sequence[str],
) -> str:
    bottom, right, middle = HEIGHT - _BOTTOM, WIDTH - _RIGHT, (_TOP + HEIGHT) / 2
    left_end, right_end = (f"{value:.3g}" for value in x_axis.ends)
    low, high = (f"{value:.2g}" for value in y_axis.ends)
    path = f"M{_LEFT} {_TOP}V{bottom}H{right}"
    frame = [
        f'<path d="{path}" fill="none" stroke="currentColor"/>',
        _text(_LEFT, 16, _short(title, 52), "start", 'font-weight="bold"'),
        _text(_LEFT, bottom + 14, left_end),
        _text(right, bottom + 14, right_end, "end"),
        _text((_LEFT + right) / 2, bottom + 32, _short(x_label, 58), "middle"),
        _text(_LEFT - 4, bottom, low, "end"),
        _text(_LEFT - 4, _TOP + 8, high, "end"),
        _text(
            0, 0, y_label, "middle", f'transform="translate(12 {middle}) rotate(-90)"'
        ),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11" '
        f'fill="currentColor" role="img" aria-label="{escape(title)}">'
        f"{''.join([*frame, *drawn])}</svg>"
    )


def _text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" {more}'
    return f"<text {place}>{escape(words)}</text>"


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
