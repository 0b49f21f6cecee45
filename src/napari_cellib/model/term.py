"""Ontology terms, and what they may say something about."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from napari_cellib.model._base import Model, Text

Curie = Annotated[
    str,
    # Cellosaurus writes its identifiers with an underscore, everybody else a colon.
    Field(
        pattern=r"^(?:[A-Za-z][A-Za-z0-9._-]*:[^\s:]\S*|CVCL_[0-9A-Z]{4})$",
        description="compact identifier of an ontology term",
        examples=["GO:0005739", "CVCL_0030"],
    ),
]


class Term(Model):
    """A word for what is in an image, from an ontology where one has it.

    Free text stays legal: a term may have only the source's own words.
    """

    id: Curie | None = None
    label: Text | None = Field(
        default=None, description="label when it was annotated; ontologies change"
    )
    text: Text | None = Field(default=None, description="the source's own words")
    synonyms: tuple[Text, ...] = Field(
        default=(), description="other names under which the term is found"
    )
    ontology_version: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Term:
        if not (self.id or self.label or self.text):
            raise ValueError("a term needs an id, a label or the source's own words")
        return self

    @property
    def name(self) -> str:
        """What to show a person: label, else the source's words, else the id."""
        return self.label or self.text or self.id or ""

    @property
    def is_free_text(self) -> bool:
        """Whether no ontology stands behind the words."""
        return self.id is None


class TermField(StrEnum):
    """What a term says something about (the names are those of the term fields)."""

    ORGANISM = "organism"
    CELL_TYPE = "cell_type"
    CELL_LINE = "cell_line"
    CELLULAR_COMPONENT = "cellular_component"
    BIOLOGICAL_PROCESS = "biological_process"
    MOLECULAR_FUNCTION = "molecular_function"
    ANATOMY = "anatomy"
    DEVELOPMENTAL_STAGE = "developmental_stage"
    DISEASE = "disease"
    PATHOLOGY = "pathology"
    PHENOTYPE = "phenotype"
    GENE = "gene"
    PROTEIN = "protein"
    COMPOUND = "compound"
    ANTIBODY = "antibody"
    PREPARATION = "preparation"
    SPECIMEN_RELATION = "specimen_relation"
    IMAGING_METHOD = "imaging_method"
    VISUALIZATION = "visualization"
    CONTRAST_SOURCE = "contrast_source"
    IMAGED_PARAMETER = "imaged_parameter"
    PROCESSING = "processing"
    ITEM_TYPE = "item_type"
    OTHER = "other"
