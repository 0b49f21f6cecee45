"""Everyday names of terms, which no ontology has: the table of `aliases.toml`."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def everyday_names() -> Mapping[str, tuple[str, ...]]:
    """Return what people call terms at the bench, by identifier.

    Examples
    --------
    >>> "mouse" in everyday_names()["NCBITaxon:10090"]
    True
    """
    text = (resources.files(__package__) / "aliases.toml").read_text("utf-8")
    names: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for section in tomllib.loads(text).values():
        for curie, some in section.items():
            names[curie] += tuple(some)
    return dict(names)
