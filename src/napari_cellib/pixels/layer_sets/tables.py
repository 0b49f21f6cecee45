"""Features of layers, which are tables of pandas, as JSON and arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Array: TypeAlias = np.ndarray[Any, Any]

_TIMES = "mM"


def is_table(value: object) -> bool:
    """Say whether a value is a DataFrame, without importing pandas."""
    return hasattr(value, "columns") and hasattr(value, "iloc")


class Unstorable(Exception):
    """A value that no file can hold, such as a function."""


def encode_table(
    table: Any, name: str, arrays: dict[str, Array], encode: Callable[..., Any]
) -> dict[str, Any]:
    """Return a table as JSON; columns of numbers become arrays.

    Parameters
    ----------
    table : pandas.DataFrame
        The table; its index is not kept.
    name : str
        What to call its arrays.
    arrays : dict of str to numpy.ndarray
        Where to put them.
    encode : callable
        Makes JSON of a value, its name and arrays; or raises `Unstorable`.

    Returns
    -------
    dict
        JSON types: the number of rows, and the columns in their order.
    """
    columns = [
        _column(
            table.iloc[:, number],
            label if isinstance(label, int) else str(label),
            f"{name}.{number}",
            arrays,
            encode,
        )
        for number, label in enumerate(table.columns)
    ]
    return {"rows": len(table), "columns": columns}


def as_texts(encoded: Any) -> Iterator[str]:
    """Go through the columns of a table whose values could only be kept as texts."""
    for column in encoded.get("table", {}).get("columns", ()):
        if column.get("as_text") or column.get("categories", {}).get("as_text"):
            yield column["name"]


def decode_table(
    found: Mapping[str, Any], arrays: Mapping[str, Array], decode: Callable[..., Any]
) -> Any:
    """Return the table that `encode_table` made JSON of; `decode` is for its values.

    Raises
    ------
    ValueError
        When an array is missing or of another length.
    """
    import pandas as pd  # comes with napari, and takes a while

    columns = {}
    for column in found["columns"]:
        values = _values(column, arrays, decode)
        if len(values) != found["rows"]:
            raise ValueError(f"the column {column['name']!r} is of another length")
        columns[column["name"]] = values
    return pd.DataFrame(columns, index=range(found["rows"]))


def _column(
    series: Any,
    label: str | int,
    name: str,
    arrays: dict[str, Array],
    encode: Callable[..., Any],
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": label, "dtype": str(series.dtype)}
    if found["dtype"] == "category":
        categories = series.cat.categories.to_series()
        found["ordered"] = bool(series.cat.ordered)
        found["categories"] = _column(categories, "", f"{name}.c", arrays, encode)
        found["rows"] = len(categories)
        arrays[name] = series.cat.codes.to_numpy("int32")
        return found | {"stored": name}
    kind = series.dtype.kind if isinstance(series.dtype, np.dtype) else "O"
    if kind in "biuf":
        arrays[name] = series.to_numpy()
        return found | {"stored": name}
    if kind in _TIMES:
        arrays[name] = series.to_numpy().astype("int64")
        return found | {"stored": name}
    if found["dtype"] == "object":
        try:
            encoded = [encode(v, f"{name}.{n}", arrays) for n, v in enumerate(series)]
        except Unstorable:
            return found | {"values": _texts(series), "as_text": True}
        return found | {"values": encoded}
    values = _texts(series)
    if not _is_read_again(values, series):
        return found | {"dtype": "object", "values": values, "as_text": True}
    return found | {"values": values}


def _values(
    column: Mapping[str, Any], arrays: Mapping[str, Array], decode: Callable[..., Any]
) -> Any:
    import pandas as pd

    dtype = column["dtype"]
    if "values" in column:
        values = [decode(value, arrays) for value in column["values"]]
        return pd.Series(values, dtype=dtype)
    if column["stored"] not in arrays:
        raise ValueError(f"the array of the column {column['name']!r} is missing")
    stored = arrays[column["stored"]]
    if dtype == "category":
        categories = _values(column["categories"], arrays, decode)
        return pd.Categorical.from_codes(
            stored, categories=categories, ordered=column["ordered"]
        )
    return stored.astype(dtype)


def _is_read_again(values: Sequence[Any], series: Any) -> bool:
    """Say whether pandas makes the same of the texts of a column."""
    try:
        again = type(series)(values, dtype=series.dtype, index=series.index)
    except (TypeError, ValueError):
        return False
    return bool(again.equals(series))


def _texts(series: Any) -> list[Any]:
    """Return values as JSON types, as texts where they are something else."""
    return [
        None if absent else _plain(value)
        for value, absent in zip(series, series.isna(), strict=True)
    ]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, bool | int | float | str) else str(value)
