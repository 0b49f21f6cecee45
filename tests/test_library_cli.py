from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from napari_cellib.cli import main
from napari_cellib.settings import Settings

DOCUMENT = {
    "CIL_CCDB": {
        "CIL": {
            "CORE": {
                "CELLTYPE": {"onto_id": "CL:0000066", "onto_name": "lining"},
                "TERMSANDCONDITIONS": {"free_text": "attribution_cc_by"},
            }
        },
        "Citation": {"DOI": "doi:10.7295/W9CIL7"},
    }
}


@pytest.fixture
def cellib(capsys):
    """Run a command; return exit code, output and complaints."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def dump(tmp_path):
    """Return a zip with one document."""
    path = tmp_path / "dump.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("7.json", json.dumps(DOCUMENT))
    return path


def test_a_library_is_added_listed_and_searched(cellib, dump):
    code, out, err = cellib("library", "add", "cil", "--from", str(dump))

    assert (code, err) == (0, "")
    assert "1 documents: 1 added" in out
    code, out, _ = cellib("library", "list")
    assert code == 0
    assert out.split()[:2] == ["cil", "1"]
    code, out, _ = cellib("search", "--library", "cil", "lining")
    assert code == 0
    assert "CIL:7" in out
    _, out, _ = cellib("show", "CIL:7")
    assert "CC BY 3.0 (attribution_cc_by) (version assumed)" in out


def test_the_report_is_given_in_words_and_as_json(cellib, dump):
    cellib("library", "add", "cil", "--from", str(dump))

    _, words, _ = cellib("library", "report", "cil")
    code, out, _ = cellib("library", "report", "cil", "--json")

    assert code == 0
    assert json.loads(out)["added"] == 1
    assert "values: 3 mapped, 1 cleaned" in words


def test_json_is_printed_for_scripts(cellib, dump):
    _, out, _ = cellib("library", "add", "cil", "--from", str(dump), "--json")
    assert json.loads(out)["added"] == 1

    _, out, _ = cellib("library", "list", "--json")
    (library,) = json.loads(out)["libraries"]
    assert (library["id"], library["images"]) == ("cil", 1)


def test_a_dump_that_is_none_is_explained(cellib, tmp_path):
    path = tmp_path / "dump.zip"
    path.write_text("no zip")

    code, _, err = cellib("library", "add", "cil", "--from", str(path))

    assert code == 2
    assert "neither a zip nor a folder" in err


def test_without_libraries_the_list_is_empty_and_says_how_to_make_one(cellib):
    code, out, err = cellib("library", "list")
    assert (code, out) == (1, "")
    assert "'cellib demo'" in err


def test_a_dead_library_does_not_hide_the_others(cellib, dump, tmp_path):
    cellib("library", "add", "cil", "--from", str(dump))
    folder = Settings.load().libraries_folder
    shutil.copytree(folder / "cil", folder / "dead")
    (folder / "dead" / "catalogue.sqlite").write_bytes(b"no database" * 1000)

    code, out, err = cellib("library", "list")

    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["cil", "1"], ["dead", "-"],
    ]  # fmt: skip
    assert err.startswith("cellib: The library in ")
    _, out, _ = cellib("library", "list", "--json")
    one, other = json.loads(out)["libraries"]
    assert one["images"] == 1
    assert "cannot be read" in other["error"]
    _, out, _ = cellib("doctor")
    assert "cellib doctor" not in out
    assert "Restore it from a backup" in out


def test_what_was_refused_is_named_and_nothing_at_all_tells_a_script(
    cellib, dump, tmp_path
):
    with zipfile.ZipFile(dump, "a") as archive:
        archive.writestr("8.json", "{}")
    code, out, _ = cellib("library", "add", "cil", "--from", str(dump))
    assert code == 0
    assert "  refused  8.json: there is no image in it\n" in out
    (tmp_path / "empty").mkdir()

    code, out, _ = cellib("library", "add", "cil", "--from", str(tmp_path / "empty"))

    assert code == 1
    assert out.splitlines()[1].startswith("0 documents")


def test_a_library_without_a_report_is_explained(cellib):
    code, _, err = cellib("library", "report", "cil")

    assert code == 2
    assert "no library 'cil'" in err
