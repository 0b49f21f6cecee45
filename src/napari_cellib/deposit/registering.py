"""The record of an image whose files are sealed in a library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.deposit.manifest import Manifest
from napari_cellib.deposit.prefilling import fill_from_image
from napari_cellib.deposit.records import to_record
from napari_cellib.deposit.staging import ORIGINAL, PYRAMID
from napari_cellib.deposit.states import State, is_peer_reviewed
from napari_cellib.errors import CellibError, RecordNotFound
from napari_cellib.jobs import Progress
from napari_cellib.model import Kind, Representation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.deposit.depositions import Deposition
    from napari_cellib.jobs import Job
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import ImageRecord
    from napari_cellib.pixels.multiscale import MultiscaleImage

HELD_UNTIL = "not public before"


def register(
    deposition: Deposition, library: EmbeddedLibrary
) -> Job[tuple[ImageRecord, str]]:
    """Add the record of an image to a library.

    It may be done again: the record is the same, and takes the place of the former.

    Parameters
    ----------
    deposition : Deposition
        As it is once its last step was taken.
    library : EmbeddedLibrary
        It holds the files.

    Returns
    -------
    tuple of (ImageRecord, str)
        The record as it is stored, and the digest of the manifest of its files.

    Yields
    ------
    Progress
        Without numbers: it takes a moment.

    Raises
    ------
    ManifestUnreadable
        When the files are not there.
    """
    yield Progress("Adding the record")
    folder = library.blob_folder(deposition.record)
    manifest = Manifest.read(folder)
    image, picture = yield from _look_at(folder / PYRAMID)
    draft = deposition.draft
    if image is not None:
        # What is stored knows best how large it is.
        draft = fill_from_image(draft, image)
    seen = deposition.model_copy(update={"draft": draft})
    record = describe(seen).model_copy(
        update={"representations": tuple(_files(deposition, manifest, library))}
    )
    if image is not None and image.labels and Kind.SEGMENTATION not in record.kinds:
        kinds = (*record.kinds, Kind.SEGMENTATION)
        record = record.model_copy(update={"kinds": kinds})
    stored = library.add(record, thumbnail=picture)
    if draft.statements:
        # After a stop in between, all of this is done again, and adds nothing twice.
        library.annotate(stored.id, draft.statements)
    if deposition.version_of:
        _name_newer(deposition.version_of, deposition.record, library)
    return stored, manifest.digest


def describe(deposition: Deposition) -> ImageRecord:
    """Return the record of a deposition, but for its files."""
    draft, submitted = deposition.draft, deposition.history[0].at
    record = to_record(
        draft, id=deposition.record, status=deposition.state.status, at=submitted
    )
    taken = deposition.history[-1].at.date().isoformat()
    is_public = deposition.state is State.PUBLISHED
    dates = record.dates.model_copy(update={"published": taken if is_public else None})
    extra = record.extra
    if deposition.state is State.HELD and draft.embargo_until:
        extra = (*extra, (HELD_UNTIL, draft.embargo_until.strip()))
    actions = (event.action for event in deposition.history)
    return record.model_copy(
        update={
            "dates": dates,
            "extra": extra,
            "new_version_of": deposition.version_of,
            "peer_reviewed": is_peer_reviewed(actions),
        }
    )


def _name_newer(former: str, newer: str, library: EmbeddedLibrary) -> None:
    """Let the former version of an image say that there is a newer one."""
    try:
        record = library.record(former)
    except RecordNotFound:
        return  # removed since
    if record.newer_version != newer:
        library.add(record.model_copy(update={"newer_version": newer}))


def _look_at(place: Path) -> Job[tuple[MultiscaleImage | None, bytes | None]]:
    """Open the image and make its thumbnail; points alone have neither."""
    from napari_cellib.pixels.image import open_image
    from napari_cellib.pixels.thumbnail import thumbnail

    try:
        image = yield from open_image(str(place))
        yield Progress("Making the thumbnail")
        return image, thumbnail(image)
    except CellibError:
        return None, None


def _files(
    deposition: Deposition, manifest: Manifest, library: EmbeddedLibrary
) -> Iterator[Representation]:
    pyramid = [e for e in manifest.entries if e.path.startswith(f"{PYRAMID}/")]
    paths = {entry.path for entry in pyramid}
    yield Representation(
        role="pyramid",
        url=library.blob_url(deposition.record, PYRAMID),
        format="ome-zarr",
        ngff_version="0.5" if f"{PYRAMID}/zarr.json" in paths else "0.4",
        size_bytes=sum(entry.size for entry in pyramid),
        access="chunked",
    )
    for entry in manifest.entries:
        if entry.path.startswith(f"{ORIGINAL}/"):
            yield Representation(
                role="original",
                url=library.blob_url(deposition.record, entry.path),
                format=entry.path.rpartition(".")[2].lower() or None,
                size_bytes=entry.size,
                sha256=entry.sha256,
            )
