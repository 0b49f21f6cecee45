"""What is said of layers that belong to no record, as it travels with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from napari_cellib.model.statement import Statements
from napari_cellib.pixels.layer_sets.encoding import decode
from napari_cellib.pixels.layer_sets.tables import Unstorable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.pixels.layer_sets.encoding import Array, Json
    from napari_cellib.pixels.layer_sets.planning import LayerData

KEY = "statements"
_ARRAY = "metadata.cellib.statements"
_MOST_INLINE = 10_000  # characters; metadata of a server are read before anything else


def statements_of(metadata: Mapping[str, Any]) -> Statements:
    """Return what the metadata of a layer say of it; nothing where it is damaged.

    Parameters
    ----------
    metadata : dict
        The ``metadata`` of a layer.
    """
    own = metadata.get("cellib")
    if not isinstance(own, dict) or not own.get(KEY):
        return Statements()
    try:
        return Statements.model_validate(own[KEY])
    except ValidationError:
        return Statements()


def with_statements(metadata: Mapping[str, Any], said: Statements) -> dict[str, Any]:
    """Return the metadata of a layer with what is said of it."""
    own = metadata.get("cellib")
    others = dict(own) if isinstance(own, dict) else {}
    return {**metadata, "cellib": others | {KEY: as_json(said)}}


def without_statements(layer: LayerData) -> LayerData:
    """Return a layer without what is said of it, which a library keeps by itself."""
    data, meta, kind = layer
    metadata = meta.get("metadata") or {}
    if KEY not in (metadata.get("cellib") or {}):
        return layer
    own = {name: one for name, one in metadata["cellib"].items() if name != KEY}
    return data, {**meta, "metadata": {**metadata, "cellib": own}}, kind


def said_of_layers(layers: Iterable[LayerData]) -> Statements:
    """Return all that is said of layers, each statement once."""
    said = Statements()
    for _, meta, _ in layers:
        said = said.with_all(statements_of(meta.get("metadata") or {}))
    return said


def as_json(said: Statements) -> dict[str, Any]:
    """Return statements as JSON types, as layers and files have them."""
    return said.model_dump(mode="json", exclude_defaults=True)


def encode_statements(found: object, arrays: dict[str, Array]) -> Json:
    """Return what a layer says of itself as JSON; much of it as an array of bytes.

    Raises
    ------
    Unstorable
        When it is no statements.
    """
    try:
        said = as_json(Statements.model_validate(found))
    except ValidationError as error:
        raise Unstorable("it is no statements") from error
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) <= _MOST_INLINE:
        return said
    arrays[_ARRAY] = np.frombuffer(text, "uint8")
    return {"stored": _ARRAY}


def decode_statements(found: Json, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return what `encode_statements` made JSON of.

    Raises
    ------
    ValueError
        When it is damaged.
    """
    value = decode(found, arrays)
    try:
        if isinstance(value, np.ndarray):
            value = json.loads(value.tobytes())
        return as_json(Statements.model_validate(value))
    except ValueError as error:  # whose own words are for programmers
        raise ValueError("it is damaged") from error
