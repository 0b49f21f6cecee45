"""The lines in which a study and siblings are typed or chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QTimer, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._term_popup import TermPopup, announce
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib._widgets.deposit_wizard._page import Line, show_text

if TYPE_CHECKING:
    from qtpy.QtGui import QShowEvent

    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.viewmodels.depositing.belonging import (
        BelongingModel,
        Kin,
        Studies,
    )
    from napari_cellib.viewmodels.depositing.picking import Choice, Picking

_PAUSE_MS = 200  # of typing


class PickLine(QWidget):
    """A line with a list of what may be meant, and what that means below.

    Parameters
    ----------
    model : Picking
        What is offered.
    name, example : str
        What it is called, and what stands in it while it is empty.
    parent : QWidget
        Where it stands.
    pictures : Thumbnails, optional
        Pictures of what is offered.
    """

    entered = Signal()  # the keyboard has come, or a person sees it
    again_wanted = Signal()  # the library is to be asked again

    def __init__(
        self,
        model: Picking,
        name: str,
        example: str,
        parent: QWidget,
        *,
        pictures: Thumbnails | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self.line = Line(name, example, self)
        self.line.setClearButtonEnabled(True)
        self.popup = TermPopup(self.line, model.press, pictures=pictures)
        self.popup.setAccessibleName(f"{name}: what is there")
        self._meaning = TintedLabel(parent=self)
        self._meaning.setObjectName("meaning")
        self._meaning.hide()
        self.again = QPushButton("Try again", self)
        self.again.setAccessibleName(f"{name}: ask the library again")
        self.again.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.again.hide()
        below = QHBoxLayout()
        below.addWidget(self._meaning, 1)
        below.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line)
        layout.addLayout(below)
        self.line.installEventFilter(self)
        self.again.clicked.connect(self.again_wanted)
        self.popup.taken.connect(model.take)
        model.events.rows.connect(self._show_rows)
        model.events.current.connect(self.popup.choose)
        model.events.announcement.connect(self._announce)

    def say(self, words: str, *, is_trouble: bool = False) -> None:
        """Say what becomes of the words in the line, or why nobody knows."""
        self._meaning.set_tint(_colors.odd if is_trouble else _colors.muted)
        self.again.setVisible(is_trouble)
        self._meaning.setText(words)
        self._meaning.setVisible(bool(words))

    def showEvent(self, event: QShowEvent) -> None:
        """Notice that a person sees it."""
        super().showEvent(event)
        self.entered.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the keyboard comes."""
        if event.type() == QEvent.Type.FocusIn:
            self.entered.emit()
        return super().eventFilter(watched, event)

    def _show_rows(self) -> None:
        self.popup.show_rows(self._model.rows, self._model.current)

    def _announce(self, text: str) -> None:
        announce(self.line, text, self.accessibleDescription())


class Belonging(QObject):
    """Connects both lines with a `BelongingModel`, which asks the library in jobs.

    Parameters
    ----------
    model : BelongingModel
        What is offered, and what it means.
    pictures : Thumbnails or None
        Pictures of the images.
    body : QWidget
        Where the lines stand.
    """

    def __init__(
        self, model: BelongingModel, pictures: Thumbnails | None, body: QWidget
    ) -> None:
        super().__init__(body)
        self._model = model
        self.study = PickLine(
            model.study,
            "Study",
            "Name of the project; Down lists those there are",
            body,
        )
        self.siblings = PickLine(
            model.siblings,
            "Siblings",
            "Title or number of one image, or a word for all",
            body,
            pictures=pictures,
        )
        self._lister = JobRunner(self)
        self._finder = JobRunner(self)
        self._asker = JobRunner(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._connect()

    def show_draft(self, draft: Draft) -> None:
        """Show what a draft says."""
        show_text(self.study.line, draft.study_title)
        show_text(self.siblings.line, draft.group)
        self._say()

    def _connect(self) -> None:
        model = self._model
        self.study.line.textEdited.connect(model.type_study)
        self.study.entered.connect(self._list_studies)
        self.siblings.line.textEdited.connect(model.type_group)
        self.siblings.line.textEdited.connect(self._pause.start)
        # The button that clears a line edits it without saying so.
        self.study.line.textChanged.connect(self._on_study_changed)
        self.siblings.line.textChanged.connect(self._on_group_changed)
        self._pause.timeout.connect(self._find_images)
        self._lister.succeeded.connect(self._take_studies)
        self._finder.succeeded.connect(self._offer_images)
        self._asker.succeeded.connect(self._take_kin)
        for runner in (self._finder, self._asker):
            runner.failed.connect(self._take_trouble)
        self.study.again_wanted.connect(self._list_studies)
        self.siblings.again_wanted.connect(self._ask_again)
        model.study.wanted.connect(model.offer_studies)
        model.siblings.wanted.connect(self._find_images)
        model.siblings.taken.connect(self._stop_finding)
        model.wizard.events.draft.connect(self._say)

    def _on_study_changed(self, text: str) -> None:
        if not text and self._model.wizard.draft.study_title:
            self._model.type_study(text)

    def _on_group_changed(self, text: str) -> None:
        if not text and self._model.wizard.draft.group:
            self._model.type_group(text)

    def _list_studies(self) -> None:
        self._lister.start(self._model.studies_job())

    def _take_studies(self, studies: Studies) -> None:
        self._model.take_studies(studies)
        self._say()

    def _find_images(self) -> None:
        job = self._model.images_job()
        if job is None:
            self._finder.cancel()
        else:
            self._finder.start(job)

    def _stop_finding(self) -> None:
        self._pause.stop()
        self._finder.cancel()

    def _offer_images(self, found: tuple[Choice, ...]) -> None:
        if self._model.siblings_trouble:  # over by now
            self._model.retry_siblings()
            self._say()
        if self.siblings.line.hasFocus():
            self._model.siblings.offer(found)

    def _take_kin(self, kin: Kin) -> None:
        self._model.take_kin(kin)
        self._say()

    def _take_trouble(self, error: Exception) -> None:
        self._model.take_trouble(error)
        self._say()

    def _ask_again(self) -> None:
        self._model.retry_siblings()
        self._say()
        self._find_images()

    def _say(self) -> None:
        model = self._model
        self.study.say(model.study_in_words, is_trouble=bool(model.studies_trouble))
        self.siblings.say(model.group_in_words, is_trouble=bool(model.siblings_trouble))
        if job := model.kin_job():
            self._asker.start(job)
