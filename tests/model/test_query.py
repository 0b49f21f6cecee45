from __future__ import annotations

import pytest
from pydantic import ValidationError

from napari_cellib.model import FacetField, Page, Query


def test_a_facet_value_is_added_and_taken_away_again():
    once = Query(text="cell", cursor="abc").toggled(FacetField.KIND, "still")

    assert once.filters == {FacetField.KIND: ("still",)}
    assert once.cursor is None
    assert once.toggled(FacetField.KIND, "still") == Query(text="cell")


def test_values_of_one_facet_are_kept_as_alternatives():
    query = Query().toggled(FacetField.KIND, "still").toggled(FacetField.KIND, "rgb")

    assert query.filters == {FacetField.KIND: ("still", "rgb")}


def test_only_terms_of_the_filters_can_be_exact():
    chosen = {FacetField.ORGANISM: ("NCBITaxon:9606",)}
    query = Query(filters=chosen, exact=("NCBITaxon:9606", "GO:0005634"))

    assert query.exact == ("NCBITaxon:9606",)
    assert query.toggled(FacetField.ORGANISM, "NCBITaxon:9606").exact == ()
    assert query.toggled(FacetField.KIND, "still").exact == ("NCBITaxon:9606",)


def test_a_changed_query_starts_at_its_first_page():
    assert Query(text="cell", cursor="abc").changed(text="actin") == Query(text="actin")


def test_a_query_without_words_and_filters_asks_for_everything():
    assert Query(text="  ").is_empty
    assert not Query(text="a").is_empty


@pytest.mark.parametrize("bad", [{"limit": 0}, {"limit": 501}, {"text": "x" * 1001}])
def test_a_query_that_asks_for_too_much_is_refused(bad):
    with pytest.raises(ValidationError):
        Query(**bad)


def test_a_query_and_an_answer_survive_json():
    query = Query(text="日本 'x\"", filters={FacetField.LICENCE: ("CC0-1.0",)})

    assert Query.model_validate_json(query.model_dump_json()) == query
    page = Page(hits=(), total=0)
    assert Page.model_validate_json(page.model_dump_json()) == page


def test_how_many_were_found_is_said_as_far_as_it_is_known():
    def words(total, *warnings, is_exact=False):
        page = Page(hits=(), total=total, total_is_exact=is_exact, warnings=warnings)
        return page.total_in_words

    assert words(2634, "a note", is_exact=True) == "2,634 images"
    assert words(2634, "a library is left out") == "at least 2,634 images"
    assert words(2634) == "about 2,634 images"  # copies are still to be folded
    assert words(0, "a library is left out") == "0 images"
    assert words(1, is_exact=True) == "1 image"
