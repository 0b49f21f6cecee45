"""Terms that a title and a description call for, each with the reason.

Two sources are joined: names of terms that stand in the text, and what curators chose
for the published records that resemble it. Nothing is decided here: a person ticks.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.model import Term, TermField
from napari_cellib.ontology.dictionary import find_names
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from napari_cellib.ontology.dictionary import Match
    from napari_cellib.ontology.neighbours import Choice, Mask, Neighbours
    from napari_cellib.ontology.store import Terms

    Reasons = dict[Choice, tuple[float, str]]  # how likely, and why

# A term needs so much of the likeness of the neighbours behind it, and more where a
# name in the text says something else. Texts name other organisms than that of the
# image, such as those that the antibodies are from.
_LEAST_VOTE = 0.2
_LEAST_VOTE_OF_RIVALS = 0.5
_MANY_NAMED = frozenset({TermField.ORGANISM})
_SEVERAL = 2
_FEWEST = 8  # neighbours; the opinion of a handful is no habit
# A name in the text is believed as often as curators have chosen the term where that
# name stood; as long as nothing is known, every other time.
_BELIEF = 0.5
_BELIEF_WEIGHT = 3.0
_LEAST_BELIEF = 0.3
# How much more a neighbour counts for a term that the text names.
_FAVOUR = 0.3


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
    *,
    neighbours: Neighbours | None = None,
    mask: Mask | None = None,
    names: bool = True,
) -> tuple[Suggestion, ...]:
    """Suggest terms for what was written about an image.

    Parameters
    ----------
    terms : Terms
        The terms that there are.
    title, description : str
        What was written.
    neighbours : Neighbours, optional
        What published records teach; without, only names in the text count.
    mask : array of bool, optional
        The examples that may be used; all by default.
    names : bool
        Whether names in the text count, or only the neighbours.

    Returns
    -------
    tuple of Suggestion
        By field, in the usual order, the likeliest first.
    """
    text = f"{title}. {description}" if description else title
    versions = {prefix: row.version or None for prefix, row in terms.versions().items()}
    named = _from_words(terms, text, neighbours, mask) if names else {}
    near = _from_neighbours(text, named, neighbours, mask) if neighbours else {}
    infos = {
        info.curie: info for info in terms.infos([c for _, c in {**named, **near}])
    }
    found = []
    for choice in {**named, **near}:
        if (info := infos.get(choice[1])) is not None:
            why = [source[choice] for source in (named, near) if choice in source]
            # Two independent reasons are better than the better one of them.
            wrong = math.prod(1 - score for score, _ in why)
            reasons = tuple(reason for _, reason in why)
            term = Term(
                id=info.curie,
                label=info.label,
                ontology_version=versions.get(info.ontology),
            )
            found.append(Suggestion(choice[0], term, 1 - wrong, reasons))
    order = list(field_rules())
    return tuple(sorted(found, key=lambda s: (order.index(s.field), -s.score)))


def _from_words(
    terms: Terms, text: str, neighbours: Neighbours | None, mask: Mask | None
) -> Reasons:
    found: Reasons = {}
    for match in find_names(text, terms):
        choices = [(field, info.curie) for info in match.terms for field in info.fields]
        beliefs = {one: _belief(match, one, neighbours, mask) for one in choices}
        choice = max(beliefs, key=lambda one: beliefs[one])
        belief = beliefs[choice]
        if belief >= max(_LEAST_BELIEF, found.get(choice, (0.0, ""))[0]):
            found[choice] = (belief, f"The text says “{match.words}”.")
    return found


def _belief(
    match: Match, choice: Choice, neighbours: Neighbours | None, mask: Mask | None
) -> float:
    chose, held = neighbours.share(match.folded, choice, mask) if neighbours else (0, 0)
    return (chose + _BELIEF * _BELIEF_WEIGHT) / (held + _BELIEF_WEIGHT)


def _from_neighbours(
    text: str, named: Reasons, neighbours: Neighbours, mask: Mask | None
) -> Reasons:
    favour = {choice: _FAVOUR * belief for choice, (belief, _) in named.items()}
    sure = {field for (field, _), (belief, _) in named.items() if belief >= _BELIEF}
    nearest = neighbours.nearest(text, favour=favour, mask=mask)
    if len(nearest) < _FEWEST:
        return {}
    total = sum(likeness for _, likeness in nearest)
    votes: dict[Choice, float] = defaultdict(float)
    counts: dict[Choice, int] = defaultdict(int)
    for example, likeness in nearest:
        for choice in example.choices:
            votes[choice] += likeness / total
            counts[choice] += 1
    found: Reasons = {}
    for choice, vote in votes.items():
        rival = choice not in named and choice[0] in sure - _MANY_NAMED
        least = _LEAST_VOTE_OF_RIVALS if rival else _LEAST_VOTE
        if vote >= least and counts[choice] >= _SEVERAL:
            why = f"{counts[choice]} of {len(nearest)} similar images have it."
            found[choice] = (min(vote, 1.0), why)
    return found
