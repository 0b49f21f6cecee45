"""The body of a record's page: sections of labels, values and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QUrl, Signal
from qtpy.QtGui import (
    QFont,
    QFontDatabase,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)
from qtpy.QtWidgets import QFrame, QTextBrowser, QWidget

from napari_cellib._widgets import _colors
from napari_cellib.viewmodels.words import isolated

if TYPE_CHECKING:
    from napari_cellib.viewmodels.record_sections import Entry, Section

_LABELS = 118  # width of the column of labels, in pixels
_SCHEME = "entry:"


class RecordText(QTextBrowser):
    """Sections as selectable text; Tab goes from link to link.

    The document is built piece by piece and never from HTML, and its links are
    numbers: what a record says can neither load a file nor run anything.
    """

    link_chosen = Signal(str)  # a web address, or that of an image
    words_chosen = Signal(str)  # words to search for

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sections: tuple[Section, ...] = ()
        self._citation = ""
        self._verbatim = False
        self._entries: list[Entry] = []
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet(
            "QTextBrowser, QTextBrowser > QWidget { background: transparent; }"
        )
        self.document().setDocumentMargin(0)
        self.setAccessibleName("Record")
        self.setAccessibleDescription("Tab goes from link to link.")
        self.anchorClicked.connect(self._on_anchor)

    def show_record(self, sections: tuple[Section, ...]) -> None:
        """Show the sections of another record, from the top."""
        self._sections = sections
        self._rebuild()

    def show_citation(self, citation: str, *, verbatim: bool) -> None:
        """Show how to cite it; a `verbatim` citation keeps its columns."""
        self._citation, self._verbatim = citation, verbatim
        self._rebuild()

    def loadResource(self, kind: int, name: QUrl) -> Any:
        """Load nothing: no part of the document lies outside of it."""
        return None

    def changeEvent(self, event: QEvent) -> None:
        """Take over the colours and sizes of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._sections:
            self._rebuild()

    def _rebuild(self) -> None:
        self._entries.clear()
        document = self.document()
        document.clear()
        document.setDefaultFont(self.font())
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        if self._citation:
            self._insert_heading(cursor, "How to cite", first=True)
            self._insert_citation(cursor)
        for section in self._sections:
            self._insert_heading(cursor, section.title)
            self._insert_entries(cursor, section)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _insert_heading(
        self, cursor: QTextCursor, title: str, *, first: bool = False
    ) -> None:
        block = QTextBlockFormat()
        block.setTopMargin(0 if first else 12)
        block.setBottomMargin(3)
        block.setHeadingLevel(2)  # screen readers jump from heading to heading
        words = QTextCharFormat()
        words.setFontWeight(QFont.Weight.Bold)
        words.setForeground(_colors.text(self._palette()))
        if first:
            cursor.setBlockFormat(block)
        else:
            cursor.insertBlock(block)
        cursor.insertText(title, words)

    def _insert_citation(self, cursor: QTextCursor) -> None:
        words = self._plain()
        if self._verbatim:
            fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            words.setFontFamilies([fixed.family()])
        cursor.insertBlock(QTextBlockFormat())
        # One block, however many lines: U+2028 breaks a line within it.
        cursor.insertText(self._citation.replace("\n", "\u2028"), words)

    def _insert_entries(self, cursor: QTextCursor, section: Section) -> None:
        if not any(entry.label for entry in section.entries):
            for entry in section.entries:
                block = QTextBlockFormat()
                block.setBottomMargin(4)
                cursor.insertBlock(block)
                self._insert_entry(cursor, entry)
            return
        cursor.insertBlock(QTextBlockFormat())
        table = cursor.insertTable(len(section.entries), 2, _columns())
        for row, entry in enumerate(section.entries):
            label = table.cellAt(row, 0).firstCursorPosition()
            label.insertText(entry.label, self._muted())
            self._insert_entry(table.cellAt(row, 1).firstCursorPosition(), entry)
        cursor.movePosition(QTextCursor.MoveOperation.End)

    def _insert_entry(self, cursor: QTextCursor, entry: Entry) -> None:
        words = self._plain()
        if entry.link or entry.words:
            words.setAnchor(True)
            words.setAnchorHref(f"{_SCHEME}{len(self._entries)}")
            words.setFontUnderline(True)
            self._entries.append(entry)
        if entry.detail:
            cursor.insertText(isolated(entry.text), words)
            cursor.insertText(f"  {isolated(entry.detail)}", self._muted())
        else:
            cursor.insertText(entry.text, words)

    def _plain(self) -> QTextCharFormat:
        words = QTextCharFormat()
        words.setForeground(_colors.text(self._palette()))
        return words

    def _muted(self) -> QTextCharFormat:
        words = QTextCharFormat()
        words.setForeground(_colors.muted(self._palette()))
        return words

    def _palette(self) -> Any:
        # Its own palette is that of text boxes in the style sheet of napari.
        return self.parentWidget().palette()

    def _on_anchor(self, url: QUrl) -> None:
        entry = self._entries[int(url.toString().removeprefix(_SCHEME))]
        if entry.link:
            self.link_chosen.emit(entry.link)
        elif entry.words:
            self.words_chosen.emit(entry.words)


def _columns() -> QTextTableFormat:
    columns = QTextTableFormat()
    columns.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
    columns.setBorder(0)
    columns.setCellPadding(1)
    columns.setCellSpacing(0)
    columns.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    columns.setColumnWidthConstraints(
        [
            QTextLength(QTextLength.Type.FixedLength, _LABELS),
            QTextLength(QTextLength.Type.VariableLength, 0),
        ]
    )
    return columns
