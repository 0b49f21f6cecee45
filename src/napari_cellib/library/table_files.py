"""The rows of a CSV file or a spreadsheet, as texts, whoever wrote it."""

from __future__ import annotations

import csv
import re
import zipfile
from codecs import getincrementaldecoder
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TextIO

from napari_cellib.errors import MissingExtra, TableUnreadable
from napari_cellib.model.problem import advice, error

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from napari_cellib.model.problem import Problem

SUFFIXES = (".csv", ".tsv", ".xlsx")

_LARGEST_BYTES = 200_000_000
_LARGEST_UNPACKED = 1_500_000_000
_MOST_ROWS = 200_000
_MOST_COLUMNS = 500
_DELIMITERS = ",;\t|"
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_PIECE = 1_000_000  # bytes, or letters
_LARGEST_CELL = 2_000_000
# By this line spreadsheets tell one another what stands between cells.
_HINT = re.compile(r'"?sep=([,;\t|])"?[\r\n]', re.IGNORECASE)
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


@dataclass(frozen=True)
class RowStream:
    """A table that is read row by row, so that a large one fits into memory.

    Attributes
    ----------
    headings : tuple of str
        Of the first row.
    rows : iterator of (int, tuple of str)
        The other rows that are not empty, with their numbers as spreadsheets count.
        It raises what `open_rows` does.
    is_guessed : bool
        Whether it had to be guessed how letters are encoded.
    """

    headings: tuple[str, ...]
    rows: Iterator[tuple[int, tuple[str, ...]]]
    is_guessed: bool = False


def read_rows(path: Path) -> TableRows:
    """Read a table at once; see `open_rows`."""
    with open_rows(path) as found:
        return TableRows(found.headings, tuple(found.rows), found.is_guessed)


def heading_problems(
    name: str, table: TableRows | RowStream, columns: Sequence[str | None]
) -> Iterator[Problem]:
    """Yield what is wrong with the headings of any table, and with its letters.

    Parameters
    ----------
    name : str
        Name of the table.
    table : TableRows or RowStream
        The table.
    columns : sequence of str or None
        What each column is taken for; None is not read.
    """
    if table.is_guessed:
        yield advice(
            "encoding-guessed",
            name,
            "The encoding of its letters had to be guessed.",
            "Look at names with accents, and save it as CSV in UTF-8 if any is wrong.",
        )
    for heading, column in dict(zip(table.headings, columns, strict=True)).items():
        where = f"{name}, column {heading!r}"
        if heading and column is None:
            yield advice(
                "column-unused",
                where,
                "It is not read, as its heading says nothing that is asked.",
                "Call it by one of the known headings if it matters.",
            )
        elif column is not None and columns.count(column) > 1:
            yield error(
                "column-twice",
                where,
                "There are several columns of this meaning.",
                "Leave one of them, or give each a heading of its own.",
            )


@contextmanager
def open_rows(path: Path) -> Iterator[RowStream]:
    """Open a table, whatever its encoding and its delimiter.

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
    is_guessed = False
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise TableUnreadable(path.name, "it has more than 200 MB")
        if path.suffix.lower() == ".xlsx":
            cells = _cells_of_sheet(path)
        else:
            encoding, is_guessed = _encoding(path)
            cells = _cells_of_text(path, encoding)
    except OSError as error:
        raise _unreadable(path, error) from error
    with closing(cells), closing(_numbered(path, cells)) as rows:
        first = next(rows, None)
        if first is None:
            raise TableUnreadable(path.name, "it is empty")
        yield RowStream(first[1], rows, is_guessed)


def _numbered(
    path: Path, cells: Iterator[tuple[str, ...]]
) -> Generator[tuple[int, tuple[str, ...]]]:
    try:
        yield from ((n, row) for n, row in enumerate(cells, 1) if any(row))
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> TableUnreadable:
    reason = error.strerror or str(error)
    return TableUnreadable(path.name, reason[:1].lower() + reason[1:])


# -------------------------------------------------------------------------------- CSV


def _encoding(path: Path) -> tuple[str, bool]:
    """Return how the letters of a file are encoded, and whether that was guessed."""
    with path.open("rb") as file:
        head = file.read(1000)
        for bom, encoding in _BOMS.items():
            if head.startswith(bom):
                return encoding, False
        if b"\0" in head:
            # UTF-16 without its mark: every other byte of plain letters is zero.
            if head[1::2].count(0) > len(head) // 3:
                return "utf-16-le", True
            if head[::2].count(0) > len(head) // 3:
                return "utf-16-be", True
            raise TableUnreadable(path.name, "it is no text")
        decoder = getincrementaldecoder("utf-8")()
        try:
            while head:
                decoder.decode(head)
                head = file.read(_PIECE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            # What spreadsheets on Windows write where the West of Europe is set.
            return "cp1252", True
    return "utf-8", False


def _cells_of_text(path: Path, encoding: str) -> Generator[tuple[str, ...]]:
    # The outline of one region may be longer than what csv takes by itself.
    csv.field_size_limit(max(csv.field_size_limit(), _LARGEST_CELL))
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        delimiter = _delimiter(file)
        # Quotes that are not closed would swallow all rows below: `strict` tells.
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            yield from _limited((map(plain_text, row) for row in reader), path.name)
        except csv.Error as error:
            reason = f"line {reader.line_num} has a quotation mark too many or too few"
            if "limit" in str(error):
                reason += f", or a cell of more than {_LARGEST_CELL:,} letters"
            raise TableUnreadable(path.name, reason) from error


def _delimiter(file: TextIO) -> str:
    """Return what stands between cells; read on where the headings are."""
    head = file.read(_PIECE)
    hint = _HINT.match(head)
    file.seek(0)
    if hint is not None:
        file.readline()  # spreadsheets do not count it, either
        return hint[1]
    first = _QUOTED.sub("", head.lstrip()).partition("\n")[0].partition("\r")[0]
    return max(_DELIMITERS, key=first.count)


# ----------------------------------------------------------------------- spreadsheets


def _cells_of_sheet(path: Path) -> Generator[tuple[str, ...]]:
    """Yield the rows of the first sheet."""
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra(
            "Reading a spreadsheet", install='pip install "napari-cellib[tables]"'
        ) from error
    _check_unpacked(path)
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


def _check_unpacked(path: Path) -> None:
    """Refuse a spreadsheet that would fill the memory: it is a zip, maybe a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise TableUnreadable(path.name, "it is no sound spreadsheet") from error
    if size > _LARGEST_UNPACKED:
        reason = f"it would unpack to {size / 1e9:,.0f} GB"
        raise TableUnreadable(path.name, reason)


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
    return plain_text("" if value is None else str(getattr(value, "text", value)))


# ------------------------------------------------------------------------------- both


def plain_text(cell: str) -> str:
    """Return a cell without blanks around it, and the apostrophe before a formula.

    Its lines end as ours do, whichever system it was saved on.
    """
    bare = cell.strip().replace("\r\n", "\n").replace("\r", "\n")
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
