"""Whether what is said of the pixels is what a microscope gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.deposit.checks.found import advice, at, error
from napari_cellib.deposit.draft import Origin
from napari_cellib.pixels.checking import Examined, check_examined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Problem

_FIELDS = {"time-step-unknown": "time_step_s", "channel-unnamed": "channels"}
_UNTIL_READ = np.dtype("uint8")  # what the checks of sizes and names do not look at


def check_image(draft: Draft) -> Iterator[Problem]:
    """Look at pixel size, time step and channels.

    What is odd is found by the same checks that look at a finished image.
    """
    steps = {str(axis): step for axis, step in draft.spacing_um.items()}
    if draft.time_step_s is not None:
        steps["t"] = draft.time_step_s
    for axis, step in steps.items():
        if step <= 0:
            yield error(
                "pixel-size-invalid",
                at("time_step_s" if axis == "t" else "spacing_um"),
                f"{step:g} along {axis} is no size.",
                "State a size above zero, or leave it empty if nobody knows it.",
            )
    if _is_only_told(draft):
        yield advice(
            "pixel-size-not-in-file",
            at("spacing_um"),
            "An OME-Zarr is deposited as it is, so the pixel size that is given is in "
            "the record, and the file keeps what it says itself.",
            "Open it in napari with that size, and deposit its layers instead.",
        )
    count = draft.sizes.get("c", 1)
    if draft.sizes and draft.channels and len(draft.channels) != count:
        yield error(
            "channels-do-not-fit",
            at("channels"),
            f"{len(draft.channels)} channels are described, and the image has {count}.",
            "Describe each channel once, in the order in which they are stored.",
        )
    examined = Examined(
        where=at("spacing_um"),
        sizes={str(axis): length for axis, length in draft.sizes.items()},
        dtype=_UNTIL_READ,
        spacing={axis: step for axis, step in steps.items() if step > 0},
        channels=draft.channels,
        rgb=draft.rgb,
    )
    for problem in check_examined(examined):
        field = _FIELDS.get(problem.id)
        yield problem.model_copy(update={"where": at(field)}) if field else problem


def _is_only_told(draft: Draft) -> bool:
    """Whether a size was given, not read, of a file into which nothing is written."""
    paths = [source.path for source in draft.sources]
    if len(paths) != 1 or not (paths[0] or "").rstrip("/\\").endswith(".zarr"):
        return False
    origins = draft.origins.items()
    return any(k.startswith("spacing_um") and o is not Origin.FILE for k, o in origins)
