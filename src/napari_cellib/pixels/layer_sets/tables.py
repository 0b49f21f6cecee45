"""Features of layers, which are tables of pandas, as JSON and arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    Array: TypeAlias = np.ndarray[Any, Any]

_TIMES = "mM"


def is_table(value: object) -> bool:
    """Say whether a value is a DataFrame, without importing pandas."""
    return hasattr(value, "columns") and hasattr(value, "iloc")


def encode_table(table: Any, name: str, arrays: dict[str, Array]) -> dict[str, Any]:
    """Return a table as JSON; columns of numbers become arrays.

    Parameters
    ----------
    table : pandas.DataFrame
        The table; its index is not kept.
    name : str
        What to call its arrays.
    arrays : dict of str to numpy.ndarray
        Where to put them.

    Returns
    -------
    dict
        JSON types: the number of rows, and the columns in their order.
    """
    columns = [
        _column(table.iloc[:, number], str(label), f"{name}.{number}", arrays)
        for number, label in enumerate(table.columns)
    ]
    return {"rows": len(table), "columns": columns}


def decode_table(found: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
    """Return the table that `encode_table` made JSON of.

    Raises
    ------
    ValueError
        When an array is missing or of another length.
    """
    import pandas as pd  # comes with napari, and takes a while

    columns = {}
    for column in found["columns"]:
        values = _values(column, arrays, pd)
        if len(values) != found["rows"]:
            raise ValueError(f"the column {column['name']!r} is of another length")
        columns[column["name"]] = values
    return pd.DataFrame(columns, index=range(found["rows"]))


def _column(
    series: Any, label: str, name: str, arrays: dict[str, Array]
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": label, "dtype": str(series.dtype)}
    if found["dtype"] == "category":
        categories = series.cat.categories
        found["ordered"] = bool(series.cat.ordered)
        found["categories"] = _column(categories.to_series(), "", f"{name}.c", arrays)
        found["rows"] = len(categories)
        arrays[name] = series.cat.codes.to_numpy("int32")
        return found | {"stored": name}
    kind = getattr(series.dtype, "kind", "O")
    if isinstance(series.dtype, np.dtype) and kind in "biuf":
        arrays[name] = series.to_numpy()
        return found | {"stored": name}
    if isinstance(series.dtype, np.dtype) and kind in _TIMES:
        arrays[name] = series.to_numpy().astype("int64")
        return found | {"stored": name}
    missing = series.isna()
    return found | {
        "values": [
            None if absent else _plain(value)
            for value, absent in zip(series, missing, strict=True)
        ]
    }


def _values(column: Mapping[str, Any], arrays: Mapping[str, Array], pd: Any) -> Any:
    dtype = column["dtype"]
    if "values" in column:
        return pd.Series(column["values"], dtype=dtype)
    if column["stored"] not in arrays:
        raise ValueError(f"the array of the column {column['name']!r} is missing")
    stored = arrays[column["stored"]]
    if dtype == "category":
        categories = _values(column["categories"], arrays, pd)
        return pd.Categorical.from_codes(
            stored, categories=categories, ordered=column["ordered"]
        )
    return stored.astype(dtype)


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, bool | int | float | str) else str(value)
