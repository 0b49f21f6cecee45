"""Cursors: where a page ended, tied to the query that it answered."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from napari_cellib.errors import QueryInvalid

if TYPE_CHECKING:
    from napari_cellib.model import Query


@dataclass(frozen=True, slots=True)
class Position:
    """How many hits were given, and of which state of the library."""

    offset: int
    change: int


def write_cursor(query: Query, position: Position) -> str:
    """Return the text by which the next page of `query` is asked for."""
    parts = [query_digest(query), *astuple(position)]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def read_cursor(query: Query) -> Position | None:
    """Return where the page before ended; None for the first page.

    Raises
    ------
    QueryInvalid
        When the cursor belongs to another query, or is none at all.
    """
    if query.cursor is None:
        return None
    try:
        digest, offset, change = json.loads(base64.urlsafe_b64decode(query.cursor))
    except (ValueError, TypeError) as error:
        raise QueryInvalid("its page marker is damaged") from error
    if digest != query_digest(query):
        raise QueryInvalid("its page marker belongs to another search")
    if not (type(offset) is type(change) is int and 0 <= offset < 2**31):
        raise QueryInvalid("its page marker is damaged")
    return Position(offset, change)


def query_digest(query: Query) -> str:
    """Name what decides about hits and their order; the size of a page does not."""
    asked = query.model_dump_json(include={"text", "filters", "exact", "sort"})
    return hashlib.sha256(asked.encode()).hexdigest()[:16]
