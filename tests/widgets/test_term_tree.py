from __future__ import annotations

import pytest
from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtWidgets import QApplication, QWidget

from napari_cellib._widgets._term_tree import TermTree
from napari_cellib.model import TermField
from napari_cellib.viewmodels.term_tree import TermTreeModel


@pytest.fixture
def make_tree(qtbot, terms):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    def make(field=TermField.CELLULAR_COMPONENT, at=None):
        tree = TermTree(TermTreeModel(terms, field), window)
        with qtbot.waitExposed(tree):
            tree.open_at(at)
        qtbot.waitUntil(lambda: QApplication.focusWidget() is tree.view)
        return tree

    return make


@pytest.fixture
def tree(make_tree):
    return make_tree()


def current(tree):
    return tree.view.currentIndex().data()


def test_it_opens_at_the_top_with_the_keyboard_in_it(tree):
    assert current(tree) == "cellular component"
    assert tree.view.isExpanded(tree.view.currentIndex())


def test_arrows_unfold_and_enter_chooses(qtbot, tree):
    chosen = []
    tree.chosen.connect(chosen.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(tree.view, key)
    title = current(tree)

    qtbot.keyClick(tree.view, Qt.Key.Key_Return)

    assert [term.label for term in chosen] == [title]
    assert not tree.isVisible()


def test_a_heading_cannot_be_chosen(qtbot, tree):
    chosen = []
    tree.chosen.connect(chosen.append)

    qtbot.keyClick(tree.view, Qt.Key.Key_Return)

    assert chosen == []
    assert tree.isVisible()
    assert not tree._choose.isEnabled()


def test_it_opens_at_a_term_and_shows_where_that_stands(make_tree):
    tree = make_tree(at="GO:0005634")

    assert current(tree) == "nucleus"
    assert tree.view.visualRect(tree.view.currentIndex()).isValid()
    assert tree._path.text().startswith("cellular component \u203a ")
    assert tree._path.text().endswith(" \u203a nucleus")


@pytest.mark.parametrize("nowhere", ["CL:0000540", "X:1"])
def test_a_term_of_elsewhere_opens_it_at_the_top(make_tree, nowhere):
    assert current(make_tree(at=nowhere)) == "cellular component"


def test_finding_a_term_jumps_to_it(qtbot, tree):
    tree.line.setFocus()
    qtbot.keyClicks(tree.line, "golgi")
    assert tree.line.popup.isVisible()

    qtbot.keyClick(tree.line, Qt.Key.Key_Return)

    assert current(tree) == "Golgi apparatus"
    assert QApplication.focusWidget() is tree.view
    assert tree.line.text() == ""
    assert tree.isVisible()


def test_the_same_term_can_be_found_again(qtbot, tree):
    for _ in range(2):
        tree.view.setCurrentIndex(tree.view.model().index(0, 0))
        tree.line.setFocus()
        qtbot.keyClicks(tree.line, "golgi")
        qtbot.keyClick(tree.line, Qt.Key.Key_Return)

        assert current(tree) == "Golgi apparatus"


def test_the_button_chooses(qtbot, make_tree):
    tree = make_tree(at="GO:0005634")
    chosen = []
    tree.chosen.connect(chosen.append)

    qtbot.mouseClick(tree._choose, Qt.MouseButton.LeftButton)

    assert [term.id for term in chosen] == ["GO:0005634"]


def test_escape_closes_the_list_of_the_line_first(qtbot, tree):
    tree.line.setFocus()
    qtbot.keyClicks(tree.line, "golgi")

    qtbot.keyClick(tree.line, Qt.Key.Key_Escape)
    assert tree.isVisible()
    qtbot.keyClick(tree.line, Qt.Key.Key_Escape)
    assert tree.isVisible()
    assert tree.line.text() == ""
    qtbot.keyClick(tree.line, Qt.Key.Key_Escape)
    assert not tree.isVisible()


def test_the_model_holds_to_the_rules_of_qt(qtmodeltester, make_tree):
    tree = make_tree(TermField.CONTRAST_SOURCE)

    qtmodeltester.check(tree.view.model())


def test_levels_are_fetched_when_they_are_looked_at(make_tree, terms):
    tree = make_tree(TermField.ORGANISM)
    asked = []
    children = tree._model.children
    tree._model.children = lambda key: asked.append(key) or children(key)

    tree.view.expand(tree.view.model().index(1, 0))
    QApplication.processEvents()

    assert len(asked) < 40


def test_every_field_can_be_browsed_without_one(make_tree):
    model = make_tree(None).view.model()
    root = QModelIndex()

    titles = [model.index(row, 0).data() for row in range(model.rowCount(root))]
    assert "Cell type" in titles


def test_a_screen_reader_has_names(tree):
    assert tree.view.accessibleName() == "Tree of terms: Cell component"
    assert tree.line.accessibleName() == "Find in: Cell component"
    spoken = tree.view.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "cellular component, GO:0005575, heading"
