from __future__ import annotations

import pytest

from napari_cellib.errors import DownloadFailed
from napari_cellib.model import Term, TermField
from napari_cellib.ontology.ols import OnlineTerm
from napari_cellib.viewmodels.term_box import LONGEST_TEXT, TermBoxModel
from napari_cellib.viewmodels.term_rows import NONE, Key, Kind

COMPONENT = TermField.CELLULAR_COMPONENT


@pytest.fixture
def box(terms):
    return TermBoxModel(terms, COMPONENT)


def ids(box):
    return [term.id for term in box.chosen]


def titles(box):
    return [row.title for row in box.suggestions]


def no_job(text, field):
    return ()
    yield


def test_each_letter_offers_the_terms_that_may_be_meant(box):
    box.set_text("mitoc")

    assert titles(box)[0] == "mitochondrion"
    assert box.suggestions[0].tag == "GO:0005739"
    assert box.current == 0


def test_a_line_says_why_it_is_there_and_where_the_term_stands(terms):
    box = TermBoxModel(terms)
    box.set_text("mouse")
    mouse = box.suggestions[0]

    assert mouse.tag == "NCBITaxon:10090"
    assert mouse.note == "Organism · often called “mouse”"
    assert mouse.path[0] == "cellular organisms"
    assert mouse.path[-1] == "Mus"


def test_a_box_for_one_field_does_not_repeat_its_name(box):
    box.set_text("nucleus")

    assert box.suggestions[0].note == ""
    assert box.suggestions[0].path[:1] == ("cellular component",)


def test_only_terms_of_the_field_are_offered(terms, box):
    box.set_text("neuron")

    kinds = [row for row in box.suggestions if row.kind is Kind.TERM]
    assert all(terms.is_in(row.tag, COMPONENT) for row in kinds)


def test_free_text_is_the_last_choice_and_says_that_it_is_marked(box):
    box.set_text("  my   own blob ")
    last = box.suggestions[-1]

    assert last.kind is Kind.FREE_TEXT
    assert last.title == "Keep “my own blob” as free text"
    assert last.term == Term(text="my own blob")


def test_kept_words_have_no_identifier(box):
    box.set_text("blob")
    box.take(len(box.suggestions) - 1)

    assert box.chosen == (Term(text="blob"),)
    assert box.chosen[0].is_free_text
    assert box.announcement == "blob chosen as free text."


def test_where_free_text_is_not_legal_it_is_not_offered(terms):
    box = TermBoxModel(terms, COMPONENT, free_text=False)
    box.set_text("nucleus")

    assert {row.kind for row in box.suggestions} == {Kind.TERM}


def test_enter_takes_the_first_term_and_makes_room(box):
    box.set_text("cilia")

    assert box.press(Key.TAKE)
    assert ids(box) == ["GO:0005929"]
    assert box.text == ""
    assert not box.is_open


def test_a_chosen_term_remembers_label_and_release(box):
    box.set_text("nucleus")
    box.press(Key.TAKE)

    assert box.chosen[0].label == "nucleus"
    assert box.chosen[0].ontology_version


def test_enter_forgives_a_slip_of_the_fingers(box):
    box.set_text("mitocondria")
    box.press(Key.TAKE)

    assert ids(box) == ["GO:0005739"]


def test_enter_never_takes_what_is_only_guessed_at(box):
    box.set_text("my strange blob & thing")
    assert box.suggestions

    assert box.press(Key.TAKE)  # used up: a form around the box must not be sent
    assert box.chosen == ()
    assert box.announcement == "Nothing is chosen. Down leads to the terms."

    box.press(Key.DOWN)
    assert box.current == 0


def test_down_and_up_go_round_the_list(box):
    box.set_text("nucle")
    last = len(box.suggestions) - 1

    box.press(Key.UP)
    assert box.current == last
    box.press(Key.DOWN)
    assert box.current == 0


def test_up_leads_from_the_line_to_free_text(box):
    box.set_text("my strange blob & thing")
    assert box.current == NONE

    box.press(Key.UP)

    assert box.suggestions[box.current].kind is Kind.FREE_TEXT


def test_down_opens_the_list_again(box):
    box.set_text("nucle")
    box.press(Key.CLOSE)
    assert not box.is_open

    assert box.press(Key.DOWN)
    assert box.is_open


def test_escape_closes_then_clears_then_is_for_others(box):
    box.set_text("nucle")

    assert box.press(Key.CLOSE)
    assert box.text == "nucle"
    assert box.press(Key.CLOSE)
    assert box.text == ""
    assert not box.press(Key.CLOSE)


def test_tab_goes_on_and_leaves_the_words_to_be_pointed_out(box):
    box.set_text("nucle")

    assert not box.press(Key.LEAVE)
    assert not box.is_open
    assert box.pending == "nucle"


def test_backspace_in_an_empty_line_takes_the_last_term_away(box):
    for words in ("nucleus", "cilia"):
        box.set_text(words)
        box.press(Key.TAKE)

    assert box.press(Key.REMOVE)
    assert ids(box) == ["GO:0005634"]
    assert box.announcement == "cilium removed."
    box.press(Key.REMOVE)
    assert not box.press(Key.REMOVE)


def test_a_term_is_chosen_once(box):
    for _ in range(2):
        box.set_text("nucleus")
        box.press(Key.TAKE)

    assert len(box.chosen) == 1
    assert box.announcement == "nucleus is chosen already."


def test_a_box_for_one_term_replaces_it(terms):
    box = TermBoxModel(terms, COMPONENT, several=False)
    for words in ("nucleus", "cilia"):
        box.set_text(words)
        box.press(Key.TAKE)

    assert ids(box) == ["GO:0005929"]


def test_alt_down_asks_for_the_tree(box):
    asked = []
    box.browse_wanted.connect(lambda: asked.append("tree"))
    box.set_text("nucle")

    assert box.press(Key.BROWSE)
    assert asked == ["tree"]
    assert not box.is_open


def test_a_screen_reader_hears_how_many_and_which(box):
    box.set_text("mitochondrion")
    assert box.announcement.startswith("8 terms. mitochondrion, GO:0005739")

    box.press(Key.DOWN)
    assert box.announcement == box.suggestions[1].spoken


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x" * 10_000,
        "\0\x1b",
        "'\"();--",
        "GO:",
        "half \ud83d",
        "細胞核",
        "مرحبا",
    ],
)
def test_any_text_is_answered(box, text):
    box.set_text(text)
    box.press(Key.DOWN)

    assert box.current == NONE or box.current < len(box.suggestions)


def test_kept_words_have_an_end(box):
    box.set_text("y" * 10_000)
    box.take(len(box.suggestions) - 1)

    assert len(box.chosen[0].text) == LONGEST_TEXT


def test_a_service_is_asked_only_when_its_line_is_taken(terms):
    asked = []

    def online(text, field):
        asked.append((text, field))
        return no_job(text, field)

    box = TermBoxModel(terms, COMPONENT, online=online)
    wanted = []
    box.online_wanted.connect(lambda: wanted.append(box.online_job()))
    for end in range(1, 8):
        box.set_text("nucleus"[:end])
    assert asked == []

    row = next(i for i, r in enumerate(box.suggestions) if r.kind is Kind.ONLINE)
    box.take(row)

    assert asked == [("nucleus", COMPONENT)]
    assert box.suggestions[row].title == "Searching online…"
    assert box.chosen == ()


def test_what_a_service_finds_is_offered_below_what_is_here(terms):
    box = TermBoxModel(terms, COMPONENT, online=no_job)
    box.set_text("nucleus")
    here = [row.tag for row in box.suggestions if row.kind is Kind.TERM]
    known = OnlineTerm("GO:0005634", "nucleus", "GO")
    fresh = OnlineTerm("GO:9999999", "nucleus of a test", "GO")

    box.take_online("nucleus", [known, fresh])

    found = box.suggestions[len(here)]
    assert found.tag == "GO:9999999"
    assert found.note == "found online · GO"
    assert box.current == len(here)
    assert box.suggestions[-1].kind is Kind.FREE_TEXT
    assert box.announcement == "1 more term found online."


def test_an_answer_to_older_words_is_dropped(terms):
    box = TermBoxModel(terms, COMPONENT, online=no_job)
    box.set_text("nucleus")
    before = box.suggestions

    box.take_online("nucl", [OnlineTerm("GO:9999999", "late", "GO")])
    box.take_online_error("nucl", OSError("late"))

    assert box.suggestions == before


def test_a_service_that_is_away_leaves_what_is_here(terms):
    box = TermBoxModel(terms, COMPONENT, online=no_job)
    box.set_text("nucleus")
    before = titles(box)

    error = DownloadFailed("The answer", "no server answers there", fix="Go on.")
    box.take_online_error("nucleus", error)

    assert titles(box) == [
        "Search online again" if title == "Search online" else title for title in before
    ]
    assert box.announcement.endswith("no server answers there. Go on.")
