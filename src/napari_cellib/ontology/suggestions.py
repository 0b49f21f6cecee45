"""Terms that a title and a description call for, each with the reason.

Two sources are joined: names of terms that stand in the text, and what curators chose
for published records; `evidence.py` weighs them. Nothing is decided here: a person
ticks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.model import Term, TermField
from napari_cellib.ontology.evidence import Evidence, gather, named
from napari_cellib.ontology.fields import field_rules
from napari_cellib.ontology.neighbours import joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.ontology.neighbours import Choice, Mask, Neighbours
    from napari_cellib.ontology.store import Terms

    # How likely, and why.
    Likely = dict[Choice, tuple[float, tuple[str, ...]]]

# A term is suggested when it is at least so likely; two of five are then right.
_LEAST_LIKELY = 0.125
# A name in the text is believed every other time while nothing else is known.
_BELIEF = 0.5
_FEWEST = 8  # like records; the opinion of a handful is no habit


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term that may fit, and why.

    Parameters
    ----------
    field : TermField
        What it would say something about.
    term : Term
        With identifier and label.
    score : float
        How likely it is right, from 0 to 1.
    reasons : tuple of str
        One or two sentences for a person.
    """

    field: TermField
    term: Term
    score: float
    reasons: tuple[str, ...]


def suggest(
    terms: Terms,
    title: str,
    description: str = "",
    technical_details: str = "",
    *,
    neighbours: Neighbours | None = None,
    mask: Mask | None = None,
) -> tuple[Suggestion, ...]:
    """Suggest terms for what was written about an image.

    Parameters
    ----------
    terms : Terms
        The terms that there are.
    title, description, technical_details : str
        What was written.
    neighbours : Neighbours, optional
        What published records teach; without, only names in the text count.
    mask : array of bool, optional
        The examples that may be used; all by default.

    Returns
    -------
    tuple of Suggestion
        By field, in the usual order, the likeliest first.
    """
    text = joined(title, description, technical_details)
    found = _likely(gather(terms, text, neighbours, mask)) if neighbours else None
    return _listed(terms, _only_named(terms, text) if found is None else found)


def _likely(gathered: Mapping[Choice, Evidence]) -> Likely | None:
    """Return what is likely and why, or None where too few records are alike."""
    if max((one.of for one in gathered.values()), default=0) < _FEWEST:
        return None
    found = {}
    for choice, one in gathered.items():
        likelihood, reasons = one.likelihood(choice[0]), _reasons(one)
        if likelihood >= _LEAST_LIKELY and reasons:
            found[choice] = (likelihood, reasons)
    return found


def _only_named(terms: Terms, text: str) -> Likely:
    """Return what is named, each name as the first of the terms that have it."""
    first: dict[str, tuple[Choice, str]] = {}
    for choice, (name, words) in named(terms, text).items():
        first.setdefault(name, (choice, words))
    return {choice: (_BELIEF, (_says(words),)) for choice, words in first.values()}


def _reasons(one: Evidence) -> tuple[str, ...]:
    found = []
    if one.words:
        found.append(_says(one.words))
    elif one.cover == 1:
        found.append(f"The text has the words of “{one.name}”.")
    if one.like:
        found.append(f"{one.like} of {one.of} similar images have it.")
    return tuple(found)


def _says(words: str) -> str:
    return f"The text says “{words}”."


def _listed(terms: Terms, found: Likely) -> tuple[Suggestion, ...]:
    versions = {prefix: row.version or None for prefix, row in terms.versions().items()}
    infos = {info.curie: info for info in terms.infos(list({c for _, c in found}))}
    listed = []
    for (field, curie), (likelihood, reasons) in found.items():
        info = infos.get(curie)
        if info is not None and not info.obsolete:
            version = versions.get(info.ontology)
            term = Term(id=curie, label=info.label, ontology_version=version)
            listed.append(Suggestion(field, term, likelihood, reasons))
    order = list(field_rules())
    return tuple(sorted(listed, key=lambda s: (order.index(s.field), -s.score)))
