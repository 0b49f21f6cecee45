"""Whether the labels of which something is said are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Region

_MOST_VOXELS = 512_000_000  # more take too long to look through unasked


def label_values(
    regions: Iterable[Region], arrays: Mapping[str, Any]
) -> Job[dict[str, set[int]]]:
    """Find out which of the labels that are regions still occur.

    Parameters
    ----------
    regions : iterable of Region
        Of which those are looked for that are labels.
    arrays : mapping of str to array
        The finest level of each segmentation that is open, by name. Those that are
        not in memory are not read for it.

    Yields
    ------
    Progress
        How many planes were looked through.

    Returns
    -------
    dict of str to set of int
        For each segmentation that was looked through, those of the values that it
        has, as `annotate.checking.problems` takes them.
    """
    sought: dict[str, set[int]] = {}
    for region in regions:
        name, value = region.labels, region.value
        if name is not None and value is not None and name in arrays:
            sought.setdefault(name, set()).add(value)
    found: dict[str, set[int]] = {}
    for name, values in sought.items():
        array = arrays[name]
        if not isinstance(array, np.ndarray) or array.size > _MOST_VOXELS:
            continue
        found[name] = set()
        planes = array.reshape(-1, *array.shape[-2:])
        for number, plane in enumerate(planes):
            yield Progress("Looking for labels", number, len(planes))
            found[name] |= values & set(np.unique(plane).tolist())
            if found[name] == values:
                break
    return found


def labels_gone(
    regions: Iterable[Region], values: Mapping[str, Collection[int]]
) -> str:
    """Tell of labels that are in no pixel any more.

    Parameters
    ----------
    regions : iterable of Region
        All of an image.
    values : mapping of str to collection of int
        What `label_values` has found.

    Returns
    -------
    str
        A sentence, or nothing where all are there.
    """
    gone = sorted(
        {
            (name, one.value)
            for one in regions
            if (name := one.labels or "") in values
            if one.value is not None and one.value not in values[name]
        }
    )
    if not gone:
        return ""
    name, value = gone[0]
    if len(gone) == 1:
        return (
            f"Label {value} is not in “{name}” any more; what was said of it is kept."
        )
    return (
        f"{len(gone):,} labels are gone, such as {value} in “{name}”; "
        "what was said of them is kept."
    )
