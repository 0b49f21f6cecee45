"""A new release of an ontology beside what was known of it before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_cellib.ontology.fields import MATCHES
from napari_cellib.ontology.normalising import fold
from napari_cellib.ontology.obo import fail
from napari_cellib.ontology.rows import NameRow, TermRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.ontology.release_files import Release
    from napari_cellib.ontology.sources import Source

# Ontologies don't forget identifiers: they make them obsolete. So a release without
# one in twenty of the terms that we know of is no whole release.
_LEAST_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Changes:
    """How many terms a release has changed, of those that were known before."""

    new: int = 0
    obsolete: int = 0
    merged: int = 0
    relabelled: int = 0


def merge_release(
    source: Source, release: Release, before: Iterable[TermRow]
) -> tuple[list[TermRow], Changes]:
    """Return the terms of a release with what only we know of them.

    That is how often they are used, their everyday names, and the identifiers of
    other vocabularies that stand for them. A term that the release no longer has
    is kept as an obsolete one, so that records with it are still found.

    Raises
    ------
    TermsUnreadable
        When too many of the terms of before are missing.
    """
    old = {term.curie: term for term in before}
    alt = {other for term in release.terms for other in term.alt}
    there = {term.curie for term in release.terms}
    live = [curie for curie, term in old.items() if not term.obsolete]
    kept = sum(curie in there or curie in alt for curie in live)
    if kept < _LEAST_SHARE * len(live):
        lost = len(live) - kept
        where = f"release {release.version or 'without a number'} of {source.title}"
        fail(where, f"{lost} of {len(live)} terms that it had before are missing")
    rows = [_with_ours(term, old.get(term.curie), source) for term in release.terms]
    rows += [
        replace(term, obsolete=True, parents=())
        for curie, term in old.items()
        if curie not in there and curie not in alt
    ]
    return rows, _changes(rows, old, alt)


def _with_ours(term: TermRow, old: TermRow | None, source: Source) -> TermRow:
    names = term.names
    if source.related_is_exact:
        names = tuple(
            NameRow(name.text) if name.scope == "related" else name for name in names
        )
    if old is None:
        return replace(term, names=names)
    ours = tuple(name for name in old.names if name.scope == "alias")
    others = tuple(alt for alt in old.alt if not alt.startswith(source.prefix))
    matches = tuple(pair for pair in old.parents if pair[1] == MATCHES)
    return replace(
        term,
        names=names + ours,
        alt=tuple(dict.fromkeys(term.alt + others)),
        parents=term.parents + matches,
        uses=old.uses,
        boost=old.boost,
    )


def _changes(rows: list[TermRow], old: dict[str, TermRow], alt: set[str]) -> Changes:
    new = obsolete = relabelled = 0
    for term in rows:
        known = old.get(term.curie)
        new += known is None and not term.obsolete
        if known is not None and not known.obsolete:
            obsolete += term.obsolete
            relabelled += not term.obsolete and fold(term.label) != fold(known.label)
    merged = len(alt & old.keys())
    return Changes(new, obsolete, merged, relabelled)
