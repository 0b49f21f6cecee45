from __future__ import annotations

import json
import shutil

import pytest
from tests.deposit.conftest import described, write_picture
from tests.deposit.test_table import HEAD, ROW

from napari_cellib.cli import main
from napari_cellib.deposit.depositing import submit
from napari_cellib.deposit.depositions import Depositions
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.home import open_home
from napari_cellib.settings import Settings


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(2):
        write_picture(folder / f"disc_{number}.tif", seed=number)
    write_table(folder, "disc_0.tif", "disc_1.tif")
    return folder


@pytest.fixture
def template(tmp_path):
    """Return the file of a template that says all but the title."""
    path = tmp_path / "lab.json"
    draft = described().typed(title=None)
    path.write_text(draft.model_dump_json(exclude={"id"}), encoding="utf-8")
    return path


def write_table(folder, *files):
    rows = [ROW.format(file=name) for name in files]
    (folder / "t.csv").write_text("\n".join([HEAD, *rows]), encoding="utf-8")


def deposit(folder, *options):
    table = ["--table", str(folder / "t.csv"), "--library", "lab", "--create"]
    return main(["deposit", str(folder), *table, *options])


def said(capsys):
    return capsys.readouterr().out


def test_a_table_is_deposited_once(folder, capsys):
    assert deposit(folder) == 0
    text = said(capsys)
    assert "cellib://lab/CLB000001X" in text
    assert "2 deposited, 0 were before, 0 failed, 0 left out" in text

    assert deposit(folder) == 0
    assert "0 deposited, 2 were before" in said(capsys)
    assert main(["library", "describe", "lab"]) == 0
    assert "0 images described, 2 before" in said(capsys)
    assert main(["depositions", "list"]) == 0
    assert said(capsys).count("published") == 2
    assert main(["verify", "cellib://lab/CLB000001X"]) == 0


def test_a_dry_run_tells_all_and_begins_nothing(folder, capsys):
    write_table(folder, "disc_0.tif", "missing.tif")

    assert deposit(folder, "--dry-run") == 1
    text = said(capsys)
    assert "ERROR  row 3, Files" in text
    assert "1 can be deposited" in text
    assert "nothing was begun" in text
    assert main(["depositions", "list"]) == 0
    assert "nothing was deposited yet" in said(capsys)


def test_wrong_rows_keep_all_back_unless_they_are_skipped(folder, capsys):
    write_table(folder, "disc_0.tif", "missing.tif")
    assert deposit(folder) == 1
    assert "nothing was begun" in said(capsys)

    assert deposit(folder, "--skip-wrong") == 1
    assert "1 deposited, 0 were before, 0 failed, 1 left out" in said(capsys)


def test_a_script_gets_json(folder, capsys):
    assert deposit(folder, "--dry-run", "--json") == 0
    assert json.loads(said(capsys))["ready"] == [2, 3]
    assert deposit(folder, "--json") == 0
    found = json.loads(said(capsys))
    assert found["deposited"] == {"2": "CLB000001X", "3": "CLB0000028"}

    assert main(["depositions", "list", "--json"]) == 0
    listed = json.loads(said(capsys))
    assert {one["state"] for one in listed} == {"published"}


def test_files_are_deposited_with_a_template(folder, template, capsys):
    files = [str(folder / "disc_0.tif"), str(folder / "disc_1.tif")]
    options = ["--template", str(template), "--library", "lab", "--create"]

    assert main(["deposit", *files, "--title", "Both", *options]) == 2
    assert main(["deposit", files[0], "--title", "Wing disc", *options]) == 0
    assert main(["deposit", *files, *options]) == 0
    assert "1 deposited, 1 were before" in said(capsys)
    assert main(["show", "cellib://lab/CLB000001X"]) == 0
    assert said(capsys).startswith("Wing disc\n")


def test_the_columns_are_kept_to_be_changed(folder, tmp_path, capsys):
    columns = tmp_path / "columns.json"
    assert deposit(folder, "--dry-run", "--columns", str(columns)) == 0

    assert json.loads(columns.read_text())["columns"]["authors"] == "contributors"
    assert deposit(folder, "--columns", str(columns)) == 0


def test_without_a_library_it_is_told_how_to_make_one(folder, capsys):
    assert main(["deposit", str(folder / "disc_0.tif")]) == 2
    assert "--library NAME --create" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["missing.tif"], ["{folder}/disc_0.tif", "--table", "{folder}/t.csv"]],
)
def test_what_makes_no_sense_is_refused(folder, arguments, capsys):
    words = [word.format(folder=folder) for word in arguments]

    assert main(["deposit", *words, "--library", "lab", "--create"]) == 2


@pytest.fixture
def begun(folder):
    """Return the number of what was handed in and not carried on."""
    settings = Settings.load()
    library = open_home(settings, "lab", create=True)
    try:
        draft = described(Source(path=str(folder / "disc_0.tif")))
        return submit(Depositions(settings.depositions_folder), draft, library).record
    finally:
        library.close()


def test_what_was_begun_is_resumed(begun, capsys):
    assert main(["depositions", "list"]) == 0
    assert "writing, not done" in said(capsys)
    assert main(["depositions", "resume"]) == 0
    assert said(capsys) == f"cellib://lab/{begun}\n"

    assert main(["depositions", "resume"]) == 0
    assert said(capsys) == "nothing is left to do\n"


def test_what_cannot_be_resumed_says_why(begun, folder, capsys):
    (folder / "disc_0.tif").unlink()

    assert main(["depositions", "resume", begun]) == 1
    assert "disc_0.tif" in said(capsys)


def test_a_library_that_was_moved_is_named_anew(begun, capsys, tmp_path):
    place = Settings.load().libraries_folder / "lab"
    shutil.move(place, tmp_path / "drive")
    assert main(["depositions", "resume"]) == 1
    assert f"moved {begun} FOLDER" in said(capsys)

    assert main(["depositions", "moved", begun, str(tmp_path / "drive")]) == 0
    assert main(["depositions", "resume"]) == 0


def test_a_library_that_was_renamed_is_found_by_itself(begun, capsys):
    place = Settings.load().libraries_folder / "lab"
    place.rename(place.with_name("of-jane"))

    assert main(["depositions", "resume"]) == 0
    assert said(capsys) == f"cellib://lab/{begun}\n"


def test_what_was_begun_is_given_up_without_its_library(begun, capsys):
    shutil.rmtree(Settings.load().libraries_folder / "lab")

    assert main(["depositions", "give-up", begun]) == 0
    assert "its library was not there" in said(capsys)


def test_what_was_begun_is_given_up(begun, capsys):
    assert main(["depositions", "give-up", begun]) == 0
    assert "among the drafts" in said(capsys)
    assert main(["depositions", "resume", begun]) == 2


def test_what_was_held_until_a_day_that_has_come_is_published(begun, capsys):
    depositions = Depositions(Settings.load().depositions_folder)
    (found,) = (saved.deposition for saved in depositions.all())
    held = found.draft.typed(embargo_until="2999-01-01")
    depositions.save(found.model_copy(update={"draft": held}))
    main(["depositions", "resume"])
    capsys.readouterr()
    assert main(["depositions", "publish", "--due"]) == 0
    assert said(capsys) == ""
    (found,) = (saved.deposition for saved in depositions.all())
    past = found.draft.typed(embargo_until="2020-01-01")
    depositions.save(found.model_copy(update={"draft": past}))

    assert main(["depositions", "publish", "--due"]) == 0

    assert said(capsys) == f"{begun} is public\n"
    assert main(["depositions", "publish"]) == 2


def test_an_image_is_withdrawn_with_a_reason(begun, capsys):
    main(["depositions", "resume"])
    words = ["depositions", "withdraw", f"cellib://lab/{begun}"]

    assert main([*words, "--reason", "The wrong fly."]) == 0
    assert main([*words, "--reason", "Again."]) == 2
    assert main(["show", f"cellib://lab/{begun}"]) == 0
    assert "The wrong fly." in said(capsys)
    assert main(["depositions", "publish", begun]) == 2


def test_personal_data_in_a_file_are_found_by_check_too(folder, capsys):
    with (folder / "disc_0.tif").open("ab") as file:
        file.write(b"<Settings><Operator>Jane Doe</Operator></Settings>")

    assert main(["check", str(folder / "disc_0.tif")]) == 0
    assert "Jane Doe" in said(capsys)
