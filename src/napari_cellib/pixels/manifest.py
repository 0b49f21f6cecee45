"""A viewing manifest: all that opening an image has to know, taken along in advance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cellib.pixels.documents import Documents
from napari_cellib.pixels.image import open_group
from napari_cellib.pixels.opening import Opening
from napari_cellib.pixels.stores import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job

Manifest: TypeAlias = dict[str, dict[str, Any]]

# A record is read with every hit of a search: one with more than this weighs it down.
_LONGEST = 64_000


def read_manifest(where: str | Path, *, timeout_s: float = 20.0) -> Job[Manifest]:
    """Read what `open_image` needs to know, to be given to it as `known`.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder or an address; see `open_image`.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.

    Returns
    -------
    dict of str to dict
        The metadata of the image, its levels and its labels, by their path. Empty
        if they are too long to be taken along.

    Yields
    ------
    Progress
        While it waits.

    Raises
    ------
    CellibError
        When it is no image, or does not answer.
    """
    opening = Opening(Documents(open_store(where, timeout_s=timeout_s)))
    yield from open_group(opening)
    found = opening.documents.found()
    return found if len(json.dumps(found)) <= _LONGEST else {}
