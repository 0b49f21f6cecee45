"""Open an OME-Zarr: find out what it is with few questions, read no pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import CellibError, NoPixels
from napari_cellib.pixels import ngff
from napari_cellib.pixels.documents import Documents
from napari_cellib.pixels.opening import Opening
from napari_cellib.pixels.plate_opening import open_plate, open_well
from napari_cellib.pixels.series import open_first
from napari_cellib.pixels.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.multiscale import MultiscaleImage


def open_image(
    where: str | Path,
    *,
    timeout_s: float = 20.0,
    known: Mapping[str, Mapping[str, Any]] | None = None,
    disk: DiskCache | None = None,
) -> Job[MultiscaleImage]:
    """Open an OME-Zarr 0.1 to 0.5 in a folder or on a server.

    One round of questions if its metadata are consolidated. Else two, four if the
    image has labels: the group, then all its levels at once.

    Of a collection the first image is opened, and the others are named. A plate is
    shown as an overview, in which each well is the first image taken of it; a well
    as all its images, side by side.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder or a zip, or an address of one that begins with ``https://``,
        ``http://``, ``s3://``, ``gs://``, ``az://``, ``abfs://`` or ``file://``.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.
    known : dict of str to dict, optional
        All its metadata, by their path, as `read_manifest` returns them. Then no
        server is asked for any; in a folder they are read all the same.
    disk : DiskCache, optional
        Where the bytes of servers are kept.

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
    store = open_store(where, timeout_s=timeout_s, disk=disk)
    return (yield from open_group(Opening(Documents(store, known))))


def open_group(opening: Opening) -> Job[MultiscaleImage]:
    """Open what lies in a place: an image, a plate, a well or a collection."""
    group = yield from opening.group("")
    try:
        image = yield from _open_kind(opening, group)
    except CellibError as error:
        if "layers" not in group.own:
            raise
        # Other layers of the set may be sound.
        raise NoPixels(opening.where(""), group.own) from error
    return replace(image, layer_set=group.own)


def _open_kind(opening: Opening, group: ngff.Group) -> Job[MultiscaleImage]:
    kind = ngff.kind_of(group)
    if kind in ("collection", "labels"):
        return (yield from open_first(opening, group))
    if kind == "plate":
        return (yield from open_plate(opening, group))
    if kind == "well":
        return (yield from open_well(opening, group))
    return (yield from opening.image("", group))
