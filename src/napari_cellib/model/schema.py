"""The published JSON Schema of the records."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from napari_cellib.model.query import Page, Query
from napari_cellib.model.record import ImageRecord
from napari_cellib.model.statement import Statements
from napari_cellib.model.study import Study

SCHEMA_VERSION = "1"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of everything that libraries exchange.

    Returns
    -------
    dict
        A schema for an ImageRecord, with ``$defs`` for Study, Query, Page,
        Statements and all that they are made of.
    """
    schema = TypeAdapter(ImageRecord).json_schema()
    for model in (Study, Query, Page, Statements):
        part = TypeAdapter(model).json_schema()
        schema["$defs"].update(part.pop("$defs", {}))
        schema["$defs"][model.__name__] = part
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ImageRecord",
        "version": SCHEMA_VERSION,
        **{key: value for key, value in schema.items() if key != "title"},
    }
