"""What a person does in the panel that annotates, and sees there."""

from __future__ import annotations

from qtpy.QtCore import Qt

from napari_cellib.model import Term, TermField

COMPONENT = TermField.CELLULAR_COMPONENT
MITOCHONDRION = Term(id="GO:0005739", label="mitochondrion")
HOSTILE = "<b>Mitochondria</b> of a HeLa cell <img src=x>"
LEFT = Qt.MouseButton.LeftButton


def say_by_keys(qtbot, panel, field, letters):
    line = panel._page.body.rows[field].box.line
    line.setFocus()
    qtbot.keyClicks(line, letters)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    return line


def kept(qtbot, panel):
    qtbot.waitUntil(lambda: panel._journals.is_kept, timeout=5_000)
    qtbot.waitUntil(lambda: not panel._keeping.writer.is_running, timeout=5_000)


def chips(panel, field=COMPONENT):
    return [chip.words for chip in panel._model.chips(field)]


def saved(qtbot, panel):
    panel._page.save.click()
    qtbot.waitUntil(lambda: dialog(panel) is not None, timeout=5_000)
    shown = dialog(panel)
    lines = [shown.list.item(n).text().strip() for n in range(shown.list.count())]
    qtbot.mouseClick(shown.save, LEFT)
    qtbot.waitUntil(lambda: not len(panel._model.waiting), timeout=10_000)
    return lines


def dialog(panel):
    from napari_cellib._widgets._annotate_dialogs import SaveDialog

    return next((d for d in panel.findChildren(SaveDialog) if d.isVisible()), None)
