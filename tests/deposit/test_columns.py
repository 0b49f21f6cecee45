from __future__ import annotations

import pytest

from napari_cellib.deposit.columns import TARGETS, Columns, label_of_target
from napari_cellib.errors import TableUnreadable


def test_headings_are_understood_in_other_words_and_spellings():
    headings = ["File_Name", "TITLE", "species", "Z step [µm]", "License", "", "Mood"]

    assert Columns.guessed(headings).columns == {
        "File_Name": "file",
        "TITLE": "title",
        "species": "organism",
        "Z step [µm]": "pixel_size_z",
        "License": "licence",
    }


def test_every_column_is_known_by_its_own_name_and_label():
    assert set(Columns.guessed(TARGETS).columns.values()) == set(TARGETS)
    assert all(map(label_of_target, TARGETS))


def test_two_columns_are_never_taken_for_the_same():
    assert Columns.guessed(["title", "name"]).columns == {"title": "title"}


def test_what_was_saved_is_read_again(tmp_path):
    columns = Columns(columns={"Bild": "file", "Name": "title"})
    columns.save(tmp_path / "columns.json")

    assert Columns.load(tmp_path / "columns.json") == columns


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "which column is what"),
        ('{"columns": {"a": 1}}', "which column is what"),
        ('{"columns": {"a": "mood"}}', "'mood' is nothing that a column can be"),
    ],
)
def test_a_damaged_file_of_columns_is_refused(tmp_path, content, reason):
    (tmp_path / "columns.json").write_text(content)

    with pytest.raises(TableUnreadable, match=reason):
        Columns.load(tmp_path / "columns.json")
