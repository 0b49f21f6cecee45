"""In which order Tab goes through a form: as it is read."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qtpy.QtWidgets import QLayout


def order_tabs(form: QWidget) -> None:
    """Let Tab visit the parts of a form in the order in which they are laid out."""
    for before, after in pairwise(_parts(form.layout())):
        QWidget.setTabOrder(before, after)


def take_keyboard(form: QWidget) -> None:
    """Take the keyboard to a control, or to the first one of a form."""
    # No focus proxies for this: where Tab meets one, it goes round in circles.
    shown = (part for part in _parts(form.layout()) if not part.isHidden())
    own = form if form.focusPolicy() & Qt.FocusPolicy.TabFocus else next(shown, form)
    own.setFocus(Qt.FocusReason.OtherFocusReason)


def _parts(layout: QLayout | None) -> Iterator[QWidget]:
    if layout is None:
        return
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item is None:
            continue
        part = item.widget()
        if part is None:
            yield from _parts(item.layout())
        elif part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield part
        else:
            yield from _parts(part.layout())
