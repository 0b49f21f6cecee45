"""A slim bar to go through a list of images, also by keys while one looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QShortcut,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._layer_adder import LayerAdder
from napari_cellib._widgets._picture import Picture
from napari_cellib._widgets._stream_host import stream_host
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib._widgets._walk_ahead import Ahead
from napari_cellib._widgets._walk_layers import WalkLayers
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.walking import Walk, kept_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib._widgets._layer_opener import Made
    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.viewmodels.cards import Card, CardKey
    from napari_cellib.viewmodels.libraries import Libraries

NEXT, PREVIOUS = "Ctrl+PgDown", "Ctrl+PgUp"
_PICTURE = 32


class WalkBar(QWidget):
    """Shows the images of a list one by one; hidden when no list is gone through.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are shown.
    libraries : Libraries
        Where they are found.
    thumbnails : Thumbnails
        Their small pictures.
    parent : QWidget
        Its parent.
    """

    def __init__(
        self, viewer: Any, libraries: Libraries, thumbnails: Thumbnails, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._thumbnails = thumbnails
        self._walk: Walk | None = None
        self._waits_for: CardKey | None = None  # to be shown as soon as it is there
        self._told = ""
        host = stream_host(libraries.settings)
        host.attach(viewer)
        self._layers = WalkLayers(viewer)
        self._adder = LayerAdder(viewer, host, self, together=1)
        self._ahead = Ahead(viewer, libraries, host, self)
        self._picture = Picture(_PICTURE, self)
        self._words = plain_label(parent=self)
        self._title = plain_label(parent=self)
        self._previous = self._button("‹", "Previous image", PREVIOUS)
        self._next = self._button("›", "Next image", NEXT)  # noqa: RUF001
        self._end = self._button("×", "End going through the images", "")
        self._keys = [self._shortcut(NEXT, 1), self._shortcut(PREVIOUS, -1)]
        self._lay_out()
        self._connect()
        self.hide()

    def begin(self, cards: Sequence[Card], place: int = 0) -> None:
        """Go through these images, from the one at `place` on."""
        if not cards:
            return
        self._ahead.forget()
        self._walk = Walk(tuple(cards), place)
        self._let_keys(work=True)
        self.show()
        self._show_image()

    def go(self, step: int) -> None:
        """Show the image so many steps from here, if there is one."""
        if self._walk is not None and self._walk.go(step):
            self._show_image()

    def end(self) -> None:
        """End it; the image that is looked at stays."""
        self._ahead.forget()
        self._walk = self._waits_for = None
        self._layers = WalkLayers(self._viewer)
        self._let_keys(work=False)
        self.hide()

    def _button(self, words: str, name: str, keys: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setAccessibleName(name)
        button.setToolTip(tooltip(f"{name} ({keys})" if keys else name))
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return button

    def _shortcut(self, keys: str, step: int) -> QShortcut:
        shortcut = QShortcut(QKeySequence(keys), self)
        # Whoever looks at an image has the keyboard in the viewer, or in a panel.
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.setEnabled(False)
        shortcut.setProperty("step", step)
        shortcut.activated.connect(self._on_key)
        return shortcut

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._words)
        words.addWidget(self._title)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(6)
        layout.addWidget(self._picture)
        layout.addLayout(words, 1)
        layout.addWidget(self._previous)
        layout.addWidget(self._next)
        layout.addWidget(self._end)

    def _connect(self) -> None:
        self._next.clicked.connect(self._on_next)
        self._previous.clicked.connect(self._on_previous)
        self._end.clicked.connect(self.end)
        self._ahead.came.connect(self._on_came)
        self._ahead.failed.connect(self._on_failed)
        self._adder.begun.connect(self._fit)
        self._adder.added.connect(self._on_added)
        self._thumbnails.arrived.connect(self._on_pictures)

    def _on_next(self) -> None:
        self.go(1)

    def _on_previous(self) -> None:
        self.go(-1)

    def _on_key(self) -> None:
        self.go(self.sender().property("step"))

    def _let_keys(self, *, work: bool) -> None:
        for shortcut in self._keys:
            shortcut.setEnabled(work)

    def _show_image(self) -> None:
        assert self._walk is not None
        card = self._walk.card
        self._told = ""
        self._waits_for = card.key
        if (made := self._ahead.take(card)) is not None:
            self._add(made)
        else:
            self._ahead.want_now(card)
        self._show_words()

    def _show_words(self) -> None:
        if self._walk is None:
            return
        walk = self._walk
        waits = " · opening…" if self._waits_for is not None else ""
        self._words.setText(f"{walk.words}{waits}")
        self._title.setText(self._told or walk.card.title)
        self._picture.show_image(self._thumbnails.get(walk.card))
        self._previous.setEnabled(walk.can_go(-1))
        self._next.setEnabled(walk.can_go(1))

    def _on_came(self, key: CardKey, made: Made) -> None:
        if self._walk is not None and key == self._waits_for:
            self._ahead.take(self._walk.card)
            self._add(made)
            self._show_words()

    def _add(self, made: Made) -> None:
        self._waits_for = None
        self._told = kept_in_words(self._layers.take_away())
        self._adder.add(made.layers)

    def _fit(self, _: object) -> None:
        # An empty viewer does that by itself.
        if len(self._viewer.layers) > 1:
            self._viewer.reset_view()

    def _on_added(self, layers: Sequence[Any]) -> None:
        self._layers.keep(layers)
        if self._walk is not None:
            self._ahead.want(self._walk.ahead())

    def _on_failed(self, key: CardKey, error: Exception) -> None:
        if self._walk is None or key != self._waits_for:
            return  # nobody looks at it yet; it is tried again then
        self._waits_for = None
        # Else one image would be looked at below the name of another.
        self._layers.take_away()
        self._told = " ".join(problem_in_words(error))
        self._ahead.want(self._walk.ahead())
        self._show_words()

    def _on_pictures(self, keys: set[CardKey]) -> None:
        if self._walk is not None and self._walk.card.key in keys:
            self._show_words()
