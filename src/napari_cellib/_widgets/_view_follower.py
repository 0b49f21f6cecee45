"""Brings a viewer to the view that a link asks for, once the layers are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._view_state import follow, layers_of
from napari_cellib.errors import AddressInvalid
from napari_cellib.model.view_link import read_view_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.model.view_link import Followed


class ViewFollower(QObject):
    """Follows one link at a time.

    Parameters
    ----------
    viewer : napari.Viewer
        Where views are restored.
    parent : QObject
        Its parent.
    """

    told = Signal(object)  # tuple of str: what of the link was left out
    region_wanted = Signal(str, str)  # address of the image, id of the region

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._link: Followed | None = None

    def expect(self, place: str) -> bool:
        """Remember what `place` asks for; say whether all of it is done at once.

        An image that is open already is not opened a second time for another view.
        """
        self._link = None
        try:
            link = read_view_link(place)
        except AddressInvalid:
            return False
        if not (link.view.is_view or link.notes):
            return False
        self._link = link
        layers = layers_of(self._viewer, link.view.address) if link.view.is_view else []
        if not layers or _file_of(layers) != link.view.file:
            return False
        self.restore(layers)
        return True

    def forget(self) -> None:
        """Expect nothing more: something else is opened."""
        self._link = None

    def look_at(self, layers: Sequence[Any]) -> None:
        """Move the camera where the link says, before all layers are there.

        So a large image is not first read as a whole, and then where it is looked at.
        """
        if self._link is not None and self._link.view.is_view:
            follow(self._viewer, self._link.view, layers)

    def restore(self, layers: Sequence[Any]) -> None:
        """Show what is expected of these layers, which are all there are."""
        link, self._link = self._link, None
        if link is None:
            return
        notes = list(link.notes)
        if link.view.file and _file_of(layers) != link.view.file:
            notes.append(f"The image has no other file {link.view.file}.")
        notes += follow(self._viewer, link.view, layers)
        if notes:
            self.told.emit(tuple(dict.fromkeys(notes)))
        if link.view.region:
            self.region_wanted.emit(str(link.view.address), link.view.region)


def _file_of(layers: Sequence[Any]) -> str | None:
    return next((layer.metadata["cellib"].get("file") for layer in layers), None)
