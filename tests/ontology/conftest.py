"""Stores of terms, that of the program and small ones; releases of an ontology."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from napari_cellib.jobs import drive
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.building import build_store
from napari_cellib.ontology.releases import update
from napari_cellib.ontology.rows import NameRow, OntologyRow, TermRow, read_terms
from napari_cellib.ontology.store import embedded_path
from napari_cellib.ontology.user_store import Choice, write_choice
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.releases import UpdateReport

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


GOLD = "FBbi:00000246"  # fluorescence microscopy


def write_obo(terms: Iterable[TermRow], version: str = "2027-01-01") -> str:
    """Return terms as an OBO file."""
    parts = [f"format-version: 1.2\ndata-version: {version}\nontology: fbbi\n"]
    for term in terms:
        lines = ["[Term]", f"id: {term.curie}", f"name: {term.label}"]
        lines += [f"alt_id: {other}" for other in term.alt]
        lines += [
            f'synonym: "{name.text}" EXACT []'
            for name in term.names
            if name.scope == "exact" and '"' not in name.text
        ]
        lines += [
            f"is_a: {parent}" if how == "is_a" else f"relationship: {how} {parent}"
            for parent, how in term.parents
        ]
        lines += ["is_obsolete: true"] if term.obsolete else []
        lines += [f"replaced_by: {term.replaced_by}"] if term.replaced_by else []
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


@pytest.fixture(scope="session")
def fbbi() -> dict[str, TermRow]:
    """Return the embedded store's terms of FBbi, by identifier."""
    with open_terms(embedded_path()) as terms:
        others = {*terms.counts(), *terms.counts(obsolete=True)} - {"FBbi"}
        rows = read_terms(terms.reader.connection, leave_out=others)
        return {term.curie: term for term in rows}


@pytest.fixture
def newer(fbbi: dict[str, TermRow]) -> dict[str, TermRow]:
    """Return a later release: one term new, one renamed, one gone, one merged."""
    live = [term for term in fbbi.values() if not term.obsolete and not term.uses]
    renamed, gone, merged = live[-3:]
    changed = dict(fbbi)
    changed["FBbi:99999999"] = replace(
        renamed, curie="FBbi:99999999", label="new microscopy", names=(), alt=()
    )
    changed[renamed.curie] = replace(renamed, label="another name")
    changed[gone.curie] = replace(gone, obsolete=True, replaced_by=GOLD, parents=())
    children = [t for t in changed.values() if merged.curie in dict(t.parents)]
    for child in children:
        changed[child.curie] = replace(child, parents=())
    del changed[merged.curie]
    changed[GOLD] = replace(fbbi[GOLD], alt=(*fbbi[GOLD].alt, merged.curie))
    return changed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder that the server shows."""
    shown = tmp_path / "server"
    shown.mkdir()
    return shown


@pytest.fixture
def publish(folder: Path) -> Callable[[str], Path]:
    """Return a function that publishes a release of FBbi."""

    def write(content: str) -> Path:
        path = folder / "fbbi.obo"
        path.write_text(content, "utf-8")
        return path

    return write


@pytest.fixture
def fresh(tmp_path: Path, folder: Path) -> Settings:
    """Return settings of an empty data folder; releases come from `folder`."""
    addresses = {"fbbi": str(folder / "fbbi.obo")}
    return Settings(
        data_folder=tmp_path / "data", timeout_s=2.0, release_addresses=addresses
    )


@pytest.fixture(scope="session")
def only_fbbi(
    fbbi: dict[str, TermRow], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a store with FBbi and a taxon, a tenth of the embedded one."""
    path = tmp_path_factory.mktemp("fbbi") / "terms.sqlite"
    human = TermRow("NCBITaxon:9606", "Homo sapiens")
    ontologies = [
        OntologyRow("FBbi", "Imaging methods", "2026", "CC-BY-4.0", "a test", True),
        OntologyRow("NCBITaxon", "NCBI Taxonomy", "2026", "CC0-1.0", "a test"),
    ]
    drive(build_store(path, ontologies, [human, *fbbi.values()]))
    return path


@pytest.fixture
def settings(fresh: Settings, only_fbbi: Path) -> Settings:
    """Return settings of a folder with an own store, as an update left it."""
    fresh.terms_folder.mkdir(parents=True)
    shutil.copyfile(only_fbbi, fresh.terms_folder / "terms-1.sqlite")
    write_choice(fresh.terms_folder, Choice(fresh.terms_folder / "terms-1.sqlite"))
    return fresh


@pytest.fixture(scope="session")
def obo() -> Callable[..., str]:
    """Return a function that writes terms as an OBO file."""
    return write_obo


@pytest.fixture
def base(settings: Settings) -> Path:
    """Return the store that there is before any test updates it."""
    return settings.terms_folder / "terms-1.sqlite"


@pytest.fixture
def run() -> Callable[..., UpdateReport]:
    """Return a function that updates the terms, FBbi by default."""

    def update_terms(settings: Settings, *names: str) -> UpdateReport:
        return drive(update(settings, names or ("fbbi",)))

    return update_terms


@pytest.fixture
def assert_untouched(settings: Settings, base: Path) -> Callable[[], None]:
    """Return a function that finds out whether all is as before an update."""

    def look() -> None:
        with open_terms(settings=settings) as terms:
            assert terms.path == base
            assert terms.label("FBbi:00000246") == "fluorescence microscopy"
        # What came of a download stays, to go on from there.
        there = settings.terms_folder.iterdir()
        left = {path.name for path in there if ".release.part" not in path.name}
        assert left <= {"update.lock", "current.json", "terms-1.sqlite"}

    return look
