from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from napari_cellib.archives.cil.api import (
    document_path,
    group_path,
    ids_path,
    read_document_answer,
    read_group,
    read_ids,
)
from napari_cellib.errors import ArchiveUnreadable, RecordInvalid


def said(value):
    return json.dumps(value).encode()


def hits(*ids, total=None):
    found = [{"_id": one} for one in ids]
    return {"hits": {"total": len(ids) if total is None else total, "hits": found}}


# -- questions


def test_changes_are_asked_for_in_seconds():
    since = datetime(2024, 1, 1, tzinfo=UTC)

    assert ids_path(since=since).endswith("&lastModified=1704067200")
    assert "lastModified" not in ids_path()


def test_an_image_of_either_branch_is_asked_for_by_its_index_name():
    assert document_path("CCDB:6843") == "public_documents/CCDB_6843"
    assert group_path("CIL:13543") == "groups/13543"


# -- which images there are


@pytest.mark.parametrize("total", [2, {"value": 2, "relation": "eq"}])
def test_a_total_is_a_number_or_an_object(total):
    page = read_ids(said(hits("CIL_7", "CCDB_8", total=total)))

    assert page == (("CIL:7", "CCDB:8"), 2, 2)


def test_one_hit_may_come_without_a_list_and_an_answer_within_one():
    answer = [{"hits": {"total": 1, "hits": {"_id": "CIL_7"}}}]

    assert read_ids(said(answer)).ids == ("CIL:7",)


def test_what_is_no_number_of_an_image_is_counted_but_not_named():
    page = read_ids(said(hits("CIL_7", "mapping", "CIL_7")))

    assert (page.ids, page.listed) == (("CIL:7",), 3)


@pytest.mark.parametrize(
    "answer", [{}, {"hits": {"hits": []}}, {"hits": {"total": "x"}}]
)
def test_an_answer_that_counts_nothing_is_none(answer):
    with pytest.raises(ArchiveUnreadable, match="how many"):
        read_ids(said(answer))


# -- documents


def test_a_document_is_taken_out_of_its_envelope(invented):
    document = invented(901)
    answer = {
        "_index": "ccdbv8", "_type": "data", "_id": "CIL_901", "_version": 3,
        "found": True, "_source": document,
    }  # fmt: skip

    assert read_document_answer(said(answer), "CIL:901") == document
    assert read_document_answer(said([answer]), "CIL:901") == document
    assert read_document_answer(said(document), "CIL:901") == document


def test_an_image_that_is_not_public_is_said_to_be_so():
    answer = {"_index": "ccdbv8", "_type": "data", "_id": "CIL_7", "found": False}

    with pytest.raises(RecordInvalid, match="not public"):
        read_document_answer(said(answer), "CIL:7")


def test_another_image_than_the_one_asked_for_is_refused(invented):
    answer = {"_id": "CIL_8", "found": True, "_source": invented(8)}

    with pytest.raises(RecordInvalid, match="sent CIL_8 in its place"):
        read_document_answer(said(answer), "CIL:7")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": True, "error_message": "Unable to parse the query"}, "to parse"),
        ({"status": False, "error": "Unauthorized"}, "Unauthorized"),
        ({"error": {"reason": "no <b>such</b> index"}, "status": 404}, "no <b>such"),
        ({"error": True}, "“error”"),
        ({"error": "x" * 900}, "x…”"),
        ({"a": 1}, "no image"),
        ([], "no object"),
        ("text", "no object"),
    ],
)
def test_an_error_in_an_answer_that_says_all_is_well_is_told(body, words):
    with pytest.raises(ArchiveUnreadable, match=words) as caught:
        read_document_answer(said(body), "CIL:7")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\n<!doctype html><title>Log in</title>", "web page"),
        (b'{"_source": {"CIL_CC', "no JSON"),
        (b"", "no JSON"),
        (b'{"a": "\xff"}', "not in UTF-8"),
        (b"[" * 100_000, "too deep"),
        (b'{"a": NaN}', "no number"),
    ],
)
def test_what_is_no_json_is_told(body, words):
    with pytest.raises(ArchiveUnreadable, match=words):
        read_document_answer(body, "CIL:7")


# -- groups


@pytest.mark.parametrize(
    "answer",
    [
        {"hits": {"total": 1, "hits": [
            {"_id": "9", "_source": {"Group": {"Group_members": ["7", "8", 7]}}}]}},
        {"_id": "9", "_source": {"Group": {"Group_members": ["CIL_7", "CIL_8"]}}},
        {"Group": {"Name": "Cilia", "Group_members": ["7", "8"]}},
    ],
)  # fmt: skip
def test_the_images_of_a_group_are_named_in_each_shape_of_answer(answer):
    assert read_group(said(answer)) == ("CIL:7", "CIL:8")


def test_one_image_alone_is_a_group_and_no_hit_is_none():
    assert read_group(said({"Group": {"Group_members": "7"}})) == ("CIL:7",)
    assert read_group(said({"hits": {"total": 0, "hits": []}})) == ()


# -- real answers


def test_a_real_document_is_read_in_its_envelope(shared_data, read):
    path = shared_data / "archives" / "cil" / "TESTDATA_ucsdlib_CIL37147_composite.json"
    document = json.loads(path.read_text("utf-8"))
    answer = {"_id": "CIL_37147", "_version": 1, "found": True, "_source": document}

    record = read(read_document_answer(said(answer), "CIL:37147"), "CIL:37147").record

    assert record.identifiers.doi == "10.7295/W9CIL37147"
    assert record.representation("interchange").size_bytes == 63_800_000


@pytest.mark.parametrize("number", ["130", "10466"])
def test_real_parts_of_documents_are_read(shared_data, read, number):
    path = shared_data / "archives" / "cil" / "REAL_partial_CORE_CIL130_CIL10466.json"
    document = json.loads(path.read_text("utf-8"))[number]

    mapped = read(read_document_answer(said(document), f"CIL:{number}"), number)

    assert mapped.record.annotations
