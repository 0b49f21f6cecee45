from __future__ import annotations

from napari_cellib.ontology.spelling import MOST_WORDS, Speller, begins_similarly


def readings(terms, text):
    """Return the ways to read a text, least free first."""
    speller = Speller(terms.reader, None, text)
    kinds = speller.others(nothing_found=True)
    return [query for kind in kinds for one in kind for query in one.queries()]


def test_two_words_may_be_one(small):
    assert "mitochondrion" in readings(small, "mito chondrion")


def test_one_word_may_be_two(small):
    assert "homo sapien" in readings(small, "homosapiens")


def test_other_words_of_the_family_are_looked_for(small):
    assert "nucle" in readings(small, "nucleation")


def test_a_letter_too_few_too_many_wrong_or_misplaced_is_mended(small):
    for slip in ("nuceus", "nuccleus", "nuxleus", "nuclesu", "uncleus"):
        assert "nucleus" in readings(small, slip)


def test_short_words_and_numbers_are_not_mended(small):
    speller = Speller(small.reader, None, "nuk 12345")
    assert all(
        one.choices for kind in speller.others(nothing_found=True) for one in kind
    )
    assert "nucleus" not in readings(small, "nuc1 1234")


def test_a_text_without_words_has_none(small):
    assert Speller(small.reader, None, "細胞 -- !").words == []


def test_no_more_words_are_looked_at_than_a_name_has(small):
    assert len(Speller(small.reader, None, "a " * 500).words) == MOST_WORDS


def test_swapped_letters_count_as_one_slip():
    assert begins_similarly("nucleus", "nuclesu", 1)
    assert not begins_similarly("nucleus", "nculesu", 1)
    assert begins_similarly("nucleus", "nculesu", 2)
