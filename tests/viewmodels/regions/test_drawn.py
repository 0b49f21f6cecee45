"""What a person did, told from what stands in a layer that everybody may change."""

import numpy as np
import pytest

from napari_cellib.viewmodels.regions.drawn import Row, difference

SQUARE = np.array([[0, 0], [0, 5], [5, 5], [5, 0]], float)
PLACED = {name: SQUARE + 10 * number for number, name in enumerate("abc")}


def rows(*pairs):
    return [Row(own, "rectangle", corners) for own, corners in pairs]


def test_an_untouched_layer_says_nothing():
    found = difference(rows(*PLACED.items()), PLACED)
    assert (found.ids, found.moved, found.gone) == ([*"abc"], [], [])


def test_rows_in_another_order_are_the_same_regions():
    found = difference(rows(*reversed(PLACED.items())), PLACED)
    assert found.ids == [*"cba"]
    assert not found.moved
    assert not found.gone


@pytest.mark.parametrize("lost", [None, "", float("nan"), 7, "x"])
def test_ids_that_are_lost_or_wrong_are_known_by_their_place(lost):
    found = difference(rows(*((lost, corners) for corners in PLACED.values())), PLACED)
    assert found.ids == [*"abc"]
    assert found.mended == 3
    assert not found.gone


def test_of_two_with_one_id_the_one_that_stayed_keeps_it():
    copy, stayed = ("a", PLACED["a"] + 40), ("a", PLACED["a"])
    for pair in ((copy, stayed), (stayed, copy)):
        found = difference(rows(*pair), {"a": PLACED["a"]})
        assert [own for own, row in zip(found.ids, pair, strict=True)] == [
            "a" if row is stayed else None for row in pair
        ]
        assert len(found.new) == 1
        assert not found.moved


def test_swapped_ids_are_two_moves_and_lose_nothing():
    swapped = rows(("a", PLACED["b"]), ("b", PLACED["a"]), ("c", PLACED["c"]))
    found = difference(swapped, PLACED)
    assert sorted(found.moved) == [0, 1]
    assert not found.gone
    assert not found.new


def test_moved_new_and_removed_rows_are_told_apart():
    left = rows(("b", PLACED["b"] + 1), (None, SQUARE + 70), ("c", PLACED["c"][:3]))
    found = difference(left, PLACED)
    assert found.moved == [0, 2]
    assert found.new == [1]
    assert found.gone == ["a"]
