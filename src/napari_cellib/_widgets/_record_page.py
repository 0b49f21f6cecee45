"""The page of one image: what it is, what it may be used for, how to cite it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QApplication,
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QShortcut,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._picture import Picture
from napari_cellib._widgets._record_text import RecordText
from napari_cellib._widgets._sibling_strip import SiblingStrip
from napari_cellib._widgets._text import breakable, plain_label, tooltip
from napari_cellib.viewmodels.files import sized_job
from napari_cellib.viewmodels.record import CITATION_STYLES, RecordModel

if TYPE_CHECKING:
    from qtpy.QtGui import QResizeEvent
    from qtpy.QtWidgets import QAction

    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.viewmodels.cards import CardKey
    from napari_cellib.viewmodels.files import FileChoice
    from napari_cellib.viewmodels.record import CitationStyle

_PICTURE = 84
_SIZE_TIMEOUT_S = 5.0
_LONGEST_TITLE = 300  # letters; how to cite it has all of them
_PADDING = 6  # on each side of the words of a button


class RecordPage(QWidget):
    """Shows a `RecordModel`."""

    back = Signal()
    open_wanted = Signal(object)  # Card
    file_wanted = Signal(object, object)  # Card, FileChoice
    page_wanted = Signal(object)  # Card of a sibling
    words_chosen = Signal(str)
    link_chosen = Signal(str)
    view_wanted = Signal(object)  # Card: copy the link to what is seen of it
    annotate_wanted = Signal(object)  # RecordModel
    similar_wanted = Signal(object)  # Card

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: RecordModel | None = None
        self._thumbnails = thumbnails
        self._style: CitationStyle = CITATION_STYLES[0]
        self._back = QPushButton("‹ Back", self)
        self._back.setAccessibleName("Back to the results")
        self._back.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._picture = Picture(_PICTURE, self)
        self._title = plain_label(parent=self)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._facts = plain_label(parent=self)
        for label in (self._title, self._facts):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # Made in the order in which Tab is to visit them.
        self._open = QPushButton("Open", self)
        self._open.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._preview = QPushButton("Preview", self)
        self._preview.setToolTip(tooltip("Open the small picture, which comes sooner"))
        self._files = QPushButton("⋯", self)
        self._files.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._files.setToolTip(tooltip("Open another of its files"))
        self._files.setAccessibleName("Open another of its files")
        self._menu = QMenu(self._files)
        self._annotate = self._small_button(
            "Annotate", "Say with terms what is in the image"
        )
        self._like = self._small_button(
            "Images like it", "Find the images that are most like this one"
        )
        self._styles = QButtonGroup(self)
        for number, style in enumerate(CITATION_STYLES):
            self._styles.addButton(self._style_button(style), number)
        self._copy = QPushButton("Copy citation", self)
        self._copy.setAccessibleDescription("Also Ctrl+C while no text is selected.")
        self._copy_link = QPushButton("Copy link", self)
        self._copy_link.setAccessibleName("Copy link to this view")
        self._copy_link.setToolTip(
            tooltip(
                "Copy a link to the image as it is seen now: place, zoom, plane, "
                "channels and contrast"
            )
        )
        self._body = RecordText(self)
        self._siblings = SiblingStrip(thumbnails, self)
        self._sizer = JobRunner(self)
        self._lay_out()
        self._connect()

    def show_record(self, model: RecordModel) -> None:
        """Show another record."""
        self._model = model
        card = model.card
        self._picture.show_image(self._thumbnails.get(card))
        title = card.title
        if len(title) > _LONGEST_TITLE:
            title = f"{title[:_LONGEST_TITLE].rstrip()}…"
        self._title.setText(breakable(title))
        facts = (card.subject, " · ".join((*card.badges, model.review)))
        self._facts.setText("\n".join(fact for fact in facts if fact))
        self._show_choices(model)
        self._sizer.cancel()
        if model.choices and not model.choices[0].size:
            self._sizer.start(sized_job(model.choices[0], timeout_s=_SIZE_TIMEOUT_S))
        self._siblings.show_family(model.family, card, model.family_in_words)
        self._copy_link.setText("Copy link")
        self._show_citation()
        self._body.show_record(model.sections)

    def _take_size(self, best: FileChoice) -> None:
        if self._model is None or not self._model.choices:
            return
        first, *others = self._model.choices
        if best.file.url == first.file.url:  # else the answer for the page before
            choices = (best, *others)
            self._model = replace(self._model, choices=choices)
            self._show_choices(self._model)

    def _show_choices(self, model: RecordModel) -> None:
        best, *others = model.choices or (None,)
        cost = best.cost if best else ""
        self._open.setEnabled(best is not None)
        self._fit_words()
        title = model.card.title
        self._open.setAccessibleName(f"Open {title} in the viewer, {cost}")
        preview = model.preview
        self._preview.setVisible(preview is not None)
        if preview:
            self._preview.setText(f"Preview · {preview.size}".removesuffix(" · "))
            self._preview.setAccessibleName(f"Preview of {title}, {preview.cost}")
        self._menu.clear()
        for choice in others:
            if choice is not preview:
                action = self._menu.addAction(choice.label.replace("&", "&&"))
                action.setData(choice)
        self._files.setVisible(not self._menu.isEmpty())

    def take_keyboard(self) -> None:
        """Take the keyboard, once the page is in sight."""
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def copy(self) -> None:
        """Copy the text that is selected, else the citation."""
        chosen = self._body.textCursor().selectedText()
        text = chosen.replace("\u2029", "\n").replace("\u2028", "\n")
        if not text and self._model is not None:
            text = self._model.citation(self._style)
            self._copy.setText("Copied")
        QApplication.clipboard().setText(text)

    def _lay_out(self) -> None:
        head = QGridLayout()
        head.setHorizontalSpacing(9)
        head.setVerticalSpacing(2)
        head.addWidget(self._picture, 0, 0, 3, 1, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 0, 1)
        head.addWidget(self._facts, 1, 1)
        head.setRowStretch(2, 1)
        head.setColumnStretch(1, 1)
        cite = QHBoxLayout()
        cite.setSpacing(2)
        for button in self._styles.buttons():
            cite.addWidget(button)
        cite.addStretch(1)
        cite.addWidget(self._copy)
        cite.addWidget(self._copy_link)
        opening = QHBoxLayout()
        opening.setSpacing(4)
        opening.addWidget(self._open, 1)
        opening.addWidget(self._preview)
        opening.addWidget(self._files)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(self._back)
        top.addStretch(1)
        top.addWidget(self._annotate)
        top.addWidget(self._like)
        layout.addLayout(top)
        layout.addLayout(head)
        layout.addLayout(opening)
        layout.addLayout(cite)
        layout.addWidget(self._body, 1)
        layout.addWidget(self._siblings)

    def _small_button(self, words: str, about: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setToolTip(tooltip(about))
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return button

    def _style_button(self, style: CitationStyle) -> QPushButton:
        button = QPushButton(style, self)
        button.setCheckable(True)
        button.setChecked(style == self._style)
        button.setAccessibleName(f"Citation as {style}")
        return button

    def _connect(self) -> None:
        self._back.clicked.connect(self.back)
        self._styles.idClicked.connect(self._choose_style)
        self._sizer.succeeded.connect(self._take_size)
        self._open.clicked.connect(self._on_open)
        self._preview.clicked.connect(self._on_preview)
        self._files.clicked.connect(self._show_files)
        self._menu.triggered.connect(self._on_file)
        self._annotate.clicked.connect(self._on_annotate)
        self._like.clicked.connect(self._on_like)
        self._thumbnails.arrived.connect(self._on_pictures)
        self._copy.clicked.connect(self.copy)
        self._copy_link.clicked.connect(self._on_copy_link)
        self._siblings.chosen.connect(self.page_wanted)
        self._siblings.search_wanted.connect(self._list_siblings)
        self._body.words_chosen.connect(self.words_chosen)
        self._body.link_chosen.connect(self.link_chosen)
        for keys, act in (
            (QKeySequence(Qt.Key.Key_Escape), self.back),
            (QKeySequence(QKeySequence.StandardKey.Copy), self.copy),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _choose_style(self, number: int) -> None:
        self._style = CITATION_STYLES[number]
        self._show_citation()

    def _show_citation(self) -> None:
        self._copy.setText("Copy citation")
        if self._model is not None:
            citation = self._model.citation(self._style)
            self._body.show_citation(citation, verbatim=self._style != "Text")

    def _on_open(self) -> None:
        if self._model is not None:
            self.open_wanted.emit(self._model.card)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much on the button as there is room for."""
        super().resizeEvent(event)
        self._fit_words()

    def _fit_words(self) -> None:
        if self._model is None or not self._model.choices:
            self._open.setText("Open")
            return
        best = self._model.choices[0]
        room = self._open.width() - 2 * _PADDING
        for cost in (best.cost, best.size, ""):
            words = f"Open · {cost}" if cost else "Open"
            self._open.setText(words)
            if self._open.fontMetrics().horizontalAdvance(words) <= room:
                return

    def say_copied(self) -> None:
        """Say that a link was copied, until another record is shown."""
        self._copy_link.setText("Link copied")

    def _on_copy_link(self) -> None:
        if self._model is not None:
            self.view_wanted.emit(self._model.card)

    def _list_siblings(self) -> None:
        if self._model is not None:
            self.words_chosen.emit(self._model.family_search)

    def _on_annotate(self) -> None:
        if self._model is not None:
            self.annotate_wanted.emit(self._model)

    def _on_like(self) -> None:
        if self._model is not None:
            self.similar_wanted.emit(self._model.card)

    def _on_preview(self) -> None:
        if self._model is not None and self._model.preview:
            self.file_wanted.emit(self._model.card, self._model.preview)

    def _show_files(self) -> None:
        corner = self._files.rect().bottomLeft()
        self._menu.popup(self._files.mapToGlobal(corner))

    def _on_file(self, action: QAction) -> None:
        if self._model is not None:
            self.file_wanted.emit(self._model.card, action.data())

    def _on_pictures(self, keys: set[CardKey]) -> None:
        if self._model is not None and self._model.card.key in keys:
            self._picture.show_image(self._thumbnails.get(self._model.card))
