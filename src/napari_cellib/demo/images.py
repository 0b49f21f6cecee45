"""The table of demo images: `images.toml`, read and checked."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, PositiveInt

from napari_cellib.model import (
    Annotation,
    Assertion,
    Channel,
    Contributor,
    Licence,
    Link,
    Publication,
    Term,
    TermField,
    mint_accession,
)
from napari_cellib.model._base import Micrometers, Model, Text
from napari_cellib.model.dimensions import SpaceAxis

LIBRARY_ID = "demo"
LIBRARY_NAME = "Demo library"

_BY_NAME = "the source's word, looked up by name"


class DemoTerm(Model):
    """A word of the source, with the ontology term that it names if there is one."""

    field: TermField
    text: Text
    id: Text | None = None
    label: Text | None = None
    synonyms: tuple[Text, ...] = ()
    evidence: Text | None = None

    def annotation(self) -> Annotation:
        """Return the statement, saying whether the source or a look-up made it."""
        term = Term(
            id=self.id, label=self.label, text=self.text, synonyms=self.synonyms
        )
        if self.id is None:
            return Annotation(field=self.field, term=term)
        looked_up = Assertion(by="lookup", evidence=self.evidence or _BY_NAME)
        return Annotation(field=self.field, term=term, assertion=looked_up)


class DemoImage(Model):
    """One picture inside a package, and what is known of it."""

    number: PositiveInt
    package: Text = Field(description="name of the distribution")
    file: Text = Field(description="path within the distribution")
    labels: Text | None = Field(
        default=None, description="path of a label image of the same shape"
    )
    axes: Annotated[str, Field(pattern=r"^t?z?(?:yx|yxc)$")] = Field(
        description="axes of the array as read; yxc is a red, green and blue picture"
    )
    spacing_um: dict[SpaceAxis, Micrometers] = Field(default_factory=dict)
    channels: tuple[Channel, ...] = Field(
        default=(), description="what each shows, as its source says"
    )
    title: Text
    description: Text
    technical_details: Text | None = None
    licence: Licence | None = Field(default=None, description="of the image itself")
    package_licence: Text | None = Field(
        default=None, description="of the package, where nothing else is stated"
    )
    attribution: Text | None = None
    group: Text | None = None
    contributors: tuple[Contributor, ...] = ()
    publications: tuple[Publication, ...] = ()
    links: tuple[Link, ...] = ()
    terms: tuple[DemoTerm, ...] = ()

    @property
    def is_rgb(self) -> bool:
        """Whether the last axis holds red, green and blue."""
        return self.axes.endswith("yxc")

    @property
    def accession(self) -> str:
        """The same for ever, whichever packages are there."""
        return mint_accession(self.number)


@cache
def demo_images() -> tuple[DemoImage, ...]:
    """Return the images of the demo library, by number."""
    text = files("napari_cellib.demo").joinpath("images.toml").read_text("utf-8")
    rows = tomllib.loads(text)["image"]
    return tuple(DemoImage.model_validate(row) for row in rows)
