from __future__ import annotations

import sys
import zipfile
from datetime import date

import openpyxl
import pytest

from napari_cellib.errors import MissingExtra, TableUnreadable
from napari_cellib.library.table_files import read_rows

TEXT = "file,title\na.tif,Nærvefibre\n"


@pytest.mark.parametrize(
    ("encoding", "is_guessed"),
    [
        ("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("cp1252", True),
        ("utf-16-le", True), ("utf-16-be", True),
    ],
)  # fmt: skip
def test_letters_are_right_in_every_encoding(tmp_path, encoding, is_guessed):
    (tmp_path / "t.csv").write_bytes(TEXT.encode(encoding))
    table = read_rows(tmp_path / "t.csv")

    assert table.headings == ("file", "title")
    assert table.rows == ((2, ("a.tif", "Nærvefibre")),)
    assert table.is_guessed is is_guessed


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_even_beside_quoted_ones(tmp_path, delimiter):
    first = delimiter.join(["file", '"a, b; c"', "title"])
    (tmp_path / "t.csv").write_text(f"{first}\n1{delimiter}2{delimiter}3\n")
    table = read_rows(tmp_path / "t.csv")

    assert table.headings == ("file", "a, b; c", "title")
    assert table.rows[0][1] == ("1", "2", "3")


def test_rows_are_counted_as_spreadsheets_do_and_empty_ones_left_out(tmp_path):
    (tmp_path / "t.csv").write_text('file,title\n\n,,\n"a\nb",c\r\nd\n')
    table = read_rows(tmp_path / "t.csv")

    assert table.rows == ((4, ("a\nb", "c")), (5, ("d",)))


def test_the_apostrophe_before_a_formula_goes_and_others_stay(tmp_path):
    (tmp_path / "t.csv").write_text("file,title\n'=A1,'tis\n")

    assert read_rows(tmp_path / "t.csv").rows[0][1] == ("=A1", "'tis")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b" \n,,\n", "it is empty"),
        (b'file,title\n"a,b\nc,d\n', "a quotation mark too many or too few"),
        (b"\x89PNG\0\1\2\0\3", "it is no text"),
        (b"a," * 600 + b"b\n", "more than"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path, content, reason):
    (tmp_path / "t.csv").write_bytes(content)

    with pytest.raises(TableUnreadable, match=reason):
        read_rows(tmp_path / "t.csv")


def test_a_table_that_is_not_there_or_a_folder_is_refused(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for name in ("no.csv", "no.xlsx", "folder.csv"):
        with pytest.raises(TableUnreadable, match="cannot be read"):
            read_rows(tmp_path / name)


def test_a_spreadsheet_gives_texts_and_its_formulas_are_texts(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["file", "title", "pixel size", "imaged", "published"])
    book.active.append(["a.tif", "=B1&B1", 0.13, date(2026, 5, 31), False])
    book.active.append([None, None])
    book.active.append(["b.tif", None, 5])
    book.save(tmp_path / "t.xlsx")
    book.close()

    table = read_rows(tmp_path / "t.xlsx")
    assert table.rows == (
        (2, ("a.tif", "=B1&B1", "0.13", "2026-05-31", "no")),
        (4, ("b.tif", "", "5")),
    )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"file,title"])
def test_a_damaged_spreadsheet_is_refused(tmp_path, content):
    (tmp_path / "t.xlsx").write_bytes(content)

    with pytest.raises(TableUnreadable, match="no sound spreadsheet"):
        read_rows(tmp_path / "t.xlsx")


def test_a_spreadsheet_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_cellib.library.table_files._LARGEST_UNPACKED", 10_000)
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(1_000_000))

    with pytest.raises(TableUnreadable, match="would unpack to"):
        read_rows(tmp_path / "t.xlsx")


def test_a_spreadsheet_says_which_package_it_needs(tmp_path, monkeypatch):
    (tmp_path / "t.xlsx").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    with pytest.raises(MissingExtra, match=r"napari-cellib\[tables\]"):
        read_rows(tmp_path / "t.xlsx")
