"""Which values of a facet a person is shown, and which of them stand below another.

An image of mitochondria is also one of an organelle, of a cytoplasm and of a cell:
there are ten times as many terms above the images as on them, and few of those help
anybody to choose. Shown are

- the terms that the hits themselves are annotated with, all counted with what lies
  below them; and
- of the terms above, those that part the hits: they hold several of the values that
  are shown, more hits than any one of these, and not nearly all. Only terms that
  annotate records of the library, or that many people annotate with, are counted at
  all: an organelle says something to everybody, Euarchontoglires do not.

Left out are the roots of ontologies, even where somebody has annotated with one, and
terms that were merged into another one, which is shown in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.model import Facet

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from napari_cellib.library.hierarchy import Known
    from napari_cellib.model import FacetField

_MOST_VALUES = 50  # of one facet
_MOST_CANDIDATES = 80  # some of which were merged into another
_NEARLY_ALL = 0.8  # of the hits; a term above more of them parts nothing


@dataclass(frozen=True, slots=True)
class Listed:
    """A value that is shown, at some depth below the one that it belongs to."""

    value: str
    parent: str | None = None
    depth: int = 0


def candidates(counts: Mapping[str, int], own: Collection[str]) -> list[str]:
    """Return the values that may be worth showing, the most frequent first.

    Parameters
    ----------
    counts : mapping
        How many hits are found under each value.
    own : collection of str
        The values that hits are annotated with.
    """
    most = _NEARLY_ALL * max(counts.values(), default=0)
    found = sorted(value for value, n in counts.items() if n <= most or value in own)
    found.sort(key=counts.__getitem__, reverse=True)  # equal ones stay as they are
    return found[:_MOST_CANDIDATES]


def choose(
    ranked: Sequence[str], counts: Mapping[str, int], own: Collection[str], known: Known
) -> list[str]:
    """Return those of the `candidates` that are worth showing.

    Parameters
    ----------
    ranked : sequence of str
        The candidates.
    counts : mapping
        How many hits are found under each value.
    own : collection of str
        The values that hits are annotated with.
    known : Known
        What lies above those candidates that are terms.
    """
    ranked = [value for value in ranked if value not in known.merged][:_MOST_VALUES]
    below: dict[str, list[int]] = {value: [] for value in ranked}
    for value in ranked:
        for up in known.above.get(value, ()):
            if up in below:
                below[up].append(counts[value])
    kept = []
    for value, parts in below.items():
        if value in own:
            worth = not (value in known.roots and parts)
        else:
            worth = len(parts) > 1 and max(parts) < counts[value]
        if worth:
            kept.append(value)
    return kept


def arrange(
    values: Collection[str], order: Mapping[str, tuple[object, ...]], known: Known
) -> list[Listed]:
    """Put each value right after the one above it.

    Parameters
    ----------
    values : collection of str
        What is shown.
    order : mapping
        By which key values that stand below the same one are sorted.
    known : Known
        What lies above those values that are terms.
    """
    below: dict[str | None, list[str]] = {}
    for value in sorted(values, key=order.__getitem__):
        above = known.above.get(value, {})
        nearest = [
            (steps, order[up], up) for up, steps in above.items() if up in values
        ]
        parent = min(nearest)[-1] if nearest else None
        below.setdefault(parent, []).append(value)
    found: list[Listed] = []
    waiting = [Listed(value) for value in reversed(below.get(None, ()))]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += [
            Listed(value, one.value, one.depth + 1)
            for value in reversed(below.get(one.value, ()))
        ]
    return found


def facet_of(
    field: FacetField,
    listed: Sequence[Listed],
    labels: Mapping[str, str],
    counts: Mapping[str, int],
) -> Facet:
    """Return the facet that shows what was arranged.

    Parameters
    ----------
    field : FacetField
        What it counts.
    listed : sequence of Listed
        Its values, as `arrange` put them.
    labels, counts : mapping
        What each value is called, and how many hits have it.
    """
    # Checked as a whole: a page has some hundred values.
    return Facet.model_validate(
        {
            "field": field,
            "values": [
                {
                    "value": one.value,
                    "label": labels[one.value],
                    "count": counts[one.value],
                    "parent": one.parent,
                    "depth": one.depth,
                }
                for one in listed
            ],
        }
    )
