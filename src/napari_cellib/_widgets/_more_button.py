"""The button for what is done now and then."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget


class MoreButton(QPushButton):
    """Opens a menu of what few people do every day."""

    terms_update_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("More", parent)
        self.setAccessibleName("More actions")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        menu = QMenu(self)
        menu.setAccessibleName("More actions")
        update = menu.addAction("Update the ontology terms")
        update.triggered.connect(lambda: self.terms_update_wanted.emit())
        self.setMenu(menu)
