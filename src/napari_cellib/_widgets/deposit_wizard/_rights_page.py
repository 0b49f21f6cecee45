"""The page that asks what others may do with the image, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import button_text
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib._widgets.deposit_wizard._page import FormPage, Line, Words, show_text
from napari_cellib._widgets.deposit_wizard._tabs import order_tabs
from napari_cellib.deposit.rights import OFFERED

if TYPE_CHECKING:
    from qtpy.QtGui import QMouseEvent

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Licence
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_OTHER = len(OFFERED)
_INDENT = 22  # of the words below a name
_YES, _NO = 1, 0


class RightsPage(FormPage):
    """Licence, embargo, and the articles that show the image."""

    def __init__(self, model: WizardModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._licences = LicenceList(self.body)
        self._until = Line("Hold until", "YYYY-MM-DD, or leave it empty", self.body)
        self._published = YesNo(self.body)
        self._articles = Words("Articles", 2, self.body)
        self._articles.setPlaceholderText("DOI or PubMed id, one per line")
        self._lay_out()
        self._licences.group.idClicked.connect(self._on_licence)
        self._until.textEdited.connect(self._on_until)
        self._published.group.idClicked.connect(self._on_published)
        self._articles.textChanged.connect(self._on_articles)
        self.reload()

    def show_draft(self, draft: Draft) -> None:
        """Show what a draft says."""
        self._licences.show_licence(draft.licence)
        show_text(self._until, draft.embargo_until)
        self._published.show_answer(draft.published)
        if self._typed_articles() != draft.articles:
            show_text(self._articles, "\n".join(draft.articles))

    def _typed_articles(self) -> tuple[str, ...]:
        lines = self._articles.toPlainText().splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    def _on_licence(self, number: int) -> None:
        chosen = self._licences.licence(number)
        if chosen is not None:
            self.model.set(licence=chosen)

    def _on_until(self, text: str) -> None:
        self.model.set(embargo_until=text)

    def _on_published(self, answer: int) -> None:
        self.model.set(published=answer == _YES)

    def _on_articles(self) -> None:
        articles = self._typed_articles()
        if articles != self.model.draft.articles:
            self.model.set(articles=articles)

    def _lay_out(self) -> None:
        self.column.addWidget(self.ask("licence", self._licences))
        self.column.addWidget(self.ask("embargo_until", self._until))
        self.column.addWidget(self.ask("published", self._published))
        self.column.addWidget(self.ask("articles", self._articles))
        self.column.addStretch(1)
        order_tabs(self.body)


class LicenceList(QWidget):
    """The licences on offer, each with what it lets others do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.group = QButtonGroup(self)
        self._other: Licence | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(1)
        for number, offered in enumerate(OFFERED):
            button = self._button(number, offered.name, offered.words)
            words = _ButtonWords(offered.words, button, self)
            words.setContentsMargins(_INDENT, 0, 0, 5)
            column.addWidget(button)
            column.addWidget(words)
        self._other_button = self._button(_OTHER, "", "")
        column.addWidget(self._other_button)
        self._other_button.hide()

    def show_licence(self, licence: Licence | None) -> None:
        """Check a licence; one that is not on offer gets a line of its own."""
        number = next(
            (n for n, one in enumerate(OFFERED) if one.licence == licence), None
        )
        if licence is not None and number is None:
            self._other = licence
            number = _OTHER
            self._other_button.setText(button_text(licence.name))
            self._other_button.show()
        self.group.setExclusive(False)
        for button in self.group.buttons():
            button.setChecked(self.group.id(button) == number)
        self.group.setExclusive(True)

    def licence(self, number: int) -> Licence | None:
        """Return the licence of a line."""
        return self._other if number == _OTHER else OFFERED[number].licence

    def _button(self, number: int, name: str, words: str) -> QRadioButton:
        button = QRadioButton(button_text(name), self)
        button.setAccessibleDescription(words)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.group.addButton(button, number)
        return button


class _ButtonWords(TintedLabel):
    """Words below a button; a click on them is one on the button."""

    def __init__(self, text: str, button: QRadioButton, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._button = button

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        """Click the button."""
        self._button.click()


class YesNo(QWidget):
    """A question with two answers, of which none may be given yet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 0)
        row.setSpacing(14)
        for number, words in ((_YES, "Yes"), (_NO, "No, it is new")):
            button = QRadioButton(words, self)
            self.group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)

    def show_answer(self, answer: bool | None) -> None:
        """Check an answer, or none."""
        self.group.setExclusive(False)
        for button in self.group.buttons():
            is_it = answer is not None and self.group.id(button) == int(answer)
            button.setChecked(is_it)
        self.group.setExclusive(True)
