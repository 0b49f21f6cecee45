from __future__ import annotations

import json

import pytest


def test_complete_lists_identifier_name_and_reason(cellib):
    code, out, _ = cellib("complete", "ER", "--field", "cellular_component")

    assert code == 0
    assert out.splitlines()[0] == (
        "GO:0005783         endoplasmic reticulum  (often called “er”)"
    )


def test_complete_as_json_gives_all_that_is_known_of_a_match(cellib):
    code, out, _ = cellib("complete", "mouse", "--limit", "1", "--json")

    answer = json.loads(out)
    (found,) = answer["terms"]
    assert code == 0
    assert (answer["text"], answer["field"]) == ("mouse", None)
    assert found["id"] == "NCBITaxon:10090"
    assert found["fields"] == ["organism"]
    assert (found["reason"], found["matched"]) == ("everyday_name", "mouse")
    assert found["path"][-1] == {"id": "NCBITaxon:10090", "label": "Mus musculus"}


def test_complete_says_by_its_exit_code_that_nothing_fits(cellib):
    code, out, _ = cellib("complete", "", "--json")

    assert code == 1
    assert json.loads(out)["terms"] == []


def test_show_tells_names_fields_and_the_way_from_the_root(cellib):
    code, out, _ = cellib("show", "http://purl.obolibrary.org/obo/GO_0005739")

    assert code == 0
    assert out.startswith("GO:0005739         mitochondrion\n")
    assert "fields        cellular_component" in out
    assert "path          cellular_component > " in out


def test_show_as_json_tells_what_is_next_to_a_term(cellib):
    _, out, _ = cellib("show", "GO:0005739", "--json")

    answer = json.loads(out)
    assert answer["status"] == "current"
    assert {"text": "mitochondrion", "scope": "label"} in answer["names"]
    assert answer["parents"]
    assert answer["children"]


def test_show_tells_what_became_of_a_merged_term(cellib):
    _, out, _ = cellib("show", "GO:0007067")

    assert "GO:0007067 is merged" in out


def test_descendants_reach_over_both_relations_or_one(cellib):
    _, out, _ = cellib("descendants", "GO:0005739", "--json")
    _, only, _ = cellib("descendants", "GO:0005739", "--relation", "is_a", "--json")

    both = json.loads(out)
    assert both["id"] == "GO:0005739"
    assert both["total"] == len(both["terms"])
    assert {"id": "GO:0030061", "label": "mitochondrial crista"} in both["terms"]
    assert json.loads(only)["total"] < both["total"]


def test_descendants_are_cut_to_the_limit_and_counted_whole(cellib):
    _, out, _ = cellib("descendants", "GO:0005739", "--limit", "2", "--json")

    answer = json.loads(out)
    assert len(answer["terms"]) == 2 < answer["total"]


def test_ancestors_tell_how_far_away_they_are(cellib):
    _, out, _ = cellib("ancestors", "CL:0000540", "--json")

    found = {one["id"]: one["distance"] for one in json.loads(out)["terms"]}
    assert found["CL:0000000"] > 1
    assert min(found.values()) == 1


@pytest.mark.parametrize("verb", ["show", "descendants", "ancestors"])
def test_an_unknown_identifier_is_refused_with_a_way_out(cellib, verb):
    code, out, err = cellib(verb, "FOO:0001234", "--json")

    assert code == 2
    assert "FOO:0001234" in json.loads(out)["error"]["message"]
    assert "FOO:0001234" in err


def test_a_limit_below_one_is_refused(cellib, capsys):
    with pytest.raises(SystemExit):
        cellib("complete", "er", "--limit", "0")

    assert "it must be 1 or more" in capsys.readouterr().err
