"""What no format forbids and no microscope gives."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.pixels.checking.examined import (
        Examined,
        ExaminedLabels,
        Values,
    )

# Dots per inch that programs write when they know nothing of the specimen.
_PRINT_DPI = (72, 75, 96, 100, 144, 150, 200, 240, 300, 400, 600, 1200)
_UM_PER_INCH = 25_400.0
# A microscope has such a pixel by accident only, and then not to three digits.
_DPI_TOLERANCE = 2e-3
_LEAST_UM, _MOST_UM = 1e-5, 1_000.0  # a tenth of an angstrom, a millimetre
_SQUARE = 0.01
_STEEPEST, _FLATTEST = 200.0, 0.05  # z step in pixels
_SATURATED_SHARE = 0.01
_DEPTHS = (255, 1023, 4095, 16383, 65535)  # 8, 10, 12, 14 and 16 bits of a camera
_MOST_NAMED = 5


def check_examined(image: Examined) -> list[Problem]:
    """Say what is odd about an image.

    Parameters
    ----------
    image : Examined
        The image and the pixels that were looked at.

    Returns
    -------
    list of Problem
        Errors first; empty where nothing is odd.
    """
    found = [
        *_check_spacing(image),
        *_check_names(image),
        *_check_channels(image),
        *_check_copies(image),
        *(problem for labels in image.labels for problem in _check(labels, image)),
    ]
    return sorted(found, key=lambda problem: problem.severity != "error")


def _advice(identifier: str, where: str, message: str, fix: str) -> Problem:
    return Problem(
        id=identifier, severity="advice", where=where, message=message, fix=fix
    )


# ----------------------------------------------------------------------------- sizes


def _check_spacing(image: Examined) -> Iterator[Problem]:
    known = {a: image.spacing[a] for a in "zyx" if a in image.spacing}
    where = image.where
    if unknown := [a for a in "zyx" if image.sizes.get(a, 1) > 1 and a not in known]:
        axes = " and ".join(filter(None, [", ".join(unknown[:-1]), unknown[-1]]))
        yield _advice(
            "pixel-size-unknown",
            where,
            f"The size of a pixel along {axes} is not known, so nothing can be "
            "measured in it.",
            "State the size in micrometers.",
        )
    if image.sizes.get("t", 1) > 1 and "t" not in image.spacing:
        yield _advice(
            "time-step-unknown",
            where,
            "The time between two images is not known.",
            "State it in seconds.",
        )
    yield from _check_print(image, known)
    for axis, step in known.items():
        if not _LEAST_UM <= step <= _MOST_UM:
            yield _advice(
                "pixel-size-implausible",
                where,
                f"A pixel of {step:.4g} µm along {axis} is no size that a microscope "
                "gives.",
                "Check the unit of the number.",
            )
    yield from _check_proportions(image, known)


def _check_print(image: Examined, known: dict[str, float]) -> Iterator[Problem]:
    step = known.get("x")
    for dpi in _PRINT_DPI if step else ():
        assert step is not None
        if abs(step * dpi / _UM_PER_INCH - 1) < _DPI_TOLERANCE:
            yield _advice(
                "pixel-size-of-print",
                image.where,
                f"The size of a pixel, {step:.4g} µm, is that of a print of {dpi} dots "
                "per inch and not that of a specimen.",
                "State the size of a pixel in the specimen, or remove the number.",
            )
            return


def _check_proportions(image: Examined, known: dict[str, float]) -> Iterator[Problem]:
    if not {"y", "x"} <= set(known):
        return
    if abs(known["y"] / known["x"] - 1) > _SQUARE:
        yield _advice(
            "pixels-not-square",
            image.where,
            f"Pixels are {known['x']:.4g} µm wide and {known['y']:.4g} µm high.",
            "Check both numbers; cameras have square pixels.",
        )
    ratio = known.get("z", known["x"]) / known["x"]
    if not _FLATTEST <= ratio <= _STEEPEST:
        yield _advice(
            "z-step-implausible",
            image.where,
            f"Planes are {known['z']:.4g} µm apart, where a pixel is "
            f"{known['x']:.4g} µm wide.",
            "Check the distance of the planes and its unit.",
        )


def _check_names(image: Examined) -> Iterator[Problem]:
    if image.rgb or len(image.channels) < 2:
        return
    bare = [n for n, channel in enumerate(image.channels) if not channel.name]
    if bare:
        yield _advice(
            "channel-unnamed",
            image.where,
            f"{len(bare)} of {len(image.channels)} channels have no name.",
            "Name each after its dye or its protein.",
        )


# ---------------------------------------------------------------------------- values


def _check_channels(image: Examined) -> Iterator[Problem]:
    empty = [n for n, values in enumerate(image.overview) if _is_flat(values)]
    # What is flat when seen from afar may hold a few fine points.
    empty = [n for n in empty if n >= len(image.sharp) or _is_flat(image.sharp[n])]
    if empty and len(empty) == len(image.overview):
        yield Problem(
            id="image-empty",
            where=image.where,
            message="All its pixels have the same value.",
            fix="Check that the right file was taken, and that it is complete.",
        )
        return
    for number in empty:
        yield _advice(
            "channel-empty",
            f"{image.where}, {image.name_of(number)}",
            "All its pixels have the same value.",
            "Leave the channel out, or check that it is complete.",
        )
    for number, values in enumerate(image.sharp):
        if number not in empty:
            where = f"{image.where}, {image.name_of(number)}"
            yield from _check_values(values, where, rgb=image.rgb)


def _check_values(values: Values, where: str, *, rgb: bool) -> Iterator[Problem]:
    if values.dtype.kind == "f":
        share = float(np.mean(~np.isfinite(values)))
        if share > 0:
            yield _advice(
                "values-not-finite",
                where,
                f"{_percent(share)} of its pixels are no number, or infinite.",
                "Give such pixels a value, unless they are meant to be left out.",
            )
    # White is what the background of a stained section has; it says nothing.
    if values.dtype.kind != "u" or rgb or not values.size:
        return
    most = int(values.max())
    share = float(np.mean(values == most))
    # A mask has two values and nothing between them.
    if most in _DEPTHS and share > _SATURATED_SHARE and _has_between(values, most):
        yield _advice(
            "channel-saturated",
            where,
            f"{_percent(share)} of its pixels have the largest value, {most}.",
            "Intensities above it are lost; say so, or take the image again with a "
            "shorter exposure.",
        )


def _has_between(values: Values, most: int) -> bool:
    return bool(np.any((values > values.min()) & (values < most)))


def _check_copies(image: Examined) -> Iterator[Problem]:
    pairs = list(combinations(range(len(image.overview)), 2))
    if image.rgb:  # gray pictures are often stored as three equal colours
        if pairs and all(_are_alike(image, *pair) for pair in pairs):
            yield _advice(
                "rgb-is-gray",
                image.where,
                "Red, green and blue are the same everywhere.",
                "Store it as one channel, a third of the size.",
            )
        return
    for one, other in pairs:
        if not _is_flat(image.overview[one]) and _are_alike(image, one, other):
            yield _advice(
                "channel-duplicated",
                f"{image.where}, {image.name_of(other)}",
                f"It is the same as {image.name_of(one)}.",
                "Leave one of them out, or check which file it came from.",
            )


def _are_alike(image: Examined, one: int, other: int) -> bool:
    return all(
        np.array_equal(values[one], values[other])
        for values in (image.overview, image.sharp)
        if max(one, other) < len(values)
    )


def _is_flat(values: Values) -> bool:
    return not values.size or bool(np.all(values == values.flat[0]))


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share >= 1e-4 else "Some"


# ---------------------------------------------------------------------------- labels


def _check(labels: ExaminedLabels, image: Examined) -> Iterator[Problem]:
    where = f"{image.where}, labels {labels.name}"
    wrong = _misfits(labels, image)
    if wrong:
        yield Problem(
            id="labels-do-not-fit",
            where=where,
            message=f"They do not cover the image: {'; '.join(wrong)}.",
            fix="Make them from this image, or store them with the right one.",
        )
    if _is_flat(labels.values) and not np.any(labels.values):
        yield _advice(
            "labels-empty",
            where,
            "They mark nothing in the part that was looked at.",
            "Leave them out if they are empty.",
        )
        return
    if labels.listed:
        seen = {int(value) for value in np.unique(labels.values)} - {0}
        if unknown := sorted(seen - labels.listed):
            named = ", ".join(map(str, unknown[:_MOST_NAMED]))
            more = ", ..." if len(unknown) > _MOST_NAMED else ""
            yield _advice(
                "labels-not-listed",
                where,
                f"{len(unknown)} of the labels in it are not in its table: {named}"
                f"{more}.",
                "Add them to the table, or remove them.",
            )


def _misfits(labels: ExaminedLabels, image: Examined) -> list[str]:
    found = []
    for axis in (a for a in labels.sizes if a in image.sizes):
        ours, theirs = labels.sizes[axis], image.sizes[axis]
        step, image_step = labels.spacing.get(axis), image.spacing.get(axis)
        if ours == theirs or axis == "c":
            continue
        if step and image_step:
            # Coarser labels are fine as long as they end where the image ends.
            ours_um, theirs_um = ours * step, theirs * image_step
            if abs(ours_um - theirs_um) <= max(step, image_step):
                continue
        found.append(f"{ours} along {axis}, where the image has {theirs}")
    return found
