"""What filters, facets and the hierarchy of terms do, in every library.

Each kind of library that stands in KINDS of conftest.py must pass all of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import QueryInvalid
from napari_cellib.model import FacetField, FacetValue, ImageRecord, Query, Term

if TYPE_CHECKING:
    from conftest import LibraryMaker
    from napari_cellib.library import Library

HUMAN, MOUSE = "NCBITaxon:9606", "NCBITaxon:10090"
MEMBRANE_BOUNDED = {  # mitochondria, nuclei and cilia
    *("CLB000001X", "CLB0000028", "CLB0000052", "CLB0000060", "CLB0000095"),
    "CIL:10107",
}
EUKARYOTES = {
    *("CLB000001X", "CLB0000028", "CLB0000036", "CLB0000052", "CLB0000060"),
    *("CLB0000079", "CLB0000087", "CLB0000095", "CIL:10107"),
}
CILIA = {"CLB0000052", "CLB0000060"}


def ids(library: Library, text: str = "", **query: object) -> list[str]:
    page = library.search(Query(text=text, **query))
    assert page.total == len(page.hits), "a helper for answers of one page"
    return [hit.record.id for hit in page.hits]


def counts(library: Library, field: FacetField, **query: object) -> dict[str, int]:
    page = library.search(Query(**query))
    found = {facet.field: facet.values for facet in page.facets}
    return {value.value: value.count for value in found.get(field, ())}


def facet(
    library: Library, field: FacetField, **query: object
) -> dict[str, FacetValue]:
    found = {one.field: one.values for one in library.search(Query(**query)).facets}
    return {value.value: value for value in found.get(field, ())}


def _noted(
    record_id: str,
    field: str,
    curie: str,
    qualifier: str = "present",
    label: str | None = None,
) -> ImageRecord:
    note = {"field": field, "term": {"id": curie, "label": label}}
    note["qualifier"] = qualifier
    return ImageRecord(id=record_id, title="An image", annotations=[note])


# ------------------------------------------------------------------------ facets


def test_facets_count_all_hits_and_have_labels(any_library: Library) -> None:
    page = any_library.search(Query(limit=1))
    (organisms,) = [f for f in page.facets if f.field is FacetField.ORGANISM]
    shown = [(v.label, v.count) for v in organisms.values]
    assert shown[:3] == [("Mammalia", 6), ("Homo sapiens", 3), ("Mus musculus", 3)]
    assert ("Cercopithecus aethiops (African green monkey)", 1) in shown
    licences = counts(any_library, FacetField.LICENCE)
    assert licences["CC-BY-4.0"] == 4
    assert licences["public_domain"] == 2
    assert licences["none"] == 2
    assert counts(any_library, FacetField.KIND)["time_series"] == 4
    assert counts(any_library, FacetField.LIBRARY) == {"contract": 12}


def test_values_of_one_facet_are_alternatives_and_facets_all_apply(
    any_library: Library,
) -> None:
    both = {FacetField.ORGANISM: (HUMAN, MOUSE)}
    assert len(ids(any_library, filters=both)) == 6
    narrowed = both | {FacetField.CELLULAR_COMPONENT: ("GO:0005739",)}
    assert set(ids(any_library, filters=narrowed)) == {"CLB000001X", "CIL:10107"}
    assert ids(any_library, "liver", filters=narrowed) == ["CIL:10107"]


def test_a_facet_keeps_its_alternatives_in_sight(any_library: Library) -> None:
    chosen = {FacetField.ORGANISM: (HUMAN,)}
    organisms = counts(any_library, FacetField.ORGANISM, filters=chosen)
    assert organisms[MOUSE] == 3
    methods = counts(any_library, FacetField.IMAGING_METHOD, filters=chosen)
    assert sum(methods.values()) == 3


def test_a_chosen_value_is_listed_even_if_nothing_has_it(any_library: Library) -> None:
    chosen = {FacetField.ORGANISM: (HUMAN,), FacetField.KIND: ("plate",)}
    assert counts(any_library, FacetField.ORGANISM, filters=chosen)[HUMAN] == 0
    assert counts(any_library, FacetField.KIND, filters=chosen)["plate"] == 0
    foreign = {FacetField.LIBRARY: ("elsewhere",)}
    assert ids(any_library, filters=foreign) == []


def test_images_without_a_licence_are_a_value_of_their_own(
    any_library: Library,
) -> None:
    for value in ("none", "no licence stated"):
        chosen = {FacetField.LICENCE: (value, "CC0-1.0")}
        assert {"CLB0000095", "CLB0000124"} < set(ids(any_library, filters=chosen))
    page = any_library.search(Query(limit=1, text="licence:none"))
    (licences,) = [f for f in page.facets if f.field is FacetField.LICENCE]
    (shown,) = licences.values
    assert (shown.label, shown.count, page.total) == ("no licence stated", 2, 2)


def test_a_negated_term_is_not_counted(any_library: Library) -> None:
    components = counts(any_library, FacetField.CELLULAR_COMPONENT)
    assert components["GO:0005739"] == 2


@pytest.mark.parametrize("value", ['say "a"', "x' OR '1'='1", "🔬", "a\0b", "x" * 5000])
def test_a_facet_value_may_be_anything(
    make_any_library: LibraryMaker, value: str
) -> None:
    note = {"field": "cell_type", "term": {"text": value}}
    record = ImageRecord(id="one", title="One", annotations=[note])
    library = make_any_library([record])
    (shown,) = counts(library, FacetField.CELL_TYPE)
    assert ids(library, filters={FacetField.CELL_TYPE: (shown,)}) == ["one"]
    assert ids(library, filters={FacetField.CELL_TYPE: (value,)}) == ["one"]


def test_facets_are_left_out_when_not_asked_for(any_library: Library) -> None:
    assert any_library.search(Query(facets=False)).facets == ()


# --------------------------------------------------------------------- hierarchy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("membrane-bounded organelle", MEMBRANE_BOUNDED),
        ("Membrane-Bounded Organelles", MEMBRANE_BOUNDED),
        ("membrane-bounded organ", MEMBRANE_BOUNDED),  # a beginning
        ("GO:0043227", MEMBRANE_BOUNDED),
        ("http://purl.obolibrary.org/obo/GO_0043227", MEMBRANE_BOUNDED),
        ("eukaryotes", EUKARYOTES),
        ("membrane-bounded organelle mammals liver", {"CIL:10107"}),
        ("rodents electron microscopy", {"CIL:10107", "CLB0000052"}),
    ],
)
def test_an_image_is_found_by_what_lies_above_its_terms(
    any_library: Library, text: str, expected: set[str]
) -> None:
    assert set(ids(any_library, text)) == expected


def test_one_word_of_a_broader_term_finds_nothing_below_it(
    any_library: Library,
) -> None:
    # "Membrane-bounded organelle" would let it find almost every image.
    assert ids(any_library, "bounded") == []
    assert ids(any_library, "organelle bounded membrane") == []


def test_an_image_that_says_the_words_itself_ranks_before_one_found_below_them(
    make_any_library: LibraryMaker,
) -> None:
    library = make_any_library(
        [
            _noted("below", "cellular_component", "GO:0005739"),
            ImageRecord(id="text", title="A", description="Some vacuole or organelle."),
            _noted("term", "cellular_component", "GO:0043226", label="organelle"),
            _noted("below-too", "cellular_component", "GO:0005634"),
        ]
    )
    found = ids(library, "organelle")
    assert found[:2] == ["term", "text"]
    assert set(found[2:]) == {"below", "below-too"}


@pytest.mark.parametrize(
    ("facet", "value", "expected"),
    [
        (FacetField.CELLULAR_COMPONENT, "GO:0043227", MEMBRANE_BOUNDED),
        (FacetField.CELLULAR_COMPONENT, "GO_0043227", MEMBRANE_BOUNDED),
        (FacetField.CELLULAR_COMPONENT, "membrane-bounded organelle", MEMBRANE_BOUNDED),
        (FacetField.ORGANISM, "NCBITaxon:2759", EUKARYOTES),
        (FacetField.ORGANISM, "NCBI:txid2759", EUKARYOTES),
        (FacetField.ORGANISM, "eukaryotes", EUKARYOTES),
        (FacetField.IMAGING_METHOD, "FBbi:00000256", {"CIL:10107", "CLB0000052"}),
        (FacetField.CELL_TYPE, "GO:0043227", set()),  # of another field
    ],
)
def test_a_filter_by_a_term_finds_all_that_lies_below_it(
    any_library: Library, facet: FacetField, value: str, expected: set[str]
) -> None:
    chosen = {facet: (value,)}
    assert set(ids(any_library, filters=chosen)) == expected
    assert counts(any_library, facet, filters=chosen)[value] == len(expected)


def test_a_part_is_found_under_the_whole(make_any_library: LibraryMaker) -> None:
    crista = _noted("crista", "cellular_component", "GO:0030061")
    library = make_any_library([crista])
    whole = {FacetField.CELLULAR_COMPONENT: ("GO:0005739",)}
    assert ids(library, filters=whole) == ["crista"]
    assert ids(library, "mitochondria") == ["crista"]


def test_a_negated_term_says_nothing_about_what_lies_above_it(
    make_any_library: LibraryMaker,
) -> None:
    library = make_any_library(
        [
            _noted("without", "cellular_component", "GO:0005739", "absent"),
            _noted("maybe", "cellular_component", "GO:0005739", "uncertain"),
        ]
    )
    for value in ("GO:0005739", "GO:0043227", "GO:0030061"):
        assert "without" not in ids(library, value)
        chosen = {FacetField.CELLULAR_COMPONENT: (value,)}
        assert "without" not in ids(library, filters=chosen)
    assert ids(library, "membrane-bounded organelle") == ["maybe"]


def test_facets_count_what_lies_below_a_value(any_library: Library) -> None:
    shown = facet(any_library, FacetField.ORGANISM)
    mammals = shown["NCBITaxon:40674"]
    assert (mammals.label, mammals.count) == ("Mammalia", 6)
    assert (mammals.parent, mammals.depth) == (None, 0)
    assert (shown[MOUSE].parent, shown[MOUSE].depth) == ("NCBITaxon:40674", 1)
    assert [value for value in shown if shown[value].parent] == [HUMAN, MOUSE]


def test_facets_show_neither_roots_nor_what_lies_above_nearly_all(
    make_any_library: LibraryMaker,
) -> None:
    terms = ("GO:0005575", "GO:0043226", "GO:0005739", "GO:0005634", "GO:0005634")
    library = make_any_library(
        _noted(f"r{number}", "cellular_component", curie)
        for number, curie in enumerate(terms)
    )
    shown = facet(library, FacetField.CELLULAR_COMPONENT)
    assert [(v.value, v.count, v.depth) for v in shown.values()] == [
        ("GO:0043226", 4, 0),  # organelle: somebody has annotated with it
        ("GO:0005634", 2, 1),
        ("GO:0005739", 1, 1),
    ]


def test_a_value_that_is_above_one_other_only_is_not_shown(
    make_any_library: LibraryMaker,
) -> None:
    library = make_any_library(
        _noted(f"r{number}", "organism", curie)
        for number, curie in enumerate((HUMAN, HUMAN, "NCBITaxon:562"))
    )
    assert list(facet(library, FacetField.ORGANISM)) == [HUMAN, "NCBITaxon:562"]


def test_a_chosen_group_is_shown_even_if_it_parts_nothing(
    any_library: Library,
) -> None:
    chosen = {FacetField.ORGANISM: ("NCBITaxon:2759",)}
    shown = facet(any_library, FacetField.ORGANISM, filters=chosen)
    assert shown["NCBITaxon:2759"].label == "Eukaryota"
    assert shown["NCBITaxon:40674"].parent == "NCBITaxon:2759"
    assert shown[MOUSE].depth == 2


def test_a_value_comes_right_after_the_one_that_it_is_shown_below(
    any_library: Library,
) -> None:
    for one in any_library.search(Query()).facets:
        path: list[str] = []
        for value in one.values:
            path = [*path[: value.depth], value.value]
            assert len(path) == value.depth + 1
            assert value.parent == (path[-2] if value.depth else None)


def test_a_merged_term_is_found_under_its_old_and_its_new_identifier(
    make_any_library: LibraryMaker,
) -> None:
    old, new = "GO:0007067", "GO:0000278"
    library = make_any_library(
        [
            _noted("old", "biological_process", old, label="mitosis"),
            _noted("new", "biological_process", new),
        ]
    )
    both = {FacetField.BIOLOGICAL_PROCESS: (new,)}
    assert set(ids(library, filters=both)) == {"old", "new"}
    assert ids(library, filters={FacetField.BIOLOGICAL_PROCESS: (old,)}) == ["old"]
    assert ids(library, "mitosis") == ["old"]
    assert counts(library, FacetField.BIOLOGICAL_PROCESS) == {new: 2}


def test_a_term_that_no_ontology_has_stands_for_itself(
    make_any_library: LibraryMaker,
) -> None:
    library = make_any_library([_noted("own", "cell_type", "LAB:7", label="our cell")])
    assert ids(library, "LAB:7") == ids(library, "our cell") == ["own"]
    shown = facet(library, FacetField.CELL_TYPE)
    assert [(v.value, v.label, v.count) for v in shown.values()] == [
        ("LAB:7", "our cell", 1)
    ]
    assert ids(library, filters={FacetField.CELL_TYPE: ("LAB:7",)}) == ["own"]


def test_what_was_superseded_no_longer_finds_an_image(
    make_any_library: LibraryMaker,
) -> None:
    record = _noted("one", "cell_type", "CL:0000540", label="neuron")
    (said,) = record.annotations
    corrected = said.model_copy(
        update={
            "term": Term(id="CL:0000127", label="astrocyte"),
            "supersedes": said.key,
        }
    )
    both = record.model_copy(update={"annotations": (said, corrected)})

    library = make_any_library([both])

    assert ids(library, "astrocyte") == ["one"]
    assert ids(library, "neuron") == []
    assert ids(library, "CL:0000540") == []
    assert "CL:0000540" not in counts(library, FacetField.CELL_TYPE)
    assert library.record("one").annotations == (said, corrected)


def test_nothing_is_missing_where_the_terms_are_at_hand(any_library: Library) -> None:
    assert any_library.search(Query()).warnings == ()


# ------------------------------------------------------------ chips without descendants


def test_a_chosen_term_can_stand_for_itself_alone(any_library: Library) -> None:
    field = FacetField.CELLULAR_COMPONENT
    chosen = {field: ("GO:0043227", "GO:0005929")}
    assert set(ids(any_library, filters=chosen)) == MEMBRANE_BOUNDED
    alone = {"filters": chosen, "exact": ("GO:0043227",)}
    assert set(ids(any_library, **alone)) == CILIA
    assert set(ids(any_library, filters=chosen, exact=chosen[field])) == CILIA


def test_a_term_that_stands_for_itself_is_counted_by_itself(
    any_library: Library,
) -> None:
    field = FacetField.CELLULAR_COMPONENT
    organelle, cilium = "GO:0043227", "GO:0005929"

    def counted(*exact: str) -> list[int]:
        chosen = {field: (organelle, cilium)}
        page = any_library.search(Query(filters=chosen, exact=exact))
        (facet,) = (facet for facet in page.facets if facet.field is field)
        counts = {value.value: value.count for value in facet.values}
        return [counts[organelle], counts[cilium]]

    assert counted() == [len(MEMBRANE_BOUNDED), len(CILIA)]
    assert counted(organelle) == [0, len(CILIA)]
    assert counted(organelle, cilium) == [0, len(CILIA)]


def test_a_page_marker_belongs_to_terms_with_or_without_what_lies_below(
    any_library: Library,
) -> None:
    chosen = {"filters": {FacetField.CELLULAR_COMPONENT: ("GO:0005739",)}}
    cursor = any_library.search(Query(**chosen, limit=1)).next
    assert cursor
    with pytest.raises(QueryInvalid):
        any_library.search(Query(**chosen, exact=("GO:0005739",), cursor=cursor))
