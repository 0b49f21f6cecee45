"""Releases in three formats, and what is none."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import TermsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.ontology.building import build_from
from napari_cellib.ontology.drafts import Draft
from napari_cellib.ontology.release_files import read_release
from napari_cellib.ontology.rows import NameRow, TermRow, read_terms

if TYPE_CHECKING:
    from pathlib import Path

OBO = r"""format-version: 1.2
data-version: releases/2026-01-01
ontology: go

[Term]
id: GO:0005575
name: cellular_component

[Term]
id: GO:0005739
name: mitochondrion
alt_id: GO:0000999
def: "Not copied." [GOC:x]
synonym: "mitochondria" EXACT []
synonym: "a \"quoted\" name" RELATED abbreviation [PMID:1, "x"]
is_a: GO:0005575 {source="x"} ! cellular_component

[Term]
id: GO:0030061
name: mitochondrial crista
relationship: part_of GO:0005739 ! mitochondrion
relationship: BFO:0000050 GO:0030061 ! itself
relationship: has_part GO:0005575

[Term]
id: GO:0000001
name: obsolete thing
is_obsolete: true
replaced_by: GO:0005739
consider: GO:0030061

[Term]
id: CL:0000000
name: cell

[Term]
id: GO:0000009

[Typedef]
id: part_of
name: part of
is_a: GO:0005575
"""

IRI = "http://purl.obolibrary.org/obo/"
GRAPH = {
    "graphs": [
        {
            "meta": {"version": "2026-01-01"},
            "nodes": [
                {
                    "id": f"{IRI}GO_0005575",
                    "lbl": "cellular_component",
                    "type": "CLASS",
                },
                {
                    "id": f"{IRI}GO_0005739",
                    "lbl": "mitochondrion",
                    "meta": {
                        "synonyms": [
                            {"pred": "hasExactSynonym", "val": "chondriosome"}
                        ],
                        "basicPropertyValues": [
                            {
                                "pred": "http://www.geneontology.org/formats/"
                                "oboInOwl#hasAlternativeId",
                                "val": "GO:0000999",
                            }
                        ],
                    },
                },
                {
                    "id": f"{IRI}GO_0000001",
                    "meta": {
                        "deprecated": True,
                        "basicPropertyValues": [
                            {"pred": f"{IRI}IAO_0100001", "val": f"{IRI}GO_0005739"}
                        ],
                    },
                },
                {"id": f"{IRI}BFO_0000050", "lbl": "part of", "type": "PROPERTY"},
                {"id": 7, "lbl": ["x"], "meta": []},
                "nothing",
            ],
            "edges": [
                {
                    "sub": f"{IRI}GO_0005739",
                    "pred": f"{IRI}BFO_0000050",
                    "obj": f"{IRI}GO_0005575",
                },
                {"sub": None, "pred": [], "obj": {}},
            ],
        }
    ]
}


@pytest.fixture
def read(tmp_path: Path, read_file):
    """Return a function that reads bytes as a release."""

    def read_bytes(content: bytes | str, prefix: str = "GO"):
        path = tmp_path / "go.release"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_file(path, prefix)

    return read_bytes


@dataclass
class Release:
    """What a file says of itself, and its terms."""

    version: str
    terms: list[TermRow]


@pytest.fixture
def read_file(tmp_path: Path):
    """Return a function that reads a release, and gives back what came of it."""

    def read(path: Path, prefix: str) -> Release:
        store = tmp_path / "store.sqlite"
        store.unlink(missing_ok=True)
        with Draft(tmp_path / "draft") as draft:
            version = drive(read_release(path, prefix, draft))
            drive(build_from(draft, store, []))
        with closing(sqlite3.connect(store)) as connection:
            return Release(version, list(read_terms(connection)))

    return read


def test_an_obo_file_tells_names_parents_and_what_became_of_terms(read):
    release = read(OBO)

    terms = {term.curie: term for term in release.terms}
    mitochondrion = terms["GO:0005739"]
    assert release.version == "releases/2026-01-01"
    assert mitochondrion.names == (NameRow('a "quoted" name', "related"),)
    assert mitochondrion.parents == (("GO:0005575", "is_a"),)
    assert mitochondrion.alt == ("GO:0000999",)
    assert terms["GO:0030061"].parents == (("GO:0005739", "part_of"),)
    assert terms["GO:0000001"].obsolete
    assert terms["GO:0000001"].replaced_by == "GO:0005739"
    assert terms["GO:0000001"].consider == ("GO:0030061",)
    assert terms.keys() == {"GO:0005575", "GO:0005739", "GO:0030061", "GO:0000001"}


def test_a_packed_file_of_windows_is_the_same(read):
    packed = gzip.compress(OBO.replace("\n", "\r\n").encode())

    assert read(packed) == read(OBO)


def test_an_obo_graph_tells_the_same(read):
    release = read(json.dumps(GRAPH))

    terms = {term.curie: term for term in release.terms}
    assert release.version == "2026-01-01"
    assert terms["GO:0005739"].names == (NameRow("chondriosome", "exact"),)
    assert terms["GO:0005739"].parents == (("GO:0005575", "part_of"),)
    assert terms["GO:0005739"].alt == ("GO:0000999",)
    assert terms["GO:0000001"].obsolete
    assert terms["GO:0000001"].replaced_by == "GO:0005739"
    assert len(terms) == 3


def _taxdump(**files: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, rows in files.items():
            lines = [row.replace(" | ", "\t|\t") + "\t|\n" for row in rows.split("; ")]
            content = "".join(lines).encode()
            info = tarfile.TarInfo(f"{name}.dmp")
            info.size, info.mtime = len(content), 1_700_000_000
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


TAXDUMP = _taxdump(
    names="1 | root |  | scientific name; 2759 | Eukaryota |  | scientific name; "
    "9606 | Homo sapiens |  | scientific name; "
    "9606 | our kind |  | genbank common name; "
    "9606 | Homo sapiens Linnaeus, 1758 |  | authority",
    nodes="1 | 1 | no rank; 2759 | 1 | superkingdom; 9606 | 2759 | species",
    merged="12 | 9606",
)


def test_a_dump_of_the_taxonomy_tells_the_same(read):
    release = read(TAXDUMP, "NCBITaxon")

    terms = {term.curie: term for term in release.terms}
    assert terms["NCBITaxon:9606"].names == (NameRow("our kind", "exact"),)
    assert terms["NCBITaxon:9606"].parents == (("NCBITaxon:2759", "is_a"),)
    assert terms["NCBITaxon:9606"].alt == ("NCBITaxon:12",)
    assert terms["NCBITaxon:2759"].parents == ()
    assert release.version == "2023-11-14"
    assert "NCBITaxon:1" not in terms


CIRCLE = """format-version: 1.2

[Term]
id: GO:0000001
name: one
is_a: GO:0000002

[Term]
id: GO:0000002
name: two
relationship: part_of GO:0000001
"""
NOT_THERE = CIRCLE.replace("part_of GO:0000001", "part_of GO:0000007")


def _name(value: object) -> str:
    """Name a case by its words alone: what is packed holds the time of packing."""
    return value if isinstance(value, str) and len(value) < 80 else "content"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no terms"),
        ("format-version: 1.2\n", "no terms"),
        ("<!DOCTYPE html>\n<title>Moved</title>\n", "web page"),
        ("<?xml version='1.0'?>\n<rdf:RDF/>\n", "is OWL"),
        ("Prefix(:=<http://x>)\n", "no OBO file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "no OBO file|UTF-8"),
        ("id\tname\nGO:1\tx\n", "no OBO file"),
        ("x" * 1_500_000, "no OBO file"),
        ("format-version: 1.2\n" + "x" * 1_500_000, "no OBO file"),
        (OBO.encode("utf-16"), "no OBO file|UTF-8"),
        (OBO[:400], "end is missing"),
        ("format-version: 1.2\n\n[Term]\nid: GO:1234567\n", "end is missing"),
        (CIRCLE, "circle"),
        (NOT_THERE, "does not have"),
        (OBO.replace("GO:", "CL:"), "no terms of GO but some of CL"),
        (json.dumps(GRAPH)[:-40], "end is missing"),
        ("[" * 200_000, "end is missing"),
        ('{"a":' * 100_000, "no JSON"),
        ('{"graphs": 3}', "no terms"),
        (gzip.compress(OBO.encode())[:-20], "end is missing"),
        (gzip.compress(OBO.encode())[:60] + bytes(300), "damaged"),
        (TAXDUMP, "no terms of GO but some of NCBITaxon"),
        (gzip.compress(bytes(200_000_000), 9), "far more|no OBO file"),
    ],
    ids=_name,
)
def test_what_is_no_whole_release_is_refused_in_words(read, content, words):
    with pytest.raises(TermsUnreadable, match=words):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TAXDUMP[:-60], "end is missing"),
        (_taxdump(names="1 | root |  | scientific name"), "has no merged.dmp"),
        (_taxdump(names="x | y |  | scientific name"), "no dump of the taxonomy"),
        (_taxdump(names="9606 | Homo"), "no dump of the taxonomy"),
        (_taxdump(names=f"{9**30} | x |  | synonym"), "no dump of the taxonomy"),
        (_taxdump(names="1 | x |  | y", nodes="7 | 8", merged="1 | 2"), "no terms"),
        (
            _taxdump(
                names="7 | a |  | scientific name; 8 | b |  | scientific name",
                nodes="7 | 8; 8 | 7",
                merged="1 | 7",
            ),
            "NCBITaxon:7 is below NCBITaxon:8 is below NCBITaxon:7, which is a circle",
        ),
    ],
    ids=_name,
)
def test_what_is_no_whole_dump_of_the_taxonomy_is_refused(read, content, words):
    with pytest.raises(TermsUnreadable, match=words):
        read(content, "NCBITaxon")


def test_a_file_cut_anywhere_is_refused_or_still_sound(read):
    content = OBO.encode()
    for stop in range(0, len(content), 7):
        try:
            release = read(content[:stop])
        except TermsUnreadable:
            continue
        assert all(term.ontology == "GO" and term.label for term in release.terms)


def test_what_cannot_be_seen_in_a_name_is_taken_out(read):
    spoiled = OBO.replace("mitochondrion\nalt", "mito\x07chon\u202edrion\nalt")

    names = {term.curie: term.label for term in read(spoiled).terms}

    assert names["GO:0005739"] == "mito chon drion"


def test_a_packed_bomb_does_not_fill_the_memory(read):
    line = b'synonym: "x" EXACT []\n'
    bomb = gzip.compress(OBO.encode() + line * 10_000_000, 9)

    with pytest.raises(TermsUnreadable, match="far more"):
        read(bomb)


def test_a_real_release_is_read(shared_data, read_file):
    folder = shared_data / "ontology"

    cl = read_file(folder / "cl-base_2022-11-25.obo", "CL")
    fbbi = read_file(folder / "fbbi-2020-11-06.obo", "FBbi")

    assert sum(not term.obsolete for term in cl.terms) > 2_500
    assert sum(not term.obsolete for term in fbbi.terms) > 500
