"""What a check found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from napari_cellib.model._base import Model, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MOST_ROWS_NAMED = 60


class Problem(Model):
    """One thing that is wrong, or could be better, and how to mend it."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = Field(
        description="stable name of the check", examples=["pixel-size-unknown"]
    )
    severity: Literal["error", "advice"] = "error"
    where: Text = Field(description="file, record or field that it is about")
    message: Text
    fix: Text

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.fix}"


def error(identifier: str, where: str, message: str, fix: str) -> Problem:
    """Return what must be mended before anything is done."""
    return Problem(id=identifier, where=where, message=message, fix=fix)


def advice(identifier: str, where: str, message: str, fix: str) -> Problem:
    """Return what could be better."""
    return Problem(
        id=identifier, severity="advice", where=where, message=message, fix=fix
    )


def gathered(
    found: Iterable[tuple[int, Problem]],
    named: Callable[[list[int]], str] | None = None,
) -> Iterator[Problem]:
    """Say what is the same of several images once.

    Parameters
    ----------
    found : iterable of tuple of (int, Problem)
        What was found, each with the number of its row.
    named : callable, optional
        Returns rows in words; by their numbers by default.
    """
    rows: dict[Problem, dict[int, None]] = {}
    for number, problem in found:
        rows.setdefault(problem, {})[number] = None
    for problem, numbers in rows.items():
        words = (named or _row_words)(list(numbers))
        yield problem.model_copy(update={"where": f"{words}, {problem.where}"})


def _row_words(numbers: list[int]) -> str:
    """Return rows in words.

    Examples
    --------
    >>> _row_words([2]), _row_words([2, 3, 4, 9])
    ('row 2', 'rows 2 to 4, 9')
    """
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words: list[str] = []
    for run in runs:
        listed = [str(number) for number in run]
        words += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else listed
    more = len(words) - _MOST_ROWS_NAMED
    if more > 0:
        words = [*words[:_MOST_ROWS_NAMED], f"and {more} more"]
    return f"rows {', '.join(words)}"
