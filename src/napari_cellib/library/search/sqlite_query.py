"""Turns clauses into masks of records and scores, by lists that SQLite finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_cellib.library.search.clauses import (
    START_FIELDS,
    WORD_FIELDS,
    Adjacent,
    Below,
    Between,
    Clause,
    Every,
    Except,
    Keys,
    Some,
    Start,
    Stem,
    facet_field,
)
from napari_cellib.model import FacetField, Sort

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.library.search.columns import Columns, Mask, Numbers
    from napari_cellib.library.search.question import Question
    from napari_cellib.library.search.sqlite_words import SqliteWords
    from napari_cellib.model import Query

_FACETS = {facet_field(field): field for field in FacetField}
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Matched:
    """Which records match, and how well; those that do not have no score."""

    mask: Mask
    scores: Scores


@dataclass(frozen=True, slots=True)
class Ordered:
    """Hits, best first.

    Attributes
    ----------
    columns : Columns
        The records.
    places : numpy.ndarray
        Those that are hits.
    scores : numpy.ndarray or None
        How well each record matches, if that was asked for.
    """

    columns: Columns
    places: Numbers
    scores: Scores | None

    @property
    def total(self) -> int:
        """How many hits there are."""
        return len(self.places)

    def page(self, offset: int, limit: int) -> tuple[tuple[str, float | None], ...]:
        """Return identifiers and scores of some hits."""
        return tuple(
            (
                self.columns.records[place],
                None if self.scores is None else float(self.scores[place]),
            )
            for place in self.places[offset : offset + limit].tolist()
        )


class Asked:
    """What a query matches in one state of a library.

    Parameters
    ----------
    words : SqliteWords
        Where words and keys are looked up.
    columns : Columns
        The state.
    library_id : str
        Id of the library.
    question : Question
        What is asked.
    """

    def __init__(
        self,
        words: SqliteWords,
        columns: Columns,
        library_id: str,
        question: Question,
    ) -> None:
        self._words = words
        self.columns = columns
        self.is_ranked = question.is_ranked
        self._library_id = library_id
        self._question = question
        self._text = self._every(question.words)
        self._filters = {
            field: self._matched(clause).mask
            for field, clause in question.filters.items()
        }

    def scores(self) -> Scores:
        """Return how well each record matches the words."""
        return self._text.scores

    def whole(self) -> Mask:
        """Return which records are hits."""
        return self._all_but(None)

    def without(self, field: FacetField) -> Mask:
        """Return which records would be hits without the filter of a facet."""
        return self._all_but(field)

    def instead(self, field: FacetField, value: str) -> Mask:
        """Return which records would be hits with one value as filter of a facet."""
        only = self._question.filter(field, (value,))
        return self._all_but(field) & self._matched(only).mask

    def _all_but(self, field: FacetField | None) -> Mask:
        mask = self._text.mask.copy()
        for one, having in self._filters.items():
            if one != field:
                mask &= having
        return mask

    # ------------------------------------------------------------------ clauses

    def _matched(self, clause: Clause) -> Matched:
        match clause:
            case Every(parts):
                return self._every(parts)
            case Some(parts):
                return self._some(parts)
            case Except(part):
                return self._scored(~self._matched(part).mask, 0)
            case Stem() | Start() | Adjacent():
                return self._in_words(clause)
            case Keys():
                return self._scored(self._with_keys(clause), clause.score)
            case Below(curies, field, exact, score):
                mask = self.columns.below(curies, field, exact=exact)
                return self._scored(mask, score)
            case Between(first, last):
                dates = self.columns.dates
                return self._scored((first <= dates) & (dates <= last), 0)

    def _scored(self, mask: Mask, score: float) -> Matched:
        return Matched(mask, mask * np.float32(score))

    def _in_words(self, clause: Stem | Start | Adjacent) -> Matched:
        match clause:
            case Stem(text, boost, field):
                fields = _only(WORD_FIELDS, field)
                return self._in_fields("stems", f'"{text}"', fields, boost)
            case Adjacent(stems):
                return self._in_fields("stems", f'"{" ".join(stems)}"', WORD_FIELDS)
            case Start(text, "people"):
                return self._in_fields("stems", f'"{text}" *', {"people": 1.0})
            case Start(text, field):
                fields = _only(START_FIELDS, field and f"{field}_start")
                return self._in_fields("starts", f'"{text}" *', fields)

    def _in_fields(
        self, table: str, expression: str, fields: dict[str, float], boost: float = 1.0
    ) -> Matched:
        found = self._scored(self.columns.none(), 0)
        for name, weight in fields.items():
            changes = self._words.with_words(table, f"{name} : {expression}")
            places = self.columns.among(changes)
            found.mask[places] = True
            rarity = self._rarity(len(places)) if table == "stems" else 1.0
            found.scores[places] += weight * boost * rarity
        return found

    def _rarity(self, having: int) -> float:
        """Return how much a word says: one that few have says more than others."""
        lacking = len(self.columns) - having
        return float(np.log1p((lacking + 0.5) / (having + 0.5)))

    def _with_keys(self, clause: Keys) -> Mask:
        facet = _FACETS.get(clause.field)
        if facet is FacetField.LIBRARY:
            return self.columns.none() | (self._library_id in clause.texts)
        if facet is not None:
            return self.columns.having(facet.value, clause.texts)
        mask = self.columns.none()
        changes = self._words.with_keys(
            clause.field, clause.texts, starts=clause.starts
        )
        mask[self.columns.among(changes)] = True
        return mask

    def _every(self, parts: Iterable[Clause]) -> Matched:
        found = self._scored(~self.columns.none(), 0)
        for part in parts:
            one = self._matched(part)
            np.logical_and(found.mask, one.mask, out=found.mask)
            np.add(found.scores, one.scores, out=found.scores)
        return Matched(found.mask, found.scores * found.mask)

    def _some(self, parts: Iterable[Clause]) -> Matched:
        found = self._scored(self.columns.none(), 0)
        for part in parts:
            one = self._matched(part)
            np.logical_or(found.mask, one.mask, out=found.mask)
            np.add(found.scores, one.scores, out=found.scores)
        return found


def _only(fields: dict[str, float], field: str | None) -> dict[str, float]:
    return fields if field is None else {field: fields[field]}


def hits_in_order(asked: Asked, query: Query) -> Ordered:
    """Return what matches, in the order that the query asks for."""
    columns, mask = asked.columns, asked.whole()
    if query.sort is Sort.TITLE:
        return Ordered(columns, columns.by_title[mask[columns.by_title]], None)
    newest = columns.newest[mask[columns.newest]]
    if query.sort is Sort.NEWEST or not asked.is_ranked:
        return Ordered(columns, newest, None)
    scores = asked.scores()
    best = np.argsort(-scores[newest], kind="stable")  # among equals, the newest
    return Ordered(columns, newest[best], scores)
