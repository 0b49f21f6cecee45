"""What is odd about what was said: terms that have decayed, places that are gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.annotate.checking import problems
from napari_cellib.jobs import Progress
from napari_cellib.ontology.decay import check
from napari_cellib.viewmodels.annotating.ledger import Ledger
from napari_cellib.viewmodels.annotating.rows import Flag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Annotation, Region, Statement
    from napari_cellib.viewmodels.annotating.keeping import Loaded

_MOST_VOXELS = 512_000_000  # more take too long to look through unasked


@dataclass(frozen=True)
class _Noted:
    id: str
    standing_annotations: tuple[Annotation, ...]


def flags_job(
    loaded: Loaded, segmentations: Mapping[str, object]
) -> Job[dict[str, Flag]]:
    """Return the job that looks what is odd about what holds, by key.

    Parameters
    ----------
    loaded : Loaded
        What was said.
    segmentations : mapping of str to array
        The finest level of each segmentation that is open, by name. Those that are
        not in memory are not read for it.
    """
    return _flags(loaded, loaded.book.ledger.snapshot(), segmentations)


def _flags(
    loaded: Loaded,
    said: Mapping[str, Statement],
    segmentations: Mapping[str, object],
) -> Job[dict[str, Flag]]:
    record, terms = loaded.record, loaded.terms
    yield Progress("Looking for what holds")
    ledger = Ledger(said)
    present = ledger.present()
    name = record.id if record is not None else "layers"
    report = yield from check([_Noted(name, present.annotations)], terms)
    values = yield from label_values(present.regions, segmentations)
    yield Progress("Looking whether everything is where it belongs")
    sizes = record.dimensions.sizes if record and record.dimensions else None
    found = problems(present, sizes=sizes, terms=terms, label_values=values)
    flags = {one.where: Flag(f"{one.message} {one.fix}") for one in found}
    return flags | {
        one.annotation.key: Flag(one.reason, one.proposed) for one in report.decayed
    }


def label_values(
    regions: Iterable[Region], segmentations: Mapping[str, object]
) -> Job[dict[str, set[int]]]:
    """Return the job that finds which labels occur, of those that regions speak of.

    Parameters
    ----------
    regions : iterable of Region
        Those that are no labels are left out.
    segmentations : mapping of str to array
        By name; of those that are not in memory, or are very large, nothing is told.
    """
    sought: dict[str, set[int]] = {}
    for region in regions:
        name, value = region.labels, region.value
        if value is not None and name is not None and name in segmentations:
            sought.setdefault(name, set()).add(value)
    found: dict[str, set[int]] = {}
    for name, values in sought.items():
        array = segmentations[name]
        if not isinstance(array, np.ndarray) or array.size > _MOST_VOXELS:
            continue
        there = found.setdefault(name, set())
        planes = array.reshape(-1, *array.shape[-2:])
        for number, plane in enumerate(planes):
            yield Progress("Looking for labels", number, len(planes))
            there |= values & set(np.unique(plane).tolist())
            if there == values:
                break
    return found
