"""What is asked of a library, and what it answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field, NonNegativeInt, ValidationInfo, field_validator

from napari_cellib.model._base import Model, Text
from napari_cellib.model.address import LibraryId
from napari_cellib.model.record import ImageRecord


class FacetField(StrEnum):
    """By what a result list can be narrowed down."""

    ORGANISM = "organism"
    CELL_TYPE = "cell_type"
    CELLULAR_COMPONENT = "cellular_component"
    BIOLOGICAL_PROCESS = "biological_process"
    IMAGING_METHOD = "imaging_method"
    KIND = "kind"
    LICENCE = "licence"
    LIBRARY = "library"


class Sort(StrEnum):
    """In which order hits come."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    TITLE = "title"


Filters: TypeAlias = dict[FacetField, tuple[Text, ...]]
Limit = Annotated[int, Field(ge=1, le=500)]
LONGEST_TEXT = 1000  # characters


class Query(Model):
    """A search: words, and values of facets that must apply.

    All words must be found, the last one also as a beginning; `search_syntax` tells
    what else a text may ask for. Values of one facet are alternatives; different
    facets must all apply.
    """

    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    filters: Filters = Field(default_factory=dict)
    exact: tuple[Text, ...] = Field(
        default=(),
        description="those of the filters' terms that do not stand for what is below",
    )
    sort: Sort = Sort.RELEVANCE
    limit: Limit = 24
    cursor: str | None = Field(
        default=None, description="the `next` of the page before; opaque"
    )
    facets: bool = Field(default=True, description="whether to count facet values")

    @field_validator("filters")
    @classmethod
    def _no_empty_filters(cls, filters: Filters) -> Filters:
        return {field: values for field, values in filters.items() if values}

    @field_validator("exact")
    @classmethod
    def _only_of_filters(
        cls, exact: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        filters: Filters = info.data.get("filters", {})
        chosen = {value for values in filters.values() for value in values}
        return tuple(value for value in dict.fromkeys(exact) if value in chosen)

    @property
    def is_empty(self) -> bool:
        """Whether it asks for everything."""
        return not self.text.strip() and not self.filters

    def toggled(self, field: FacetField, value: str) -> Query:
        """Return the query with one facet value added, or taken away again."""
        values = self.filters.get(field, ())
        changed = (
            tuple(v for v in values if v != value)
            if value in values
            else (*values, value)
        )
        return self.changed(filters={**self.filters, field: changed})

    def changed(self, **changes: object) -> Query:
        """Return the query with other fields, from its first page on."""
        return Query.model_validate({**self.model_dump(), "cursor": None, **changes})


class FacetValue(Model):
    """One value of a facet and how many hits have it."""

    value: Text = Field(description="what a filter holds: a term's id or a code")
    label: Text = Field(description="what a person reads")
    count: NonNegativeInt = Field(description="hits with it, or with a term below it")
    parent: Text | None = Field(
        default=None, description="value that this one is shown below"
    )
    depth: NonNegativeInt = Field(
        default=0, description="how many values it is shown below"
    )


class Facet(Model):
    """The values of one field among the hits, most frequent first.

    A term comes right after the one that it is shown below.
    """

    field: FacetField
    values: tuple[FacetValue, ...]


class Hit(Model):
    """One found image; `record` comes without its raw source document."""

    record: ImageRecord
    score: float | None = None
    also_in: tuple[LibraryId, ...] = Field(
        default=(), description="other libraries that hold the same image"
    )


COPIES_COUNTED = "An image that several libraries hold is counted here in each."


class Page(Model):
    """One page of answers."""

    hits: tuple[Hit, ...]
    total: NonNegativeInt
    total_is_exact: bool = True
    facets: tuple[Facet, ...] = ()
    facets_are_exact: bool = Field(
        default=True,
        description="false where an image of several libraries is counted in each",
    )
    next: str | None = Field(
        default=None, description="cursor of the following page; None on the last"
    )
    warnings: tuple[Text, ...] = ()
    suggestion: Text | None = Field(
        default=None, description="a text that finds more, where little was found"
    )

    @property
    def facets_note(self) -> str:
        """What to know of the facet counts; empty if there is nothing."""
        return "" if self.facets_are_exact else COPIES_COUNTED

    @property
    def total_in_words(self) -> str:
        """How many images were found, and how far that can be relied on.

        Examples
        --------
        >>> page = {"hits": [], "total": 2634, "total_is_exact": False}
        >>> Page(**page, warnings=["A library is left out."]).total_in_words
        'at least 2,634 images'
        """
        about = ""
        if self.total and not self.total_is_exact:
            # Without a warning, nothing is missing but copies are still to be folded.
            about = "at least " if self.warnings else "about "
        return f"{about}{self.total:,} image{'' if self.total == 1 else 's'}"
