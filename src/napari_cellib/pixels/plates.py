"""What a plate, a well or a collection of images says of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.geometry import as_list, as_mapping
from napari_cellib.pixels.ngff import check_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.pixels.geometry import Warn

# The largest plates have 32 x 48 or 64 x 96 wells.
MOST_WELLS = 10_000
_MOST_FIELDS = 10_000


@dataclass(frozen=True, slots=True)
class Well:
    """One well: its path in the plate, and its place, counted from 0."""

    path: str
    row: int
    column: int

    @property
    def name(self) -> str:
        """What a person calls it.

        Examples
        --------
        >>> Well("B/03", 1, 2).name
        'B03'
        """
        return "".join(self.path.split("/")[-2:])


@dataclass(frozen=True, slots=True)
class Field:
    """One image of a well: its path in it, and the acquisition that it is of."""

    path: str
    acquisition: int | None = None


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One time that the plate was imaged: its number, and what a person calls it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Plate:
    """Rows and columns by name, the wells that were imaged, and how often."""

    name: str | None
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    wells: tuple[Well, ...]
    acquisitions: tuple[Acquisition, ...] = ()


def parse_plate(attributes: Mapping[str, Any], where: str, warn: Warn) -> Plate:
    """Read a plate; a well that makes no sense only costs a warning.

    Parameters
    ----------
    attributes : dict
        Attributes of the group.
    where : str
        The place, for messages.
    warn : callable
        Told of each fault that can be lived with.

    Raises
    ------
    PixelsUnreadable
        When it names no well that could be shown, or beyond all measure.
    """
    found = as_mapping(attributes.get("plate"))
    entries = as_list(found.get("wells"))
    rows, columns = _names(found.get("rows")), _names(found.get("columns"))
    counts = (len(entries), len(rows) * len(columns))
    if max(*counts, len(rows), len(columns)) > MOST_WELLS:
        raise PixelsUnreadable(where, f"{max(counts):,} wells are beyond all measure")
    if not rows or not columns:
        # Drafts before version 0.2 name the wells only.
        paths = [path for entry in entries if (path := _well_path(entry))]
        rows = rows or tuple(sorted({path[-2] for path in paths}))
        columns = columns or tuple(sorted({path[-1] for path in paths}, key=_by_number))
        if len(rows) * len(columns) > MOST_WELLS:
            raise PixelsUnreadable(where, "its wells are beyond all measure")
    found_wells = [_well(as_mapping(entry), rows, columns) for entry in entries]
    known = [well for well in found_wells if well is not None]
    # Of several acquisitions, which version 0.1 has in the paths, the first is shown.
    wells = {(well.row, well.column): well for well in reversed(known)}
    if len(known) < len(entries):
        lost = len(entries) - len(known)
        warn(f"{lost} of {len(entries)} wells of the plate cannot be made out")
    if len(wells) < len(known):
        warn(f"{len(known) - len(wells)} wells are listed again: the first is shown")
    if not wells:
        raise PixelsUnreadable(where, "it is a plate without wells")
    name = found.get("name")
    return Plate(
        name if isinstance(name, str) and name.strip() else None,
        rows,
        columns,
        tuple(wells[place] for place in sorted(wells)),
        _acquisitions(found.get("acquisitions")),
    )


def parse_well(attributes: Mapping[str, Any], where: str, warn: Warn) -> list[Field]:
    """Return a well's images, the fields of view, in their order.

    Raises
    ------
    PixelsUnreadable
        When it names none.
    """
    entries = as_list(as_mapping(attributes.get("well")).get("images"))
    images = [as_mapping(entry) for entry in entries]
    paths = _safe_paths([image.get("path") for image in images], where)
    given = {str(i.get("path")): _number(i.get("acquisition")) for i in images}
    fields = [Field(path, given.get(path)) for path in paths]
    if len(fields) < len(entries):
        lost = len(entries) - len(fields)
        warn(f"{lost} of {len(entries)} images of the well cannot be made out")
    if not fields:
        raise PixelsUnreadable(where, "it is a well without images")
    return fields


def parse_series(attributes: Mapping[str, Any], where: str, warn: Warn) -> list[str]:
    """Return the paths of a collection's images, as its group ``OME`` lists them."""
    entries = as_list(attributes.get("series"))
    series = _safe_paths(entries, where)
    if len(series) < len(entries):
        lost = len(entries) - len(series)
        warn(f"{lost} of {len(entries)} images of the collection cannot be made out")
    return series


def _acquisitions(found: object) -> tuple[Acquisition, ...]:
    known: dict[int, Acquisition] = {}
    for entry in map(as_mapping, as_list(found)):
        number, name = _number(entry.get("id")), entry.get("name")
        if number is not None:
            name = name if isinstance(name, str) and name.strip() else str(number)
            known.setdefault(number, Acquisition(number, name))
    return tuple(known.values())


def _number(given: object) -> int | None:
    is_number = isinstance(given, int) and not isinstance(given, bool)
    return given if is_number else None  # type: ignore[return-value]


def _safe_paths(entries: list[object], where: str) -> list[str]:
    found: dict[str, None] = {}
    for entry in entries[:_MOST_FIELDS]:
        try:
            found[check_path(entry, where)] = None
        except PixelsUnreadable:
            continue
    return list(found)


def _names(found: object) -> tuple[str, ...]:
    names = [as_mapping(entry).get("name") for entry in as_list(found)]
    return tuple(str(name) for name in names if isinstance(name, str | int))


def _well(
    entry: Mapping[str, Any], rows: tuple[str, ...], columns: tuple[str, ...]
) -> Well | None:
    path = _well_path(entry)
    if path is None:
        return None
    row = _index(entry.get("rowIndex"), path[-2], rows)
    column = _index(entry.get("columnIndex"), path[-1], columns)
    if row is None or column is None:
        return None
    return Well("/".join(path), row, column)


def _well_path(entry: object) -> list[str] | None:
    path = as_mapping(entry).get("path")
    try:
        parts = check_path(path, "").split("/")
    except PixelsUnreadable:
        return None
    return parts if len(parts) >= 2 else None


def _index(given: object, name: str, names: tuple[str, ...]) -> int | None:
    if (number := _number(given)) is not None:
        return number if 0 <= number < len(names) else None
    return names.index(name) if name in names else None


def _by_number(name: str) -> tuple[int, int, str, str]:
    # By how many digits there are, not by their value: Python refuses long numbers.
    digits = name.lstrip("0")
    return (0, len(digits), digits, name) if name.isdecimal() else (1, 0, "", name)
