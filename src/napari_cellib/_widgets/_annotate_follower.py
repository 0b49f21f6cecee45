"""Follows the layer that is selected in the viewer, and says what it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib.viewmodels.annotating.subject import Subject, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEEN = ("image", "labels")  # in which an image is seen
_REGION = "region"  # the feature that regions in layers have


class LayerFollower(QObject):
    """Tells which subject the person looks at.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose layers are followed.
    parent : QObject
        Its parent.
    """

    changed = Signal(object)  # Subject or None
    lost = Signal(object)  # Subject whose layers were all deleted

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self.subject: Subject | None = None
        # After all that a click or the opening of an image changes.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.look)
        layers = viewer.layers
        layers.selection.events.active.connect(self._on_changed)
        layers.events.inserted.connect(self._on_changed)
        layers.events.removed.connect(self._on_changed)

    def stop(self) -> None:
        """Follow the viewer no more."""
        layers = self._viewer.layers
        layers.selection.events.active.disconnect(self._on_changed)
        layers.events.inserted.disconnect(self._on_changed)
        layers.events.removed.disconnect(self._on_changed)

    def hold(self, subject: Subject) -> None:
        """Stay with a subject, until the person selects a layer of another one."""
        self.subject = subject
        self._take_layers(self._metadata())

    def look(self) -> None:
        """Look which layer is selected now."""
        active = self._viewer.layers.selection.active
        metadata = self._metadata()
        if active is None or active.name not in metadata:
            self._take_layers(metadata)
            return
        found = subject_of(active.name, metadata, _mark(active))
        if self.subject is None or found.key != self.subject.key:
            self.subject = found
            self.changed.emit(found)
        else:
            self._take_layers(metadata)

    def layers_of(self, subject: Subject) -> list[Any]:
        """Return the layers in which a subject is seen."""
        return [one for one in self._viewer.layers if one.name in subject.layers]

    def _take_layers(self, metadata: Mapping[str, Mapping[str, Any]]) -> None:
        """Notice layers of the same subject that have come or gone."""
        old = self.subject
        if old is None:
            return
        first = next(
            (one for one in metadata if self._subject(one, metadata).key == old.key),
            None,
        )
        layers = self._subject(first, metadata).layers if first else ()
        if layers == old.layers:
            return
        if not layers and not old.is_record and old.draft is None:
            self.subject = None
            self.changed.emit(None)
            self.lost.emit(old)
            return
        self.subject = Subject(
            address=old.address, draft=old.draft, layers=layers, title=old.title,
            library=old.library, record=old.record, writable=old.writable,
            mark=old.mark,
        )  # fmt: skip
        self.changed.emit(self.subject)
        if not layers:
            self.lost.emit(old)

    def _subject(self, name: str, metadata: Mapping[str, Mapping[str, Any]]) -> Subject:
        return subject_of(name, metadata, _mark(self._viewer.layers[name]))

    def _metadata(self) -> dict[str, Mapping[str, Any]]:
        return {
            layer.name: layer.metadata
            for layer in self._viewer.layers
            if layer._type_string in _SEEN and not is_of_regions(layer)
        }

    def _on_changed(self, _: object = None) -> None:
        self._soon.start()


def is_of_regions(layer: Any) -> bool:
    """Say whether a layer shows regions, not an image."""
    features = getattr(layer, "features", None)
    return features is not None and _REGION in getattr(features, "columns", ())


def _mark(layer: Any) -> str:
    """Return what tells a layer from others of the same name."""
    shape = tuple(round(side) for side in layer.extent.data[1] + 1)
    return f"{layer.name} {shape} {layer.source.path or ''}"
