"""Where each ontology is published: the table of `releases.toml`, and the settings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from napari_cellib.errors import OntologyUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """Where the releases of one ontology come from.

    Parameters
    ----------
    name : str
        What people call it on the command line, e.g. ``"go"``.
    prefix : str
        As in the identifiers of its terms, e.g. ``"GO"``.
    title, licence : str
        Its full name, and the SPDX identifier of its licence.
    address : str
        URL, or path of a file.
    megabytes : int
        The most that is taken.
    by_default : bool
        Whether it is updated without being named.
    related_is_exact : bool
        Whether its related synonyms are as good as exact ones.
    """

    name: str
    prefix: str
    title: str
    licence: str
    address: str
    megabytes: int
    by_default: bool
    related_is_exact: bool = False


@cache
def _published() -> Mapping[str, Source]:
    text = (resources.files(__package__) / "releases.toml").read_text("utf-8")
    return {name: Source(name, **entry) for name, entry in tomllib.loads(text).items()}


def sources(settings: Settings) -> dict[str, Source]:
    """Return all sources by name, with the addresses that the settings name."""
    found = dict(_published())
    for name, address in settings.release_addresses.items():
        source = find_source(name, found)
        found[source.name] = replace(source, address=address)
    return found


def choose_sources(names: Iterable[str], settings: Settings) -> list[Source]:
    """Return the sources of these names or prefixes; without any, those by default.

    Raises
    ------
    OntologyUnknown
        When there is no release of that name.
    """
    known = sources(settings)
    chosen = {find_source(name, known).name: True for name in names}
    return [
        s for s in known.values() if chosen.get(s.name, not chosen and s.by_default)
    ]


def find_source(name: str, known: Mapping[str, Source]) -> Source:
    """Return the source of that name or prefix, in any case."""
    for source in known.values():
        if name.lower() in {source.name, source.prefix.lower()}:
            return source
    raise OntologyUnknown(name, known=tuple(known))
