"""The rows of a layer of regions: what its table says, what is selected or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib._widgets._region_look import COLUMNS
from napari_cellib.viewmodels.regions.words import Words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


def write_words(layer: Any, ids: Sequence[object], words: Mapping[str, Words]) -> None:
    """Write ids and words into the table of a layer; columns of others stay.

    Parameters
    ----------
    layer : napari.layers.Shapes or napari.layers.Points
        Whose table it is.
    ids : sequence of str or None
        Of each row; what is no text is nobody.
    words : mapping of str to Words
        What is written beside each region, by its id.
    """
    if not ids:
        return
    told = [one if isinstance(one, str) else "" for one in ids]
    texts = zip(*(words.get(one, Words()) for one in told), strict=True)
    columns = dict(zip(COLUMNS, (told, *map(list, texts)), strict=True))
    table = layer.features.copy()
    if all(
        name in table and list(table[name]) == column
        for name, column in columns.items()
    ):
        return
    for name, column in columns.items():
        table[name] = np.array(column, dtype=object)
    layer.features = table
    # What is drawn next is nobody yet; columns of others keep their default.
    defaults = layer.feature_defaults.iloc[0].to_dict()
    layer.feature_defaults = defaults | dict.fromkeys(COLUMNS, "")


def words_in(layer: Any) -> dict[str, Words]:
    """Return what the table of a layer says beside each id, as far as it does."""
    table = layer.features
    if any(name not in table for name in COLUMNS):
        return {}
    rows = zip(*(table[name] for name in COLUMNS), strict=True)
    return {own: Words(*texts) for own, *texts in rows if isinstance(own, str) and own}


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
