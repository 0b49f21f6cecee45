"""Images as the rows of a table: the same for notebooks, scripts and spreadsheets."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, TypeAlias

from napari_cellib.errors import MissingExtra
from napari_cellib.library.facets import TERM_FACETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas

    from napari_cellib.library.library_image import LibraryImage

Cell: TypeAlias = "str | int | float | None"

# Scripts rely on these: new ones are added at the end, none is renamed.
COLUMNS = (
    "library",
    "id",
    "title",
    *(facet.value for facet in TERM_FACETS),
    "kind",
    "licence",
    "published",
    "size_bytes",
    "address",
    "citation",
)

_BETWEEN = "; "  # the values of one cell
# What a spreadsheet takes for a formula at the beginning of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def row_of(image: LibraryImage) -> dict[str, Cell]:
    """Return one value per column of `COLUMNS`; None is not known."""
    record = image.record
    terms = {
        facet.value: _BETWEEN.join(dict.fromkeys(t.name for t in record.terms(field)))
        for facet, field in TERM_FACETS.items()
    }
    return {
        "library": image.library_id,
        "id": image.id,
        "title": image.title,
        **{name: names or None for name, names in terms.items()},
        "kind": _BETWEEN.join(kind.value for kind in record.kinds) or None,
        "licence": image.licence.name if image.licence else None,
        "published": record.dates.published,
        "size_bytes": record.size_bytes,
        "address": image.address,
        "citation": image.citation(),
    }


def data_frame(
    rows: Sequence[Mapping[str, Cell]], columns: Sequence[str]
) -> pandas.DataFrame:
    """Return rows as a table of pandas.

    Raises
    ------
    MissingExtra
        When pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise MissingExtra("A table", install="pip install pandas") from error
    return pandas.DataFrame(rows, columns=list(columns))


def csv_lines(images: Iterable[LibraryImage]) -> Iterator[str]:
    """Yield a table with a header in CSV, which a spreadsheet may open, line by line.

    A cell that would be taken for a formula begins with an apostrophe instead: what
    contributors have written is not to be carried out.
    """
    yield csv_line(COLUMNS)
    for image in images:
        yield csv_line(map(safe_cell, row_of(image).values()))


def csv_line(values: Iterable[object]) -> str:
    """Return one line of CSV."""
    file = StringIO()
    csv.writer(file, lineterminator="\n").writerow(values)
    return file.getvalue()


def safe_cell(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
