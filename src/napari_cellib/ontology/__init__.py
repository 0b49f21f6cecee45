"""Which words are allowed: the terms of ontologies, and how people find them.

Start with `fields.toml`: which ontology may fill which field. `store.py` answers what
a term is and what lies above it, from one file that `building.py` makes. `curies.py`
and `normalising.py` bring identifiers and names into one spelling; `completion.py`
finds what may be meant while it is being typed, `suggestions.py` what a description
calls for. `releases.py` brings newer terms, `decay.py` finds what they did to records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cellib.ontology.completion import Completion, Reason, complete
    from napari_cellib.ontology.curies import curie_to_iri, normalise_curie
    from napari_cellib.ontology.fields import TermFieldRule, field_of_cil, field_rules
    from napari_cellib.ontology.hierarchy import Ancestor
    from napari_cellib.ontology.info import Resolution, Status, TermInfo
    from napari_cellib.ontology.normalising import fold
    from napari_cellib.ontology.store import Terms, open_terms

__all__ = [
    "Ancestor",
    "Completion",
    "Reason",
    "Resolution",
    "Status",
    "TermFieldRule",
    "TermInfo",
    "Terms",
    "complete",
    "curie_to_iri",
    "field_of_cil",
    "field_rules",
    "fold",
    "normalise_curie",
    "open_terms",
]

# Looked up on first use: sqlite3 and pydantic take 0.1 s to import.
_HOMES = {
    "Ancestor": "hierarchy",
    "Completion": "completion",
    "Reason": "completion",
    "Resolution": "info",
    "Status": "info",
    "TermFieldRule": "fields",
    "TermInfo": "info",
    "Terms": "store",
    "complete": "completion",
    "curie_to_iri": "curies",
    "field_of_cil": "fields",
    "field_rules": "fields",
    "fold": "normalising",
    "normalise_curie": "curies",
    "open_terms": "store",
}


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return list(__all__)
