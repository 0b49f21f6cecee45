"""Spellings of identifiers, as papers, archives and browsers have them."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from napari_cellib.model.term import Curie
from napari_cellib.ontology.curies import curie_to_iri, normalise_curie, prefix_of

PURL = "http://purl.obolibrary.org/obo/"
OLS = "https://www.ebi.ac.uk/ols4/ontologies/go/classes"
SPELLINGS = {
    "GO:0005739": [
        "GO:0005739", "go:0005739", "GO_0005739", " GO: 0005739 ", "GO:5739",
        "GO:00005739", f"{PURL}GO_0005739", "obo:GO_0005739", "<GO:0005739>",
        "https://purl.obolibrary.org/obo/GO_0005739/",
        "purl.obolibrary.org/obo/GO_0005739",
        "http://identifiers.org/go/GO:0005739", "https://identifiers.org/GO:0005739",
        "identifiers.org/go:0005739", "http://www.ebi.ac.uk/QuickGO/term/GO:0005739",
        "http://amigo.geneontology.org/amigo/term/GO:0005739",
        f"{OLS}?iri=http%3A%2F%2Fpurl.obolibrary.org%2Fobo%2FGO_0005739",
        f"{OLS}/http%253A%252F%252Fpurl.obolibrary.org%252Fobo%252FGO_0005739",
    ],
    "FBbi:00000246": [
        "FBbi:00000246", "obo:FBbi_00000246", "Fbbi:00000246", "Bbi:00000246",
        "FBBI_00000246", "fbbi:246", f"{PURL}FBbi_00000246",
    ],
    "NCBITaxon:9606": [
        "NCBITaxon:9606", "NCBI:txid9606", "NCBITaxon_9606", "txid9606", "taxon:9606",
        "TAO:NCBITaxon:9606", "NCBI_TaxID:9606", f"{PURL}NCBITaxon_9606",
        "https://www.ncbi.nlm.nih.gov/Taxonomy/Browser/wwwtax.cgi?id=9606",
        "https://www.ncbi.nlm.nih.gov/datasets/taxonomy/9606/",
        "http://identifiers.org/taxonomy/9606", "NCBI:txid09606",
    ],
    "CVCL_0030": [
        "CVCL_0030", "cvcl_0030", "CVCL:0030", "Cellosaurus:CVCL_0030",
        "RRID:CVCL_0030", "https://www.cellosaurus.org/CVCL_0030",
        "https://web.expasy.org/cellosaurus/CVCL_0030",
        "http://identifiers.org/cellosaurus:CVCL_0030",
    ],
    "ZFS:0000020": ["ZFA:ZFS:0000020", "zfs_0000020"],
    "MmusDv:0000003": ["MMUSDV:0000003"],
    "EFO:0007551": ["http://www.ebi.ac.uk/efo/EFO_0007551", "EFO_0007551"],
    "DOID:9965": ["DOID:DOID:9965"],
    "ABC:0012": ["ABC:0012"],  # an ontology that nobody here knows
}  # fmt: skip
CASES = [(text, curie) for curie, texts in SPELLINGS.items() for text in texts]
NONE = [
    "", " ", "mitochondrion", "GO", "GO:", "GO:mitochondrion", ":1024", ":null",
    "Bacteria: Spiroplasma, Class Mollicutes", "ATCC Catalog No: 23779",
    "W303 hrd1::KANMX", "12:30", "U-2 OS", "cos 7", "C2C12", "3T3", "NIH_3T3", "DT40",
    "http://example.org/page_1", "file:///etc/passwd", "CVCL_003", "CVCL_00300",
    "GO:0005739\x00", "GO:00\n05739", "GO:" + "1" * 10_000, "a" * 10_000, "::::", "_1",
    "H2B:mCherry", "G1/S", "http://[", "%" * 400, "DAPI (4',6-diamidino)",
]  # fmt: skip


@pytest.mark.parametrize(("text", "curie"), CASES)
def test_every_spelling_leads_to_one_identifier(text: str, curie: str):
    assert normalise_curie(text) == curie


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_identifier_is_none(text: str):
    assert normalise_curie(text) is None


@pytest.mark.parametrize("curie", SPELLINGS)
def test_an_identifier_is_left_as_it_is_and_fits_a_term(curie: str):
    assert normalise_curie(curie) == curie
    assert TypeAdapter(Curie).validate_python(curie) == curie


@pytest.mark.parametrize("curie", SPELLINGS)
def test_the_address_of_a_term_leads_back_to_it(curie: str):
    iri = curie_to_iri(curie)

    if prefix_of(curie) == "ABC":
        assert iri is None
    else:
        assert iri is not None
        assert normalise_curie(iri) == curie


def test_a_private_vocabulary_has_no_addresses():
    assert normalise_curie("MCC:219") == "MCC:0000219"
    assert curie_to_iri("MCC:0000219") is None
