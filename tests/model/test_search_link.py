"""A search as a link that another person can paste."""

from __future__ import annotations

import random

import pytest

from napari_cellib.errors import AddressInvalid
from napari_cellib.model import Address, FacetField, Query, Sort
from napari_cellib.model.search_link import is_search_link, link_to, read_link

FULL = Query(
    text='"nuclear envelope" -αβ & 100%',
    filters={
        FacetField.ORGANISM: ("NCBITaxon:9606", 'say "a" & b=c'),
        FacetField.LIBRARY: ("cil",),
    },
    exact=("NCBITaxon:9606",),
    sort=Sort.NEWEST,
)


@pytest.mark.parametrize("query", [Query(), Query(text="a b"), FULL])
def test_a_link_asks_for_what_it_was_made_of(query):
    link = link_to(query)

    assert is_search_link(link)
    assert read_link(f" {link}\n").query == query
    assert read_link(link).notes == ()
    assert link.isascii()
    assert " " not in link


def test_a_link_can_be_read_by_a_person():
    query = Query(filters={FacetField.ORGANISM: ("NCBITaxon:9606",)}, sort=Sort.TITLE)

    assert link_to(query) == "cellib://search?organism=NCBITaxon:9606&sort=title"


def test_a_link_may_be_written_as_browsers_do():
    link = read_link("CELLIB://Search?q=HeLa+cells&kind=still&kind=rgb&kind=still#top")

    assert link.query.text == "HeLa cells"
    assert link.query.filters == {FacetField.KIND: ("still", "rgb")}


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("cellib://search?colour=red&q=a", "“colour=red”"),
        ("cellib://search?sort=random&q=a", "“sort=random”"),
        ("cellib://search?<b>x</b>=<script>&q=a", "“<b>x</b>=<script>”"),
        ("cellib://search?a=1&b=2&c=3&d=4&q=a", "and 1 more"),
    ],
)
def test_what_is_unknown_in_a_link_is_told_and_left_out(link, told):
    found = read_link(link)

    assert found.query == Query(text="a")
    assert told in found.notes[0]


def test_a_hostile_link_does_no_harm():
    assert read_link("cellib://search?q=" + "x" * 10_000).query == Query()
    assert "too long" in read_link("cellib://search?q=" + "x" * 10_000).notes[0]
    many = "cellib://search?" + "&".join(f"kind={n}" for n in range(300))
    assert len(read_link(many).query.filters[FacetField.KIND]) <= 100
    assert read_link("cellib://search?q=%ff%00%ed%a0%80").query.text
    dice = random.Random(3)
    for _ in range(500):
        noise = "".join(
            chr(dice.choice((38, 61, 37, 43, 113, 0, 0xD800, 233))) for _ in range(40)
        )
        read_link("cellib://search?" + noise)
        link_to(Query(text=noise.encode(errors="replace").decode()))


@pytest.mark.parametrize("text", ["", "cellib://search/CIL:1", "search?q=a", "actin"])
def test_words_and_addresses_of_images_are_no_links(text):
    assert not is_search_link(text)


def test_the_link_to_a_search_is_no_address_of_an_image():
    with pytest.raises(AddressInvalid, match="leads to a search") as told:
        Address.parse(link_to(FULL))
    assert "line of the panel" in told.value.fix
