"""Where a draft is filled in from: pixels, a former deposition, a template.

Each is a job that reads, and returns a function from the draft as it is by then to the
filled one: a person goes on typing meanwhile.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cellib.deposit.drafts import filled_by, read_template
from napari_cellib.deposit.prefilling import (
    fill_from_file,
    fill_from_image,
    fill_from_layers,
)
from napari_cellib.deposit.records import from_record, to_record
from napari_cellib.deposit.staging import is_zarr
from napari_cellib.jobs import Progress
from napari_cellib.library.files import write_file
from napari_cellib.model.statement import Statements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from napari_cellib.deposit.depositions import Deposition, Depositions
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import Drafts
    from napari_cellib.jobs import Job
    from napari_cellib.pixels.multiscale import MultiscaleImage

    LayerData: TypeAlias = "tuple[Any, Mapping[str, Any], str]"
    Filling: TypeAlias = Callable[[Draft], Draft]

_TIMEOUT_S = 20.0  # of a drive in a network
# What is said of one image only, and no lab has it in common.
_OF_ONE_IMAGE = {
    "id", "version", "title", "description", "sizes", "dtype", "rgb", "sources",
    "origins", "version_of", "imaged", "embargo_until", "statements", "refused",
}  # fmt: skip


def profile_job(drafts: Drafts) -> Job[Filling]:
    """Return the job that reads what is remembered of the person."""
    yield Progress("Reading your profile")
    return partial(filled_by, drafts.profile)


def layers_job(layers: Sequence[LayerData]) -> Job[Filling]:
    """Return the job that finds out what layers say of the image.

    Raises
    ------
    PixelsUnwritable
        When one of them cannot be deposited.
    """
    yield Progress("Looking at the layers")
    from napari_cellib.pixels.layer_sets import plan_layers
    from napari_cellib.pixels.layer_sets.statements import said_of_layers

    images, said = plan_layers(layers).images, said_of_layers(layers)
    if not images:
        return lambda draft: draft.with_said(said)
    # The first is what others see first; masks and further images come with it.
    return partial(fill_from_layers, image=images[0], said=said)


def files_job(paths: Sequence[Path]) -> Job[Filling]:
    """Return the job that finds out what files say of the image.

    Raises
    ------
    CellibError
        When they are no image, or more must be known of them.
    """
    yield Progress("Looking at the files")
    if len(paths) == 1 and is_zarr(paths[0]):
        from napari_cellib.pixels.image import open_image

        zarr = yield from open_image(paths[0])
        said = yield from _said_in(paths[0], zarr)
        return lambda draft: fill_from_image(draft, zarr).with_said(said)
    from napari_cellib.pixels.reading.inputs import find_files, open_files

    with (yield from open_files(find_files(paths), "")) as file:
        found = file.image(0)
    return lambda draft: fill_from_file(draft, found).with_said(Statements())


def _said_in(place: Path, image: MultiscaleImage) -> Job[Statements]:
    """Return what was said of layers that were saved as an OME-Zarr."""
    from napari_cellib.pixels.layer_sets.restoring import said_of_set
    from napari_cellib.pixels.stores import open_store

    if not image.layer_set.get("layers"):
        return Statements()
    store = open_store(place, timeout_s=_TIMEOUT_S)
    return (yield from said_of_set(store, image.layer_set))


def template_job(path: Path) -> Job[Filling]:
    """Return the job that reads a lab template.

    Raises
    ------
    DraftUnreadable
        When it is none.
    """
    yield Progress(f"Reading {path.name}")
    template = read_template(path)
    return lambda draft: draft.filled_by(template)


def keep_template_job(draft: Draft, path: Path) -> Job[str]:
    """Return the job that writes what a lab has in common as a template.

    Raises
    ------
    StorageFull, LibraryReadOnly
        When it cannot be written.
    """
    yield Progress(f"Writing {path.name}")
    document = draft.model_dump(
        mode="json", exclude_defaults=True, exclude=_OF_ONE_IMAGE
    )
    write_file(path, json.dumps(document, ensure_ascii=False, indent=1).encode())
    return f"{path.name} is written; send it to your colleagues."


def formers_job(depositions: Depositions) -> Job[tuple[Deposition, ...]]:
    """Return the job that lists former depositions, the newest first."""
    yield Progress("Looking for former depositions")
    found = (row.deposition for row in depositions.all())
    return tuple(one for one in found if one is not None)


def former_job(former: Deposition) -> Job[Filling]:
    """Return the job that takes over what a former deposition has in common."""
    yield Progress("Reading the former deposition")
    draft = from_record(to_record(former.draft, id=former.record))
    return lambda current: current.filled_by(draft)
