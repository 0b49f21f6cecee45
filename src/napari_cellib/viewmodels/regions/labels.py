"""Whether the labels of which something is said are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Region

_MOST_VOXELS = 512_000_000  # more take too long to look through unasked


def labels_gone(regions: Iterable[Region], arrays: Mapping[str, Any]) -> Job[str]:
    """Find labels that are in no pixel any more.

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
    str
        A sentence, or nothing where all are there.
    """
    sought: dict[str, set[int]] = {}
    for region in regions:
        if region.value is None or region.labels is None:
            continue
        if region.labels in arrays:
            sought.setdefault(region.labels, set()).add(region.value)
    gone = []
    for name, values in sought.items():
        array = arrays[name]
        if not isinstance(array, np.ndarray) or array.size > _MOST_VOXELS:
            continue
        planes = array.reshape(-1, *array.shape[-2:])
        for number, plane in enumerate(planes):
            yield Progress("Looking for labels", number, len(planes))
            values -= set(np.unique(plane).tolist())
            if not values:
                break
        gone += [(value, name) for value in sorted(values)]
    if not gone:
        return ""
    value, name = gone[0]
    if len(gone) == 1:
        return (
            f"Label {value} is not in “{name}” any more; what was said of it is kept."
        )
    return (
        f"{len(gone):,} labels are gone, such as {value} in “{name}”; "
        "what was said of them is kept."
    )
