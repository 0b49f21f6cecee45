"""Layers that were saved together, opened together again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.layer_sets import restore_layers
from napari_cellib.pixels.layers import layer_tuples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.layers import LayerTuple
    from napari_cellib.pixels.multiscale import MultiscaleImage
    from napari_cellib.pixels.stores import Store

    OpenPixels = Callable[[str], Job[MultiscaleImage]]


def restored(
    where: str,
    layer_set: Mapping[str, Any],
    first: MultiscaleImage | None,
    opened: OpenPixels,
    store: Store,
    known: Mapping[str, Mapping[str, Any]] | None = None,
    **described: Any,
) -> Job[list[LayerTuple]]:
    """Return the layers of a set, in the order in which they were saved.

    Parameters
    ----------
    where : str
        Where the set is.
    layer_set : dict
        What the root notes of its layers.
    first : MultiscaleImage, optional
        Its first image, which is open already, if it has one.
    opened : callable
        Returns the job that opens an image by its address.
    store : Store
        The place, for all that is no image.
    known : dict of str to dict, optional
        All metadata, by their path.
    **described : object
        What a library knows of the image; see `layer_tuples`.
    """

    def open_image(path: str) -> Job[list[LayerTuple]]:
        if first is not None and path in ("", "0"):
            image = first
        else:
            image = yield from opened(f"{where.rstrip('/')}/{path}")
        return layer_tuples(image, **described)

    layers, warnings = yield from restore_layers(
        store, layer_set, open_image, known=known
    )
    if not layers and first is None:
        raise PixelsUnreadable(store.name, "; ".join(warnings) or "it is empty")
    if not layers and first is not None:  # nothing can be used of what was noted
        first = replace(first, warnings=(*first.warnings, *warnings))
        return layer_tuples(first, **described)
    if layers and warnings:
        _, kwargs, _ = layers[0]
        own = kwargs["metadata"]["cellib"]
        told = tuple(dict.fromkeys([*own.get("warnings", ()), *warnings]))
        kwargs["metadata"]["cellib"] = own | {"warnings": list(told)}
    return layers
