"""The viewer, the list and what is said, of one mind about regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib._widgets._annotate_follower import is_of_regions
from napari_cellib._widgets._region_keeper import RegionKeeper
from napari_cellib.annotate.saying import Speaker

if TYPE_CHECKING:
    from napari_cellib._widgets._annotate_page import AnnotatePage
    from napari_cellib.model.dimensions import Axis
    from napari_cellib.model.statement import Region
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.speaking import Speaking


class Places(QObject):
    """Draws regions, takes over what is drawn, and lets one be chosen.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are drawn.
    model, speaking : AnnotatingModel, Speaking
        What is said, and says more.
    page : AnnotatePage
        Lists them, and offers the tools.
    """

    told = Signal(str)  # a sentence for the person

    def __init__(
        self, viewer: Any, model: AnnotatingModel, speaking: Speaking,
        page: AnnotatePage,
    ) -> None:  # fmt: skip
        super().__init__(page)
        self._viewer = viewer
        self._model = model
        self._speaking = speaking
        self._page = page
        self._is_listed = False  # whether the regions were chosen in the list
        self._sought = ""  # a region to go to, once it is there
        self._is_shown = False  # whether the viewer has the regions
        # Later: what a person draws is still being read when it is said.
        self._touched: set[str] = set()
        self._renew_later = QTimer(self)
        self._renew_later.setSingleShot(True)
        self._renew_later.setInterval(0)
        self._renew_later.timeout.connect(self._renew)
        self.keeper = keeper = RegionKeeper(viewer, self._speaker, self)
        keeper.changed.connect(self._on_drawn)
        keeper.chosen.connect(self._on_chosen)
        keeper.troubled.connect(self.told)
        keeper.shown.connect(self._on_shown)
        viewer.layers.events.removed.connect(self._on_removed)
        viewer.layers.events.inserted.connect(self._on_inserted)
        page.scope.draw_wanted.connect(keeper.draw)
        page.scope.image_wanted.connect(self.speak_of_image)
        page.scope.extent_changed.connect(self._on_extent)
        page.regions.chosen.connect(self._on_listed)
        page.regions.jump_wanted.connect(self.jump_to)
        page.regions.shown_again.connect(self._show_again)

    def seek(self, region: str) -> None:
        """Go to a region as soon as it is there."""
        self._sought = region

    def follow(self) -> None:
        """Be ready to draw in the layers of what is loaded."""
        loaded = self._model.loaded
        self.keeper.follow(loaded.subject if loaded else None)
        self._is_shown = False
        self._touched.clear()
        self._page.regions.again.hide()

    def show(self) -> None:
        """Show the regions of what is loaded in its layers."""
        self.follow()
        loaded = self._model.loaded
        if loaded is None:
            return
        self.keeper.show(self._model.everything)

    def renew(self, touched: frozenset[str | None]) -> None:
        """Draw regions, before long, as they are now, with what is said of them."""
        self._touched |= {one for one in touched if one is not None}
        if self._touched:
            self._renew_later.start()

    def jump_to(self, region: str) -> None:
        """Show a region in the viewer, and speak of it."""
        self._model.choose((region,))
        self._go_to(region)

    def speak_of_image(self) -> None:
        """Choose no region any more."""
        for layer in self._viewer.layers:
            if is_of_regions(layer):
                layer.selected_data = set()
        self._is_listed = False
        self._model.choose(())

    def _speaker(self) -> Speaker:
        return self._model.loaded.speaker if self._model.loaded else Speaker()

    def _renew(self) -> None:
        book = self._model.book
        touched, self._touched = self._touched, set()
        if book is None:
            return
        if not self.keeper.renew(touched, book.ledger):
            self.keeper.show(book.ledger.everything())

    def _on_drawn(self, regions: tuple[Region, ...]) -> None:
        book = self._model.book
        known = book.ledger.regions if book else {}
        fresh = [one.id for one in regions if one.id not in known]
        self._speaking.take_regions(regions)
        if fresh:
            self._model.choose(fresh)
            self._page.body.focus_field(self._model.fields()[0])

    def _go_to(self, region: str) -> None:
        """Show a region in the viewer, as soon as that has it."""
        if self._is_shown and not self.keeper.is_placing:
            self.keeper.jump_to(region)
        else:
            self._sought = region

    def _on_shown(self) -> None:
        self._is_shown = True
        region, self._sought = self._sought, ""
        book = self._model.book
        if region and book is not None:
            if region in book.ledger.regions:
                self.jump_to(region)
            else:
                words = "The link asks for a region that the image does not have."
                self.told.emit(words)

    def _on_extent(self, axis: Axis, first: int, last: int) -> None:
        for region in self._model.scope[:1]:
            self.keeper.set_extent(region, axis, first, last)

    def _on_chosen(self, regions: tuple[str, ...]) -> None:
        if regions or not self._is_listed:  # else the viewer has no say in it
            self._is_listed = False
            self._model.choose(regions)

    def _on_listed(self, regions: tuple[str, ...]) -> None:
        self._is_listed = True
        self._model.choose(regions)
        if len(regions) == 1:
            self._go_to(regions[0])

    def _on_removed(self, event: Any) -> None:
        """Offer to draw the regions again when a person has closed their layer."""
        loaded = self._model.loaded
        if is_of_regions(event.value) and loaded and loaded.subject.layers:
            self._page.regions.again.setVisible(bool(loaded.book.ledger.regions))

    def _on_inserted(self, event: Any) -> None:
        if is_of_regions(event.value):
            self._page.regions.again.hide()

    def _show_again(self) -> None:
        """Draw the regions that are in view, or else go to one."""
        self.keeper.show_again()
        again = self._page.regions.again
        if not again.isHidden():
            regions = self._model.scope or self._page.regions.model.ids
            for region in regions[:1]:
                self.jump_to(region)
        again.hide()
        self.told.emit("")
