"""The filters: which row stands below which, and what a click tells."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QWidget

from napari_cellib._widgets._facet_tree import FacetTree
from napari_cellib.model import Facet, FacetField, FacetValue, Query

MAMMALS, MOUSE, YEAST = "NCBITaxon:40674", "NCBITaxon:10090", "NCBITaxon:4932"
FACET = Facet(
    field=FacetField.ORGANISM,
    values=(
        FacetValue(value=MAMMALS, label="Mammalia", count=5),
        FacetValue(value=MOUSE, label="Mus musculus", count=3, parent=MAMMALS, depth=1),
        FacetValue(value=YEAST, label="Saccharomyces cerevisiae", count=1),
    ),
)


@pytest.fixture
def window(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def tree(window) -> FacetTree:
    tree = FacetTree(QLabel(window), window)
    tree.show_facets((FACET,), Query())
    return tree


def test_a_value_stands_below_the_one_that_it_belongs_to(tree):
    organisms = tree.topLevelItem(0)
    assert [organisms.child(n).text(0) for n in range(organisms.childCount())] == [
        "Mammalia",
        "Saccharomyces cerevisiae",
    ]
    mammals = organisms.child(0)
    assert mammals.isExpanded()
    assert mammals.child(0).text(0) == "Mus musculus"


def test_a_value_below_another_can_be_checked(qtbot, tree):
    mouse = tree.topLevelItem(0).child(0).child(0)
    with qtbot.waitSignal(tree.toggled) as told:
        mouse.setCheckState(0, Qt.CheckState.Checked)
    assert told.args == [FacetField.ORGANISM, MOUSE]
    assert tree.topLevelItem(0).child(0).checkState(0) == Qt.CheckState.Unchecked


def test_folding_a_value_shrinks_the_tree_and_is_kept(tree):
    tall = tree.sizeHint().height()
    tree.topLevelItem(0).child(0).setExpanded(False)
    assert tree.sizeHint().height() < tall

    tree.show_facets((FACET,), Query(text="other"))

    assert tree.topLevelItem(0).isExpanded()
    assert not tree.topLevelItem(0).child(0).isExpanded()


def test_the_place_is_kept_below_another_value(tree):
    tree.setCurrentItem(tree.topLevelItem(0).child(0).child(0))
    tree.show_facets((FACET,), Query(filters={FacetField.ORGANISM: (MOUSE,)}))
    assert tree.currentItem().text(0) == "Mus musculus"
    assert tree.currentItem().checkState(0) == Qt.CheckState.Checked
