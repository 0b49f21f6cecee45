"""What the language of searches finds, in every library.

Each kind of library that stands in KINDS of conftest.py must pass all of this.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from napari_cellib.model import FacetField, ImageRecord, Query
from napari_cellib.model.query import LONGEST_TEXT

if TYPE_CHECKING:
    from conftest import LibraryMaker
    from napari_cellib.library import Library

HELA = {"CLB000001X", "CLB0000028", "CLB0000036"}
MITO = {"CLB000001X", "CIL:10107"}  # annotated, not only described
CILIA = {"CLB0000052", "CLB0000060"}
MICE = {"CLB0000052", "CLB0000087", "CIL:10107"}
MEMBRANE_BOUNDED = {
    *("CLB000001X", "CLB0000028", "CLB0000052", "CLB0000060", "CLB0000095"),
    "CIL:10107",
}
Z_STACKS = {"CLB000001X", "CLB0000028", "CLB0000095"}


def found(library: Library, text: str, **query: object) -> set[str]:
    page = library.search(Query(text=text, **query))
    assert page.total == len(page.hits), "a helper for answers of one page"
    return {hit.record.id for hit in page.hits}


def understood(library: Library, text: str) -> set[str]:
    assert library.search(Query(text=text)).warnings == ()
    return found(library, text)


# -------------------------------------------------------------------------- siblings


def test_siblings_are_found_by_the_number_of_one_of_them(any_library: Library) -> None:
    family = {record.id for record in any_library.siblings("CLB0000036")}

    assert len(family) == 3
    assert understood(any_library, "siblings:CLB0000036") == {"CLB0000036", *family}
    assert understood(any_library, 'siblings:"clb0000036"') == {"CLB0000036", *family}
    assert understood(any_library, "siblings:CIL:10107") == {"CIL:10107"}
    assert found(any_library, "siblings:unknown") == set()


def test_siblings_are_asked_for_together_with_other_things(
    any_library: Library,
) -> None:
    family = understood(any_library, "siblings:CLB0000036")
    hela = understood(any_library, "siblings:CLB0000036 hela")

    assert hela == family & understood(any_library, "hela")
    assert understood(any_library, "-siblings:CLB0000036 hela") == (
        understood(any_library, "hela") - family
    )


# ----------------------------------------------------------------- words and phrases


def test_words_in_quotes_stand_next_to_each_other(any_library: Library) -> None:
    assert understood(any_library, '"dividing HeLa cells"') == {"CLB0000028"}
    assert understood(any_library, "“dividing hela cell”") == {"CLB0000028"}
    assert understood(any_library, '"HeLa dividing"') == set()
    assert understood(any_library, '"septins"') == {"CLB0000079"}
    assert understood(any_library, '"9+2 axoneme"') == {"CLB0000052"}


def test_a_phrase_does_not_reach_from_one_text_into_the_next(
    make_any_library: LibraryMaker,
) -> None:
    notes = [
        {"field": "cell_type", "term": {"text": text}}
        for text in ("stellate cell", "membrane blob")
    ]
    library = make_any_library(
        [
            ImageRecord(id="apart", title="One", annotations=notes),
            ImageRecord(id="next", title="The cell membrane"),
        ]
    )
    assert found(library, '"cell membrane"') == {"next"}
    assert found(library, '"stellate cell"') == {"apart"}


def test_a_star_stands_for_the_rest_of_a_word(any_library: Library) -> None:
    assert understood(any_library, "condens* hela") == {"CLB0000028"}
    assert understood(any_library, "condens hela") == set()
    assert found(any_library, "mitochondri* liver") == {"CIL:10107"}


def test_fillers_need_not_be_found(any_library: Library) -> None:
    text = "mitochondri* in HeLa by confocal microscopy"
    assert {"CLB000001X", "CLB0000028"} == understood(any_library, text)
    assert understood(any_library, "the trachea of a mouse") == {"CLB0000052"}
    assert understood(any_library, "organism:mouse in trachea") == {"CLB0000052"}


def test_the_words_of_a_name_mean_nothing_apart(make_any_library: LibraryMaker) -> None:
    tem = {"field": "imaging_method", "term": {"id": "FBbi:00000258"}}
    chain = {"field": "biological_process", "term": {"text": "electron transport"}}
    library = make_any_library(
        [
            ImageRecord(id="below", title="Mitochondrion", annotations=[tem]),
            ImageRecord(id="says", title="A mitochondrion by electron microscopy"),
            ImageRecord(
                id="apart",
                title="Light microscopy of mitochondria",
                annotations=[chain],
            ),
        ]
    )
    assert found(library, "electron microscopy") == {"below", "says"}
    assert found(library, "mitochondria by electron microscopy") == {"below", "says"}
    assert found(library, "microscopy electron") == {"says", "apart"}


def test_kinds_and_licences_are_words_too(any_library: Library) -> None:
    assert understood(any_library, "z-stacks of HeLa") == {"CLB000001X", "CLB0000028"}
    assert understood(any_library, "public domain cilia") == {"CLB0000052"}
    assert understood(any_library, "time series of yeast") == {"CLB0000079"}


# ----------------------------------------------------------------- and, or, not


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trachea OR septins", {"CLB0000052", "CLB0000079"}),
        ("hela AND microtubules", {"CLB0000036"}),
        ("hela NOT microtubules", {"CLB000001X", "CLB0000028"}),
        ("hela -microtubules", {"CLB000001X", "CLB0000028"}),
        ("hela (microtubules OR chromosomes)", {"CLB0000036", "CLB0000028"}),
        ("hela microtubules OR septins", {"CLB0000036", "CLB0000079"}),
        ('hela -(microtubules OR "dividing hela")', {"CLB000001X"}),
        ("hela -line:hela", set()),
        ("-kind:still kind:rgb", set()),
        ("NOT NOT septins", {"CLB0000079"}),
        ("septins OR -has:publication -mitochondria -hela -cos-7 kind:plate",
         {"CLB0000079"}),
    ],
)  # fmt: skip
def test_conditions_are_joined(
    any_library: Library, text: str, expected: set[str]
) -> None:
    assert understood(any_library, text) == expected


def test_what_is_left_out_can_be_all_that_is_said(any_library: Library) -> None:
    everything = found(any_library, "")
    assert understood(any_library, "-hela") == everything - HELA
    assert understood(any_library, "-hela OR hela") == everything


# ----------------------------------------------------------------------- fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("organism:mouse", MICE),
        ("organism:mammals", MICE | HELA),
        ("organism:=mammals", set()),
        ("species:NCBITaxon_10090", MICE),
        ('organism:"Mus musculus"', MICE),
        ('organism:="Mus musculus"', MICE),
        ("organism:aethiops", {"CLB0000044"}),  # a word of free text
        ("component:GO_0043227", MEMBRANE_BOUNDED),
        ("component:=GO_0043227", set()),
        ("component:GO:0005739", MITO),
        ("component:=mitochondrion", MITO),
        ("organelle:mitochondria", MITO),
        ("cell_type:GO:0005739", set()),  # of another field
        ("cell_type:hepatocyte", {"CIL:10107"}),
        ("process:bud", {"CLB0000079"}),
        ("line:cos", {"CLB0000044"}),
        ("line:hel*", HELA),
        ("line:HeLa", HELA),
        ('method:"electron microscopy"', {"CIL:10107", "CLB0000052"}),
        ('method:="electron microscopy"', set()),
        ("organism:(mouse OR yeast)", MICE | {"CLB0000079"}),
        ("organism:mouse -component:cilium", {"CLB0000087", "CIL:10107"}),
    ],
)
def test_terms_are_asked_for_by_field(
    any_library: Library, text: str, expected: set[str]
) -> None:
    assert understood(any_library, text) == expected


def test_terms_of_fields_without_a_facet_are_found_with_what_lies_below(
    make_any_library: LibraryMaker,
) -> None:
    def noted(name: str, field: str, curie: str, qualifier: str = "present") -> object:
        note = {"field": field, "term": {"id": curie}, "qualifier": qualifier}
        return ImageRecord(id=name, title=name, annotations=[note])

    library = make_any_library(
        [
            noted("liver", "anatomy", "UBERON:0002107"),
            noted("none", "anatomy", "UBERON:0002107", "absent"),
            noted("other", "other", "UBERON:0002107"),
        ]
    )
    assert found(library, "anatomy:liver") == {"liver"}
    assert found(library, "anatomy:organ") == {"liver"}
    assert found(library, "tissue:UBERON_0000062") == {"liver"}
    assert found(library, "anatomy:=UBERON_0000062") == set()
    assert found(library, "has:anatomy") == {"liver"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("has:zstack", Z_STACKS),
        ("kind:z-stacks", Z_STACKS),
        ('kind:"time series" kind:video', {"CLB0000060"}),
        ("kind:2d", {"CLB0000044", "CLB0000052", "CLB0000087", "CIL:10107"}),
        ("licence:CC-BY-SA-4.0", {"CLB0000060"}),
        ('license:"CC BY-SA 4.0"', {"CLB0000060"}),
        ("licence:public_domain", {"CLB0000052", "CIL:10107"}),
        ('licence:"public domain"', {"CLB0000052", "CIL:10107"}),
        ("licence:nc", {"CLB0000036"}),
        ("title:mitochondria", {"CLB000001X", "CIL:10107"}),
        ("title:mitoch*", {"CLB000001X", "CIL:10107"}),
        ("author:palade", {"CIL:10107"}),
        ("author:Müller title:nuclei", {"CLB0000028"}),
        ("author:fawc*", {"CLB0000052"}),
        ("id:10107", {"CIL:10107"}),
        ("id:CIL:10107", {"CIL:10107"}),
        ("id:24567890", {"CLB000001X"}),
        ("-has:licence", {"CLB0000095", "CLB0000124"}),
        ("has:process kind:video", {"CLB0000060"}),
        ("library:contract septins", {"CLB0000079"}),
        ("library:elsewhere septins", set()),
    ],
)
def test_what_a_record_says_is_asked_for_by_field(
    any_library: Library, text: str, expected: set[str]
) -> None:
    assert understood(any_library, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date:2010", {"CIL:10107", "CLB0000052"}),
        ("date:2010-12", {"CLB0000052"}),
        ("date:2012-07-15", {"CLB0000060"}),
        ("date:2012-07-16..2013", {"CLB0000036"}),
        ("date:..2009", {"CLB0000087"}),  # and none without a date
        ("year:2021..", {"CLB0000095", "CLB0000108"}),
        ("date:(2009 OR 2022)", {"CLB0000087", "CLB0000108"}),
        ("-date:0001..", {"CLB0000124"}),
    ],
)
def test_dates_are_asked_for_by_year_month_and_day(
    any_library: Library, text: str, expected: set[str]
) -> None:
    assert understood(any_library, text) == expected


# ------------------------------------------------------------------------ every text


def test_what_is_not_understood_is_told_and_answered(any_library: Library) -> None:
    for text in ('"septins', "septins)", "septins OR", "(septins"):
        page = any_library.search(Query(text=text))
        assert [hit.record.id for hit in page.hits] == ["CLB0000079"]
        assert len(page.warnings) == 1
    page = any_library.search(Query(text="organsim:yeast"))
    assert "Did you mean “organism:”" in page.warnings[0]


def test_pages_of_a_search_without_words_are_in_the_order_of_newest(
    any_library: Library,
) -> None:
    page = any_library.search(Query(text="organism:mouse"))
    assert [hit.record.id for hit in page.hits] == [
        "CLB0000052",
        "CIL:10107",
        "CLB0000087",
    ]


def test_every_text_of_the_language_is_answered(any_library: Library) -> None:
    dice = random.Random(11)
    pieces = ['"', "(", ")", "-", "*", " ", " ", " AND ", " OR ", "NOT ", "organism:"]
    pieces += [
        "date:2010",
        "..",
        "has:",
        "=",
        "mouse",
        "mito*",
        "細",
        "🔬",
        "\0",
        "GO:0005739",
    ]
    for _ in range(150):
        text = "".join(dice.choices(pieces, k=dice.randrange(25)))
        page = any_library.search(Query(text=text, facets=False))
        assert page.total >= len(page.hits)


# ------------------------------------------------------------------- did you mean


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("mitochondira", "mitochondria"),
        ("mitchondria hela", "mitochondria hela"),
        ("hela mitocondria", "hela mitochondria"),
        ("trachae -kind:plate", "trachea -kind:plate"),
        ("author:palde liver", "author:palade liver"),
        ("organism:moues", "organism:mouse"),
        ('"dividng hela cells"', '"dividing hela cells"'),
        ("mamals", "mammal"),  # a term that no image says by itself
        ("hela trachea", None),  # every word is right
        ("xqzzk", None),
        ("", None),
        ("hela", None),
    ],
)
def test_words_that_find_nothing_are_corrected(
    any_library: Library, text: str, suggestion: str | None
) -> None:
    page = any_library.search(Query(text=text))
    assert page.suggestion == suggestion
    if suggestion:
        assert any_library.search(Query(text=suggestion)).total


def test_only_what_finds_something_beside_the_filters_is_suggested(
    any_library: Library,
) -> None:
    mice = {FacetField.ORGANISM: ("NCBITaxon:10090",)}
    query = Query(text="tracheea", filters=mice)
    assert any_library.search(query).suggestion == "trachea"
    query = Query(text="septinss", filters=mice)
    assert any_library.search(query).suggestion is None


@pytest.mark.parametrize(
    "text", ["a" * 998 + " b", "mitchondria" + " " * 989, "axon " * 200]
)
def test_a_text_of_the_greatest_length_is_answered(
    any_library: Library, text: str
) -> None:
    assert len(text) == LONGEST_TEXT
    page = any_library.search(Query(text=text))
    assert page.suggestion is None
