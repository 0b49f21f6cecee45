"""Look for images like one: the door for notebooks, the command line and the panel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cellib.compare.opening import open_subject
from napari_cellib.compare.similar import Mode, find_similar, index_library
from napari_cellib.errors import IndexBusy, LibraryReadOnly, StorageFull
from napari_cellib.library.library_image import LibraryImage
from napari_cellib.model.address import SCHEME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.compare.similar import SimilarImages
    from napari_cellib.jobs import Job
    from napari_cellib.library import OpenLibrary
    from napari_cellib.settings import Settings


def look_for(
    library: OpenLibrary,
    image: Any,
    settings: Settings,
    *,
    opening: Mapping[str, Any] | None = None,
    mode: Mode | str = Mode.SETUP,
    network: Path | None = None,
    rebuild: bool = False,
    **wanted: Any,
) -> Job[SimilarImages]:
    """Describe what is new in a library, then find the images that are like one.

    Where nothing can be described just now, what is described already is searched, and
    that is said.

    Parameters
    ----------
    library : OpenLibrary
        Where to look.
    image : array, str, pathlib.Path, LibraryImage or Subject
        What to look for, as `open_subject` opens it; or an address in `library`.
    settings : Settings
        Say where descriptions are kept.
    opening : mapping, optional
        Further options of `open_subject`.
    mode : Mode, default: Mode.SETUP
        In what images are to be alike.
    network : pathlib.Path, optional
        The user's own network in ONNX, for the structure.
    rebuild : bool, default: False
        Whether to describe all images anew.
    **wanted
        Further options of `find_similar`.

    Returns
    -------
    SimilarImages
        The nearest; never the image itself.

    Yields
    ------
    Progress
        Step by step.
    """
    if isinstance(image, str) and image.lower().startswith(SCHEME):
        image = library[image]
    subject = yield from open_subject(
        image, **(opening or {}), timeout_s=settings.timeout_s
    )
    if isinstance(image, LibraryImage):
        wanted.setdefault("leave_out", image.id)
    note = ""
    try:
        yield from index_library(library, settings, network=network, rebuild=rebuild)
    except (IndexBusy, LibraryReadOnly, StorageFull) as error:
        note = f"What is new could not be described: {error.what}"
    found = yield from find_similar(
        library, subject, settings, mode=Mode(mode), network=network, **wanted
    )
    return replace(found, notes=(*found.notes, note)) if note else found
