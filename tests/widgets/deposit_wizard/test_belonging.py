"""A study and siblings are chosen among those that the library has."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel
from tests.widgets.deposit_wizard.hands import control, focus, go, write

from napari_cellib.deposit.records import to_record
from napari_cellib.errors import LibraryNotFound
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Query
from napari_cellib.testing import a_record
from napari_cellib.viewmodels.depositing.pages import Page
from napari_cellib.viewmodels.libraries import Libraries

DOWN, ENTER = Qt.Key.Key_Down, Qt.Key.Key_Return


@pytest.fixture
def home(tmp_path, picture):
    """Return a library with a study, and two images that stand alone."""
    made = EmbeddedLibrary.create(tmp_path / "home", id="lab", name="Lab")
    discs = {"study": "S-BIAD1", "study_title": "Wing discs of the fruit fly"}
    made.add(a_record("CLB000001X", "Disc 1", **discs))
    made.add(a_record("CLB0000028", "Golgi of a HeLa cell"), thumbnail=picture)
    made.add(a_record("CLB0000036", "Mouse embryo", group="embryo 7"))
    yield made
    made.close()


@pytest.fixture
def wizard(stack, open_wizard, settings, home):
    libraries = Libraries(settings, home)
    yield open_wizard(library_of=lambda: home, libraries=libraries)
    libraries.close()


def meaning(wizard):
    labels = wizard._pages.currentWidget().findChildren(QLabel, "meaning")
    return [label.text() for label in labels if label.isVisible()]


def test_a_library_that_fails_is_said_with_its_reason_and_asked_again(
    qtbot, stack, open_wizard, home
):
    drive_is_there = []

    def library():
        if not drive_is_there:
            raise LibraryNotFound("lab", fix="Connect its drive.")
        return home

    wizard = open_wizard(library_of=library)
    wizard.model.set(title="Disc 2", study="S-BIAD1", study_title="Wing discs")
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Siblings", "embryo 7")
    why = "There is no library 'lab'. Connect its drive."
    qtbot.waitUntil(lambda: meaning(wizard) == [why, why], timeout=5000)
    drive_is_there.append(True)
    for line in ("Study", "Siblings"):
        again = control(wizard, f"{line}: ask the library again")
        qtbot.mouseClick(again, Qt.MouseButton.LeftButton)

    told = ["Joins 1 image of the library.", "Shown with CLB0000036 “Mouse embryo”."]
    qtbot.waitUntil(lambda: meaning(wizard) == told, timeout=5000)
    assert not again.isVisible()


def pick(qtbot, line, model):
    """Go down to the first thing that is offered, and take it."""
    qtbot.waitUntil(lambda: bool(model.rows), timeout=5000)
    qtbot.keyClick(line, DOWN)
    qtbot.keyClick(line, ENTER)


def deposited(wizard, home):
    return home.add(to_record(wizard.model.draft, id="CLB0000044", status="published"))


def found(home, text):
    return {hit.record.id for hit in home.search(Query(text=text)).hits}


def test_a_study_is_chosen_by_a_part_of_its_title(qtbot, wizard, home):
    wizard.model.set(title="Disc 2")
    go(qtbot, wizard, Page.WHAT)
    qtbot.waitUntil(lambda: bool(wizard._belonging.studies), timeout=5000)
    write(qtbot, wizard, "Study", "fruit")
    assert meaning(wizard) == ["Begins a new study."]
    line = focus(qtbot, wizard, "Study")
    pick(qtbot, line, wizard._belonging.study)

    assert line.text() == "Wing discs of the fruit fly"
    assert meaning(wizard) == ["Joins 1 image of the library."]
    assert deposited(wizard, home).study == "S-BIAD1"
    assert found(home, "siblings:CLB0000044") == {"CLB000001X", "CLB0000044"}

    qtbot.keyClicks(line, ", 2026")
    assert meaning(wizard) == ["Begins a new study."]
    record = to_record(wizard.model.draft, id="CLB0000052")
    assert record.study_title == "Wing discs of the fruit fly, 2026"
    assert record.study not in (None, "S-BIAD1")


def test_siblings_are_chosen_among_the_images_of_the_library(qtbot, wizard, home):
    wizard.model.set(title="The same cell, from above")
    go(qtbot, wizard, Page.WHAT)
    siblings = wizard._belonging.siblings
    write(qtbot, wizard, "Siblings", "golgi")
    line = focus(qtbot, wizard, "Siblings")
    qtbot.waitUntil(lambda: bool(siblings.rows), timeout=5000)
    (row,) = siblings.rows
    assert (row.title, row.tag) == ("Golgi of a HeLa cell", "CLB0000028")
    popup = line.parentWidget().popup
    index = popup.model().index(0, 0)
    picture = Qt.ItemDataRole.DecorationRole
    qtbot.waitUntil(lambda: index.data(picture) is not None, timeout=5000)
    pick(qtbot, line, siblings)

    said = ["Shown with CLB0000028 “Golgi of a HeLa cell”."]
    qtbot.waitUntil(lambda: meaning(wizard) == said, timeout=5000)
    deposited(wizard, home)
    assert [one.id for one in home.siblings("CLB0000028")] == ["CLB0000044"]
    assert found(home, "siblings:CLB0000028") == {"CLB0000028", "CLB0000044"}
    assert "CLB0000044" in found(home, "has:siblings")

    line.clear()
    assert wizard.model.draft.group is None
    qtbot.keyClicks(line, "mouse")
    pick(qtbot, line, siblings)
    assert wizard.model.draft.group == "embryo 7"
