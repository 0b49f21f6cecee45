"""A table that describes many images, a row for each: drafts, and all that is wrong.

Nothing is deposited here and no image is opened, so that a thousand rows are looked at
in seconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.checks.found import advice, error
from napari_cellib.deposit.columns import TARGETS, Columns, label_of_target
from napari_cellib.deposit.draft import Draft, Origin, Source
from napari_cellib.deposit.naming import read_names
from napari_cellib.deposit.recognising import Recogniser
from napari_cellib.deposit.rows import read_row
from napari_cellib.jobs import Progress
from napari_cellib.library.table_files import heading_problems, read_rows
from napari_cellib.model.problem import gathered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.jobs import Job
    from napari_cellib.library.table_files import TableRows
    from napari_cellib.model import Problem
    from napari_cellib.ontology import Terms

_LONGEST_NAME = 200


@dataclass(frozen=True)
class DraftTable:
    """What a table says.

    Attributes
    ----------
    drafts : dict of int to Draft
        By the number of the row, as spreadsheets count; also those with errors.
    problems : tuple of Problem
        Of the table and all its rows, errors first; the same with several rows is
        said once.
    wrong_rows : frozenset of int
        Rows that cannot be deposited yet: those with an error, or all of them when
        something is wrong with the table itself.
    columns : Columns
        What each column was taken for.
    headings : tuple of str
        Of all columns, also of those that are not read.
    """

    drafts: dict[int, Draft]
    problems: tuple[Problem, ...]
    wrong_rows: frozenset[int]
    columns: Columns
    headings: tuple[str, ...] = ()

    @property
    def sound(self) -> dict[int, Draft]:
        """The drafts that can be deposited, by row."""
        return {n: one for n, one in self.drafts.items() if n not in self.wrong_rows}


def read_table(
    path: Path,
    *,
    folder: Path | None = None,
    columns: Columns | None = None,
    said: Columns | None = None,
    siblings: str | None = None,
    base: Draft | None = None,
    terms: Terms | None = None,
    today: date | None = None,
) -> Job[DraftTable]:
    """Read a table and check every row of it.

    Parameters
    ----------
    path : pathlib.Path
        A file that ends in ``.csv``, ``.tsv`` or ``.xlsx``.
    folder : pathlib.Path, optional
        Where the files are that it names; the folder of the table by default. Files
        elsewhere are refused.
    columns : Columns, optional
        What each column is; guessed from the headings by default.
    said : Columns, optional
        What a person said of some headings; the others are guessed.
    siblings : str, optional
        Pattern for the names of files, such as ``"{group}_*.tif"``.
    base : Draft, optional
        What all images have in common, from a template or a profile.
    terms : Terms, optional
        The ontologies, by which words that are the name of a term become that term.
    today : datetime.date, optional
        Day that dates are compared with.

    Returns
    -------
    DraftTable
        The drafts and everything that is wrong with them.

    Yields
    ------
    Progress
        In rows.

    Raises
    ------
    TableUnreadable
        When the file is no table at all.
    PatternInvalid
        When the pattern cannot be understood.
    MissingExtra
        When a spreadsheet needs a package that is not installed.
    """
    yield Progress("Reading the table")
    table = read_rows(path)
    mapping = columns or Columns.guessed(table.headings, said)
    read = _Reading(
        folder=Path(os.path.realpath(folder or path.parent)),
        targets=tuple(mapping.columns.get(name) for name in table.headings),
        headings=table.headings,
        name_parts=read_names(siblings, TARGETS) if siblings else None,
        base=base or Draft(),
        recogniser=Recogniser(terms) if terms else None,
        today=today or date.today(),
    )
    about = list(_check_columns(path.name, table, mapping))
    drafts: dict[int, Draft] = {}
    found: list[tuple[int, Problem]] = []
    for done, (number, cells) in enumerate(table.rows):
        yield Progress("Checking the rows", done, len(table.rows))
        drafts[number], problems = read.row(number, cells)
        found += ((number, problem) for problem in problems)
    wrong = {number for number, one in found if one.severity == "error"}
    if any(problem.severity == "error" for problem in about):
        wrong = set(drafts)
    problems = [*about, *gathered(found)]
    problems.sort(key=lambda problem: problem.severity != "error")
    return DraftTable(
        drafts, tuple(problems), frozenset(wrong), mapping, table.headings
    )


def _check_columns(name: str, table: TableRows, columns: Columns) -> Iterator[Problem]:
    if not table.rows:
        yield error(
            "table-empty",
            name,
            "It has headings and no rows.",
            "Write one row for each image.",
        )
    taken = [columns.columns.get(heading) for heading in table.headings]
    if "file" not in taken:
        yield error(
            "column-missing",
            name,
            "No column says which file is meant.",
            "Call the column with the names of the files 'file'.",
        )
    # Of those that were said not to be read, there is nothing to say.
    passed = [f"not read {n}" if one == "" else one for n, one in enumerate(taken)]
    yield from heading_problems(name, table, passed)


@dataclass
class _Reading:
    """What is the same for all rows, and the files that were named so far."""

    folder: Path
    targets: tuple[str | None, ...]
    headings: tuple[str, ...]
    name_parts: Any
    base: Draft
    recogniser: Recogniser | None
    today: date
    seen: dict[str, int] = field(default_factory=dict)

    def row(self, number: int, cells: tuple[str, ...]) -> tuple[Draft, list[Problem]]:
        """Return the draft of a row, and what is wrong with it."""
        problems: list[Problem] = []
        if len(cells) > len(self.targets):
            problems.append(
                error(
                    "row-too-long",
                    "cells",
                    f"It has {len(cells)} cells for {len(self.targets)} headings.",
                    "Put texts that hold the delimiter into quotation marks.",
                )
            )
        said = {
            target: (cell, heading)
            for target, cell, heading in zip(
                self.targets, cells, self.headings, strict=False
            )
            if target and cell
        }
        names, _ = said.pop("file", ("", ""))
        sources: list[Source] = []
        for name in filter(None, map(str.strip, names.split(";"))):
            source, wrong = self._source(name, number)
            problems += wrong
            if source:
                sources.append(source)
                said = {**self._told_by(source.name, problems), **said}
        values, wrong = read_row(said)
        problems += wrong
        if self.recogniser:
            known = [self.recogniser.annotation(one) for one in values["annotations"]]
            values["annotations"] = tuple(note for note, _ in known)
            problems += (problem for _, problem in known if problem)
        draft = Draft().filled(Origin.TABLE, sources=tuple(sources), **values)
        draft = draft.filled_by(self.base)
        # Said already: that the file is not there, or the column.
        is_told = not sources and (bool(names) or "file" not in self.targets)
        problems += (
            problem
            for problem in check_draft(draft, today=self.today)
            if not (is_told and problem.id == "files-missing")
        )
        return draft, _without_echo(problems)

    def _source(self, name: str, number: int) -> tuple[Source | None, list[Problem]]:
        where = label_of_target("file")
        # A table from Windows parts folders by the other slash.
        plain = name if os.sep == "\\" else name.replace("\\", "/")
        try:
            path = self._found(plain)
            is_inside = path.is_relative_to(self.folder)
            is_there = is_inside and path.exists()
            size = path.stat().st_size if is_there and path.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            is_inside, is_there = True, False
        if not is_inside:
            wrong = error(
                "path-outside",
                where,
                f"{name} is not in the folder of the images.",
                "Put the file into the folder, and name it from there.",
            )
            return None, [wrong]
        if not is_there:
            wrong = error(
                "file-missing",
                where,
                f"There is no file {name[:_LONGEST_NAME]}.",
                "Check the spelling, also of capitals, and the folder.",
            )
            return None, [wrong]
        source = Source(path=str(path), size_bytes=size)
        first = self.seen.setdefault(str(path), number)
        if first == number:
            return source, []
        twice = error(
            "file-twice",
            where,
            f"{name} is in row {first} already.",
            "Describe each file once.",
        )
        return source, [twice]

    def _found(self, name: str) -> Path:
        """Return the file of that name, however the system writes its accents."""
        spelled = (name, normalize("NFC", name), normalize("NFD", name))
        # Links are followed, also those in a circle, which lead nowhere.
        paths = [Path(os.path.realpath(self.folder / one)) for one in spelled]
        return next((path for path in paths if path.exists()), paths[0])

    def _told_by(
        self, name: str, problems: list[Problem]
    ) -> dict[str, tuple[str, str]]:
        """Return what the name of a file tells, as a row of a table would."""
        if self.name_parts is None:
            return {}
        parts = self.name_parts(name)
        if parts is None:
            problems.append(
                advice(
                    "name-unlike-pattern",
                    label_of_target("file"),
                    f"{name} does not fit the pattern of names.",
                    "Rename it, or state its siblings in the table.",
                )
            )
            return {}
        return {target: (text, "") for target, text in parts.items()}


def _without_echo(problems: list[Problem]) -> list[Problem]:
    """Leave out what is only missing because its cell was not understood."""
    refused = {one.where for one in problems if one.id.startswith("cell-")}
    return [
        one
        for one in problems
        if one.where not in refused or not one.id.endswith(("-missing", "-unknown"))
    ]
