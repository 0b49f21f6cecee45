"""Many answers to one question made into one: hits in turn, copies folded.

Scores of different indexes cannot be compared, ranks can. By relevance the libraries
take turns, the best hit of each, then the second of each: reciprocal-rank fusion for
libraries that share few images. By date and by title their lists are merged by that
key. Either way it does not matter how long a page is.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import QueryInvalid
from napari_cellib.library.entry import date_number
from napari_cellib.library.search.cursor import query_digest
from napari_cellib.library.words import id_key, order_key
from napari_cellib.model import Hit, Sort
from napari_cellib.model.address import is_accession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from napari_cellib.model import ImageRecord, Page, Query

_DIGEST_BYTES = 6  # of an image's keys, kept between pages


@dataclass(frozen=True, slots=True)
class Place:
    """How far one library's answer was used up.

    Attributes
    ----------
    cursor : str or None
        Of its page that is next, as the library gave it.
    skip : int
        How many hits of that page were used.
    rank : int
        How many hits were used in all.
    total : int
        How many it has.
    ended : bool
        Whether it has no more.
    """

    cursor: str | None = None
    skip: int = 0
    rank: int = 0
    total: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Progressed:
    """What was given so far: places by library, and keys of what was given."""

    places: dict[str, Place] = field(default_factory=dict)
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """A page of hits, and where the next one begins."""

    hits: tuple[Hit, ...]
    reached: Progressed
    folded: int  # copies known of, on this page, before it, and right behind it
    has_more: bool


class _Stream:
    """The hits of one library from a place on."""

    def __init__(self, member: str, place: Place, page: Page) -> None:
        self.member = member
        self.page = page
        self.start = place
        self.used = 0
        self.hits = page.hits[place.skip :]
        self.keys = _own_keys(self.hits)

    @property
    def head(self) -> Hit | None:
        return self.hits[self.used] if self.used < len(self.hits) else None

    @property
    def rank(self) -> int:
        return self.start.rank + self.used

    @property
    def has_run_dry(self) -> bool:
        """Whether it has hits that did not fit into its page."""
        return self.head is None and self.page.next is not None

    def place(self) -> Place:
        place = replace(self.start, rank=self.rank, total=self.page.total)
        if self.head is not None:
            return replace(place, skip=self.start.skip + self.used)
        return replace(
            place, cursor=self.page.next, skip=0, ended=self.page.next is None
        )


def merge(query: Query, reached: Progressed, pages: Mapping[str, Page]) -> Merged:
    """Merge one page of each library, from the places that were reached.

    Parameters
    ----------
    query : Query
        What was asked.
    reached : Progressed
        What the pages before have used up.
    pages : mapping of str to Page
        The answers by library; of two that are equally good, the first comes first.

    Returns
    -------
    Merged
        At most as many hits as the query asks for.
    """
    streams = [
        _Stream(member, reached.places.get(member, Place()), page)
        for member, page in pages.items()
    ]
    holders = _holders(streams)
    given = {member: set(keys) for member, keys in reached.given.items()}
    hits: list[Hit] = []
    folded = reached.folded
    while (stream := _foremost(query, streams)) is not None:
        hit, keys = stream.hits[stream.used], stream.keys[stream.used]
        if any(keys & other for name, other in given.items() if name != stream.member):
            folded += 1
        elif len(hits) == query.limit:
            break
        else:
            also = dict.fromkeys(chain.from_iterable(holders[key] for key in keys))
            also.pop(stream.member, None)
            hits.append(hit.model_copy(update={"also_in": tuple(also)}))
            given.setdefault(stream.member, set()).update(keys)
        stream.used += 1
    places = {**reached.places, **{s.member: s.place() for s in streams}}
    return Merged(
        hits=tuple(hits),
        reached=Progressed(places, _worth_keeping(given, places), folded),
        folded=folded + _copies_behind(streams, given),
        has_more=any(not place.ended for place in places.values()),
    )


def write_progress(query: Query, reached: Progressed) -> str:
    """Return the text by which the page after `reached` is asked for."""
    places = {
        member: [p.cursor, p.skip, p.rank, p.total, p.ended]
        for member, p in reached.places.items()
    }
    given = {member: "".join(sorted(keys)) for member, keys in reached.given.items()}
    parts = [query_digest(query), places, given, reached.folded]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def read_progress(query: Query) -> Progressed:
    """Return what the pages before this query's have used up.

    Raises
    ------
    QueryInvalid
        When the cursor belongs to another query, or is none at all.
    """
    if query.cursor is None:
        return Progressed()
    try:
        parts = json.loads(base64.urlsafe_b64decode(query.cursor))
        digest, places, given, folded = parts
        reached = Progressed(
            {str(member): _place(*values) for member, values in places.items()},
            {str(member): frozenset(_cut(keys)) for member, keys in given.items()},
            int(folded),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise QueryInvalid("its page marker is damaged") from error
    if digest != query_digest(query):
        raise QueryInvalid("its page marker belongs to another search")
    return reached


def _place(cursor: str | None, skip: int, rank: int, total: int, ended: bool) -> Place:
    if not (cursor is None or isinstance(cursor, str)):
        raise TypeError("a cursor is a text")
    if not all(type(number) is int and number >= 0 for number in (skip, rank, total)):
        raise ValueError("a place is a number")
    return Place(cursor, skip, rank, total, bool(ended))


def _cut(keys: str) -> Iterable[str]:
    width = 2 * _DIGEST_BYTES
    return (keys[start : start + width] for start in range(0, len(keys), width))


def _foremost(query: Query, streams: Sequence[_Stream]) -> _Stream | None:
    """Return the library whose turn it is; none when one's next hit is not known."""
    if any(stream.has_run_dry for stream in streams):
        return None
    waiting = [stream for stream in streams if stream.head is not None]
    return min(waiting, key=lambda stream: _turn(query, stream), default=None)


def _turn(query: Query, stream: _Stream) -> Any:
    record = stream.hits[stream.used].record
    if query.sort is Sort.TITLE:
        return order_key(record.title)
    if query.sort is Sort.NEWEST:
        return -date_number(record)
    return stream.rank


def _holders(streams: Sequence[_Stream]) -> dict[str, list[str]]:
    """Return which libraries hold an image, as far as their pages show it."""
    holders: dict[str, list[str]] = {}
    for stream in streams:
        for key in chain.from_iterable(stream.keys):
            holders.setdefault(key, []).append(stream.member)
    return holders


def _copies_behind(streams: Sequence[_Stream], given: Mapping[str, set[str]]) -> int:
    """Count the copies among hits that are known and were not used yet."""
    seen = {member: set(keys) for member, keys in given.items()}
    copies = 0
    for stream in streams:
        for keys in stream.keys[stream.used :]:
            others = (held for name, held in seen.items() if name != stream.member)
            copies += any(keys & held for held in others)
            seen.setdefault(stream.member, set()).update(keys)
    return copies


def _worth_keeping(
    given: Mapping[str, set[str]], places: Mapping[str, Place]
) -> dict[str, frozenset[str]]:
    """Leave out what no other library can still bring a copy of."""
    going_on = {member for member, place in places.items() if not place.ended}
    return {
        member: frozenset(keys) for member, keys in given.items() if going_on - {member}
    }


def _own_keys(hits: Sequence[Hit]) -> list[frozenset[str]]:
    """Return by what each image is known again in another library.

    What several images of one library share, as those of one dataset share a DOI,
    is the name of none of them.
    """
    found = [set(_identities(hit.record)) for hit in hits]
    counts: dict[str, int] = {}
    for key in chain.from_iterable(found):
        counts[key] = counts.get(key, 0) + 1
    return [frozenset(_digest(k) for k in keys if counts[k] == 1) for keys in found]


def _identities(record: ImageRecord) -> Iterable[str]:
    title = order_key(record.title)
    if record.identifiers.doi:
        # All images of a dataset may have its DOI, and a page may show but one of them.
        yield f"doi {id_key(record.identifiers.doi)} {title}"
    if record.provenance and record.provenance.sha256:
        yield f"sha256 {record.provenance.sha256}"
    for number in {record.id, record.cited_as}:
        # "CIL:13543" is one image wherever it is. Other numbers every library
        # counts for itself, and the first image of one is not that of another.
        is_global = ":" in number and not is_accession(number)
        yield f"id {number}" if is_global else f"id {number} {title}"


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=_DIGEST_BYTES).hexdigest()
