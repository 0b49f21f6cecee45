"""The rows of a CSV file or a spreadsheet, as texts, whoever wrote it."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import MissingExtra, TableUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SUFFIXES = (".csv", ".tsv", ".xlsx")

_LARGEST_BYTES = 200_000_000
_MOST_ROWS = 200_000
_MOST_COLUMNS = 500
_DELIMITERS = ",;\t|"
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class TableRows:
    """What is in a table.

    Attributes
    ----------
    headings : tuple of str
        Of the first row.
    rows : tuple of (int, tuple of str)
        The other rows that are not empty, with their numbers as spreadsheets count.
    is_guessed : bool
        Whether it had to be guessed how letters are encoded.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    is_guessed: bool = False


def read_rows(path: Path) -> TableRows:
    """Read a table, whatever its encoding and its delimiter.

    Formulas are not carried out: their cells hold the text of the formula.

    Parameters
    ----------
    path : pathlib.Path
        A file that ends in ``.csv``, ``.tsv`` or ``.xlsx``.

    Raises
    ------
    TableUnreadable
        When it is missing, damaged, empty or far too large.
    MissingExtra
        When a spreadsheet needs a package that is not installed.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise TableUnreadable(path.name, "it has more than 200 MB")
        is_guessed = False
        if path.suffix.lower() == ".xlsx":
            rows = list(_cells_of_sheet(path))
        else:
            text, is_guessed = _decoded(path.read_bytes(), path.name)
            rows = list(_cells_of_text(text, path.name))
    except OSError as error:
        reason = error.strerror or str(error)
        raise TableUnreadable(path.name, reason[:1].lower() + reason[1:]) from error
    numbered = [(n, row) for n, row in enumerate(rows, 1) if any(row)]
    if not numbered:
        raise TableUnreadable(path.name, "it is empty")
    (_, headings), *others = numbered
    return TableRows(headings, tuple(others), is_guessed)


# -------------------------------------------------------------------------------- CSV


def _decoded(content: bytes, name: str) -> tuple[str, bool]:
    """Return the text, and whether its encoding was guessed."""
    for bom, encoding in _BOMS.items():
        if content.startswith(bom):
            return content.decode(encoding, errors="replace"), False
    head = content[:1000]
    if b"\0" in head:
        # UTF-16 without its mark: every other byte of plain letters is zero.
        if head[1::2].count(0) > len(head) // 3:
            return content.decode("utf-16-le", errors="replace"), True
        if head[::2].count(0) > len(head) // 3:
            return content.decode("utf-16-be", errors="replace"), True
        raise TableUnreadable(name, "it is no text")
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        # What spreadsheets on Windows write where the West of Europe is set.
        return content.decode("cp1252", errors="replace"), True


def _cells_of_text(text: str, name: str) -> Iterator[tuple[str, ...]]:
    first = _QUOTED.sub("", text.lstrip().partition("\n")[0])
    delimiter = max(_DELIMITERS, key=first.count)
    # Quotes that are not closed would swallow all rows below them: `strict` tells.
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from _limited((map(_text, row) for row in reader), name)
    except csv.Error as error:
        reason = f"line {reader.line_num} has a quotation mark too many or too few"
        raise TableUnreadable(name, reason) from error


# ----------------------------------------------------------------------- spreadsheets


def _cells_of_sheet(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the first sheet."""
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra(
            "Reading a spreadsheet", install='pip install "napari-cellib[tables]"'
        ) from error
    book = None
    try:
        # Formulas as they are written: nothing is computed, and no stale value taken.
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
        sheet = book.worksheets[0]
        yield from _limited(
            (map(_cell_text, row) for row in sheet.iter_rows(values_only=True)),
            path.name,
        )
    except (OSError, TableUnreadable):
        raise
    except Exception as error:  # of a damaged spreadsheet it raises anything
        raise TableUnreadable(path.name, "it is no sound spreadsheet") from error
    finally:
        if book is not None:
            book.close()


def _cell_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, datetime):
        value = value.date() if value.time().isoformat() == "00:00:00" else value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    # Formulas that fill several cells are objects with a text.
    return _text("" if value is None else str(getattr(value, "text", value)))


# ------------------------------------------------------------------------------- both


def _text(cell: str) -> str:
    """Return a cell without blanks around it, and the apostrophe before a formula."""
    bare = cell.strip()
    return bare[1:] if bare[:1] == "'" and bare[1:2] in tuple("=+-@") else bare


def _limited(rows: Iterable[Iterable[str]], name: str) -> Iterator[tuple[str, ...]]:
    for number, cells in enumerate(rows):
        row = tuple(cells)
        while row and not row[-1]:  # spreadsheets pad rows with empty cells
            row = row[:-1]
        if number > _MOST_ROWS or len(row) > _MOST_COLUMNS:
            reason = f"it has more than {_MOST_ROWS:,} rows or {_MOST_COLUMNS} columns"
            fix = "Part it into several tables."
            raise TableUnreadable(name, reason, fix=fix)
        yield row
