"""The cells of one row of a table, made into values of a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from napari_cellib.deposit.checks.found import error
from napari_cellib.deposit.columns import label_of_target
from napari_cellib.deposit.parsing import (
    parse_funding,
    parse_length,
    parse_licence,
    parse_medium,
    parse_person,
    parse_term,
    parse_time,
    parse_yes_or_no,
)
from napari_cellib.model import Annotation, Assertion, Channel, TermField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_cellib.deposit.draft import DraftPerson
    from napari_cellib.model import Problem

_BETWEEN = ";"
_AXES = {
    "pixel_size": ("y", "x"),
    "pixel_size_x": ("x",),
    "pixel_size_y": ("y",),
    "pixel_size_z": ("z",),
}
_FUNCTIONS: Mapping[str, Callable[[str], Any]] = {
    "contributors": lambda text: tuple(map(parse_person, _several(text))),
    "funding": lambda text: tuple(map(parse_funding, _several(text))),
    "channels": lambda text: tuple(Channel(name=name) for name in _several(text)),
    "articles": lambda text: tuple(_several(text)),
    "licence": parse_licence,
    "medium": parse_medium,
    "published": parse_yes_or_no,
}
# The text of that name says more than its terms.
_TERMS = frozenset(field.value for field in TermField) - {"preparation"}
_NUMBER = re.compile(r"[-+\d.,eE]+")
_UNIT = re.compile(r"[(\[]\s*([^\W\d_]+)\s*[)\]]|[ _]([^\W\d_]+)\s*$")
_OWN_UNITS = ("nm", "um", "µm", "μm", "mm", "pm", "ms", "s", "min", "h")


def read_row(
    said: Mapping[str, tuple[str, str]],
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values of a draft that a row gives, and what was not understood.

    Parameters
    ----------
    said : dict of str to tuple of str
        The text of each cell and the heading above it, by what the column is.
    """
    values: dict[str, Any] = {"spacing_um": {}, "annotations": ()}
    problems: list[Problem] = []
    for target, (cell, heading) in said.items():
        where = label_of_target(target)
        if cell.startswith("="):
            problems.append(_is_formula(where, cell))
            continue
        try:
            if target in _AXES:
                step = parse_length(_with_unit(cell, heading))
                values["spacing_um"] |= dict.fromkeys(_AXES[target], step)
            elif target in _TERMS:
                values["annotations"] += _terms(TermField(target), cell)
            elif target == "time_step":
                values["time_step_s"] = parse_time(_with_unit(cell, heading))
            else:
                values[target] = _FUNCTIONS.get(target, str)(cell)
        except ValueError as reason:
            problems.append(_not_understood(where, str(reason)))
    told = {name: values.pop(name, "") for name in ("orcid", "affiliation")}
    people, wrong = _completed(values.get("contributors", ()), told)
    return {**values, "contributors": people}, [*problems, *wrong]


def _is_formula(where: str, cell: str) -> Problem:
    return error(
        "cell-is-formula",
        where,
        f"The cell holds the formula {cell[:40]!r}, which is not carried out.",
        "Write its value instead.",
    )


def _not_understood(where: str, reason: str) -> Problem:
    # Of an error of a model, the first line is for people and the rest for programs.
    return error(
        "cell-not-understood",
        where,
        f"{reason.splitlines()[0].rstrip('.')}.",
        "Write it as the documentation of tables shows.",
    )


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(_BETWEEN) if part.strip()]


def _terms(field: TermField, text: str) -> tuple[Annotation, ...]:
    said = Assertion(by="depositor")
    terms = map(parse_term, _several(text))
    return tuple(Annotation(field=field, term=term, assertion=said) for term in terms)


def _with_unit(cell: str, heading: str) -> str:
    """Return a bare number with the unit of its heading, as in "z step (nm)"."""
    match = _UNIT.search(heading)
    unit = (match[1] or match[2]) if match else ""
    if unit in _OWN_UNITS and _NUMBER.fullmatch(cell):
        return f"{cell} {unit}"
    return cell


def _completed(
    people: tuple[DraftPerson, ...], told: Mapping[str, str]
) -> tuple[tuple[DraftPerson, ...], list[Problem]]:
    """Give persons what columns of their own say: a value for each, or one for all."""
    problems: list[Problem] = []
    for name, text in told.items():
        values = [part.strip() for part in text.split(_BETWEEN)] if text else []
        if name == "affiliation" and len(values) == 1:
            values *= max(1, len(people))
        if values and len(values) != len(people):
            reason = f"{text!r} is {len(values)} of {name!r} for {len(people)} persons"
            problems.append(_not_understood(label_of_target(name), reason))
        elif values:
            people = tuple(
                person.model_copy(update={name: value or getattr(person, name)})
                for person, value in zip(people, values, strict=True)
            )
    return people, problems
