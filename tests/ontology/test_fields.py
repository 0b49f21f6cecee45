"""The table of fields, and what in the store may fill them."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from napari_cellib.model import TermField
from napari_cellib.ontology import field_of_cil, field_rules, normalise_curie
from napari_cellib.ontology.fields import RELATIONS, with_implied

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.ontology import Terms

# The fields of the Cell Image Library that take terms.
CIL_FIELDS = [
    "BIOLOGICALPROCESS", "CELLLINE", "CELLTYPE", "CELLULARCOMPONENT",
    "CHEMICAL_COMPOUNDS", "HUMAN_DEV_ANATOMY", "HUMAN_DISEASE", "IMAGINGMODE",
    "ITEMTYPE", "MOLECULARFUNCTION", "MOUSE_GROSS_ANATOMY",
    "NCBIORGANISMALCLASSIFICATION", "PARAMETERIMAGED", "PATHOLOGICALPROCESS",
    "PLANT_GROWTH", "PREPARATION", "PROCESSINGHISTORY", "RELATIONTOINTACTCELL",
    "SOURCEOFCONTRAST", "SPECIESTAXASPECIFIC", "TECHNICALDETAILS", "TELEOST_ANATOMY",
    "VISUALIZATIONMETHODS", "XENOPUS_ANATOMY", "ZEBRAFISH_ANATOMY",
]  # fmt: skip
EXAMPLES = {
    TermField.ORGANISM: "NCBITaxon:10090",
    TermField.CELL_TYPE: "CL:0000540",
    TermField.CELL_LINE: "CVCL_0030",
    TermField.CELLULAR_COMPONENT: "GO:0005739",
    TermField.BIOLOGICAL_PROCESS: "GO:0007049",
    TermField.MOLECULAR_FUNCTION: "GO:0003779",
    TermField.ANATOMY: "UBERON:0002107",
    TermField.DEVELOPMENTAL_STAGE: "HsapDv:0000002",
    TermField.DISEASE: "MONDO:0004989",
    TermField.PATHOLOGY: "MONDO:0005070",
    TermField.PREPARATION: "FBbi:00000011",
    TermField.SPECIMEN_RELATION: "FBbi:00000024",
    TermField.IMAGING_METHOD: "FBbi:00000246",
    TermField.VISUALIZATION: "FBbi:00000082",
    TermField.CONTRAST_SOURCE: "FBbi:00000597",
    TermField.IMAGED_PARAMETER: "FBbi:00000316",
    TermField.PROCESSING: "FBbi:00000582",
    TermField.ITEM_TYPE: "FBbi:00000265",
}


def test_every_field_has_a_rule():
    assert list(field_rules()) == [rule.field for rule in field_rules().values()]
    assert set(field_rules()) == set(TermField)


@pytest.mark.parametrize("key", CIL_FIELDS)
def test_every_term_field_of_the_cell_image_library_has_a_place(key: str):
    places = [rule.field for rule in field_rules().values() if key in rule.cil]

    assert places == [field_of_cil(key)]


def test_a_key_that_nobody_knows_is_kept_under_other():
    assert field_of_cil("FAVOURITE_COLOUR") is TermField.OTHER


def test_rules_name_only_relations_that_there_are_and_identifiers_in_one_spelling():
    for rule in field_rules().values():
        for one in rule.restrictions:
            assert one.relations <= RELATIONS
            assert one.ontologies
        assert [normalise_curie(root) for root in rule.roots] == list(rule.roots)


def test_is_a_alone_does_not_count_what_may_be_a_part():
    assert "broader" not in with_implied(frozenset({"is_a"}))


@pytest.mark.parametrize("field", EXAMPLES)
def test_a_typical_term_may_fill_its_field(embedded: Terms, field: TermField):
    assert embedded.is_in(EXAMPLES[field], field)


def test_a_term_may_not_fill_the_field_of_another_kind(embedded: Terms):
    assert not embedded.is_in("GO:0005739", TermField.CELL_TYPE)
    assert not embedded.is_in("CL:0000540", TermField.CELLULAR_COMPONENT)
    assert not embedded.is_in("GO:0005739", TermField.BIOLOGICAL_PROCESS)
    assert not embedded.is_in("FBbi:00000246", TermField.PREPARATION)


def test_the_root_of_a_branch_says_nothing_and_may_not_be_chosen(embedded: Terms):
    for root in ("GO:0005575", "GO:0008150", "NCBITaxon:1", "FBbi:00000222"):
        assert TermField.IMAGING_METHOD not in embedded.fields_of(root)
        assert TermField.ORGANISM not in embedded.fields_of(root)
        assert TermField.CELLULAR_COMPONENT not in embedded.fields_of(root)


def test_the_roots_of_every_field_with_terms_are_in_the_store(embedded: Terms):
    for field in EXAMPLES:
        roots = {info.curie for info in embedded.roots(field)}
        known = set(embedded.versions())
        expected = {r for r in field_rules()[field].roots if not r.startswith("PO:")}
        assert roots >= expected, field
        assert known & field_rules()[field].ontologies


def test_most_annotations_of_the_cell_image_library_fit_their_field(
    embedded: Terms, shared_data: Path
):
    archive = shared_data / "cil" / "CIL_Public_Data_JSON-master.zip"
    if not archive.is_file():
        pytest.skip("needs the records of the Cell Image Library")
    fits = total = 0
    with zipfile.ZipFile(archive) as records:
        names = [n for n in records.namelist() if "CIL_PUBLIC_DATA/" in n][::10]
        for name in filter(lambda n: n.endswith(".json"), names):
            core = json.loads(records.read(name)).get("CIL_CCDB", {})
            for key, found in core.get("CIL", {}).get("CORE", {}).items():
                for one in found if isinstance(found, list) else [found]:
                    if not (isinstance(one, dict) and "onto_id" in one):
                        continue
                    term = embedded.resolve(one["onto_id"]).term
                    total += 1
                    fits += term is not None and field_of_cil(key) in term.fields

    assert total > 5_000
    assert fits / total > 0.85
