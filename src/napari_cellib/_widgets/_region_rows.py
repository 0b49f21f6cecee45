"""Taking away and selecting rows of a layer, in older napari as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


def take_away(layer: Any, rows: Collection[int]) -> None:
    """Remove shapes or points, also such as are not in view.

    Parameters
    ----------
    layer : napari.layers.Shapes or napari.layers.Points
        Of which they are removed.
    rows : collection of int
        Which ones.
    """
    if hasattr(layer, "remove"):
        layer.remove(sorted(rows))
        return
    # Older ones remove what is selected, and only select by themselves what is in view.
    layer.selected_data.clear()
    layer.selected_data.update(rows)
    layer.remove_selected()


def choose(layer: Any, rows: Collection[int]) -> None:
    """Select shapes or points; none, where they are not in view and napari is older."""
    try:
        layer.selected_data = set(rows)
    except ValueError:
        layer.selected_data = set()
