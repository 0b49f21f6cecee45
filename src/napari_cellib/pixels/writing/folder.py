"""Write a folder with images and what belongs to them: all of it, or nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from napari_cellib.errors import CellibError, TargetExists
from napari_cellib.pixels.contrast import fill_windows
from napari_cellib.pixels.stores import folder_for_writing, storage_error
from napari_cellib.pixels.writing.arrays import write_pyramid
from napari_cellib.pixels.writing.groups import write_group, write_groups_between
from napari_cellib.pixels.writing.image import ImageToWrite, Labels, WrittenImage
from napari_cellib.pixels.writing.metadata import (
    Version,
    image_metadata,
    label_metadata,
    ome,
)
from napari_cellib.pixels.writing.prepared import PreparedImage, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import zarr
    from zarr.storage import ObjectStore

    from napari_cellib.jobs import Job
    from napari_cellib.model import Channel
    from napari_cellib.pixels.writing.image import Extra

_CONTRAST_VALUES = 2**22


def write_image(
    folder: str | Path,
    data: Any,
    *,
    axes: str,
    name: str | None = None,
    spacing_um: Mapping[str, float] | None = None,
    time_step_s: float | None = None,
    channels: Sequence[Channel] = (),
    rgb: bool = False,
    labels: Mapping[str, Labels | np.ndarray[Any, Any]] | None = None,
    version: Version = "0.5",
) -> Job[WrittenImage]:
    """Write an image with a pyramid, ready to be streamed.

    A shorthand of `write_images` for one image, which see.

    Parameters
    ----------
    folder : str or pathlib.Path
        What to make; must not exist.
    data : array or sequence of array
        Pixels of shape (T, C, Z, Y, X) or those of these axes that are in `axes`.
    axes : str
        A letter per axis, in the order of ``"tczyx"``.
    name : str, optional
        Title of the image; the name of the folder by default.
    spacing_um : dict of str to float, optional
        Pixel size in micrometers of each axis for which it is known.
    time_step_s : float, optional
        Time between images in seconds, if it is known.
    channels : sequence of Channel, optional
        One per channel; contrast limits that are absent are estimated.
    rgb : bool, default: False
        Whether three channels are red, green and blue of one picture.
    labels : dict of str to Labels or numpy.ndarray, optional
        Segmentations by name.
    version : {"0.5", "0.4"}
        Of OME-Zarr.

    Returns
    -------
    WrittenImage
        Where it is and how large it became.

    Yields
    ------
    Progress
        In planes.

    Raises
    ------
    CellibError
        As `write_images` raises it.
    ValueError
        When `axes`, `channels` or `labels` do not fit `data`.
    """
    image = ImageToWrite(
        data=data,
        axes=axes,
        name=name or "",
        spacing=dict(spacing_um or {}) | ({"t": time_step_s} if time_step_s else {}),
        channels=channels,
        rgb=rgb,
        labels={
            key: value if isinstance(value, Labels) else Labels(value)
            for key, value in (labels or {}).items()
        },
    )
    return (yield from write_images(folder, [image], version=version))


def write_images(
    folder: str | Path,
    images: Sequence[ImageToWrite],
    *,
    version: Version = "0.5",
    extras: Sequence[Extra] = (),
    attributes: Mapping[str, Any] | None = None,
    resume_key: str | None = None,
) -> Job[WrittenImage]:
    """Write images with their pyramids, ready to be streamed, into one folder.

    One image is at the root of the folder. Several are a collection as
    bioformats2raw lays it out: groups ``0``, ``1`` and so on, and a group ``OME``
    that lists them. Without any, the folder is a plain group that holds the extras.

    Each level halves y and x by the mean of 2 x 2 pixels, until the longer side is
    256 or less; labels are halved by taking every other pixel. Everything is written
    into ``<folder>.partial``, which is renamed when it is complete.

    Parameters
    ----------
    folder : str or pathlib.Path
        What to make; must not exist.
    images : sequence of ImageToWrite
        What to write.
    version : {"0.5", "0.4"}
        Of OME-Zarr.
    extras : sequence of Extra
        What else is stored in the same folder.
    attributes : dict of str to object, optional
        Further attributes of the root; JSON types only.
    resume_key : str, optional
        Says that two runs have the same source.

    Returns
    -------
    WrittenImage
        Where it is and how large it became.

    Yields
    ------
    Progress
        In planes, then what the extras say.

    Raises
    ------
    TargetExists
        When there is something at `folder`.
    PixelsUnwritable
        When the format cannot hold the pixels.
    StorageFull
        When the drive has no room; nothing is left behind.
    ValueError
        When parts of an image do not fit one another.
    """
    target = Path(folder)
    if target.exists() or target.is_symlink():
        raise TargetExists(str(target))
    if version not in get_args(Version):
        raise ValueError(f"OME-Zarr {version!r} is not written here")
    for extra in extras:
        if set(extra.path.split("/")) & {"", ".", ".."} or "\\" in extra.path:
            raise ValueError(f"the path {extra.path!r} leads out of the folder")
    title = target.name.partition(".")[0] or target.name
    prepared = [
        prepare(image, title if len(images) == 1 else f"{title} {number}")
        for number, image in enumerate(images, 1)
    ]
    partial = target.with_name(target.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        partial.mkdir(parents=True)
        writing = _Folder(partial, version)
        channels = yield from writing.images(prepared)
        yield from writing.extras(extras)
        writing.root(prepared, attributes or {})
        size = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
        partial.rename(target)
    except CellibError:
        raise
    except Exception as error:
        if full := storage_error(error, target):
            raise full from error
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    levels = prepared[0].pyramid.levels if prepared else ()
    shapes = tuple(level.shape for level in levels)
    return WrittenImage(target, size, shapes, channels)


class _Folder:
    """A folder that becomes an OME-Zarr."""

    def __init__(self, folder: Path, version: Version) -> None:
        self._folder = folder
        self._version = version
        self._store: ObjectStore[Any] = folder_for_writing(folder)
        self._root: dict[str, Any] = {}

    def images(self, images: Sequence[PreparedImage]) -> Job[tuple[Channel, ...]]:
        """Write all images; return the channels of the first."""
        if len(images) == 1:
            self._root, channels = yield from self._image(images[0], "")
            return channels
        first: tuple[Channel, ...] = ()
        for number, image in enumerate(images):
            attributes, channels = yield from self._image(image, str(number))
            write_group(self._folder / str(number), attributes, self._version)
            first = first or channels
        if images:
            series = ome(self._version, series=[str(n) for n in range(len(images))])
            write_group(self._folder / "OME", series, self._version)
            self._root = ome(self._version, **{"bioformats2raw.layout": 3})
        return first

    def extras(self, extras: Sequence[Extra]) -> Job[None]:
        """Write what else is stored."""
        for extra in extras:
            folder = self._folder / extra.path
            folder.mkdir(parents=True)
            yield from extra.write(folder)
            write_groups_between(self._folder, extra.path, self._version)

    def root(
        self, images: Sequence[PreparedImage], attributes: Mapping[str, Any]
    ) -> None:
        """Write the metadata of the root, last of all."""
        # A folder without them is no image, whatever else went wrong.
        everything = {**attributes, **self._root}
        write_group(self._folder, everything, self._version, root=True)

    def _image(
        self, image: PreparedImage, path: str
    ) -> Job[tuple[dict[str, Any], tuple[Channel, ...]]]:
        store, version = self._store, self._version
        arrays = yield from write_pyramid(
            store, path, image.pyramid, version, "Writing the image"
        )
        for labels in image.labels:
            place = f"{path}/labels/{labels.folder}".lstrip("/")
            words = f"Writing the labels {labels.pyramid.name}"
            yield from write_pyramid(store, place, labels.pyramid, version, words)
            told = labels.labels
            attributes = label_metadata(
                labels.pyramid, told.colors, told.properties, version
            )
            write_group(self._folder / place, attributes, version)
        if image.labels:
            names = ome(version, labels=[labels.folder for labels in image.labels])
            write_group(self._folder / path / "labels", names, version)
        channels = _with_windows(image, arrays)
        return image_metadata(image.pyramid, channels, image.shown, version), channels


def _with_windows(
    image: PreparedImage, levels: Sequence[zarr.Array[Any]]
) -> tuple[Channel, ...]:
    small = next((lv for lv in levels if lv.size <= _CONTRAST_VALUES), levels[-1])
    if all(channel.window for channel in image.channels):
        return image.channels
    return fill_windows(image.channels, np.asarray(small[:]), image.pyramid.axes)
