"""The pages of the wizard, and on which of them a field is."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.found import field_at
from napari_cellib.deposit.fields import FIELDS, label_of
from napari_cellib.model import TermField

if TYPE_CHECKING:
    from collections.abc import Mapping


class Page(StrEnum):
    """A page; the first five are those of the fields that are asked."""

    FILES = "files"
    WHAT = "what"
    HOW = "how"
    WHO = "who"
    RIGHTS = "rights"
    CHECK = "check"
    DEPOSIT = "deposit"

    @property
    def heading(self) -> str:
        """What a person reads in the list of pages."""
        return _TITLES[self]

    @property
    def is_asked(self) -> bool:
        """Whether it has fields."""
        return self not in (Page.CHECK, Page.DEPOSIT)


_TITLES = {
    Page.FILES: "Layers or files",
    Page.WHAT: "What is it?",
    Page.HOW: "How was it made?",
    Page.WHO: "Who made it?",
    Page.RIGHTS: "What is allowed?",
    Page.CHECK: "Check",
    Page.DEPOSIT: "Deposit",
}

# What is asked of nearly every image; the others are a menu away.
WHAT_TERMS = (
    TermField.ORGANISM,
    TermField.CELL_TYPE,
    TermField.CELL_LINE,
    TermField.CELLULAR_COMPONENT,
    TermField.BIOLOGICAL_PROCESS,
)
HOW_TERMS = (TermField.IMAGING_METHOD, TermField.VISUALIZATION)
_OF_MAKING = {
    *HOW_TERMS,
    TermField.PREPARATION,
    TermField.SPECIMEN_RELATION,
    TermField.CONTRAST_SOURCE,
    TermField.IMAGED_PARAMETER,
    TermField.PROCESSING,
}


def page_of_terms(field: TermField) -> Page:
    """Return the page on which terms of a field are chosen."""
    return Page.HOW if field in _OF_MAKING else Page.WHAT


def more_terms(page: Page) -> tuple[TermField, ...]:
    """Return the fields of terms that a page offers in its menu."""
    shown = {*WHAT_TERMS, *HOW_TERMS}
    return tuple(
        field
        for field in TermField
        if field not in shown and page_of_terms(field) is page
    )


def page_of(where: str) -> Page:
    """Return the page of the field that a problem is about.

    Examples
    --------
    >>> page_of("Contributors, 2")
    <Page.WHO: 'who'>
    """
    return _pages().get(field_at(where) or "", Page.FILES)


@cache
def _pages() -> Mapping[str, Page]:
    terms = {label_of(field): page_of_terms(field) for field in TermField}
    return {**terms, **{one.label: Page(one.step) for one in FIELDS.values()}}


def number_at(where: str) -> int | None:
    """Return which of several entries a problem is about, from 1.

    Examples
    --------
    >>> number_at("Contributors, 2"), number_at("Title")
    (2, None)
    """
    number = where.partition(",")[2].strip()
    return int(number) if number.isdigit() else None
