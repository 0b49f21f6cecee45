from __future__ import annotations

from itertools import pairwise

import pytest

from napari_cellib.model import TermField
from napari_cellib.viewmodels.term_tree import TermTreeModel


@pytest.fixture
def tree(terms):
    return TermTreeModel(terms, TermField.CELLULAR_COMPONENT)


def test_a_tree_starts_at_the_roots_of_its_field(tree):
    (top,) = tree.tops

    assert (top.title, top.tag) == ("cellular component", "GO:0005575")


def test_a_root_that_may_not_be_chosen_is_a_heading(tree):
    (top,) = tree.tops

    assert top.term is None
    assert top.spoken == "cellular component, GO:0005575, heading"


def test_what_is_below_is_sorted_and_can_be_chosen(tree):
    children = tree.children("GO:0043226")
    names = [node.title for node in children]

    assert "membrane-bounded organelle" in names
    assert names == sorted(names, key=str.lower)
    assert all(node.term for node in children)


def test_parts_are_below_their_whole(tree):
    names = [node.title for node in tree.children("GO:0005739")]

    assert "mitochondrial matrix" in names


def test_the_way_to_a_term_goes_down_from_a_top(tree):
    way = tree.way_to("GO:0005634")

    assert way[0] == tree.tops[0].key
    assert way[-1] == "GO:0005634"
    for above, below in pairwise(way):
        assert below in [node.key for node in tree.children(above)]


@pytest.mark.parametrize("curie", ["CL:0000540", "GO:0008150", "X:1", ""])
def test_there_is_no_way_to_a_term_of_another_field(tree, curie):
    assert tree.way_to(curie) == ()


def test_every_field_with_terms_has_a_tree_and_ways_in_it(terms):
    for field in TermField:
        tree = TermTreeModel(terms, field)
        for top in tree.tops:
            assert tree.way_to(top.key) == (top.key,)


def test_cell_lines_have_no_roots_and_are_listed(terms):
    tops = TermTreeModel(terms, TermField.CELL_LINE).tops

    assert "HeLa" in [node.title for node in tops]
    assert all(node.term for node in tops)


def test_without_a_field_the_fields_themselves_are_the_tops(terms):
    tree = TermTreeModel(terms)
    titles = [node.title for node in tree.tops]

    assert titles[:2] == ["Organism", "Cell type"]
    assert "Antibody" not in titles
    assert all(node.tag == "" and node.term is None for node in tree.tops)
    assert tree.way_to("CL:0000540")[:2] == ("cell_type", "CL:0000000")
