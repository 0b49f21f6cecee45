from __future__ import annotations

from napari_cellib.archives.cil.annotations import TermReader
from napari_cellib.archives.cil.ledger import Fate, Ledger, Node
from napari_cellib.model import TermField


def notes(reader, **core):
    return list(reader.read(Node(core, "CORE"), Ledger()))


def test_a_term_has_the_documents_id_and_name(term_reader):
    (note,) = notes(
        term_reader, CELLTYPE={"onto_id": "CL:0000066", "onto_name": "epithelial cell"}
    )

    assert note.field is TermField.CELL_TYPE
    assert (note.term.id, note.term.label) == ("CL:0000066", "epithelial cell")
    assert note.source_field == "CELLTYPE"
    assert note.assertion.by == "source"
    assert note.assertion.evidence is None


def test_another_spelling_of_an_identifier_is_kept_as_evidence(term_reader):
    (note,) = notes(term_reader, SOURCEOFCONTRAST={"onto_id": "Fbbi:00000415"})

    assert note.term.id == "FBbi:00000415"
    assert note.assertion.evidence == "written 'Fbbi:00000415'"


def test_a_name_that_is_left_out_comes_with_the_release_it_is_from(term_reader):
    (note,) = notes(term_reader, IMAGINGMODE={"onto_id": "FBbi:00000246"})

    assert note.term.label == "fluorescence microscopy"
    assert note.term.ontology_version


def test_without_a_store_of_terms_the_identifier_stands_alone():
    (note,) = notes(TermReader(None), CELLLINE={"onto_id": "MCC:0000219"})

    assert (note.term.id, note.term.label) == ("MCC:0000219", None)


def test_a_name_in_the_place_of_an_identifier_is_free_text(term_reader):
    found = notes(
        term_reader,
        PATHOLOGICALPROCESS={"onto_id": "DOID:prostate adenocarcinoma"},
        SPECIESTAXASPECIFIC={"onto_id": ":pharynx terminal bulb"},
        NCBIORGANISMALCLASSIFICATION={"onto_id": "Bacteria: Spiroplasma"},
    )

    assert [(note.term.id, note.term.text) for note in found] == [
        (None, "prostate adenocarcinoma"),
        (None, "pharynx terminal bulb"),
        (None, "Bacteria: Spiroplasma"),
    ]
    assert found[0].assertion.evidence == "written 'DOID:prostate adenocarcinoma'"


def test_numbers_and_single_letters_name_nothing():
    ledger = Ledger()
    core = Node(
        {"CELLTYPE": [{"onto_id": ":525"}, {"onto_id": ":null"}, {"free_text": "d"}]},
        "CORE",
    )

    assert list(TermReader(None).read(core, ledger)) == []
    assert {entry.fate for entry in ledger.entries(core.leaves())} == {Fate.REFUSED}


def test_a_short_name_with_a_number_is_a_name(term_reader):
    (note,) = notes(term_reader, CELLLINE={"free_text": "S2"})

    assert note.term.text == "S2"


def test_an_id_a_name_and_a_text_are_one_term(term_reader):
    (note,) = notes(
        term_reader,
        BIOLOGICALPROCESS={
            "onto_id": "GO:0042221", "onto_name": "response", "free_text": "to all",
        },
    )  # fmt: skip

    assert (note.term.id, note.term.label, note.term.text) == (
        "GO:0042221", "response", "to all",
    )  # fmt: skip


def test_a_name_may_be_a_number(term_reader):
    (*_, note) = notes(
        term_reader, CELLLINE={"onto_id": "MCC:0000006", "onto_name": 293}
    )

    assert note.term.text == "293"


def test_a_private_cell_line_gets_its_public_identifier_beside_it(term_reader):
    private, public = notes(
        term_reader, CELLLINE={"onto_id": "MCC:0000219", "onto_name": "HeLa"}
    )

    assert private.term.id == "MCC:0000219"
    assert public.term.id == "CVCL_0030"
    assert public.supersedes == private.key
    assert public.assertion.by == "lookup"


def test_an_organism_among_anatomy_is_an_organism(term_reader):
    (note,) = notes(term_reader, TELEOST_ANATOMY=[{"onto_id": "NCBITaxon:7955"}])

    assert note.field is TermField.ORGANISM
    assert note.source_field == "TELEOST_ANATOMY"


def test_a_stage_among_anatomy_is_a_stage(term_reader):
    (note,) = notes(term_reader, SPECIESTAXASPECIFIC={"onto_id": "ZFA:ZFS:0000014"})

    assert note.field is TermField.DEVELOPMENTAL_STAGE
    assert note.term.id == "ZFS:0000014"


def test_a_term_under_two_keys_is_one_annotation_with_the_documents_name(term_reader):
    (note,) = notes(
        term_reader,
        SPECIESTAXASPECIFIC={"onto_id": "ZFA:ZFA:0001176"},
        ZEBRAFISH_ANATOMY={"onto_id": "ZFA:0001176", "onto_name": "blastoderm!"},
    )

    assert note.term.label == "blastoderm!"


def test_what_is_no_term_is_left_to_others(term_reader):
    assert notes(term_reader, DIMENSION=[{"Space": {"axis": "X"}}], GROUP_ID="9") == []
    assert notes(term_reader, IMAGEDESCRIPTION={"free_text": "An image"}) == []
