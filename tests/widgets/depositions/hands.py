"""What a person does in a window, and sees there."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialogButtonBox,
)

from napari_cellib._widgets.deposit_wizard.window import DepositWizard

LEFT = Qt.MouseButton.LeftButton
DONE = "published, not peer reviewed"


def states(panel):
    return [row.state for row in panel._model.rows]


def offered(panel):
    bar = panel._deeds
    buttons = [b.text() for b in bar._buttons if b.isVisible()]
    return buttons + [a.text() for a in bar._menu.actions() if a.text()]


def choose(panel, words):
    """Choose an entry of the menu, or of one of the menus in it."""
    for action in panel._deeds._menu.actions():
        inner = action.menu().actions() if action.menu() else [action]
        for one in inner:
            if one.text() == words:
                one.trigger()
                return
    raise AssertionError(f"{words} is not offered")


def open_dialog(qtbot, panel, kind):
    qtbot.waitUntil(lambda: panel.window().findChild(kind) is not None)
    return panel.window().findChild(kind)


def press(qtbot, dialog, words):
    box = dialog.findChild(QDialogButtonBox)
    button = next(b for b in box.buttons() if b.text() == words)
    qtbot.mouseClick(button, LEFT)


def wizards(panel):
    return [one for one in panel.findChildren(DepositWizard) if one.isVisible()]


def close(qtbot, panel):
    for wizard in wizards(panel):
        wizard.close()
    qtbot.waitUntil(lambda: panel.findChildren(DepositWizard) == [], timeout=10_000)
