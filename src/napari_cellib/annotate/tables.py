"""What is said of images, in again from a table: looked at first, then taken in.

A table has the columns that `library/annotation_table.py` writes. It is read twice, row
by row, so that a large one needs little memory: once to say all that is wrong with
it, and once more to take in what is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.table_checks import TermChecks
from napari_cellib.annotate.table_rows import TableReading
from napari_cellib.errors import StatementsWrong, TableUnreadable
from napari_cellib.jobs import Progress
from napari_cellib.library.table_files import heading_problems, open_rows
from napari_cellib.model.problem import Problem, error, gathered
from napari_cellib.model.statement import Statement, Statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.library.catalogued import CataloguedLibrary
    from napari_cellib.library.table_files import RowStream
    from napari_cellib.model import Assertion
    from napari_cellib.ontology import Terms

_STEP = 200  # rows between two looks at whether to stop
_AT_ONCE = 2_000  # statements that are written together
_MOST_PROBLEMS = 10_000  # that are listed


@dataclass(frozen=True)
class TableCheck:
    """What a table would do, and what is wrong with it.

    Attributes
    ----------
    path : pathlib.Path
        The table.
    rows, new, changed, already : int
        How many rows it has, say what is new, change what was said, and say what is
        there already.
    problems : tuple of Problem
        Errors first; what is the same in several rows, once.
    unlisted : int
        How many more were found, and are not listed.
    wrong : frozenset of int
        The rows that cannot be taken in, as spreadsheets count.
    record : str, optional
        Id of the only record that it is about.
    """

    path: Path
    rows: int = 0
    new: int = 0
    changed: int = 0
    already: int = 0
    problems: tuple[Problem, ...] = ()
    unlisted: int = 0
    wrong: frozenset[int] = frozenset()
    record: str | None = None
    stamp: tuple[int, int] = (0, 0)

    @property
    def is_usable(self) -> bool:
        """Whether nothing is wrong."""
        # Not all problems are listed, so that rows may be wrong without one.
        errors = any(problem.severity == "error" for problem in self.problems)
        return not self.wrong and not errors


def check_table(
    path: Path, library: CataloguedLibrary, terms: Terms, *, record: str | None = None
) -> Job[TableCheck]:
    """Find out what a table would do, and all that is wrong with it; write nothing.

    Parameters
    ----------
    path : pathlib.Path
        A file that ends in ``.csv``, ``.tsv`` or ``.xlsx``.
    library : CataloguedLibrary
        The library whose images it is about.
    terms : Terms
        The ontologies.
    record : str, optional
        Id of the only record it is about, where it has no column for it.

    Yields
    ------
    Progress
        In rows.

    Raises
    ------
    TableUnreadable
        When it cannot be used at all.
    """
    stamp = _stamp(path)
    counts = dict.fromkeys(("new", "changed", "already", "wrong"), 0)
    found: list[tuple[int, Problem]] = []
    wrong: set[int] = set()
    rows = all_found = 0
    with open_rows(path) as table:
        reading = TableReading(library, TermChecks(terms), table.headings, record)
        about = list(_check_columns(path.name, table, reading))
        is_broken = any(problem.severity == "error" for problem in about)
        for number, cells in table.rows:
            if rows % _STEP == 0:
                yield Progress("Checking the rows", rows)
            rows += 1
            row = reading.row(number, cells)
            outcome = "wrong" if is_broken else row.outcome
            counts[outcome] += 1
            if outcome == "wrong":
                wrong.add(number)
            found += (
                (number, one) for one in row.problems[: _MOST_PROBLEMS - len(found)]
            )
            all_found += len(row.problems)
    for number, seemed, one in reading.unresolved():
        counts[seemed] -= number not in wrong
        wrong.add(number)
        all_found += 1
        if len(found) < _MOST_PROBLEMS:
            found.append((number, one))
    if not rows:
        fix = "Write one row for each thing that you say."
        about.append(error("table-empty", path.name, "It has no rows.", fix))
    problems = [*about, *gathered(found)]
    problems.sort(key=lambda problem: problem.severity != "error")
    del counts["wrong"]
    return TableCheck(
        path,
        rows,
        **counts,
        problems=tuple(problems),
        unlisted=all_found - len(found),
        wrong=frozenset(wrong),
        record=record,
        stamp=stamp,
    )


def apply_table(
    check: TableCheck,
    library: CataloguedLibrary,
    terms: Terms,
    say: Callable[[str | None], Assertion],
    *,
    skip_wrong: bool = False,
) -> Job[int]:
    """Take in what is new in a table that was checked.

    To do it again adds nothing, also after it was stopped in the middle.

    Parameters
    ----------
    check : TableCheck
        What `check_table` found.
    library : CataloguedLibrary
        The library whose images it is about.
    terms : Terms
        The ontologies.
    say : callable
        Returns by whom and when something new is said, given what it rests on.
    skip_wrong : bool, default: False
        Whether rows that are wrong are left out; else nothing is taken in.

    Returns
    -------
    int
        How many statements were added.

    Yields
    ------
    Progress
        In rows.

    Raises
    ------
    StatementsWrong
        When something is wrong, and nothing shall be left out.
    TableUnreadable
        When the table was changed since it was checked.
    LibraryReadOnly
        When nothing can be written there.
    """
    if check.wrong and not skip_wrong:
        raise StatementsWrong(len(check.wrong), check.rows)
    if _stamp(check.path) != check.stamp:
        reason = "it was changed after it was checked"
        raise TableUnreadable(check.path.name, reason, fix="Check it once more.")
    batch = _Batch(library)
    with open_rows(check.path) as table:
        reading = TableReading(library, TermChecks(terms), table.headings, check.record)
        for done, (number, cells) in enumerate(table.rows):
            if done % _STEP == 0:
                yield Progress("Taking in the rows", done, check.rows)
            if number not in check.wrong:
                row = reading.row(number, cells)
                new = [_said(one, say) if row.is_said_anew else one for one in row.said]
                yield from batch.add(row.record, new)
    yield from batch.write()
    return batch.added


class _Batch:
    """Statements that are written together."""

    def __init__(self, library: CataloguedLibrary) -> None:
        self.added = 0
        self._library = library
        self._said: dict[str, list[Statement]] = {}
        self._waiting = 0

    def add(self, record_id: str, new: Sequence[Statement]) -> Job[None]:
        if new:
            self._said.setdefault(record_id, []).extend(new)
            self._waiting += len(new)
        if self._waiting >= _AT_ONCE:
            yield from self.write()

    def write(self) -> Job[None]:
        if self._said:
            said = {name: Statements.of(new) for name, new in self._said.items()}
            yield from self._library.annotate_many(said)
            self.added += self._waiting
            self._said, self._waiting = {}, 0


def _said(one: Statement, say: Callable[[str | None], Assertion]) -> Statement:
    return one.model_copy(update={"assertion": say(one.assertion.evidence)})


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise TableUnreadable(path.name, "it is not there") from error
    return found.st_size, found.st_mtime_ns


def _check_columns(
    name: str, table: RowStream, reading: TableReading
) -> Iterator[Problem]:
    there = set(reading.columns)
    if "record" not in there and reading.only is None:
        yield error(
            "column-missing",
            name,
            "No column says which image is meant.",
            "Call the column with the numbers of the images 'record'.",
        )
    if not there & {"term", "label", "text", "remark", "shape"}:
        yield error(
            "column-missing",
            name,
            "No column says anything of an image.",
            "Add one of the columns term, text, remark and shape.",
        )
    yield from heading_problems(name, table, reading.columns)
