"""What a person does in a window, and sees there."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from napari_cellib._widgets._term_box import TermBox
from napari_cellib._widgets.deposit_wizard._page import Words
from napari_cellib.viewmodels.depositing.pages import Page

LEFT = Qt.MouseButton.LeftButton
ORCID = "0000-0002-1825-0097"


def control(wizard, name):
    """Return the visible control that a screen reader calls by `name`."""
    for child in wizard.findChildren(QWidget):
        words = child.accessibleName()
        if isinstance(child, QAbstractButton):
            words = words or child.text()
        is_text = isinstance(child, QAbstractButton | QLineEdit | Words)
        if words == name and is_text and child.isVisible():
            return child
    raise LookupError(name)


def go(qtbot, wizard, page):
    """Click a page in the list at the left."""
    pages = wizard._list
    item = pages.item(list(Page).index(page))
    qtbot.mouseClick(pages.viewport(), LEFT, pos=pages.visualItemRect(item).center())
    assert wizard.model.page is page


def focus(qtbot, wizard, name):
    """Take the keyboard to a control, as windows of other tests may have it."""
    line = control(wizard, name)
    wizard.activateWindow()
    line.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is line, timeout=5000)
    return line


def write(qtbot, wizard, name, text):
    qtbot.keyClicks(focus(qtbot, wizard, name), text)


def choose_term(qtbot, wizard, name, text):
    """Type a term and take the first line of the list."""
    (box,) = (
        box
        for box in wizard.findChildren(TermBox)
        if box.isVisible() and box.line.accessibleName() == name
    )
    box.line.setFocus()
    qtbot.keyClicks(box.line, text)
    qtbot.keyClick(box.line, Qt.Key.Key_Return)
    return box


def said(wizard):
    """Return what is said to be wrong on the page that is open."""
    labels = wizard._pages.currentWidget().findChildren(QLabel, "problems")
    return [label.text() for label in labels if label.isVisible() and label.text()]


def is_saved(drafts, **values):
    rows = drafts.all()
    if len(rows) != 1:
        return False
    draft = drafts.open(rows[0].id)
    return all(getattr(draft, name) == value for name, value in values.items())


def describe(qtbot, wizard):
    """Fill in all that is needed, as a person does."""
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "Mitotic HeLa cells")
    words = "HeLa cells in mitosis, with microtubules and DNA; note the spindle."
    write(qtbot, wizard, "Description", words)
    choose_term(qtbot, wizard, "Organism", "homo sap")
    choose_term(qtbot, wizard, "Cell line", "hela")
    go(qtbot, wizard, Page.HOW)
    write(qtbot, wizard, "Preparation", "Fixed in formaldehyde")
    write(qtbot, wizard, "Instrument", "Zeiss LSM 880, 63x/1.4 oil")
    choose_term(qtbot, wizard, "Imaging method", "confocal micr")
    go(qtbot, wizard, Page.WHO)
    write(qtbot, wizard, "Name", "Doe, Jane")
    write(qtbot, wizard, "ORCID iD", ORCID)
    go(qtbot, wizard, Page.RIGHTS)
    qtbot.mouseClick(control(wizard, "CC BY 4.0"), LEFT)
    qtbot.mouseClick(control(wizard, "No, it is new"), LEFT)
