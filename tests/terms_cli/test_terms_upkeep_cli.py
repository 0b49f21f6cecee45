"""The verbs that keep terms up to date, and that suggest them."""

from __future__ import annotations

import io
import json

import pytest

OBO = """format-version: 1.2
data-version: 2027

[Term]
id: DOID:4
name: disease
"""


def test_suggest_lists_terms_with_reasons(cellib):
    code, out, _ = cellib("suggest", "The mitochondria of HeLa cells")

    assert code == 0
    assert "mitochondrion  (The text says “mitochondria”.)" in out


def test_suggest_as_json_reads_standard_input(cellib, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("The mitochondria of a cell"))

    code, out, _ = cellib("suggest", "-", "--title", "A HeLa cell", "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer["learned_from"] == 0
    assert {"CVCL_0030", "GO:0005739"} <= {one["id"] for one in answer["suggestions"]}


def test_suggest_learns_from_a_library(cellib, library):
    _, out, _ = cellib("suggest", "The mitochondria", "--library", "lab", "--json")

    assert json.loads(out)["learned_from"] == 1


def test_suggest_from_a_library_that_is_not_there_is_refused(cellib):
    code, _, complaint = cellib("suggest", "x", "--library", "nothing")

    assert (code, "no library" in complaint) == (2, True)


def test_suggest_says_by_its_exit_code_that_nothing_fits(cellib):
    assert cellib("suggest", "?!")[0] == 1


def test_status_lists_the_ontologies(cellib):
    code, out, _ = cellib("status")

    assert code == 0
    assert "as they came with the program" in out
    assert any(line.startswith("GO ") for line in out.splitlines())


def test_status_as_json_says_where_releases_come_from(cellib):
    _, out, _ = cellib("status", "--json")

    answer = json.loads(out)
    go = next(one for one in answer["ontologies"] if one["prefix"] == "GO")
    assert (answer["own"], go["name"]) == (False, "go")
    assert go["address"].startswith("https://")


def test_update_from_a_file_is_seen_by_status(cellib, tmp_path, own_data_folder):
    _, out, _ = cellib("status", "--json")
    before = json.loads(out)["ontologies"]
    known = [one for one in before if one["prefix"] == "HsapDv"]
    assert known
    release = tmp_path / "fbbi.obo"
    release.write_text(OBO)

    code, _, complaint = cellib(
        "update", "--ontology", "doid", "--from", str(release), "--json"
    )

    assert (code, "missing" in complaint) == (2, True)
    assert not list((own_data_folder / "terms").glob("*.sqlite"))


def test_update_tells_what_is_different(cellib, tmp_path, embedded_doid):
    release = tmp_path / "doid.obo"
    release.write_text(embedded_doid)

    code, out, _ = cellib("update", "--ontology", "doid", "--from", str(release))
    assert code == 0
    assert out.startswith("doid ")
    assert " 1 new," in out
    code, out, _ = cellib("status")
    assert "updated here" in out


@pytest.fixture
def embedded_doid() -> str:
    """Return the diseases of the embedded store and one more, as a release."""
    from napari_cellib.ontology import open_terms

    with open_terms() as terms:
        rows = terms.reader.rows(
            "SELECT curie, label FROM term WHERE ontology = 'DOID' AND NOT obsolete"
        )
    rows.append(("DOID:99999", "a new disease"))
    stanzas = [f"[Term]\nid: {curie}\nname: {label}\n" for curie, label in rows]
    return "\n".join(["format-version: 1.2\ndata-version: 2027\n", *stanzas])


@pytest.mark.parametrize("words", [("--ontology", "nothing"), ("--from", "x.obo")])
def test_update_refuses_what_it_cannot_understand(cellib, words):
    code, _, complaint = cellib("update", *words)

    assert code == 2
    assert complaint.startswith("cellib: ")
