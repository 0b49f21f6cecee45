"""Words that say little about an image: the table of `plain_words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def plain_words(table: str) -> frozenset[str]:
    """Return the words of one table, in small letters and the singular."""
    text = (resources.files(__package__) / "plain_words.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[table])
