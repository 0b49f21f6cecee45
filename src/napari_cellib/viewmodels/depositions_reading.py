"""How a person has a table read: what its columns are, and what names of files tell.

What is said of a heading is kept, so that the next table with the same headings is read
in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_cellib.deposit.columns import TARGETS, Columns
from napari_cellib.errors import TableUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.settings import Settings

_FILE = "table-columns.json"  # in the data folder

NOT_READ = ""
# What a column can be, in words; the first one is to pass it over.
MEANINGS: Mapping[str, str] = {
    NOT_READ: "not read",
    **{str(target): target.replace("_", " ") for target in TARGETS},
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person says of a table.

    Attributes
    ----------
    columns : mapping of str to str
        What a column is, by its heading; `NOT_READ` for one that is passed over.
        Headings that are not named are guessed, or are as they were said before.
    pattern : str
        For the names of files, as in ``"{group}_*.tif"``; "" for none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""


AS_GUESSED = Reading()


def columns_said(settings: Settings) -> Columns:
    """Return what was said of headings so far; nothing where it cannot be read."""
    try:
        return Columns.load(settings.data_folder / _FILE)
    except TableUnreadable:
        return Columns()


def keep_columns(settings: Settings, said: Mapping[str, str]) -> Columns:
    """Keep what a person says of headings, beside what was said of others before.

    Raises
    ------
    StorageFull, LibraryReadOnly
        When it cannot be written.
    """
    before = columns_said(settings)
    columns = Columns(columns={**before.columns, **said})
    if columns != before:
        columns.save(settings.data_folder / _FILE)
    return columns
