"""Searches as links: ``cellib://search?q=mitochondria&organism=NCBITaxon:9606``."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from pydantic import ValidationError

from napari_cellib.model.address import SEARCH
from napari_cellib.model.query import LONGEST_TEXT, FacetField, Query, Sort

_LONGEST = 8_000  # characters, far more than a person chooses
_MOST_VALUES = 100


@dataclass(frozen=True, slots=True)
class SearchLink:
    """What a link asks for.

    Attributes
    ----------
    query : Query
        Its text, filters and order.
    notes : tuple of str
        What of the link was left out, for people.
    """

    query: Query
    notes: tuple[str, ...] = ()


def is_search_link(text: str) -> bool:
    """Say whether a text is the link to a search, rather than words or an address."""
    return text.strip().lower().startswith(SEARCH)


def link_to(query: Query) -> str:
    """Return the link by which somebody else asks for the same.

    Examples
    --------
    >>> link_to(Query(text="HeLa cells", filters={FacetField.KIND: ("z_stack",)}))
    'cellib://search?q=HeLa%20cells&kind=z_stack'
    """
    parts = [("q", query.text)] if query.text else []
    for field, values in query.filters.items():
        parts += [(field.value, value) for value in values]
    parts += [("exact", value) for value in query.exact]
    if query.sort is not Sort.RELEVANCE:
        parts.append(("sort", query.sort.value))
    # A name may hold half a character that was pasted; no link can.
    whole = [(key, value.encode(errors="replace").decode()) for key, value in parts]
    return SEARCH + urlencode(whole, quote_via=quote, safe=":")


def read_link(link: str) -> SearchLink:
    """Read a link to a search; whatever it holds, there is a query.

    Parameters
    ----------
    link : str
        As pasted. It came from elsewhere, so nothing in it is trusted.

    Returns
    -------
    SearchLink
        What it asks for, and what of it was not understood.

    Examples
    --------
    >>> read_link("cellib://search?q=actin&sort=newest").query.sort
    <Sort.NEWEST: 'newest'>
    """
    if len(link) > _LONGEST:
        return SearchLink(
            Query(), ("The link is too long; nothing was taken from it.",)
        )
    asked = link.strip()[len(SEARCH) :].partition("#")[0]
    text, sort, exact = "", Sort.RELEVANCE, []
    filters: dict[FacetField, tuple[str, ...]] = {}
    unknown: list[str] = []
    for key, value in parse_qsl(asked)[:_MOST_VALUES]:
        value = " ".join(value.split())
        if key == "q":
            text = value[:LONGEST_TEXT]
        elif key == "exact":
            exact.append(value)
        elif key == "sort" and value in set(Sort):
            sort = Sort(value)
        elif key in set(FacetField) and value:
            field = FacetField(key)
            filters[field] = tuple(dict.fromkeys((*filters.get(field, ()), value)))
        else:
            unknown.append(f"{key}={value}")
    try:
        query = Query(text=text, filters=filters, exact=tuple(exact), sort=sort)
    except ValidationError:
        return SearchLink(Query(), ("The link is damaged; nothing was taken from it.",))
    return SearchLink(query, left_out(unknown))


def left_out(unknown: list[str]) -> tuple[str, ...]:
    """Return what to tell of the parts of a link that mean nothing."""
    if not unknown:
        return ()
    shown = ", ".join(
        part if len(part) <= 40 else f"{part[:39]}…" for part in unknown[:3]
    )
    more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
    return (f"The link asks for “{shown}”{more}, which is not known and was left out.",)
