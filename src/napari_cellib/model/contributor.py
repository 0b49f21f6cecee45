"""The people behind an image."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from napari_cellib.model._base import Model, Text
from napari_cellib.model.check_character import check_character

_ORCID = re.compile(r"^(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])$")


def _strip_resolver(text: object) -> object:
    if not isinstance(text, str):
        return text
    bare = re.sub(r"^https?://orcid\.org/", "", text.strip(), flags=re.IGNORECASE)
    match = _ORCID.match(bare.upper())
    return "-".join(match.groups()) if match else bare


def _check_orcid(orcid: str) -> str:
    digits = orcid.replace("-", "")
    if not _ORCID.match(orcid):
        raise ValueError(f"{orcid!r} is no ORCID iD, which has 16 digits")
    if check_character(digits[:-1]) != digits[-1]:
        raise ValueError(f"{orcid!r} has a typing error: its check digit is wrong")
    return orcid


Orcid = Annotated[
    str,
    BeforeValidator(_strip_resolver),
    AfterValidator(_check_orcid),
    Field(description="ORCID iD", examples=["0000-0002-1825-0097"]),
]


class CreditRole(StrEnum):
    """The fourteen roles of the CRediT taxonomy (ANSI/NISO Z39.104-2022)."""

    CONCEPTUALIZATION = "conceptualization"
    DATA_CURATION = "data-curation"
    FORMAL_ANALYSIS = "formal-analysis"
    FUNDING_ACQUISITION = "funding-acquisition"
    INVESTIGATION = "investigation"
    METHODOLOGY = "methodology"
    PROJECT_ADMINISTRATION = "project-administration"
    RESOURCES = "resources"
    SOFTWARE = "software"
    SUPERVISION = "supervision"
    VALIDATION = "validation"
    VISUALIZATION = "visualization"
    WRITING_ORIGINAL_DRAFT = "writing-original-draft"
    WRITING_REVIEW_EDITING = "writing-review-editing"


class Contributor(Model):
    """A person, or a group or institution, that made an image."""

    name: Text = Field(description="as cited, e.g. 'Stoeckenius, Walther'")
    raw: Text | None = Field(
        default=None, description="the source's own spelling, where it differs"
    )
    orcid: Orcid | None = None
    ror: Text | None = Field(default=None, description="ROR id of the affiliation")
    affiliation: Text | None = None
    roles: tuple[CreditRole, ...] = ()
