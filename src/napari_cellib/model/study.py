"""What images of one project have in common."""

from __future__ import annotations

from pydantic import Field, NonNegativeInt

from napari_cellib.model._base import Model, PartialDate, Text
from napari_cellib.model.address import RecordId
from napari_cellib.model.contributor import Contributor
from napari_cellib.model.licence import Licence
from napari_cellib.model.publication import Link, Publication
from napari_cellib.model.statement import Annotation


class Study(Model):
    """A project, dataset or article that several images belong to."""

    id: RecordId
    title: Text
    accession: Text | None = Field(default=None, examples=["S-BIAD609", "idr0062"])
    description: Text | None = None
    contributors: tuple[Contributor, ...] = ()
    publications: tuple[Publication, ...] = ()
    links: tuple[Link, ...] = ()
    licence: Licence | None = None
    released: PartialDate | None = None
    image_count: NonNegativeInt | None = Field(
        default=None, description="images in the study, as the source counts them"
    )
    annotations: tuple[Annotation, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
