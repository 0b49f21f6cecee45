"""The texts of one row of a table of annotations, and what is wrong with them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_cellib.model.problem import Problem, advice, error

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_HEX = re.compile(r"[0-9a-f]{16}")
_LIKE_A_NUMBER = re.compile(r"[\d.,]+e\+?\d+|\d{14,}", re.IGNORECASE)
# What spreadsheets leave in the place of a formula that they cannot work out.
_BROKEN = frozenset(
    ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!")
)
# As many letters has a cell of Excel; it cuts longer ones without a word.
_CUT = 32_767
_LONGEST = 40  # letters of a cell that are repeated to a person


class Texts:
    """The cells of one row, and what was wrong with them so far.

    Parameters
    ----------
    record : str
        Id of the record that the row is about.
    cells : mapping of str to str
        The texts by the names of the columns; empty ones may be missing.
    """

    def __init__(self, record: str, cells: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._record = record
        self._cells = {name: text for name, text in cells.items() if text}
        for name, text in self._cells.items():
            self._check_cell(name, text)

    @property
    def is_wrong(self) -> bool:
        """Whether the row cannot be taken in."""
        return any(one.severity == "error" for one in self.problems)

    def cell(self, name: str) -> str | None:
        """Return the text of a cell; None where it is empty."""
        return self._cells.get(name)

    def has(self, *names: str) -> bool:
        """Tell whether any of these cells has a text."""
        return any(name in self._cells for name in names)

    def has_wrong(self, column: str) -> bool:
        """Tell whether something is wrong with a cell."""
        return any(one.where == column for one in self.problems)

    def choice(self, column: str, allowed: Collection[str]) -> str | None:
        """Return the one of these words that a cell has."""
        text = (self.cell(column) or "").casefold()
        if not text or text in allowed:
            return text or None
        self.wrong(
            f"{column}-unknown",
            column,
            f"There is no {short(text)}.",
            f"Write one of {', '.join(allowed)}.",
        )
        return None

    def region_id(self) -> str | None:
        """Return the id of the region; a name of one's own stands for one, too."""
        text = (self.cell("region") or "").removeprefix("'")
        if not text or _HEX.fullmatch(text):
            return text or None
        if _LIKE_A_NUMBER.fullmatch(text):
            self._mangled("region", text)
            return None
        return self.digest(text)

    def own_name(self) -> str | None:
        """Return the name of one's own that stands where an id does."""
        text = self.cell("region")
        return None if text is None or _HEX.fullmatch(text.removeprefix("'")) else text

    def key(self, column: str) -> str | None:
        """Return the key of a statement."""
        text = (self.cell(column) or "").removeprefix("'")
        if text and not _HEX.fullmatch(text):
            self._mangled(column, text)
            return None
        return text or None

    def digest(self, *parts: object) -> str:
        """Return an id that is the same when the table is read once more."""
        told = "\n".join((self._record, *map(str, parts)))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def made(
        self, model: Any, *, problem: str = "cell-invalid", where: str = "cells",
        **values: Any,
    ) -> Any:  # fmt: skip
        """Return what a model makes of values; None, and told, if it takes them not."""
        try:
            return model(**values)
        except ValidationError as invalid:
            first = invalid.errors(include_url=False)[0]
            reason = first["msg"].removeprefix("Value error, ")
            reason = f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
            self.wrong(problem, where, reason, "Mend it, or leave it empty.")
            return None

    def wrong(self, identifier: str, where: str, message: str, fix: str) -> None:
        """Note what must be mended."""
        self.problems.append(error(identifier, where, message, fix))

    def odd(self, identifier: str, where: str, message: str, fix: str) -> None:
        """Note what could be better."""
        self.problems.append(advice(identifier, where, message, fix))

    def _check_cell(self, name: str, text: str) -> None:
        """Tell of what spreadsheets do to a cell, whatever it is about."""
        if text.upper() in _BROKEN:
            self.wrong(
                "cell-broken",
                name,
                f"{text} is the mark of a formula that went wrong.",
                "Mend the formula, or write the value itself.",
            )
        elif text.startswith("="):
            self.odd(
                "cell-formula",
                name,
                f"{short(text)} begins as a formula does, and is taken as words.",
                "Write the value itself, if it was to be worked out.",
            )
        elif _CUT - 1 <= len(text) <= _CUT:  # it may have been cut at a blank
            self.wrong(
                "cell-cut",
                name,
                f"It has {_CUT:,} letters, at which Excel cuts a cell.",
                "Take the whole text from the table as it was written.",
            )

    def _mangled(self, column: str, text: str) -> None:
        self.wrong(
            "key-mangled",
            column,
            f"{short(text)} is not the key of a statement or of a region.",
            "Take it from the table as it was written; spreadsheets round such ids.",
        )


def short(text: str) -> str:
    """Return the beginning of a text in quotation marks."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
