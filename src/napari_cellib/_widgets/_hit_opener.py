"""Opens what was found to be alike: by itself, or beside what was asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._depositions_door import compare_layers
from napari_cellib._widgets._hit_place import (
    described_point,
    go_to_hit,
    spot_of,
    way_from,
)
from napari_cellib._widgets._layer_opener import LayerOpener
from napari_cellib._widgets._region_layer import timer_of
from napari_cellib._widgets._view_state import address_of, layers_of
from napari_cellib.model import Address
from napari_cellib.viewmodels.comparing.parts import Pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.compare.similar_images import SimilarImage
    from napari_cellib.viewmodels.similar.model import SimilarModel
    from napari_cellib.viewmodels.similar.source import Source


class HitOpener(QObject):
    """Adds the layers of hits, and brings the viewer to the tile that was found.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are added.
    model : SimilarModel
        What was asked, and found.
    parent : QObject
        Its parent.
    """

    compared = Signal(str, str)  # names of the layers that are shown side by side

    def __init__(self, viewer: Any, model: SimilarModel, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._model = model
        self._side_by_side: tuple[Source, SimilarImage] | None = None
        self._hits: dict[str, SimilarImage] = {}  # that are being opened
        self.layers = LayerOpener(viewer, model.libraries, self, queues=True)
        self.layers.opened.connect(self._on_opened)
        # A turn later: the window has just drawn new layers, and a panel is docked.
        self._soon = timer_of(self, self._show_both, 0)

    def open(self, hit: SimilarImage) -> None:
        """Show the tile that was found; its image is opened if it is not there yet."""
        layers = self._images(hit.address)
        if layers:
            go_to_hit(self._viewer, _layer_of(layers, hit), hit)
            return
        self._hits[hit.address] = hit
        self._open_address(hit.address, hit.title)

    def compare(self, hit: SimilarImage) -> None:
        """Open both, as far as they are not yet, and show them side by side."""
        source = self._model.source
        if source is None:
            return
        self._side_by_side = (source, hit)
        if source.side is None and not self._images(str(source.address)):
            self._open_address(str(source.address), source.name)
        self.open(hit)
        self._soon.start()

    def _open_address(self, address: str, title: str) -> None:
        where = Address.parse(address)
        self.layers.open_record(where.library, where.record, title)

    def _on_opened(self, layers: Sequence[Any]) -> None:
        addresses = {str(address_of(layer)) for layer in layers}
        for address in addresses & self._hits.keys():
            hit = self._hits.pop(address)
            if found := self._images(address):
                go_to_hit(self._viewer, _layer_of(found, hit), hit)
        self._soon.start()

    def _show_both(self) -> None:
        source = self._model.source
        if self._side_by_side is None or source is None:
            return
        asked, hit = self._side_by_side
        theirs, own = self._images(hit.address), self._own(source)
        if asked.key != source.key or not own or not theirs:
            return
        self._side_by_side = None
        reference = _layer_of(theirs, hit)
        found = self._model.found
        point = found.asked.point if found and source.side else described_point(own[0])
        pair = Pair(
            image=own[0].name,
            reference=reference.name,
            part=self._model.meant,
            spot=spot_of(reference, hit),
            way=way_from(self._viewer, own[0], point),
        )
        compare_layers(self._viewer, pair)
        self.compared.emit(own[0].name, reference.name)

    def _own(self, source: Source) -> list[Any]:
        if source.side is None:
            return self._images(str(source.address))
        return [layer for layer in self._viewer.layers if layer.name == source.name]

    def _images(self, address: str) -> list[Any]:
        found = layers_of(self._viewer, Address.parse(address))
        return [layer for layer in found if layer._type_string == "image"]


def _layer_of(layers: Sequence[Any], hit: SimilarImage) -> Any:
    """Return the layer of the channel that is alike."""
    return layers[min(hit.channel, len(layers) - 1)]
