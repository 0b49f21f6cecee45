"""Two images measured in the same way, at the same scale, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_cellib.compare.differences import differences
from napari_cellib.compare.measuring.all import measure
from napari_cellib.compare.measuring.intensity import distance
from napari_cellib.compare.measuring.registered import measure_registered
from napari_cellib.compare.subject import resized, unnamed

if TYPE_CHECKING:
    from napari_cellib.compare.differences import Fact
    from napari_cellib.compare.measuring.all import Measured
    from napari_cellib.compare.measuring.quantity import Curve, Quantity
    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job

# An image that would shrink below this many pixels has hardly that pixel size.
_LEAST_EDGE = 32
_ALIKE = 0.01


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity of both images; `b` is None for what is of both together.

    Attributes
    ----------
    channels : tuple of str
        Names of the channel in each image; empty for what is of several.
    a, b : Quantity or None
        The quantity in each.
    """

    channels: tuple[str, str] | tuple[()]
    a: Quantity | None
    b: Quantity | None

    @property
    def quantity(self) -> Quantity:
        """The quantity, in whichever image has it."""
        found = self.a or self.b
        assert found is not None, "a row is of at least one image"
        return found

    @property
    def ratio(self) -> float | None:
        """How many times that of the second image is that of the first."""
        if self.a is None or self.b is None or self.a.unit != self.b.unit:
            return None
        a, b = self.a.value, self.b.value
        return None if a is None or not b else a / b


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What two images have in common and in what they differ.

    Attributes
    ----------
    a, b : Subject
        The images; the second is the reference.
    pairs : tuple of tuple of int
        Which channel of the first is compared with which of the second, from 0.
    rows : tuple of Row
        The quantities of both.
    curves : tuple of tuple
        Per pair of channels, the plots of each image.
    facts : tuple of Fact
        What is known of how they were made.
    notes : tuple of str
        How they were made comparable, and in what they are not, in sentences.
    """

    a: Subject
    b: Subject
    pairs: tuple[tuple[int, int], ...]
    rows: tuple[Row, ...]
    curves: tuple[tuple[tuple[Curve, ...], tuple[Curve, ...]], ...]
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]


def compare_subjects(
    a: Subject, b: Subject, *, same_field: bool = False
) -> Job[Comparison]:
    """Measure two images and set the numbers side by side.

    Parameters
    ----------
    a, b : Subject
        The images; the second is the reference.
    same_field : bool, default: False
        Whether both show one and the same field, so that pixels may be compared.

    Returns
    -------
    Comparison
        All measurements of both.

    Yields
    ------
    Progress
        Channel by channel.
    """
    a, b = _segmented_alike(a, b)
    a_scaled, b_scaled, scale_notes = at_one_scale(a, b)
    pairs, pair_note = pair_channels(a, b)
    mine = yield from measure(a, a_scaled, [one for one, _ in pairs])
    other = yield from measure(b, b_scaled, [two for _, two in pairs])
    rows = [
        row for n in range(len(pairs)) for row in _rows(a, b, pairs[n], mine, other, n)
    ]
    rows += _together(mine, other)
    alike = a_scaled.pixel_size_um == b_scaled.pixel_size_um
    if same_field and not alike:
        scale_notes.append("Pixel by pixel they cannot be compared: sizes differ.")
    elif same_field:
        for pair in pairs:
            names = (a.channels[pair[0]], b.channels[pair[1]])
            found = measure_registered(a_scaled, b_scaled, pair)
            rows += [Row(names, one, None) for one in found]
    return Comparison(
        a=a,
        b=b,
        pairs=pairs,
        rows=tuple(rows),
        curves=tuple(zip(mine.curves, other.curves, strict=True)),
        facts=differences(a, b),
        notes=tuple(dict.fromkeys([*a.notes, *b.notes, *scale_notes, pair_note])),
    )


def _segmented_alike(a: Subject, b: Subject) -> tuple[Subject, Subject]:
    """Return two images that both have labels, or neither."""
    if (a.labels is None) == (b.labels is None):
        return a, b
    name = b.name if a.labels is None else a.name
    note = f"Only {name} has labels, so both were segmented in the same plain way."
    return replace(a, labels=None).noting(note), replace(b, labels=None)


def at_one_scale(a: Subject, b: Subject) -> tuple[Subject, Subject, list[str]]:
    """Return two images at the coarser of their pixel sizes, and what to say of it.

    Where a size is unknown, or cannot be right, they are left as they are.
    """
    missing = [one.name for one in (a, b) if one.pixel_size_um is None]
    if a.pixel_size_um is None or b.pixel_size_um is None:
        names = " and ".join(dict.fromkeys(missing))
        note = (
            f"The pixel size of {names} is not known: objects, detail and texture are "
            "in pixels there and cannot be compared in lengths."
        )
        return a, b, [note]
    coarse = max(a.pixel_size_um, b.pixel_size_um)
    scaled = []
    for one, size in ((a, a.pixel_size_um), (b, b.pixel_size_um)):
        factor = size / coarse
        if factor > 1 - _ALIKE:
            scaled.append(one)
            continue
        if min(one.planes.shape[1:]) * factor < _LEAST_EDGE:
            note = (
                f"At the pixel size of the other, {coarse:g} µm, {one.name} would have "
                f"fewer than {_LEAST_EDGE} pixels a side, so each was measured at its "
                "own scale. Is the pixel size right?"
            )
            return a, b, [note]
        smaller = resized(one, (factor, factor))
        scaled.append(replace(smaller, pixel_size_um=coarse))
    note = f"Objects and texture of both were measured at {coarse:.4g} µm per pixel."
    return scaled[0], scaled[1], [note]


def pair_channels(a: Subject, b: Subject) -> tuple[tuple[tuple[int, int], ...], str]:
    """Return which channels belong together, and how that was decided.

    Channels of the same name belong together; if no name is in both, those in the
    same place do.
    """
    places = {name.casefold(): number for number, name in enumerate(b.channels)}
    named = tuple(
        (number, places[name.casefold()])
        for number, name in enumerate(a.channels)
        if name.casefold() in places and name not in unnamed(len(a.channels))
    )
    if named:
        pairs, how = named, "by their names"
    else:
        count = min(len(a.planes), len(b.planes))
        pairs, how = tuple((n, n) for n in range(count)), "by their order"
    left = len(a.planes) + len(b.planes) - 2 * len(pairs)
    words = "; ".join(f"{a.channels[i]} with {b.channels[j]}" for i, j in pairs)
    rest = f" {left} without a partner were left out." if left else ""
    return pairs, f"Channels were compared {how}: {words}.{rest}"


def _rows(
    a: Subject,
    b: Subject,
    pair: tuple[int, int],
    mine: Measured,
    other: Measured,
    number: int,
) -> list[Row]:
    names = (a.channels[pair[0]], b.channels[pair[1]])
    rows = _merged(mine.channels[number], other.channels[number], names)
    return [Row(names, distance(a, b, pair), None), *rows]


def _merged(
    mine: tuple[Quantity, ...],
    other: tuple[Quantity, ...],
    names: tuple[str, str] | tuple[()],
) -> list[Row]:
    left = {one.key: one for one in mine}
    right = {one.key: one for one in other}
    return [
        Row(names, left.get(k), right.get(k)) for k in dict.fromkeys([*left, *right])
    ]


def _together(mine: Measured, other: Measured) -> list[Row]:
    """Set pairs of channels side by side, by their order: names may differ."""
    if len(mine.together) != len(other.together):
        return _merged(mine.together, other.together, ())
    return [Row((), *both) for both in zip(mine.together, other.together, strict=True)]
