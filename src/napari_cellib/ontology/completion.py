"""From what has been typed so far to the terms that may be meant, the likeliest first.

The index gives the names that begin with the words, in the order in which terms are
likely; `ranking.py` then puts the best fits first. Where that finds next to nothing,
`spelling.py` reads the words in other ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from napari_cellib.model import Term
from napari_cellib.ontology.curies import normalise_curie, prefix_of
from napari_cellib.ontology.info import Status
from napari_cellib.ontology.ranking import match_points, prior_points
from napari_cellib.ontology.spelling import LAST_SIGN, Speller

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.model import TermField
    from napari_cellib.ontology.info import TermInfo
    from napari_cellib.ontology.spelling import Reading
    from napari_cellib.ontology.store import Terms

_LONGEST = 200  # letters; by then any name is told from all others
_CANDIDATES = 200
_ENOUGH = 3  # terms that make it needless to read the words in other ways
_COLUMNS = "term, text, name.folded, scope, term.rank, uses, curie"

_PART_OF_ID = re.compile(r"(?:^|[\s:/])([A-Za-z]+)\s?[:_]\s?(\d[0-9A-Za-z]*)\s*$")
_NUMBER = re.compile(r"\s*(\d{4,10})\s*")
_IDS_WITH_A_BEGINNING = 500
_BIT_OF_NO_FIELD = 62  # a field that the store does not know has no terms


class Reason(StrEnum):
    """Why a term is offered."""

    LABEL = "label"
    SYNONYM = "synonym"
    EVERYDAY_NAME = "everyday_name"
    IDENTIFIER = "identifier"
    SUCCESSOR = "successor"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Completion:
    """A term that may be meant, and why it is offered.

    Parameters
    ----------
    term : Term
        Identifier, label and release of the ontology: ready to annotate with.
    fields : tuple of TermField
        What the term may fill.
    reason : Reason
        Why it is offered.
    matched : str
        The name, or the identifier, that was found.
    scope : str
        How that name stands to the term: ``"label"``, ``"exact"``, ``"alias"``,
        ``"narrow"``, ``"broad"``, ``"related"``; or ``"id"``.
    """

    term: Term
    fields: tuple[TermField, ...]
    reason: Reason
    matched: str
    scope: str
    _terms: Terms = dataclass_field(repr=False, compare=False)

    @property
    def curie(self) -> str:
        """Identifier of the term."""
        return self.term.id or ""

    @property
    def label(self) -> str:
        """Name of the term."""
        return self.term.name

    @property
    def why(self) -> str:
        """The reason in words; empty where the label says it all."""
        if self.matched == self.label:
            return "similar" if self.reason is Reason.SIMILAR else ""
        told = {
            Reason.SYNONYM: f"also called “{self.matched}”",
            Reason.EVERYDAY_NAME: f"often called “{self.matched}”",
            Reason.IDENTIFIER: f"identifier {self.matched}",
            Reason.SUCCESSOR: f"now stands for {self.matched}",
            Reason.SIMILAR: f"similar: “{self.matched}”",
        }
        kinds = {"narrow": "includes", "broad": "part of what is called"}
        if self.reason is Reason.SYNONYM and self.scope in kinds:
            return f"{kinds[self.scope]} “{self.matched}”"
        return told.get(self.reason, "")

    @property
    def path(self) -> tuple[TermInfo, ...]:
        """The way from a root of the ontology down to the term, both included.

        Looked up when it is asked for: only one line of a list is looked at closely.
        """
        return self._terms.path_to_root(self.curie)


def complete(
    terms: Terms,
    text: str,
    field: TermField | None = None,
    *,
    limit: int = 10,
    usage: Mapping[str, int] | None = None,
) -> list[Completion]:
    """Return the terms that may be meant by what has been typed so far.

    Names, synonyms, everyday names and identifiers are looked for, in any spelling.
    Slips of the fingers are forgiven where hardly anything is found otherwise.

    Parameters
    ----------
    terms : Terms
        The terms to choose from.
    text : str
        What has been typed; only its beginning counts when it is very long.
    field : TermField, optional
        Only terms that may fill this field; all terms by default.
    limit : int, default: 10
        How many to return at most.
    usage : mapping of str to int, optional
        How often the library at hand uses which term, by identifier.

    Returns
    -------
    list of Completion
        The likeliest first; empty where nothing fits.
    """
    if limit < 1:
        return []
    search = _Search(terms, field, usage or {})
    found = search.by_identifier(text) or search.by_number(text)
    known = {one.curie for one in found}
    is_identifier = "://" in text or normalise_curie(text) is not None
    if not found or not is_identifier:
        named = search.by_name(text[:_LONGEST], limit, repair=not is_identifier)
        found += [one for one in named if one.curie not in known]
    return found[:limit]


@dataclass(frozen=True, slots=True)
class _Hit:
    """The best name of a term so far."""

    points: float
    term: int
    text: str
    scope: str
    similar: bool


class _Search:
    """One keystroke: a store, a field, and what the library uses."""

    def __init__(
        self, terms: Terms, field: TermField | None, usage: Mapping[str, int]
    ) -> None:
        self._terms = terms
        self._reader = terms.reader
        self._field = field
        self._usage = usage
        self._bit: int | None = None
        if field is not None:
            row = self._reader.row("SELECT bit FROM field WHERE id = ?", (field,))
            self._bit = row[0] if row else _BIT_OF_NO_FIELD

    @property
    def _mask(self) -> int | None:
        return None if self._bit is None else 1 << self._bit

    # -- identifiers

    def by_identifier(self, text: str) -> list[Completion]:
        """Return the terms of an identifier, or of those that begin like it."""
        asked = normalise_curie(text)
        found = self._beginning_like(text, asked)
        if found or asked is None:
            return found
        resolution = self._terms.resolve(asked)
        reason, meant = Reason.SUCCESSOR, resolution.candidates
        if resolution.status in (Status.CURRENT, Status.MERGED, Status.REPLACED):
            meant = (resolution.term,) if resolution.term else ()
        if resolution.status is Status.CURRENT:
            reason = Reason.IDENTIFIER
        return self._told((info, reason, asked, "id") for info in meant)

    def _beginning_like(self, text: str, asked: str | None) -> list[Completion]:
        match = _PART_OF_ID.search(text[-_LONGEST:])
        if match is None:
            return []
        prefix = prefix_of(normalise_curie(f"{match[1]}:1") or match[1].upper())
        sign = "_" if prefix == "CVCL" else ":"
        beginning = f"{prefix}{sign}{match[2].upper()}"
        rows = self._reader.rows(
            "SELECT id, curie FROM term WHERE curie >= ? AND curie < ?"
            f" AND NOT obsolete {self._in_field} LIMIT ?",
            (beginning, f"{beginning}{LAST_SIGN}", _IDS_WITH_A_BEGINNING),
        )
        rows.sort(key=lambda row: (row[1] != asked, row[0]))
        infos = self._terms.infos([curie for _, curie in rows[:_CANDIDATES]])
        return self._told((i, Reason.IDENTIFIER, i.curie, "id") for i in infos)

    def by_number(self, text: str) -> list[Completion]:
        """Return the terms of a number without a prefix: 9606, 0005739."""
        match = _NUMBER.fullmatch(text)
        if match is None:
            return []
        rows = self._reader.rows(
            "SELECT DISTINCT ontology FROM term WHERE NOT obsolete"
        )
        infos = self._terms.infos([f"{prefix}:{match[1]}" for (prefix,) in rows])
        return self._told(
            (i, Reason.IDENTIFIER, i.curie, "id") for i in infos if not i.obsolete
        )

    # -- names

    def by_name(self, text: str, limit: int, *, repair: bool) -> list[Completion]:
        """Return the terms of which some name fits the words."""
        speller = Speller(self._reader, self._mask, text)
        if not speller.words:
            return []
        hits: dict[int, _Hit] = {}
        done = self._collect(speller.plain(), hits, similar=False)
        if repair and not done:
            for readings in speller.others(nothing_found=not hits):
                enough = [self._collect(one, hits, similar=True) for one in readings]
                if any(enough):
                    break
        best = nsmallest(
            limit, hits.values(), key=lambda hit: (hit.similar, -hit.points, hit.term)
        )
        infos = self._terms.infos_by_id([hit.term for hit in best])
        return self._told(
            (infos[hit.term], _reason(hit), hit.text, hit.scope) for hit in best
        )

    def _collect(
        self, reading: Reading, hits: dict[int, _Hit], *, similar: bool
    ) -> bool:
        """Add what one reading finds; return whether that is enough."""
        queries = reading.queries()
        enough = False
        for term, text, folded, scope, rank, uses, curie in self._rows(reading):
            points = match_points(folded, queries, scope) - reading.cost
            points += prior_points(rank, uses, self._usage.get(curie, 0))
            if term not in hits or hits[term].points < points:
                hits[term] = _Hit(points, term, text, scope, similar)
            enough = enough or folded in queries
        return enough or len(hits) >= _ENOUGH

    def _rows(self, reading: Reading) -> list[Any]:
        field_word = None if self._bit is None else f"_{self._bit}"
        rows = self._reader.rows(
            f"SELECT {_COLUMNS} FROM name_fts JOIN name ON name.id = name_fts.rowid"
            " JOIN term ON term.id = name.term WHERE name_fts MATCH ? LIMIT ?",
            (reading.fts(field_word), _CANDIDATES),
        )
        if len(rows) == _CANDIDATES:
            # An exact name may be that of a term of low rank, beyond the limit.
            queries = reading.queries()
            marks = ",".join("?" * len(queries))
            rows += self._reader.rows(
                f"SELECT {_COLUMNS} FROM name JOIN term ON term.id = name.term"
                f" WHERE folded IN ({marks}) AND NOT obsolete {self._in_field} LIMIT ?",
                (*queries, _CANDIDATES),
            )
        return rows

    @property
    def _in_field(self) -> str:
        return "" if self._mask is None else f"AND fields & {self._mask}"

    def _told(
        self, found: Iterable[tuple[TermInfo, Reason, str, str]]
    ) -> list[Completion]:
        versions = self._terms.versions()
        told = []
        for info, reason, matched, scope in found:
            if self._field is not None and self._field not in info.fields:
                continue
            release = versions.get(info.ontology)
            term = Term(
                id=info.curie,
                label=info.label,
                ontology_version=release.version if release else None,
            )
            told.append(
                Completion(term, info.fields, reason, matched, scope, self._terms)
            )
        return told


def _reason(hit: _Hit) -> Reason:
    if hit.similar:
        return Reason.SIMILAR
    named = {"label": Reason.LABEL, "alias": Reason.EVERYDAY_NAME}
    return named.get(hit.scope, Reason.SYNONYM)
