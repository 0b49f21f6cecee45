"""What search engines need of a record."""

from __future__ import annotations

import json

from napari_cellib.library.entry import Entry, entry_of
from napari_cellib.model import ImageRecord


def entry(**more: object) -> Entry:
    return entry_of(ImageRecord.model_validate({"id": "a", "title": "Title"} | more))


def note(field: str, **term: object) -> dict[str, object]:
    return {"field": field, "term": term}


def test_a_name_is_found_by_its_field_whole_and_by_its_words() -> None:
    found = entry(annotations=[note("cell_line", label="COS-7 cells")])
    assert found.names == ["cell_line=cos-7 cells", "licence=no licence stated"]
    assert found.field_words == ["cell_line=cos", "cell_line=7", "cell_line=cell"]


def test_what_an_image_does_not_show_does_not_find_it() -> None:
    absent = note("cell_type", id="CL:0000540", label="neuron") | {
        "qualifier": "absent"
    }
    found = entry(annotations=[absent])
    assert (found.terms, found.ids, found.own) == ("", ["a"], {})
    assert found.names == ["licence=no licence stated"]


def test_records_with_the_same_terms_share_one_value_in_any_order() -> None:
    notes = [
        note("cell_type", id="CL:0000540", label="neuron"),
        note("cell_type", text="a cell of my own"),
        note("cell_type", id="CL:0000066", label="epithelial cell"),
    ]
    one = json.loads(entry(annotations=notes).document())
    other = json.loads(entry(annotations=notes[::-1]).document())
    assert one["facet_cell_type"] == other["facet_cell_type"]
    assert one["facet_cell_type"].split("\n") == [
        "CL:0000066",
        "CL:0000540",
        "a cell of my own",
    ]


def test_own_terms_have_a_line_for_each_field() -> None:
    found = entry(
        annotations=[
            note("cell_type", id="CL:0000540"),
            note("organism", id="NCBITaxon:9606"),
            note("cell_type", id="CL:0000066"),
            note("anatomy", label="of no ontology"),
        ]
    )
    assert found.own_terms() == (
        "cell_type=CL:0000066 CL:0000540\norganism=NCBITaxon:9606"
    )


def test_it_says_what_a_record_has() -> None:
    assert entry().parts == []
    found = entry(
        annotations=[note("anatomy", label="tail")],
        publications=[{"doi": "10.1000/xyz"}],
        dimensions={"sizes": {"y": 2, "x": 2}, "spacing_um": {"x": 0.1}},
        representations=[{"role": "original", "url": "a.tif"}],
        licence={"spdx": "CC0-1.0"},
        group="a series",
    )
    assert set(found.parts) == {
        *("anatomy", "publication", "doi", "scale", "pixels", "licence", "siblings"),
    }


def test_words_are_stemmed_where_they_rank_and_whole_where_they_begin() -> None:
    found = json.loads(entry(title="Dividing cells, dividing").document())
    assert found["title"] == "divid cell divid"
    assert found["title_start"] == "dividing cells"
