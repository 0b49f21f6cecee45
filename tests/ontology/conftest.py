"""Stores of terms: the one that comes with the program, and small ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.jobs import drive
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.building import build_store
from napari_cellib.ontology.rows import NameRow, OntologyRow, TermRow
from napari_cellib.ontology.store import embedded_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from napari_cellib.ontology import Terms

ONTOLOGIES = [
    OntologyRow("GO", "Gene Ontology", "2026-01-01", "CC-BY-4.0", "a test"),
    OntologyRow("NCBITaxon", "NCBI Taxonomy", "2026-01-01", "CC0-1.0", "a test", True),
]


def a_term(curie: str, label: str, *parents: str, **more: object) -> TermRow:
    """Make a term below `parents`, each written ``"is_a GO:0005575"``."""
    above = tuple((parent.split()[1], parent.split()[0]) for parent in parents)
    return TermRow(curie, label, parents=above, **more)


# A cell of two organelles, some of whose identifiers have decayed; three taxa.
SMALL = [
    a_term("GO:0005575", "cellular_component"),
    a_term("GO:0043226", "organelle", "is_a GO:0005575"),
    a_term("GO:0005634", "nucleus", "is_a GO:0043226", uses=900),
    a_term(
        "GO:0005739",
        "mitochondrion",
        "is_a GO:0043226",
        uses=500,
        names=(NameRow("chondriosome", "related"),),
        alt=("GO:0000999",),
    ),
    a_term("GO:0030061", "mitochondrial crista", "part_of GO:0005739"),
    a_term("GO:0000001", "gone", obsolete=True, replaced_by="GO:0000999"),
    a_term("GO:0000002", "doubtful", obsolete=True, consider=("GO:0005634", "X:1")),
    a_term("GO:0000003", "lost", obsolete=True),
    a_term("GO:0000004", "chased", obsolete=True, replaced_by="GO:0000005"),
    a_term("GO:0000005", "its tail", obsolete=True, replaced_by="GO:0000004"),
    a_term("EMAP:1", "TS15,crista", "matches GO:0030061"),
    a_term("NCBITaxon:131567", "cellular organisms"),
    a_term("NCBITaxon:2759", "Eukaryota", "is_a NCBITaxon:131567"),
    a_term("NCBITaxon:9606", "Homo sapiens", "is_a NCBITaxon:2759", boost=130),
    a_term("NCBITaxon:2", "Bacteria", "is_a NCBITaxon:131567"),
]


@pytest.fixture
def ontologies() -> list[OntologyRow]:
    """Return what the small stores say that they come from."""
    return ONTOLOGIES


@pytest.fixture
def small_rows() -> list[TermRow]:
    """Return the rows of the store `small`."""
    return SMALL


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[[Iterable[TermRow]], Path]:
    """Return a function that builds a store of some terms."""

    def make(terms: Iterable[TermRow]) -> Path:
        path = tmp_path / "terms.sqlite"
        drive(build_store(path, ONTOLOGIES, terms))
        return path

    return make


@pytest.fixture
def small(make_store: Callable[[Iterable[TermRow]], Path]) -> Iterator[Terms]:
    """Return an open store of `SMALL`."""
    with open_terms(make_store(SMALL)) as terms:
        yield terms


@pytest.fixture(scope="session")
def embedded() -> Iterator[Terms]:
    """Return the store that comes with the program, open."""
    with open_terms(embedded_path()) as terms:
        yield terms
