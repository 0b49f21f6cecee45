"""Make the demo library from the pictures of installed packages."""

from __future__ import annotations

import hashlib
import logging
import shutil
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from napari_cellib.demo.images import (
    LIBRARY_ID,
    LIBRARY_NAME,
    DemoImage,
    demo_images,
)
from napari_cellib.demo.packages import fetch_packages, find_distribution, find_file
from napari_cellib.errors import CellibError, StorageFull
from napari_cellib.jobs import Progress
from napari_cellib.locks import wait_for_lock
from napari_cellib.model import (
    Dimensions,
    ImageRecord,
    Kind,
    Provenance,
    Representation,
)

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellib.jobs import Job
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.settings import Settings

    Array = NDArray[np.generic]

T = TypeVar("T")

# To be raised with `images.toml`, so that libraries that were made before are renewed.
ADAPTER = "demo 4"

_LOCK_NAME = "update.lock"
_WAITING = "Waiting for another program that makes the demo library"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What became of each image of the demo.

    Attributes
    ----------
    folder : Path
        Where the library is.
    added, present : tuple of str
        Accessions taken in now, and those that were there before.
    missing : dict of str to str
        For each image that could not be taken in, the reason.
    """

    folder: Path
    added: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)


def build_demo(settings: Settings) -> Job[DemoReport]:
    """Make the demo library, or complete it.

    Parameters
    ----------
    settings : Settings
        Say where libraries and packages are kept.

    Returns
    -------
    DemoReport
        Images that are there already are left alone, so a second run is quick and
        a broken-off one goes on. One that is started meanwhile waits for the first.

    Raises
    ------
    StorageFull
        When the drive has no room; what was taken in before stays.
    """
    from napari_cellib.library import EmbeddedLibrary  # a database is not free

    folder = settings.libraries_folder / LIBRARY_ID
    made = EmbeddedLibrary.open_or_create(folder, id=LIBRARY_ID, name=LIBRARY_NAME)
    with closing(made) as library:
        if not _wanted(library) or not library.info.writable:
            return (yield from _complete(library, settings))
        lock = yield from wait_for_lock(folder / _LOCK_NAME, _WAITING)
        with closing(lock):
            return (yield from _complete(library, settings))


def _complete(library: EmbeddedLibrary, settings: Settings) -> Job[DemoReport]:
    wanted = _wanted(library)
    present = {image.accession for image in demo_images() if image not in wanted}
    refused = yield from fetch_packages(
        sorted({image.package for image in wanted}), settings.packages_folder
    )
    added, missing = [], {}
    for number, image in enumerate(wanted):
        step = Progress(f"Adding “{image.title}”", number, len(wanted))
        try:
            yield from _under(step, _add(library, image, settings.packages_folder))
            added.append(image.accession)
        except StorageFull:
            raise
        except (CellibError, OSError, ValueError) as error:
            # One picture that is damaged must not cost the others.
            missing[image.accession] = refused.get(image.package, str(error))
            logger.warning("%s was left out: %s", image.accession, error)
    return DemoReport(library.folder, tuple(added), tuple(sorted(present)), missing)


def _wanted(library: EmbeddedLibrary) -> list[DemoImage]:
    return [image for image in demo_images() if not _holds(library, image)]


def _under(step: Progress, job: Job[T]) -> Job[T]:
    """Run a job as one step of a larger one: a person wants to see the larger."""
    try:
        while True:
            next(job)
            yield step
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        job.close()


def _holds(library: EmbeddedLibrary, image: DemoImage) -> bool:
    try:
        record = library.record(image.accession)
    except CellibError:
        return False
    if record.provenance is None or record.provenance.adapter != ADAPTER:
        return False
    pyramid = record.representation("pyramid")
    # A picture that was deleted by hand is made again.
    return pyramid is not None and _exists(library, pyramid)


def _exists(library: EmbeddedLibrary, representation: Representation) -> bool:
    from pathlib import Path

    return Path(library.locate(representation), "zarr.json").is_file()


def _add(library: EmbeddedLibrary, image: DemoImage, packages: Path) -> Job[None]:
    """Convert one picture, keep its original beside, and enter its record."""
    from napari_cellib.pixels.image import open_image
    from napari_cellib.pixels.thumbnail import thumbnail
    from napari_cellib.pixels.writing import write_image

    source = _source(image.package, image.file, packages)
    pixels = _read(source, image)
    labels = {}
    if image.labels:
        labels["objects"] = _read_labels(image, pixels, packages)
    home = library.blob_folder(image.accession)
    shutil.rmtree(home, ignore_errors=True)  # what a broken-off run has left
    axes = image.axes.replace("yxc", "cyx")
    written = yield from write_image(
        home / "pyramid.ome.zarr",
        pixels,
        axes=axes,
        spacing_um=dict(image.spacing_um.items()),
        rgb=image.is_rgb,
        labels=labels,
        name=image.title,
    )
    originals = home / "original"
    originals.mkdir()
    shutil.copyfile(source, originals / source.name)
    opened = yield from open_image(home / "pyramid.ome.zarr")
    record = _record(image, axes, pixels, source, packages).model_copy(
        update={
            "representations": (
                Representation(
                    role="pyramid",
                    url=library.blob_url(image.accession, "pyramid.ome.zarr"),
                    format="ome-zarr",
                    ngff_version="0.5",
                    size_bytes=written.size_bytes,
                    access="chunked",
                ),
                Representation(
                    role="original",
                    url=library.blob_url(image.accession, f"original/{source.name}"),
                    format=source.suffix.lstrip("."),
                    size_bytes=source.stat().st_size,
                    sha256=_sha256(source),
                ),
            )
        }
    )
    library.add(record, thumbnail=thumbnail(opened))


def _record(
    image: DemoImage, axes: str, pixels: Array, source: Path, packages: Path
) -> ImageRecord:
    sizes: dict[Any, int] = dict(zip(axes, pixels.shape, strict=True))
    return ImageRecord(
        id=image.accession,
        title=image.title,
        description=image.description,
        technical_details=image.technical_details,
        kinds=_kinds(image),
        peer_reviewed=False,
        annotations=tuple(term.annotation() for term in image.terms),
        contributors=image.contributors,
        attribution=image.attribution,
        publications=image.publications,
        links=image.links,
        licence=image.licence,
        group=image.group,
        extra=_extra(image),
        dimensions=Dimensions(
            sizes=sizes,
            spacing_um=image.spacing_um,
            channels=image.channels,
            dtype=str(pixels.dtype),
            rgb=image.is_rgb,
        ),
        provenance=Provenance(
            source=f"{image.package} {_version(image.package, packages)}",
            url=image.file,
            adapter=ADAPTER,
            sha256=_sha256(source),
        ),
    )


def _extra(image: DemoImage) -> tuple[tuple[str, str], ...]:
    if image.package_licence is None:
        return ()
    return (("licence of the package that holds the image", image.package_licence),)


def _kinds(image: DemoImage) -> tuple[Kind, ...]:
    kinds = []
    if "z" in image.axes:
        kinds.append(Kind.Z_STACK)
    if "t" in image.axes:
        kinds.append(Kind.TIME_SERIES)
    if not kinds:
        kinds.append(Kind.STILL)
    if image.is_rgb:
        kinds.append(Kind.RGB)
    if image.labels:
        kinds.append(Kind.SEGMENTATION)
    return tuple(kinds)


def _source(package: str, member: str, packages: Path) -> Path:
    path = find_file(package, member, packages)
    if path is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    return path


def _read(path: Path, image: DemoImage) -> Array:
    """Read a picture as an array with the axes that the table says."""
    import numpy as np

    array = _decode(path)
    if array.ndim == len(image.axes) + 1 and array.shape[-1] in (3, 4):
        # A grey picture that was saved as red, green and blue of the same value.
        if not (array[..., :1] == array[..., :3]).all():
            raise ValueError(f"{path.name} is in colour, a grey picture was expected")
        array = array[..., 0]
    if array.ndim != len(image.axes):
        raise ValueError(f"{path.name} has {array.ndim} axes, not {image.axes!r}")
    return np.moveaxis(array[..., :3], -1, -3) if image.is_rgb else array


def _read_labels(image: DemoImage, pixels: Array, packages: Path) -> Array:
    assert image.labels is not None
    labels = _decode(_source(image.package, image.labels, packages))
    if labels.shape != pixels.shape:
        raise ValueError(f"{image.labels} has another shape than the image")
    return labels


def _decode(path: Path) -> Array:
    import numpy as np

    if path.suffix == ".tif":
        import tifffile

        return np.asarray(tifffile.imread(path))
    from PIL import Image

    with Image.open(path) as picture:
        return np.asarray(picture)


def _version(package: str, packages: Path) -> str:
    found = find_distribution(package, packages)
    return found.version if found else ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
