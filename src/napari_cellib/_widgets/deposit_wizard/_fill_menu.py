"""The menu that fills a draft in from elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QMenu, QPushButton, QSizePolicy, QWidget

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._text import button_text
from napari_cellib.viewmodels.depositing.filling import (
    former_job,
    keep_template_job,
    template_job,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.deposit.depositions import Deposition
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_MOST = 12  # former depositions in the menu
_LONGEST = 60  # letters of a title
_KIND = "Lab template (*.json)"


class FillMenu(QPushButton):
    """Offers former depositions and lab templates."""

    def __init__(self, model: WizardModel, parent: QWidget) -> None:
        super().__init__("Fill in from", parent)
        self._model = model
        self.reader = JobRunner(self)
        self.writer = JobRunner(self)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setToolTip("Only what is still empty is filled in.")
        menu = QMenu(self)
        self._formers = menu.addMenu("A former deposition")
        self._formers.setEnabled(False)
        menu.addAction("A lab template…").triggered.connect(self._ask_template)
        menu.addSeparator()
        keep = menu.addAction("Keep this as a lab template…")
        keep.triggered.connect(self._ask_where)
        self.setMenu(menu)
        self.reader.succeeded.connect(model.fill)

    def show_formers(self, formers: Sequence[Deposition]) -> None:
        """Offer former depositions."""
        self._formers.clear()
        self._formers.setEnabled(bool(formers))
        for former in formers[:_MOST]:
            title = (former.draft.title or former.record)[:_LONGEST]
            action = self._formers.addAction(button_text(f"{title}  ({former.record})"))
            action.triggered.connect(partial(self._take_former, former))

    def take_template(self, name: str) -> None:
        """Fill in what a template says."""
        self.reader.start(template_job(Path(name)))

    def keep_template(self, name: str) -> None:
        """Write what a lab has in common as a template."""
        self.writer.start(keep_template_job(self._model.draft, Path(name)))

    def _take_former(self, former: Deposition, _: bool = False) -> None:
        self.reader.start(former_job(former))

    def _ask_template(self) -> None:
        dialog = self._dialog("Lab template")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_template)
        dialog.open()

    def _ask_where(self) -> None:
        dialog = self._dialog("Keep as a lab template")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile("lab-template.json")
        dialog.fileSelected.connect(self.keep_template)
        dialog.open()

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self.window(), title, str(Path.home()))
        dialog.setNameFilter(_KIND)
        dialog.finished.connect(dialog.deleteLater)
        return dialog
