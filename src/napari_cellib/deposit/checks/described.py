"""What must be said of an image: the minimum of REMBI, and a title for DataCite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.found import advice, at, error
from napari_cellib.deposit.fields import label_of
from napari_cellib.model import TermField
from napari_cellib.model._base import is_partial_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Problem

_SHORTEST_DESCRIPTION = 40  # letters; less is a second title
# What the specimen is, where a term says it. (REMBI calls it the biological entity.)
_ENTITIES = (
    TermField.CELL_TYPE,
    TermField.CELL_LINE,
    TermField.CELLULAR_COMPONENT,
    TermField.ANATOMY,
)
_NOBODY_KNOWS = "Where nobody knows, write 'not known'."


def check_described(draft: Draft) -> Iterator[Problem]:
    """Look for what others need to find, understand and judge the image."""
    yield from _check_texts(draft)
    yield from _check_terms(draft)
    yield from _check_making(draft)


def _check_texts(draft: Draft) -> Iterator[Problem]:
    if draft.title is None:
        yield error(
            "title-missing",
            at("title"),
            "There is no title.",
            "Say in a few words what is to be seen.",
        )
    elif any(_is_name_of(draft.title, source.name) for source in draft.sources):
        yield advice(
            "title-is-file-name",
            at("title"),
            "The title is the name of the file.",
            "Say in a few words what is to be seen.",
        )
    if draft.description is None:
        yield error(
            "description-missing",
            at("description"),
            "There is no description.",
            "Say what is to be seen and why it is worth a look.",
        )
    elif len(draft.description.strip()) < _SHORTEST_DESCRIPTION:
        yield advice(
            "description-short",
            at("description"),
            "The description is very short.",
            "Add what each channel shows and what to look at.",
        )


def _check_terms(draft: Draft) -> Iterator[Problem]:
    for field, identifier, example in (
        (TermField.ORGANISM, "organism-missing", "Homo sapiens"),
        (TermField.IMAGING_METHOD, "imaging-method-missing", "confocal microscopy"),
    ):
        terms = draft.terms(field)
        where = label_of(field)
        if not terms:
            yield error(
                identifier,
                where,
                "It is not named.",
                f"Choose a term, such as {example}, or write it in your own words.",
            )
    for field in dict.fromkeys(note.field for note in draft.annotations):
        words = [term.name for term in draft.terms(field) if term.is_free_text]
        if words and field in (
            TermField.ORGANISM,
            TermField.IMAGING_METHOD,
            *_ENTITIES,
        ):
            yield advice(
                "term-is-free-text",
                label_of(field),
                f"{_listed(words)} is in your own words.",
                "Choose a term of an ontology if one fits: then others find it under "
                "every name.",
            )


def _check_making(draft: Draft) -> Iterator[Problem]:
    if draft.specimen is None and not any(map(draft.terms, _ENTITIES)):
        yield error(
            "specimen-missing",
            at("specimen"),
            "Nothing says what was under the microscope.",
            "Name the cells, the tissue or the part of the cell, by terms or in words.",
        )
    if draft.preparation is None and not draft.terms(TermField.PREPARATION):
        yield error(
            "preparation-missing",
            at("preparation"),
            "Nothing says how the specimen was prepared.",
            f"Say whether it was alive, and how it was fixed and stained. "
            f"{_NOBODY_KNOWS}",
        )
    if draft.instrument is None:
        yield error(
            "instrument-missing",
            at("instrument"),
            "The microscope is not named.",
            f"Name it with its objective. {_NOBODY_KNOWS}",
        )
    if draft.imaged and not is_partial_date(draft.imaged.strip()):
        yield error(
            "imaging-date-invalid",
            at("imaged"),
            f"{draft.imaged!r} is no date.",
            "Write 2026-05-31, or as much of it as is known.",
        )


def _is_name_of(title: str, name: str) -> bool:
    return title.strip().casefold() in (
        name.casefold(),
        name.partition(".")[0].casefold(),
    )


def _listed(words: list[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
