"""What must be in the store that comes with the program."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import pytest

from napari_cellib.model import Term
from napari_cellib.ontology import Status, fold, normalise_curie
from napari_cellib.ontology.curies import prefix_of
from napari_cellib.ontology.store import embedded_path

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.ontology import Terms


def facts(checkout: Path, name: str) -> list[list[str]]:
    lines = (checkout / "scripts" / "terms" / name).read_text("utf-8").splitlines()
    rows = csv.reader(
        (line for line in lines if not line.startswith("#")),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
    return list(rows)


def test_it_is_small_enough_to_come_with_the_program():
    content = embedded_path().read_bytes()

    assert len(content) <= 16_000_000
    assert len(zlib.compress(content)) <= 5_000_000


def test_its_pages_are_whole(embedded: Terms):
    assert embedded.reader.rows("PRAGMA integrity_check") == [("ok",)]


def test_it_holds_whole_branches(embedded: Terms):
    counts = embedded.counts()

    assert len(embedded.descendants("GO:0005575")) >= 4_179  # all of 2022-07-01
    assert counts["CL"] >= 3_300
    assert counts["FBbi"] >= 538
    assert counts["UBERON"] >= 3_000
    assert counts["NCBITaxon"] >= 2_000


def test_every_term_that_the_cell_image_library_uses_can_be_resolved(
    embedded: Terms, checkout: Path
):
    lost = [
        curie
        for curie, _, _ in facts(checkout, "used.tsv")
        if curie and embedded.resolve(curie).term is None
    ]

    assert lost == []


def test_the_list_of_used_terms_is_that_of_the_archive(
    embedded: Terms, shared_data: Path
):
    used = shared_data / "ontology" / "cil_terms_used.json"
    if not used.is_file():
        pytest.skip("needs the list of the terms that the archive uses")
    for text, label, _ in json.loads(used.read_text("utf-8")):
        curie = normalise_curie(text)
        if curie is not None:
            resolution = embedded.resolve(curie)
            assert resolution.term is not None, (text, label)


def test_live_imaging_methods_are_those_of_the_table(embedded: Terms, checkout: Path):
    for curie, label, obsolete, parents, _ in facts(checkout, "fbbi.tsv"):
        info = embedded.term(curie)
        assert info is not None
        assert (info.label, info.obsolete) == (label, bool(obsolete))
        assert {up.curie for up in embedded.parents(curie)} == set(parents.split())


def test_every_parent_is_there_too(embedded: Terms):
    query = "SELECT count(*) FROM {} WHERE {} NOT IN (SELECT id FROM term)"

    for table, column in [
        ("edge", "parent"), ("edge", "child"), ("name", "term"),
        ("closure", "ancestor"), ("closure", "descendant"), ("interval", "term"),
    ]:  # fmt: skip
        assert embedded.reader.row(query.format(table, column)) == (0,)


def test_only_what_no_ontology_here_has_above_stands_alone(embedded: Terms):
    alone = embedded.reader.rows(
        "SELECT curie FROM term WHERE NOT obsolete"
        " AND id NOT IN (SELECT child FROM edge)"
        " AND id NOT IN (SELECT parent FROM edge)"
    )
    sourced = {"CL", "FBbi", "GO", "MONDO", "UBERON", "ZFA", "ZFS"}
    # CL has some kinds of nuclei and cytoplasms, below terms of another ontology.
    found = [curie for (curie,) in alone if prefix_of(curie) in sourced]

    assert [curie for curie in found if not curie.startswith("CL:00175")] == []


LINES = {
    "HeLa": "CVCL_0030", "U-2 OS": "CVCL_0042", "HEK293": "CVCL_0045",
    "NIH 3T3": "CVCL_0594", "COS-7": "CVCL_0224", "CHO": "CVCL_0213",
    "MDCK": "CVCL_0422", "Vero": "CVCL_0059", "RPE-1": "CVCL_4388",
    "Jurkat": "CVCL_0065", "DT40": "CVCL_0249", "293T": "CVCL_0063",
    "A549": "CVCL_0023", "HepG2": "CVCL_0027", "Vero E6": "CVCL_0574",
    "S2": "CVCL_Z232", "Sf9": "CVCL_0549", "PtK1": "CVCL_0489",
    "MCF7": "CVCL_0031", "RAW264.7": "CVCL_0493", "NG108-15": "CVCL_0464",
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_common_cell_line_is_there_under_the_name_that_people_use(
    embedded: Terms, name: str
):
    found = embedded.reader.rows(
        "SELECT curie FROM name JOIN term ON term.id = name.term WHERE name.folded = ?",
        (fold(name),),
    )
    assert (LINES[name],) in found


@pytest.mark.parametrize(
    ("private", "curie"),
    [
        ("MCC:0000219", "CVCL_0030"),
        ("MCC:0000468", "CVCL_0042"),
        ("MCC:0000362", "CVCL_0594"),
        ("MCC:0000139", "CVCL_0249"),
    ],
)
def test_private_numbers_of_cell_lines_lead_to_cellosaurus(
    embedded: Terms, private: str, curie: str
):
    resolution = embedded.resolve(private)

    assert resolution.status is Status.MERGED
    assert resolution.term is not None
    assert resolution.term.curie == curie


@pytest.mark.parametrize(
    "taxon",
    [9606, 10090, 10116, 7955, 7227, 6239, 4932, 4896, 3702, 562, 8355, 9031, 2697049],
)
def test_model_organisms_are_there_with_their_lineage(embedded: Terms, taxon: int):
    way = embedded.path_to_root(f"NCBITaxon:{taxon}")

    assert len(way) > 3
    assert way[0].curie == "NCBITaxon:1"


@pytest.mark.parametrize(
    ("general", "special"),
    [
        ("GO:0043227", "GO:0005739"),  # membrane-bounded organelle, mitochondrion
        ("GO:0005739", "GO:0005743"),  # mitochondrion, its inner membrane (a part)
        ("CL:0000540", "CL:0000598"),  # neuron, pyramidal neuron
        ("NCBITaxon:40674", "NCBITaxon:10090"),  # mammals, mouse
        ("UBERON:0000955", "UBERON:0000956"),  # brain, cerebral cortex
        ("UBERON:0002107", "EMAP:10869"),  # liver, that of a mouse embryo
        ("UBERON:0000955", "ZFA:0000445"),  # brain, optic tectum of the zebrafish
        ("FBbi:00000241", "FBbi:00000251"),  # microscopy, confocal microscopy
        ("MONDO:0004992", "DOID:3459"),  # cancer, breast carcinoma
    ],
)
def test_a_search_for_the_general_finds_the_special(
    embedded: Terms, general: str, special: str
):
    assert special in embedded.descendants(general)
    assert general in {up.curie for up in embedded.ancestors(special)}
    found = embedded.expand(Term(id=special, label="as annotated"))
    assert general in {up.curie for up in found}


@pytest.mark.parametrize(
    ("curie", "status"),
    [
        ("GO:0005739", Status.CURRENT),
        ("GO:0007067", Status.MERGED),  # mitosis
        ("CL:0000450", Status.MERGED),
        ("CL:0000002", Status.OBSOLETE),  # replaced by one of another ontology
        ("CL:0000003", Status.REPLACED),
        ("GO:0005623", Status.CONSIDER),  # cell
        ("GO:0003701", Status.OBSOLETE),
    ],
)
def test_annotations_that_have_decayed_are_recognised(
    embedded: Terms, curie: str, status: Status
):
    assert embedded.resolve(curie).status is status


def test_what_is_proposed_instead_is_live(embedded: Terms, checkout: Path):
    for curie, _ in facts(checkout, "proposals.tsv"):
        candidates = embedded.resolve(curie).candidates
        assert candidates, curie
        assert not any(info.obsolete for info in candidates)


def test_every_ontology_is_attributed_with_release_and_licence(
    embedded: Terms, checkout: Path
):
    page = embedded_path().with_name("ATTRIBUTION.md").read_text("utf-8")
    versions = embedded.versions()

    assert set(versions) == {row[0] for row in ontologies_of_terms(embedded)}
    for row in versions.values():
        assert f"{row.title} ({row.prefix})" in page
        assert row.version in page
        assert row.licence
    notice = (checkout / "NOTICE").read_text("utf-8")
    assert "ATTRIBUTION.md" in notice


def ontologies_of_terms(terms: Terms) -> list[tuple[str]]:
    return terms.reader.rows("SELECT DISTINCT ontology FROM term")


def test_it_holds_no_definitions(embedded: Terms):
    (longest,) = embedded.reader.row("SELECT max(length(text)) FROM name")

    assert longest < 300


@pytest.mark.slow
def test_it_takes_little_memory():
    code = """
import psutil
from napari_cellib.model import Term
from napari_cellib.ontology import curies, hierarchy, normalising, store
import sqlite3
process = psutil.Process()
before = process.memory_info().rss
terms = store.open_terms(store.embedded_path())
for root in ("GO:0005575", "GO:0008150", "CL:0000000", "NCBITaxon:1"):
    terms.infos(terms.descendants(root))
print((process.memory_info().rss - before) / 1e6)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 60
