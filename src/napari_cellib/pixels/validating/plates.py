"""Plates and wells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.validating.faults import is_whole

if TYPE_CHECKING:
    from napari_cellib.pixels.validating.faults import Faults

_NAME = re.compile(r"^[A-Za-z0-9]+$")


def check_plate(found: object, version: str, faults: Faults) -> None:
    """Look at rows, columns, wells and acquisitions of a plate."""
    if not faults.is_object(found, "plate"):
        return
    assert isinstance(found, dict)
    faults.should("name" in found, "plate", "should have a name")
    faults.optional(found, "name", str, "plate", "must be a text")
    faults.whole_number(found, "field_count", "plate", least=1)
    rows = _names(found.get("rows"), faults, "plate.rows")
    columns = _names(found.get("columns"), faults, "plate.columns")
    for well, where in faults.objects(found.get("wells"), "plate.wells"):
        _check_well_place(well, rows, columns, version, faults, where)
    if "acquisitions" in found:
        _check_acquisitions(found["acquisitions"], faults)


def check_well(found: object, version: str, faults: Faults) -> None:
    """Look at the images of a well."""
    if not faults.is_object(found, "well"):
        return
    assert isinstance(found, dict)
    for image, where in faults.objects(found.get("images"), "well.images"):
        path = faults.text(image, "path", where)
        if path is not None:
            faults.must(
                _NAME.match(path), f"{where}.path", "must be letters and digits"
            )
        if "acquisition" in image:
            good = is_whole(image["acquisition"])
            faults.must(good, f"{where}.acquisition", "must be a whole number")


def _names(found: object, faults: Faults, where: str) -> list[str | None]:
    names = []
    for entry, place in faults.objects(found, where):
        name = faults.text(entry, "name", place)
        if name is not None:
            faults.must(
                _NAME.match(name), f"{place}.name", "must be letters and digits"
            )
        names.append(name)
    distinct = len(set(names)) == len(names)
    faults.must(distinct, where, "must have different names")
    return names


def _check_well_place(
    well: dict[str, Any],
    rows: list[str | None],
    columns: list[str | None],
    version: str,
    faults: Faults,
    where: str,
) -> None:
    path = faults.text(well, "path", where)
    parts = path.split("/") if path is not None else []
    if path is not None and not faults.must(
        len(parts) == 2 and all(map(_NAME.match, parts)),
        f"{where}.path",
        "must be the names of a row and a column, with a slash between",
    ):
        parts = []
    if version == "0.1":
        return
    names = []
    for key, choice in (("rowIndex", rows), ("columnIndex", columns)):
        index = well.get(key)
        good = is_whole(index) and 0 <= (index or 0) < len(choice)
        what = f"must be a number from 0 to {len(choice) - 1}"
        if faults.must(good, f"{where}.{key}", what):
            assert isinstance(index, int)
            names.append(choice[index])
    if len(names) == 2 and parts and None not in names:
        # The suite of version 0.4 has valid plates with the column first.
        fits = parts == names or (version < "0.5" and parts == names[::-1])
        faults.must(fits, f"{where}.path", f"must be {names[0]}/{names[1]}")


def _check_acquisitions(found: object, faults: Faults) -> None:
    place = "plate.acquisitions"
    if not faults.must(isinstance(found, list), place, "must be a list"):
        return
    assert isinstance(found, list)
    for number, acquisition in enumerate(found):
        where = f"{place}[{number}]"
        if not faults.is_object(acquisition, where):
            continue
        faults.must("id" in acquisition, where, "must have an id")
        faults.whole_number(acquisition, "id", where)
        faults.whole_number(acquisition, "maximumfieldcount", where, least=1)
        for key in ("starttime", "endtime"):
            faults.whole_number(acquisition, key, where)
        for key in ("name", "description"):
            faults.optional(acquisition, key, str, where, "must be a text")
        for key in ("name", "maximumfieldcount"):
            faults.should(key in acquisition, where, f"should have a {key}")
    ids = [repr(item.get("id")) for item in found if isinstance(item, dict)]
    faults.must(len(set(ids)) == len(ids), place, "must have different ids")
