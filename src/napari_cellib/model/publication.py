"""Articles about an image, and links to further pages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from napari_cellib.model._base import Model, Text

Doi = Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$", examples=["10.1000/xyz123"])]
WebAddress = Annotated[str, Field(pattern=r"^(?:https?|ftp|s3|gs)://[^\s<>\"]+$")]


class Publication(Model):
    """An article that an image belongs to, by identifier or by citation."""

    doi: Doi | None = None
    pmid: Annotated[str, Field(pattern=r"^\d{1,9}$")] | None = None
    pmcid: Annotated[str, Field(pattern=r"^PMC\d{1,9}$")] | None = None
    citation: Text | None = Field(default=None, description="as the source cites it")
    year: Annotated[int, Field(ge=1600, le=2200)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Publication:
        if not (self.doi or self.pmid or self.pmcid or self.citation):
            raise ValueError("a publication needs a DOI, a PubMed id or a citation")
        return self

    @property
    def link(self) -> str | None:
        """Address of the article, where an identifier gives one."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmcid:
            return f"https://pmc.ncbi.nlm.nih.gov/articles/{self.pmcid}/"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return None


class Link(Model):
    """A page that says more about an image."""

    url: WebAddress
    label: Text | None = None


class Identifiers(Model):
    """Names under which others know an image."""

    doi: Doi | None = None
    ark: Annotated[str, Field(pattern=r"^ark:/\S+$")] | None = None
    rrid: Text | None = None
    other: tuple[Text, ...] = ()
