"""Which terms are not what they were, and which do not belong where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.checking import problems
from napari_cellib.jobs import Progress
from napari_cellib.ontology.decay import check
from napari_cellib.viewmodels.annotating.rows import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.model.statement import Annotation
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.annotating.ledger import Ledger


@dataclass(frozen=True)
class _Noted:
    id: str
    standing_annotations: tuple[Annotation, ...]


def flags_of(
    ledger: Ledger, terms: Terms, record: ImageRecord | None = None
) -> Job[Mapping[str, Flag]]:
    """Return the job that looks what is odd about what holds, by key."""
    yield Progress("Looking the terms up")
    standing = ledger.present().annotations
    name = record.id if record is not None else "layers"
    report = yield from check([_Noted(name, standing)], terms)
    yield Progress("Looking whether everything is where it belongs")
    sizes = record.dimensions.sizes if record and record.dimensions else None
    flags = {
        one.where: Flag(f"{one.message} {one.fix}")
        for one in problems(ledger.present(), sizes=sizes, terms=terms)
    }
    return flags | {
        one.annotation.key: Flag(one.reason, one.proposed) for one in report.decayed
    }
