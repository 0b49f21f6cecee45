"""Large JSON documents, part by part."""

from __future__ import annotations

import io
import json
import random

import pytest

from napari_cellib.ontology import json_parts
from napari_cellib.ontology.json_parts import JsonParts


def read(parts: JsonParts) -> object:
    """Read a whole document, as far as possible by its parts."""
    if parts.next_is("{"):
        return {name: read(parts) for name in parts.members()}
    if parts.next_is("["):
        return [read(parts) for _ in parts.items()]
    return parts.value()


def parts_of(text: str) -> JsonParts:
    return JsonParts(io.BytesIO(text.encode()))


def random_value(dice: random.Random, depth: int = 0) -> object:
    kind = dice.randrange(8 if depth < 5 else 5)
    if kind == 5:
        return [random_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if kind >= 6:
        return {
            f"n{n}\u00e9": random_value(dice, depth + 1)
            for n in range(dice.randrange(4))
        }
    return [None, dice.randrange(10**6), -0.5e-7, 'a "name" \u03b2 \\ {[,:]}', True][
        kind
    ]


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
def test_what_is_read_by_parts_is_what_json_reads(chunk, indent, monkeypatch):
    monkeypatch.setattr(json_parts, "_CHUNK", chunk)
    dice = random.Random(chunk)
    for _ in range(40):
        value = [random_value(dice), 12345]
        text = json.dumps(value, indent=indent, ensure_ascii=bool(indent))
        assert read(parts_of(text)) == value


@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_a_document_that_was_cut_off_is_refused(chunk, monkeypatch):
    monkeypatch.setattr(json_parts, "_CHUNK", chunk)
    whole = '{"a": [1, {"b": null}, "c"], "d": {}}'
    for stop in range(len(whole)):
        with pytest.raises(ValueError):  # noqa: PT011, its words are not shown
            read(parts_of(whole[:stop]))


@pytest.mark.parametrize("text", ["{1: 2}", '{"a" 1}', "[1 2]", "[1,,2]", "nul", "{]"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011, its words are not shown
        read(parts_of(text))


def test_a_value_without_an_end_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(json_parts, "LARGEST", 1_000)
    monkeypatch.setattr(json_parts, "_CHUNK", 100)
    endless = io.BytesIO(b'["' + b"x" * 1_000_000)
    parts = JsonParts(endless)

    with pytest.raises(ValueError, match="too large"):
        read(parts)

    assert endless.tell() < 10_000
