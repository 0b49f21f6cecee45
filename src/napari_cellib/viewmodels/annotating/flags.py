"""What is odd about what was said: terms that have decayed, places that are gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.checking import problems
from napari_cellib.jobs import Progress
from napari_cellib.ontology.decay import check
from napari_cellib.viewmodels.annotating.ledger import Ledger
from napari_cellib.viewmodels.annotating.rows import Flag
from napari_cellib.viewmodels.regions.labels import label_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Annotation, Statement
    from napari_cellib.viewmodels.annotating.keeping import Loaded


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
