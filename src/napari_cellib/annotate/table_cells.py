"""The cells of one row of a table of annotations, made into statements."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from napari_cellib.model import Annotation, Assertion, Term, TermField
from napari_cellib.model.problem import Problem, error
from napari_cellib.model.statement import (
    Extent,
    Qualifier,
    Region,
    RegionShape,
    Remark,
    Statement,
)
from napari_cellib.ontology.curies import normalise_curie
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_HEX = re.compile(r"[0-9a-f]{16}")
_EXTENT = re.compile(r"([tczyx])\s+(\d+)(?:\s*(?:to|-|\u2013)\s*(\d+))?", re.IGNORECASE)
_LEAST_POINTS = {
    RegionShape.LINE: 2,
    RegionShape.PATH: 2,
    RegionShape.POLYGON: 3,
    RegionShape.BOX: 2,
    RegionShape.RECTANGLE: 4,
    RegionShape.ELLIPSE: 4,
}
_CORNERS = (RegionShape.RECTANGLE, RegionShape.ELLIPSE)
_AXES = {2: "yx", 3: "zyx", 4: "tzyx"}
_BY = get_args(Assertion.model_fields["by"].annotation)
_STATUS = get_args(Statement.model_fields["status"].annotation)
_QUALIFIERS = get_args(Qualifier)


def read_cells(
    record_id: str, cells: Mapping[str, str]
) -> tuple[list[Statement], list[Problem]]:
    """Return what a row says, and what of it was not understood.

    A row may draw a region and annotate it at once: then it is two statements.

    Parameters
    ----------
    record_id : str
        Of the record that it is about.
    cells : dict of str to str
        The texts of its cells by the names of the columns; empty ones may be missing.
    """
    reading = _Reading(record_id, cells)
    said = reading.said()
    return ([] if reading.problems else said), reading.problems


class _Reading:
    """The cells of one row, and what was wrong with them so far."""

    def __init__(self, record_id: str, cells: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._record = record_id
        self._cells = {name: text for name, text in cells.items() if text}

    def said(self) -> list[Statement]:
        common = self._common()
        shape = self._choice("shape", list(RegionShape))
        region = self._region_id()
        said: list[Statement | None] = []
        if shape is not None:
            said.append(self._region(RegionShape(shape), region, common))
        if self._has("term", "label", "text", "field"):
            said.append(self._annotation(region, common))
        if text := self._cell("remark"):
            about = self._key("about")
            said.append(
                self._made(Remark, text=text, region=region, about=about, **common)
            )
        if not (said or self.problems):
            self._wrong(
                "row-says-nothing",
                "cells",
                "It has no term, no remark and no shape.",
                "Fill in one of them, or leave the row out.",
            )
        return [one for one in said if one is not None]

    # -- what each statement has

    def _common(self) -> dict[str, Any]:
        asserted: dict[str, Any] = {
            "by": self._choice("by", _BY),
            "at": self._time(),
            **{name: self._cell(name) for name in ("author", "software", "evidence")},
            "orcid": self._cell("orcid"),
        }
        known = {name: value for name, value in asserted.items() if value is not None}
        assertion = self._made(Assertion, where="orcid", **known) or Assertion()
        return {
            "assertion": assertion,
            "status": self._choice("status", _STATUS) or "asserted",
            "supersedes": self._key("supersedes"),
        }

    def _annotation(self, region: str | None, common: dict[str, Any]) -> Any:
        field = self._field()
        curie = normalise_curie(text) if (text := self._cell("term")) else None
        if text and curie is None:
            self._wrong(
                "term-unreadable",
                "term",
                f"{_short(text)} is no identifier of a term.",
                "Write one as in GO:0005634, or put words into the column 'text'.",
            )
        if not self._has("term", "label", "text"):
            self._wrong(
                "term-missing",
                "term",
                "It names a field and no term.",
                "Write the identifier of a term, or words into the column 'text'.",
            )
        qualifier = self._choice("qualifier", _QUALIFIERS) or "present"
        if self.problems or field is None:
            return None
        term = self._made(
            Term,
            id=curie,
            label=self._cell("label"),
            text=self._cell("text"),
            ontology_version=self._cell("ontology_version"),
            synonyms=self._synonyms(),
        )
        return self._made(
            Annotation,
            field=field,
            term=term,
            qualifier=qualifier,
            region=region,
            source_field=self._cell("source_field"),
            **common,
        )

    def _region(
        self, shape: RegionShape, region: str | None, common: dict[str, Any]
    ) -> Any:
        points = self._points()
        axes = (self._cell("axes") or "").lower()
        if not axes and points:
            axes = _AXES.get(len(points[0]), "")
        if shape in _CORNERS and len(points) == 2 and len(axes) == 2:
            (y, x), (bottom, right) = points
            points = ((y, x), (y, right), (bottom, right), (bottom, x))
        least = _LEAST_POINTS.get(shape, 0 if shape is RegionShape.LABEL else 1)
        if len(points) < least and not self._has_wrong("coordinates"):
            self._wrong(
                "region-without-points",
                "coordinates",
                f"A {shape} has at least {least} points, and here are {len(points)}.",
                "Write points as in '10 20; 10 40; 30 40', in pixels.",
            )
        extents, value = self._extents(), self._value(shape)
        if self.problems:
            return None
        return self._made(
            Region,
            where="shape",
            id=region or self._id_of(shape, axes, points, value, *extents),
            shape=shape,
            axes=tuple(axes),
            points=points,
            value=value,
            labels=self._cell("labels"),
            extents=extents,
            name=self._cell("name") or self._own_name(),
            **common,
        )

    # -- cells

    def _field(self) -> TermField | None:
        text = self._cell("field")
        if text is None:
            fix = f"Write one of {', '.join(TermField)}."
            self._wrong("field-missing", "field", "It names no field.", fix)
            return None
        folded = text.casefold().replace(" ", "_")
        for field, rule in field_rules().items():
            if folded in (field.value, rule.title.casefold().replace(" ", "_")):
                return field
        fix = f"Write one of {', '.join(TermField)}."
        self._wrong("field-unknown", "field", f"There is no field {_short(text)}.", fix)
        return None

    def _region_id(self) -> str | None:
        """Return the id of the region; a name of one's own stands for one, too."""
        text = (self._cell("region") or "").removeprefix("'")
        if not text or _HEX.fullmatch(text):
            return text or None
        if re.fullmatch(r"[\d.,]+e\+?\d+|\d{14,}", text, re.IGNORECASE):
            self._mangled("region", text)
            return None
        return _digest(self._record, text)

    def _own_name(self) -> str | None:
        text = self._cell("region")
        return None if text is None or _HEX.fullmatch(text.removeprefix("'")) else text

    def _id_of(self, *parts: object) -> str:
        # The same outline is the same region when the table is read once more.
        return _digest(self._record, *map(str, parts))

    def _key(self, column: str) -> str | None:
        text = (self._cell(column) or "").removeprefix("'")
        if text and not _HEX.fullmatch(text):
            self._mangled(column, text)
            return None
        return text or None

    def _mangled(self, column: str, text: str) -> None:
        self._wrong(
            "key-mangled",
            column,
            f"{_short(text)} is not the key of a statement or of a region.",
            "Take it from the table as it was written; spreadsheets round such ids.",
        )

    def _points(self) -> tuple[tuple[float, ...], ...]:
        text = self._cell("coordinates")
        if text is None:
            return ()
        try:
            points = tuple(
                tuple(float(number) for number in part.split())
                for part in text.split(";")
                if part.strip()
            )
        except ValueError:
            points = ()
        if not points or len(set(map(len, points))) > 1 or len(points[0]) < 2:
            self._wrong(
                "coordinates-unreadable",
                "coordinates",
                f"{_short(text)} cannot be understood.",
                "Write points as in '10 20; 10 40.5; 30 40', in pixels, y before x.",
            )
            return ()
        return points

    def _extents(self) -> tuple[Extent, ...]:
        parts = [p.strip() for p in (self._cell("extents") or "").split(";")]
        found = []
        for part in filter(None, parts):
            match = _EXTENT.fullmatch(part)
            if match is None or int(match[3] or match[2]) < int(match[2]):
                self._wrong(
                    "extent-unreadable",
                    "extents",
                    f"{_short(part)} is not from where to where along an axis.",
                    "Write it as in 'z 3 to 7; t 0'.",
                )
                continue
            axis, first, last = match[1].lower(), match[2], match[3] or match[2]
            extent = {"axis": axis, "first": int(first), "last": int(last)}
            found.append(Extent.model_validate(extent))
        return tuple(found)

    def _value(self, shape: RegionShape) -> int | None:
        text = self._cell("value")
        if shape is not RegionShape.LABEL and text is None:
            return None
        if text is not None and text.isdecimal() and int(text) > 0:
            return int(text)
        self._wrong(
            "label-without-value",
            "value",
            f"{_short(text or 'nothing')} is not the value of a label.",
            "Write a whole number above 0.",
        )
        return None

    def _synonyms(self) -> tuple[str, ...]:
        text = self._cell("synonyms")
        if text is None:
            return ()
        try:
            found = json.loads(text)
        except ValueError:
            found = text.split(";")
        known = found if isinstance(found, list) else [text]
        return tuple(name for one in known if (name := str(one).strip()))

    def _time(self) -> datetime | None:
        text = self._cell("at")
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            self._wrong(
                "date-unreadable",
                "at",
                f"{_short(text or '')} is no date with a time.",
                "Write it as in 2026-11-28T14:30:00Z, or leave it empty.",
            )
            return None

    # -- aids

    def _cell(self, name: str) -> str | None:
        return self._cells.get(name)

    def _has(self, *names: str) -> bool:
        return any(name in self._cells for name in names)

    def _has_wrong(self, column: str) -> bool:
        return any(one.where == column for one in self.problems)

    def _choice(self, column: str, allowed: Collection[str]) -> str | None:
        text = (self._cell(column) or "").casefold()
        if not text or text in allowed:
            return text or None
        self._wrong(
            f"{column}-unknown",
            column,
            f"There is no {_short(text)}.",
            f"Write one of {', '.join(allowed)}.",
        )
        return None

    def _made(self, model: Any, *, where: str = "cells", **values: Any) -> Any:
        try:
            return model(**values)
        except ValidationError as invalid:
            first = invalid.errors(include_url=False)[0]
            reason = first["msg"].removeprefix("Value error, ")
            reason = f"{reason[:1].upper()}{reason[1:]}."
            self._wrong("cell-invalid", where, reason, "Mend it, or leave it empty.")
            return None

    def _wrong(self, identifier: str, where: str, message: str, fix: str) -> None:
        self.problems.append(error(identifier, where, message, fix))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
