"""``cellib library update`` and ``key``, and what ``cellib doctor`` says of them."""

from __future__ import annotations

import io
import json
import os

import pytest

from napari_cellib import doctor
from napari_cellib.archives.cil.key import find_key, key_file
from napari_cellib.archives.importing import import_cil
from napari_cellib.archives.updating import read_changes
from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.settings import Settings

ANSWER = {"hits": {"total": 1, "hits": [{"_id": "CIL_903"}]}}


@pytest.fixture
def cellib(capsys, archive, monkeypatch, own_data_folder):
    """Run a command for which the archive is the server here."""
    monkeypatch.setenv("CELLIB_CIL_API", f"{archive.home}/rest")
    monkeypatch.setenv("CELLIB_CIL_SITE", archive.home)

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def library(own_data_folder, tmp_path, invented, write_zip):
    """Make the library of a dump with one image."""
    dump = write_zip(tmp_path / "d.zip", {"901.json": invented()})
    drive(import_cil(Settings.load(), dump))
    return own_data_folder / "libraries" / "cil"


def test_a_page_is_taken_in_and_found(cellib, library, archive, page):
    archive.says("/images/903", page(903))

    code, out, err = cellib("library", "update", "cil", "--record", "CIL:903")

    assert (code, err) == (0, "")
    assert "1 documents: 1 added" in out
    assert str(library / "update.txt") in out
    assert "CIL:903" in cellib("search", "--library", "cil", "Paramecium")[1]


def test_with_a_key_changes_are_taken_in(
    cellib, library, archive, invented, monkeypatch
):
    monkeypatch.setenv("CELLIB_CIL_KEY", "ann:sesame")
    archive.says("/rest/public_ids", ANSWER)
    archive.says(
        "/rest/public_documents/CIL_903",
        {"_id": "CIL_903", "found": True, "_source": invented(903)},
    )

    code, out, err = cellib(
        "library", "update", "cil", "--since", "2024-05-31", "--json"
    )

    assert (code, err) == (0, "")
    report = json.loads(out)
    assert (report["added"], report["since"]) == (1, "2024-05-31T00:00:00+00:00")
    assert "lastModified=1717113600" in archive.asked[0]
    assert "sesame" not in out


def test_what_was_refused_is_named_and_tells_a_script(cellib, library, archive):
    code, out, _ = cellib("library", "update", "cil", "--record", "CIL:903")

    assert code == 1
    assert "refused  CIL:903: the archive has no such image" in out


def test_a_search_that_finds_nothing_tells_a_script(cellib, library, archive):
    archive.says("/images", "<html>Nothing found</html>")

    assert cellib("library", "update", "cil", "--find", "xyzzy")[0] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "2024-05-31", "--record", "CIL:903"),
        ("--since", "2024-05-31", "--find", "cilia"),
        ("--siblings",),
    ],
)
def test_options_that_do_not_go_together_are_told(cellib, library, words):
    code, _, err = cellib("library", "update", "cil", *words)

    assert code == 2
    assert "Leave one of them out." in err


def test_a_day_that_is_none_is_told(cellib, library, capsys):
    with pytest.raises(SystemExit) as caught:
        cellib("library", "update", "cil", "--since", "yesterday")

    assert caught.value.code == 2
    assert "yesterday" in capsys.readouterr().err


def test_without_a_key_the_command_says_how_to_get_on(cellib, library):
    code, _, err = cellib("library", "update", "cil")

    assert code == 2
    assert "cellib library key cil" in err


def test_a_key_is_read_from_another_program_kept_and_forgotten(cellib):
    code, out, err = cellib("library", "key", "cil", typed="ann:se:same\n")

    assert (code, err) == (0, "")
    assert "sesame" not in out
    path = key_file(Settings.load())
    assert str(path) in out
    key = find_key(Settings.load())
    assert (key.user, key.password) == ("ann", "se:same")
    code, out, _ = cellib("library", "key", "cil", "--forget")
    assert code == 0
    assert str(path) in out
    assert cellib("library", "key", "cil", "--forget")[::2] == (
        1, "cellib: No key is kept.\n",
    )  # fmt: skip


def test_a_person_types_the_key_and_the_password_is_not_shown(
    cellib, monkeypatch, capsys
):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("getpass.getpass", lambda prompt: "sesame")
    monkeypatch.setattr("sys.stdin", Terminal("ann\n"))

    assert main(["library", "key", "cil"]) == 0

    said = capsys.readouterr()
    assert "User name: " in said.err
    assert "sesame" not in said.out + said.err
    assert find_key(Settings.load()).user == "ann"


def test_a_key_in_the_environment_is_said_to_come_first(cellib, monkeypatch):
    monkeypatch.setenv("CELLIB_CIL_KEY", "bob:word")

    _, out, _ = cellib("library", "key", "cil", typed="ann:sesame")

    assert "CELLIB_CIL_KEY comes first" in out


def test_what_is_no_key_is_not_kept(cellib):
    code, _, err = cellib("library", "key", "cil", typed="sesame\n")

    assert code == 2
    assert "user:password" in err
    assert "sesame" not in err
    assert find_key(Settings.load()) is None


def problems():
    return {problem.id: problem for problem in doctor.examine(Settings.load())}


@pytest.mark.skipif(os.name != "posix", reason="asks about rights of files as on Unix")
def test_the_doctor_finds_a_key_that_others_may_read(cellib):
    cellib("library", "key", "cil", typed="ann:sesame")
    assert "archive-key" not in problems()
    path = key_file(Settings.load())
    path.chmod(0o644)

    assert "chmod 600" in problems()["archive-key"].fix


def test_the_doctor_finds_an_update_that_was_not_finished(
    cellib, library, archive, monkeypatch
):
    monkeypatch.setenv("CELLIB_CIL_KEY", "ann:sesame")
    assert "archive-changes" not in problems()
    archive.says("/rest/public_ids", ANSWER)
    archive.says("/rest/public_documents/CIL_903", "<html>")
    code, out, _ = cellib("library", "update", "cil")

    assert code == 1
    assert "1 images could not be read this time: it is a web page" in out
    assert read_changes(library).waiting == ("CIL:903",)
    found = problems()["archive-changes"]
    assert found.severity == "advice"
    assert "library update cil" in found.fix
