from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractButton, QApplication, QWidget
from tests.widgets.deposit_wizard.hands import (
    LEFT,
    control,
    focus,
    go,
    write,
)

from napari_cellib.viewmodels.depositing.pages import Page


def test_back_and_next_and_their_keys(qtbot, wizard):
    qtbot.mouseClick(control(wizard, "Next"), LEFT)
    assert wizard.model.page is Page.WHAT
    qtbot.mouseClick(control(wizard, "Back"), LEFT)
    assert wizard.model.page is Page.FILES
    assert not control(wizard, "Back").isEnabled()


def test_tab_goes_from_top_to_bottom(qtbot, wizard):
    go(qtbot, wizard, Page.WHAT)
    focus(qtbot, wizard, "Title")
    visited = []
    for _ in range(6):
        visited.append(QApplication.focusWidget().accessibleName())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)

    assert visited == [
        "Title",
        "Description",
        "Study",
        "Siblings",
        "Organism",
        "Browse the terms: Organism",
    ]


def test_tab_goes_through_the_rows_of_people(qtbot, wizard):
    go(qtbot, wizard, Page.WHO)
    focus(qtbot, wizard, "Name")
    visited = []
    for _ in range(6):
        focused = QApplication.focusWidget()
        visited.append(focused.accessibleName() or focused.text())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)

    assert visited == [
        "Name",
        "ORCID iD",
        "Affiliation",
        "Roles: none chosen",
        "Remove this person",
        "Add a person",
    ]


def test_every_control_has_a_name(qtbot, wizard):
    for page in Page:
        go(qtbot, wizard, page)
        nameless = [
            child
            for child in wizard.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus
            and child.isVisible()
            and not child.objectName().startswith("qt_")
            and not child.accessibleName()
            and not (isinstance(child, QAbstractButton) and child.text())
        ]
        assert nameless == []


def test_it_fits_the_screen_of_a_small_laptop(qtbot, wizard):
    for page in Page:
        go(qtbot, wizard, page)
        least = wizard.minimumSizeHint()
        assert (least.width(), least.height()) <= (1366, 700)
        shown = wizard._pages.currentWidget()
        if page.is_asked:
            assert shown.body.minimumSizeHint().width() <= shown.viewport().width()


def test_the_window_answers_while_one_types(qtbot, wizard, heartbeat):
    for page in Page:
        go(qtbot, wizard, page)
    go(qtbot, wizard, Page.WHAT)
    qtbot.wait(300)
    heartbeat.restart()
    write(qtbot, wizard, "Title", "Mitotic HeLa cells, microtubules and DNA")
    write(qtbot, wizard, "Description", "HeLa cells in mitosis by confocal microscopy.")
    qtbot.wait(900)

    assert heartbeat.longest < 0.25
