"""The language of searches: what is understood, and that nothing is an error."""

from __future__ import annotations

import random
import time

import pytest

from napari_cellib.model import Kind, TermField
from napari_cellib.model.search_fields import FIELDS, PARTS, field_called, in_words
from napari_cellib.model.search_syntax import parse
from napari_cellib.model.search_text import (
    FILLERS,
    All,
    Dated,
    Either,
    InField,
    Not,
    Phrase,
    Words,
)


def words(*typed: str, unfinished: bool = False) -> Words:
    return Words(typed, unfinished)


def typing(*typed: str) -> Words:
    return Words(typed, unfinished=True)


MOUSE = InField("organism", "mouse")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", None),
        (" \t\n\0 ", None),
        ("mito", typing("mito")),
        ("HeLa mitochondria", typing("HeLa", "mitochondria")),
        ("mito* HeLa", typing("mito*", "HeLa")),
        ("HeLa mito*", words("HeLa", "mito*")),
        ("(mitochondria), HeLa;", typing("mitochondria", "HeLa")),
        ("mitochondria (HeLa)", typing("mitochondria", "HeLa")),
        ("Ca(2+) wave", typing("Ca(2+", "wave")),
        ("'o'brien'", typing("o'brien")),
        ("COS-7 -80 -- x", typing("COS-7", "-80", "x")),
        ("- !", None),
        ('"nuclear  envelope"', Phrase("nuclear envelope")),
        ("“nuclear envelope” pore", All((Phrase("nuclear envelope"), typing("pore")))),
        ('5" pipette', typing("5", "pipette")),
        ('""', None),
    ],
)
def test_words_and_phrases_are_read(text, condition):
    assert parse(text).condition == condition
    assert parse(text).notes == ()


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("actin AND tubulin", All((words("actin"), typing("tubulin")))),
        ("actin OR tubulin", Either((words("actin"), typing("tubulin")))),
        ("actin and tubulin", typing("actin", "and", "tubulin")),
        ("p q OR r s", Either((words("p", "q"), typing("r", "s")))),
        ("p (q OR r)", All((words("p"), Either((words("q"), typing("r")))))),
        ("(a OR b)OR(c OR d)", Either(
            (Either((words("a"), words("b"))), Either((words("c"), typing("d"))))
        )),
        ("actin NOT yeast", All((words("actin"), Not(words("yeast"))))),
        ("actin -yeast", All((words("actin"), Not(words("yeast"))))),
        ("NOT -yeast", words("yeast")),
        ('-"HeLa cell" x', All((Not(Phrase("HeLa cell")), typing("x")))),
        ("-(a OR b)", Not(Either((words("a"), words("b"))))),
        ("-organism:mouse", Not(MOUSE)),
        ("NOT(a b)", Not(words("a", "b"))),
    ],
)  # fmt: skip
def test_conditions_are_joined(text, condition):
    assert parse(text).condition == condition
    assert parse(text).notes == ()


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("organism:mouse", MOUSE),
        ("Organism: mouse", MOUSE),
        ("ORGANISM:mouse,", MOUSE),
        ("organism:mouse liver", All((MOUSE, typing("liver")))),
        ("(organism:mouse)", MOUSE),
        ('organism:"Mus musculus"', InField("organism", "Mus musculus")),
        ("organism:=mouse", InField("organism", "mouse", exact=True)),
        ('component:="cell cortex"', InField(
            "cellular_component", "cell cortex", exact=True
        )),
        ("component:GO_0005929", InField("cellular_component", "GO_0005929")),
        ("id:CIL:10107", InField("id", "CIL:10107")),
        ("license:CC-BY-3.0", InField("licence", "CC-BY-3.0")),
        ("author:palade", InField("person", "palade")),
        ("cell-line:HeLa", InField("cell_line", "HeLa")),
        ("line:HeL*", InField("cell_line", "HeL*")),
        ("stage:E14.5", InField("developmental_stage", "E14.5")),
        ("organism:(mouse OR rat)", Either((MOUSE, InField("organism", "rat")))),
        ("kind:z-stack", InField("kind", "z_stack")),
        ("has:zstacks", InField("kind", "z_stack")),
        ('kind:"time series"', InField("kind", "time_series")),
        ("has:doi", InField("has", "doi")),
        ("has:article", InField("has", "publication")),
        ("has:disease", InField("has", "disease")),
    ],
)  # fmt: skip
def test_values_of_fields_are_read(text, condition):
    assert parse(text).condition == condition
    assert parse(text).notes == ()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("date:2010", 2010_00_00, 2010_12_31),
        ("date:2010-02", 2010_02_00, 2010_02_28),
        ("date:2012/2", 2012_02_00, 2012_02_29),
        ("date:2010-05-31", 2010_05_31, 2010_05_31),
        ("date:2010..2012-05", 2010_00_00, 2012_05_31),
        ("date:..2005", 1, 2005_12_31),
        ("date:2005..", 2005_00_00, 9999_12_31),
        ("date:2010-2012", 2010_00_00, 2012_12_31),
        ("date:2012..2010", 2010_00_00, 2012_12_31),
        ("year:2010", 2010_00_00, 2010_12_31),
    ],
)
def test_dates_are_read_as_far_as_they_are_known(text, first, last):
    assert parse(text).condition == Dated(first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("CIL:10106", "GO:0005739", "GO_0005739", "12:30", "doi:10.1000/x", "1:1"),
        *("https://example.org/a?b=c:d", "cellib://demo/CLB0000028", "obo:GO_0005929"),
        *("🔬", "خلية", "細胞", "µm", "a:b", "x" * 1000),
    ],
)
def test_identifiers_links_and_signs_are_plain_words(text):
    assert parse(text).condition == typing(text)
    assert parse(text).notes == ()


@pytest.mark.parametrize(
    ("text", "condition", "note"),
    [
        ('"nuclear envelope', typing("nuclear", "envelope"), "quotation mark"),
        ("(actin OR tubulin", Either((words("actin"), typing("tubulin"))),
         "parenthesis is not closed"),
        ("actin)", typing("actin"), "closed that was never opened"),
        ("actin OR", words("actin"), "beside “OR”"),
        ("AND actin", typing("actin"), "beside “AND”"),
        ("actin NOT", words("actin"), "beside “NOT”"),
        ("organsim:mouse", typing("organsim:mouse"), "Did you mean “organism:”"),
        ("organism:", typing("organism"), "Nothing stands after “organism:”"),
        ("organism: OR x", Either((words("organism"), typing("x"))), "Nothing stands"),
        ("date:2010-13", words("date", "2010-13"), "is no date"),
        ("date:2010-02-30", words("date", "2010-02-30"), "is no date"),
        ("date:1..2..3", words("date", "1..2..3"), "is no date"),
        ("kind:book", words("kind", "book"), "is no kind of image"),
        ("has:wings", words("has", "wings"), "not known whether"),
        ("a " * 41 + "b", typing(*["a"] * 40), "first 40 words"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_and_taken_as_words(text, condition, note):
    found = parse(text)

    assert found.condition == condition
    assert any(note in told for told in found.notes)
    assert all(told.endswith((".", "?")) for told in found.notes)


def test_fillers_are_left_out_beside_anything_else():
    assert parse("organism:mouse in").condition == MOUSE
    assert parse("the").condition == typing("the")
    # Between words they may be part of a name.
    assert parse("in situ").condition == typing("in", "situ")
    assert all(word == word.lower() for word in FILLERS)


@pytest.mark.parametrize("field", TermField)
def test_every_field_of_terms_can_be_asked_for(field):
    assert parse(f"{field.value}:x").condition == InField(field.value, "x")
    assert parse(f"has:{field.value}").condition == InField("has", field.value)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_asked_for_as_people_read_it(kind):
    for spelling in (kind.value, kind.label, kind.name, in_words(kind)):
        assert parse(f'kind:"{spelling}"').condition == InField("kind", kind.value)


def test_no_name_means_two_fields():
    names = [name for field, more in FIELDS.items() for name in (field, *more)]

    assert len({name.replace("_", "") for name in names}) == len(names)
    for field, more in FIELDS.items():
        assert {field_called(name) for name in (field, *more)} == {field}
    assert not set(PARTS) & set(TermField)


def test_parentheses_may_be_nested_without_end():
    assert parse("(" * 500 + "a" + ")" * 499).condition == typing("a")
    deep = parse("-(a OR " * 140)
    assert any("within each other" in note for note in deep.notes)
    assert parse("NOT " * 249 + "a").condition == Not(words("a"))


def test_random_texts_are_all_answered_at_once():
    dice = random.Random(5)
    signs = "\"“”'()[]{}*?\\/:=+-^~&|!<>.,\0\t\n\u200b\u202eaé細خ🔬0 \ud83d"
    pieces = [*signs, *" " * 12, "AND", " OR ", "NOT "]
    pieces += [
        "organism:",
        "date:",
        "has:",
        "kind:",
        ":=",
        "..",
        "2010",
        "actin",
        "in",
        "GO:0005739",
        "(",
        ")",
        "-",
    ]
    started = time.perf_counter()
    for _ in range(10_000):
        text = "".join(dice.choices(pieces, k=dice.randrange(80)))[:1000]
        found = parse(text)
        assert found.condition is not None or not any(map(str.isalpha, _bare(text)))
        hash(found)
    assert time.perf_counter() - started < 30


def _bare(text: str) -> str:
    for name in ("AND", "OR", "NOT"):
        text = text.replace(name, "")
    return text
