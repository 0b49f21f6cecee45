"""What is said of an image and its regions, in the form of W3C Web Annotations."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from napari_cellib.citing import cite
from napari_cellib.citing.web_annotations import selector_of, web_annotations
from napari_cellib.model import Annotation, Assertion, Term, TermField
from napari_cellib.model.statement import (
    Extent,
    Region,
    RegionShape,
    Remark,
    Statements,
)

ADA = Assertion(
    by="curator",
    author="Ada",
    orcid="0000-0002-1825-0097",
    software="napari-cellib 0.1",
    at=datetime(2026, 1, 2, 3, tzinfo=UTC),
)
COMPONENT = TermField.CELLULAR_COMPONENT
NUCLEUS = Term(id="GO:0005634", label="nucleus")
SQUARE = ((1, 2), (1, 12), (6, 12), (6, 2))


def region(shape, *points, axes="yx", **more):
    return Region(
        id="00000000000000aa", shape=shape, axes=tuple(axes), points=points, **more
    )


@pytest.fixture
def said():
    cell = region(RegionShape.RECTANGLE, *SQUARE, name="cell <1>", assertion=ADA)
    empty = cell.model_copy(update={"id": "00000000000000ab", "name": None})
    return Statements(
        regions=(cell, empty),
        annotations=(
            Annotation(field=COMPONENT, term=NUCLEUS, region=cell.id, assertion=ADA),
            Annotation(
                field=COMPONENT,
                term=Term(text="cilium"),
                qualifier="absent",
                region=cell.id,
            ),
            Annotation(field=TermField.ORGANISM, term=Term(text="a yeast")),
        ),
        remarks=(Remark(text="It <b>divides</b>.", region=cell.id, assertion=ADA),),
    )


def test_a_term_of_a_region_is_a_tag_with_its_address_and_who_said_it(record, said):
    found = json.loads(json.dumps(web_annotations(record, said)))

    assert found["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert found["type"] == "AnnotationCollection"
    page = found["first"]
    assert (page["type"], found["total"]) == ("AnnotationPage", len(page["items"]))
    (tag,) = [i for i in page["items"] if i.get("cellib:term")]
    assert tag["type"] == "Annotation"
    assert tag["body"] == [
        {
            "type": "SpecificResource",
            "purpose": "tagging",
            "source": {
                "id": "http://purl.obolibrary.org/obo/GO_0005634",
                "label": "nucleus",
            },
        },
        {
            "type": "TextualBody",
            "format": "text/plain",
            "purpose": "tagging",
            "value": "nucleus",
        },
    ]
    assert tag["created"] == "2026-01-02T03:00:00Z"
    assert tag["creator"] == {
        "id": "https://orcid.org/0000-0002-1825-0097",
        "type": "Person",
        "name": "Ada",
    }
    assert tag["generator"] == {"type": "Software", "name": "napari-cellib 0.1"}
    assert tag["target"] == {
        "type": "SpecificResource",
        "source": "cellib://demo/CLB0000028",
        "cellib:region": "00000000000000aa",
        "cellib:regionName": "cell <1>",
        "selector": {
            "type": "FragmentSelector",
            "conformsTo": "http://www.w3.org/TR/media-frags/",
            "value": "xywh=pixel:2.5,1.5,10,5",
        },
    }


def test_what_is_not_there_is_no_tag_and_remarks_and_bare_regions_are_kept(
    record, said
):
    items = web_annotations(record, said)["first"]["items"]

    by_motivation = {item["motivation"] for item in items}
    assert by_motivation == {"tagging", "commenting", "highlighting"}
    (absent,) = [i for i in items if i.get("cellib:qualifier") == "absent"]
    assert (absent["body"]["purpose"], absent["body"]["value"]) == (
        "describing",
        "not cilium",
    )
    (bare,) = [i for i in items if i["motivation"] == "highlighting"]
    assert bare["target"]["cellib:region"] == "00000000000000ab"
    (whole,) = [i for i in items if i["target"] == "cellib://demo/CLB0000028"]
    assert whole["body"]["value"] == "a yeast"
    assert len({item["id"] for item in items}) == len(items)


def test_what_was_said_before_is_told_with_what_became_of_it(record):
    first = Remark(text="Yes")
    gone = Remark(text="Yes", status="retracted", supersedes=first.key)
    items = web_annotations(record, Statements(remarks=(first, gone)))["first"]["items"]
    assert items[1]["cellib:status"] == "retracted"
    assert items[1]["cellib:supersedes"] == items[0]["id"]


@pytest.mark.parametrize(
    ("made", "drawn"),
    [
        (region("polygon", (0, 0), (0, 4), (3, 4)),
         ("polygon", {"points": "0.5,0.5 4.5,0.5 4.5,3.5"})),
        (region("path", (0, 0), (0, 4), axes="xy"),
         ("polyline", {"points": "0.5,0.5 0.5,4.5"})),
        (region("line", (0, 0), (3, 4)), ("polyline", {"points": "0.5,0.5 4.5,3.5"})),
        (region("point", (3, 4)), ("circle", {"cx": "4.5", "cy": "3.5", "r": "0.5"})),
        (region("ellipse", *SQUARE),
         ("ellipse", {"cx": "7.5", "cy": "4", "rx": "5", "ry": "2.5"})),
        (region("ellipse", (0, 0), (2, 2), (0, 4), (-2, 2)),
         ("ellipse", {"cx": "2.5", "cy": "0.5", "rx": "1.414213562",
                      "ry": "1.414213562", "transform": "rotate(45 2.5 0.5)"})),
        (region("rectangle", (0, 0), (2, 2), (0, 4), (-2, 2)),
         ("polygon", {"points": "0.5,0.5 2.5,2.5 4.5,0.5 2.5,-1.5"})),
    ],
)  # fmt: skip
def test_outlines_are_drawn_in_svg_x_first_from_the_corner_of_the_image(made, drawn):
    selector = selector_of(made)
    svg = ElementTree.fromstring(selector["value"])
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    (shape,) = svg
    assert selector["type"] == "SvgSelector"
    assert (shape.tag.rpartition("}")[2], shape.attrib) == drawn


def test_depth_time_and_labels_are_told_by_words_of_our_own():
    box = region("box", (1, 10, 20), (4, 15, 40), axes="zyx",
                 extents=(Extent(axis="t", first=0, last=0),))  # fmt: skip
    selector = selector_of(box)
    assert selector["value"] == "xywh=pixel:20.5,10.5,20,5"
    time = selector["refinedBy"]
    assert (time["type"], time["cellib:axis"]) == ("cellib:ExtentSelector", "t")
    assert time["refinedBy"] == {
        "type": "cellib:ExtentSelector",
        "cellib:axis": "z",
        "cellib:first": 1,
        "cellib:last": 4,
    }
    label = Region(
        id="00000000000000aa", shape=RegionShape.LABEL, value=7, labels="nuclei"
    )
    assert selector_of(label) == {
        "type": "cellib:LabelSelector",
        "cellib:value": 7,
        "cellib:labels": "nuclei",
    }
    assert selector_of(region("point", (3,), axes="t"))["cellib:axis"] == "t"


def test_a_crate_holds_regions_what_is_said_of_them_and_remarks(record, said):
    crate = json.loads(cite(record, "Demo", "ro-crate", said))

    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    refers = [value for e in crate["@graph"] for value in e.values()]
    flat = [one for v in refers for one in (v if isinstance(v, list) else [v])]
    inside = [one["@id"] for one in flat if isinstance(one, dict)]
    assert [i for i in inside if i.startswith("#") and i not in entities] == []
    cell = entities["#region-00000000000000aa"]
    selector = entities[cell["oa:hasSelector"]["@id"]]
    assert selector["rdf:value"] == "xywh=pixel:2.5,1.5,10,5"
    notes = [e for e in crate["@graph"] if e["@type"] == "oa:Annotation"]
    assert [note["name"] for note in notes] == ["nucleus", "not cilium"]
    assert entities[notes[0]["oa:hasBody"]["@id"]]["termCode"] == "GO:0005634"
    assert "oa:hasBody" not in notes[1]
    (comment,) = [e for e in crate["@graph"] if e["@type"] == "Comment"]
    assert entities[comment["author"]["@id"]]["@type"] == "Person"
    assert entities["./"]["comment"] == [{"@id": comment["@id"]}]


def test_a_crate_without_regions_is_as_it_was(record):
    assert cite(record, "Demo", "ro-crate", Statements()) == cite(
        record, "Demo", "ro-crate"
    )
