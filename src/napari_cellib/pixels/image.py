"""Open an OME-Zarr: find out what it is with few questions, read no pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.pixels import ngff
from napari_cellib.pixels.opening import Opening
from napari_cellib.pixels.stores import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.multiscale import MultiscaleImage


def open_image(where: str | Path, *, timeout_s: float = 20.0) -> Job[MultiscaleImage]:
    """Open an OME-Zarr 0.1 to 0.5 image in a folder or on a server.

    Two rounds of questions, four if the image has labels: the group, then all its
    levels at once.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder, or an address that begins with ``file://``, ``http://`` or
        ``https://``.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.

    Returns
    -------
    MultiscaleImage
        The image with dask arrays of shape (T, C, Z, Y, X), or those of these axes
        that it has, none of which is read.

    Yields
    ------
    Progress
        At least five times a second while waiting.

    Raises
    ------
    PixelsNotFound
        When nothing is there.
    PixelsUnreadable
        When it is no image or is damaged.
    PixelsUnreachable
        When the server does not answer.
    """
    store = open_store(where, timeout_s=timeout_s)
    opening = Opening(store)
    group = yield from opening.group("")
    metadata = ngff.parse_multiscales(group, store.name, opening.warn)
    label_keys = ["labels/zarr.json" if group.zarr_format == 3 else "labels/.zattrs"]
    keys = opening.level_keys(group, metadata, "")
    answers = yield from store.read_many("Reading the levels", keys + label_keys)
    found = opening.sources(group, metadata, "", answers)
    labels = yield from opening.labels(answers[label_keys[0]], group)
    return opening.image(group, metadata, found, labels)
