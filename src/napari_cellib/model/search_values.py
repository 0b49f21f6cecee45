"""What the value of a field means: dates, kinds of images, parts of a record."""

from __future__ import annotations

import re
from calendar import monthrange

from napari_cellib.model import search_fields as names
from napari_cellib.model.record import Kind
from napari_cellib.model.search_text import Condition, Dated, InField

_EARLIEST, _LATEST = 1, 9999_12_31
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_BETWEEN = re.compile(r"\.{2,3}|\u2026|(?<=^\d{4})[-\u2013](?=\d{4}$)")


def value_of(field: str, text: str, *, exact: bool = False) -> Condition | str:
    """Return what is asked for by a value of a field, or a note why nothing is.

    Parameters
    ----------
    field : str
        As `field_called` returns it.
    text : str
        What stands after the colon.
    exact : bool, default: False
        Whether a term stands for itself alone.
    """
    if field == names.DATE:
        return _dated(text) or (
            f"“{text}” is no date: write 2010, 2010-05 or 2010..2012."
        )
    if field in (names.KIND, names.HAS) and (kind := names.kind_called(text)):
        return InField(names.KIND, kind)
    if field == names.KIND:
        return f"“{text}” is no kind of image: write {_choice(Kind)}."
    if field == names.HAS:
        if part := names.part_called(text):
            return InField(names.HAS, part)
        return (
            f"It is not known whether an image has “{text}”: write "
            f"{_choice((*names.PARTS, *Kind))}, or a field of terms."
        )
    return InField(field, text, exact=exact)


def _choice(values: object) -> str:
    *most, last = (names.in_words(str(value)) for value in values)  # type: ignore[attr-defined]
    return f"{', '.join(most)} or {last}"


def _dated(text: str) -> Dated | None:
    """Read a date, or two with dots between them, of which one may be missing."""
    parts = [part.strip() for part in _BETWEEN.split(text.strip())]
    if len(parts) > 2 or not any(parts):
        return None
    spans = [_span(part) if part else (_EARLIEST, _LATEST) for part in parts]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return None
    first, last = known[0], known[-1]
    if first[0] > last[1] and all(parts):
        first, last = last, first
    return Dated(first[0], last[1])


def _span(text: str) -> tuple[int, int] | None:
    """Return the first and the last day of a year, a month or a day.

    A day 00 is that of a date of which only the month is known.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    start = (year or 0) * 10_000
    if month is None:
        return start, start + 12_31
    if not 1 <= month <= 12:
        return None
    start += month * 100
    last = monthrange(year or 1, month)[1]
    if day is None:
        return start, start + last
    return (start + day, start + day) if 1 <= day <= last else None
