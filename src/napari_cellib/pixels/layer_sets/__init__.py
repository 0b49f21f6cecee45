"""Layers of a viewer as one OME-Zarr, and back.

Images and labels become what OME-NGFF has a place for. What it has none for, such as
points, tracks or the opacity of an image, is kept beside them, in groups that other
programs pass over; `docs/reference/layers.md` describes them. Start with `planning.py`
for the way out and `restoring.py` for the way in.
"""

from __future__ import annotations

from napari_cellib.pixels.layer_sets.measuring import with_steps
from napari_cellib.pixels.layer_sets.planning import LayerSet, plan_layers
from napari_cellib.pixels.layer_sets.restoring import restore_layers
from napari_cellib.pixels.layer_sets.saving import save_layers

__all__ = ["LayerSet", "plan_layers", "restore_layers", "save_layers", "with_steps"]
