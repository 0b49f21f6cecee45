from __future__ import annotations

import pytest

from napari_cellib.archives.cil.words import address, one_line, plain, title_of


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Christine O\u00e2\u0080\u0099Day", "Christine O\u2019Day"),
        ("Christine O\u00e2\u20ac\u2122Day", "Christine O\u2019Day"),
        ("M\u00c3\u00bcller und M\u00fcller", "M\u00fcller und M\u00fcller"),
        ("Guill&#233;n", "Guill\u00e9n"),
        ("5 &micro;m at 4&deg;C", "5 \u00b5m at 4\u00b0C"),
        ("2011  Olympus\nBioScapes ", "2011 Olympus BioScapes"),
        ("R&D; AT&T", "R&D; AT&T"),
        ("\u00c4rger na\u00efve \u03b1", "\u00c4rger na\u00efve \u03b1"),
        ("\u0645\u062b\u0627\u0644 \U0001f52c", "\u0645\u062b\u0627\u0644 \U0001f52c"),
    ],
)  # fmt: skip
def test_characters_are_repaired_and_right_ones_left_alone(written, meant):
    assert one_line(written) == meant


def test_markup_becomes_lines_and_tabs():
    table = (
        "Sum<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    )

    assert plain(table).text.split() == ["Sum", "a", "b", "1", "2"]
    assert "1\t2" in plain(table).text


def test_a_comparison_is_no_markup():
    assert plain("p < 0.05 and n > 3, x<y").text == "p < 0.05 and n > 3, x<y"


def test_addresses_in_markup_are_kept():
    found = plain('See <a href="http://example.org/a">here</a>, <a href="#b">b</a>.')

    assert found.text == "See here, b."
    assert [link.url for link in found.links] == ["http://example.org/a"]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("http://example.org/x ", "http://example.org/x"),
        ("images.example.org/", "http://images.example.org/"),
        ("  681452", None),
        ("htto://example.org", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_an_address_is_one_that_a_browser_opens(written, url):
    assert address(written) == url


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("Cells of C. elegans. More.", "Cells of C. elegans"),
        ("Imaged in Fig. 1 of a paper. More.", "Imaged in Fig. 1 of a paper"),
        ("At 0.5 micrometers. More", "At 0.5 micrometers"),
        ("A heading\nand text.", "A heading"),
        ("No end", "No end"),
    ],
)
def test_a_title_ends_where_the_sentence_does(description, title):
    assert title_of(description) == title


def test_a_long_title_is_cut_between_words():
    title = title_of("word " * 60)

    assert len(title) <= 111
    assert title.endswith("word\u2026")


@pytest.mark.parametrize(
    "text",
    ["<" + " " * 200_000 + "x", "A. " * 200_000, "See Fig. " * 100_000],
    ids=["tag", "initials", "abbreviations"],
)
def test_a_text_that_was_made_to_take_ages_takes_none(text):
    # With a step that grows with the square of the length, each took minutes.
    assert plain(text).text
    assert len(title_of(text)) <= 111
