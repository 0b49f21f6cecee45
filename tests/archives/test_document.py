from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter

import pytest

from napari_cellib.archives.cil.annotations import TermReader
from napari_cellib.archives.cil.document import read_document, record_id, sha256_of
from napari_cellib.archives.cil.ledger import Fate
from napari_cellib.errors import RecordInvalid
from napari_cellib.model import Kind, Status, TermField


def test_nothing_of_an_invented_document_is_lost(read, invented, check_nothing_is_lost):
    document = invented(
        MICROBE=["a", {"b": 1.5}],
        HUMAN_DEV_ANATOMY=[{"onto_id": "EHDAA:small intestine"}, {"free_text": "d"}],
    )

    check_nothing_is_lost(document, read(document))


@pytest.mark.slow
def test_nothing_of_the_real_documents_is_lost(
    shared_data, term_reader, capsys, hosts, check_nothing_is_lost
):
    dump = shared_data / "cil" / "CIL_Public_Data_JSON-master.zip"
    if not dump.is_file():
        pytest.skip("needs the dump of the Cell Image Library")
    fates = Counter()
    with zipfile.ZipFile(dump) as archive:
        names = [name for name in archive.namelist() if "/CIL_PUBLIC_DATA/" in name]
        for name in filter(lambda name: name.endswith(".json"), names):
            document = json.loads(archive.read(name))
            stem = name.rpartition("/")[2].removesuffix(".json")
            mapped = read_document(document, stem, terms=term_reader, hosts=hosts)
            check_nothing_is_lost(document, mapped)
            fates.update(entry.fate for entry in mapped.entries)

    with capsys.disabled():
        print({str(fate): count for fate, count in fates.items()})
    assert fates[Fate.REFUSED] < 0.005 * fates.total()


def test_what_no_field_holds_is_kept_as_pairs_of_words(read):
    record = read(ALZHEIMER_METADATA={"Braak": {"Stage": 4}}).record

    assert ("ALZHEIMER_METADATA.Braak.Stage", "4") in record.extra
    assert ("DATAQUALIFICATION", "PROCESSED;spatialmeasurements") in record.extra
    assert ("other attribution", "A Small Institute") in record.extra


def test_a_value_as_long_as_a_page_is_only_kept_raw(read):
    mapped = read(NOTES="x" * 3000)

    (entry,) = (entry for entry in mapped.entries if entry.path.endswith("NOTES"))
    assert entry.fate is Fate.KEPT_RAW
    assert not [key for key, _ in mapped.record.extra if key == "NOTES"]


def test_a_record_has_the_number_identifiers_and_pages_of_its_image(read):
    record = read().record

    assert record.id == "CIL:901"
    assert record.identifiers.doi == "10.7295/W9CIL901"
    assert record.identifiers.ark == "ark:/b7295/w9cil901"
    assert record.landing_page == "https://site.example/images/901"
    assert record.group == "77"
    assert record.status is Status.PUBLISHED


def test_the_citation_says_its_end_once(read):
    assert read().record.citation == "Ann Day (2011) CIL:901. CIL. Dataset"


def test_the_title_is_the_first_sentence_of_the_description(read):
    assert read().record.title == "Cilia of E. coli's neighbours"


def test_without_a_description_the_title_says_what_is_shown(read):
    record = read(IMAGEDESCRIPTION=None).record

    assert record.title == "Paramecium tetraurelia"
    assert record.description is None


def test_with_nothing_to_say_the_title_is_the_number(read):
    document = {"CIL_CCDB": {"CIL": {"CORE": {}}}}

    assert read(document).record.title == "Image CIL:901"


def test_an_image_may_be_of_several_kinds_or_of_none(read, invented):
    document = invented()
    types = document["CIL_CCDB"]["Data_type"]

    types["Z_stack"] = True
    assert read(document).record.kinds == (Kind.Z_STACK, Kind.TIME_SERIES)
    types.update(Z_stack=False, Time_series=False)
    assert read(document).record.kinds == ()


def test_a_document_that_was_deleted_is_a_withdrawn_record(read, invented):
    document = invented()
    document["CIL_CCDB"]["Status"] = {
        "Deleted": True, "Is_public": True,
        "Publish_time": 1325376000, "Last_modified": 1356998400,
    }  # fmt: skip

    record = read(document).record

    assert record.status is Status.WITHDRAWN
    assert record.dates.published == "2012-01-01"
    assert record.dates.modified == "2013-01-01"


def test_a_document_that_is_not_public_is_a_draft(read, invented):
    document = invented()
    document["CIL_CCDB"]["Status"]["Is_public"] = False

    assert read(document).record.status is Status.DRAFT


def test_the_year_of_publication_is_that_of_the_citation(read):
    assert read().record.dates.published == "2011"


def test_the_answer_of_a_search_engine_is_a_document_too(read, invented):
    answer = {"_id": "CIL_901", "_source": invented(), "_version": 3}

    mapped = read(answer, name="anything")

    assert mapped.record.id == "CIL:901"
    assert mapped.record.raw == answer
    assert {entry.path for entry in mapped.entries if entry.fate is Fate.KEPT_RAW} == {
        "_id", "_version",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"found": False, "_id": "CIL_1"}, "not public"),
        ({"some": "thing"}, "no image"),
        ({"CIL_CCDB": []}, "no image"),
        ({"CIL_CCDB": {"CIL": []}}, "no image"),
        (["CIL_CCDB"], "no image"),
        ("text", "no image"),
        (None, "no image"),
    ],
)
def test_what_is_no_document_is_refused_in_words(read, document, reason, hosts):
    with pytest.raises(RecordInvalid, match=reason):
        read_document(document, "901", terms=TermReader(None), hosts=hosts)


def test_a_file_without_a_number_is_refused(read, invented):
    with pytest.raises(RecordInvalid, match="number"):
        read(invented(), name="mapping")


def test_a_document_under_the_number_of_another_is_refused(read, invented):
    with pytest.raises(RecordInvalid, match="CIL:902"):
        read(invented(902), name="901")


def test_a_number_has_one_spelling():
    assert record_id("CIL_37147") == record_id("cil:37147") == record_id("037147")
    assert record_id("CCDB_6843") == "CCDB:6843"
    assert record_id("12a") is None


def test_the_checksum_is_that_of_the_content_not_of_the_spelling():
    one, other = {"a": 1, "b": "ü"}, {"b": "ü", "a": 1}

    assert sha256_of(one) == sha256_of(other)
    assert sha256_of(one) == hashlib.sha256('{"a":1,"b":"ü"}'.encode()).hexdigest()
    assert sha256_of(one) != sha256_of({"a": 2, "b": "ü"})


def test_every_field_for_terms_finds_its_place(read):
    keys = {
        "BIOLOGICALPROCESS": TermField.BIOLOGICAL_PROCESS,
        "CELLTYPE": TermField.CELL_TYPE,
        "HUMAN_DISEASE": TermField.DISEASE,
        "ITEMTYPE": TermField.ITEM_TYPE,
        "MOLECULARFUNCTION": TermField.MOLECULAR_FUNCTION,
        "MOUSE_GROSS_ANATOMY": TermField.ANATOMY,
        "PARAMETERIMAGED": TermField.IMAGED_PARAMETER,
        "PATHOLOGICALPROCESS": TermField.PATHOLOGY,
        "PLANT_GROWTH": TermField.DEVELOPMENTAL_STAGE,
        "PREPARATION": TermField.PREPARATION,
        "PROCESSINGHISTORY": TermField.PROCESSING,
        "RELATIONTOINTACTCELL": TermField.SPECIMEN_RELATION,
        "SOMETHING_NEW": TermField.OTHER,
        "SOURCEOFCONTRAST": TermField.CONTRAST_SOURCE,
        "VISUALIZATIONMETHODS": TermField.VISUALIZATION,
    }

    record = read(**{key: {"free_text": f"word of {key}"} for key in keys}).record

    for key, field in keys.items():
        assert f"word of {key}" in {term.text for term in record.terms(field)}, key


def test_compounds_are_words_without_identifiers(read):
    record = read(CHEMICAL_COMPOUNDS=["BRD-K00191683", "LEVULINIC  ACID"]).record

    assert [term.text for term in record.terms(TermField.COMPOUND)] == [
        "BRD-K00191683", "LEVULINIC ACID",
    ]  # fmt: skip


def test_shapes_that_nobody_expects_do_no_harm(read, invented, check_nothing_is_lost):
    odd = [1, True, None, "text", {"onto_id": {"a": "b"}}, [[{"free_text": "deep"}]]]
    document = invented(
        CELLTYPE=odd, DIMENSION="none", ATTRIBUTION=["x"], GROUP_ID=9787,
        TERMSANDCONDITIONS=[{"free_text": "copyright"}],
    )  # fmt: skip
    document["CIL_CCDB"]["CIL"]["Image_files"] = {"File_path": ["x"]}
    document["CIL_CCDB"]["Citation"] = "none"

    mapped = read(document)

    assert mapped.record.group == "9787"
    check_nothing_is_lost(document, mapped)


def test_half_of_a_character_is_refused(read, invented):
    half = json.loads('"\\ud800"')

    with pytest.raises(RecordInvalid, match="half of a character"):
        read(invented(IMAGEDESCRIPTION={"free_text": half}))


def test_a_text_of_control_characters_says_nothing(read, invented):
    document = invented(IMAGEDESCRIPTION={"free_text": "\x01"})
    document["CIL_CCDB"]["Citation"]["Title"] = "\x00"

    record = read(document).record

    assert (record.citation, record.description) == (None, None)


def test_samples_of_others_are_read(
    shared_data, term_reader, hosts, check_nothing_is_lost
):
    folder = shared_data / "archives" / "cil"
    if not folder.is_dir():
        pytest.skip("needs samples of documents")
    composite = json.loads(
        (folder / "TESTDATA_ucsdlib_CIL37147_composite.json").read_text("utf-8")
    )
    parts = json.loads(
        (folder / "REAL_partial_CORE_CIL130_CIL10466.json").read_text("utf-8")
    )
    numbered = {"37147": composite, "130": parts["130"], "10466": parts["10466"]}
    for name, document in numbered.items():
        mapped = read_document(document, name, terms=term_reader, hosts=hosts)
        check_nothing_is_lost(document, mapped)
