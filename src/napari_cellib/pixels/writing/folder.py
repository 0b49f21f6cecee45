"""Write a folder with images and what belongs to them: all of it, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from napari_cellib.errors import (
    CellibError,
    PixelsUnwritable,
    TargetBusy,
    TargetExists,
)
from napari_cellib.locks import try_lock
from napari_cellib.pixels.stores import folder_for_writing, storage_error
from napari_cellib.pixels.writing.arrays import Arrays
from napari_cellib.pixels.writing.groups import write_group, write_groups_between
from napari_cellib.pixels.writing.image import ImageToWrite, Labels, WrittenImage
from napari_cellib.pixels.writing.journal import Journal
from napari_cellib.pixels.writing.layout import lay_out
from napari_cellib.pixels.writing.metadata import (
    Version,
    image_metadata,
    label_metadata,
    ome,
)
from napari_cellib.pixels.writing.prepared import PreparedImage, prepare
from napari_cellib.pixels.writing.windows import with_windows

_PARTIAL = ".partial"
_LOCK = ".lock"

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np

    from napari_cellib.jobs import Job
    from napari_cellib.model import Channel
    from napari_cellib.pixels.writing.image import Extra
    from napari_cellib.pixels.writing.prepared import PreparedLabels


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
    attributes: Mapping[str, Any] | Callable[[], Job[Mapping[str, Any]]] | None = None,
    resume_key: str | None = None,
    keep_stopped: bool = True,
) -> Job[WrittenImage]:
    """Write images with their pyramids, ready to be streamed, into one folder.

    One image is at the root of the folder. Several are a collection as
    bioformats2raw lays it out: groups ``0``, ``1`` and so on, and a group ``OME``
    that lists them. Without any, the folder is a plain group that holds the extras.

    Each level halves y and x by the mean of 2 x 2 pixels, labels by the label that
    most of them have, until the longer side is 256 or less. A level is a few parts
    at a time in memory, however large it is; of a source that has chunks, each is
    read once.

    Everything is written into ``<folder>.partial``, which is renamed when it is
    complete. An error leaves nothing, and neither does a stop without `resume_key` or
    `keep_stopped`.

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
    attributes : dict of str to object or callable, optional
        Further attributes of the root; JSON types only. Or what returns a job that
        finds them, while nobody else may write this folder; all pixels are written.
    resume_key : str, optional
        A text that says what the source is, such as its path, size and date. A run
        that was killed or stopped leaves ``<folder>.partial``; one with the same key
        goes on from there. Without a key, all is written anew.
    keep_stopped : bool, default: True
        Whether that holds for a run that was stopped, and not only for a killed one.

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
    TargetBusy
        When another run is writing it.
    PixelsUnwritable
        When the format cannot hold the pixels, when they cannot be read, or when
        nothing may be written there.
    StorageFull
        When the drive has no room.
    ValueError
        When parts of an image do not fit one another.
    """
    target = Path(folder)
    if os.path.lexists(target):
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
    partial = target.with_name(target.name + _PARTIAL)
    writing = _Folder(partial, version, prepared, resume_key)
    try:
        channels = yield from writing.images()
        yield from writing.extras(extras)
        told = (yield from attributes()) if callable(attributes) else attributes
        writing.root(told or {})
        size = writing.finish(target)
    except CellibError:
        raise
    except Exception as error:
        if explained := explain_writing(error, target):
            raise explained from error
        raise
    except BaseException:  # stopped, and perhaps gone on with
        if keep_stopped:
            writing.keep()
        raise
    finally:
        writing.clear()
    levels = prepared[0].pyramid.levels if prepared else ()
    shapes = tuple(level.shape for level in levels)
    return WrittenImage(target, size, shapes, channels)


def explain_writing(error: Exception, target: Path) -> CellibError | None:
    """Return what an error of the system means for who writes `target`, if known."""
    if full := storage_error(error, target):
        return full
    if not isinstance(error, OSError):
        return None
    if isinstance(error, FileExistsError) or error.errno == errno.ENOTEMPTY:
        return TargetExists(str(target))
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        fix = "Choose a folder of your own."
        reason = f"you may not write in {target.parent}"
    else:
        fix = "Check the drive, then try again."
        reason = f"{target.parent} takes no files ({error.strerror or error})"
    return PixelsUnwritable(target.name, reason, fix=fix)


class _Folder:
    """A folder that becomes an OME-Zarr."""

    def __init__(
        self,
        folder: Path,
        version: Version,
        images: Sequence[PreparedImage],
        resume_key: str | None,
    ) -> None:
        self._folder = folder
        self._version = version
        self._images = images
        self._journal = Journal(folder, resume_key and self._key(resume_key))
        self._lock: sqlite3.Connection | None = None
        self._is_ours = False
        self._root: dict[str, Any] = {}

    def images(self) -> Job[tuple[Channel, ...]]:
        """Write all images; return the channels of the first."""
        self._begin()
        store = folder_for_writing(self._folder)
        arrays = Arrays(self._folder, store, self._version, self._journal)
        if len(self._images) == 1:
            self._root, channels = yield from self._image(arrays, self._images[0], "")
            return channels
        first: tuple[Channel, ...] = ()
        for number, image in enumerate(self._images):
            attributes, channels = yield from self._image(arrays, image, str(number))
            self._write_group(str(number), attributes)
            first = first or channels
        if self._images:
            names = [str(number) for number in range(len(self._images))]
            self._write_group("OME", ome(self._version, series=names))
            self._root = ome(self._version, **{"bioformats2raw.layout": 3})
        return first

    def _begin(self) -> None:
        """Take the folder for this run alone, and clear what a killed one has left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with suppress(sqlite3.Error):  # some network drives know no locks
            self._lock = try_lock(self._folder / _LOCK)
            if self._lock is None:
                raise TargetBusy(self._folder.name.removesuffix(_PARTIAL))
        self._is_ours = True
        if not self._journal.is_continued:
            for left in self._folder.iterdir():
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                elif left.name != _LOCK:
                    left.unlink()
        self._journal.open()

    def extras(self, extras: Sequence[Extra]) -> Job[None]:
        """Write what else is stored."""
        for extra in extras:
            folder = self._folder / extra.path
            shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
            folder.mkdir(parents=True)
            yield from extra.write(folder)
            write_groups_between(self._folder, extra.path, self._version)

    def root(self, attributes: Mapping[str, Any]) -> None:
        """Write the metadata of the root, last of all."""
        # A folder without them is no image, whatever else went wrong.
        everything = {**attributes, **self._root}
        write_group(self._folder, everything, self._version, root=True)

    def finish(self, target: Path) -> int:
        """Give the folder its name; return the bytes of its files."""
        self._journal.remove()
        size = sum(
            os.stat(os.path.join(place, name)).st_size
            for place, _, names in os.walk(self._folder)
            for name in names
            if name != _LOCK
        )
        self._let_go()
        self._folder.rename(target)
        self._is_ours = False  # another run may begin one of that name
        return size

    def keep(self) -> None:
        """Leave what is done for a run that goes on, if there can be one."""
        if self._is_ours and self._journal.is_kept:
            self._let_go()
            self._is_ours = False

    def clear(self) -> None:
        """Take away what was not finished, unless it is another run's."""
        self._journal.close()
        if self._is_ours:
            self._let_go()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.close()
        (self._folder / _LOCK).unlink(missing_ok=True)

    def _image(
        self, arrays: Arrays, image: PreparedImage, path: str
    ) -> Job[tuple[dict[str, Any], tuple[Channel, ...]]]:
        version = self._version
        levels = yield from arrays.write(path, image.pyramid, "Writing the image")
        for place, labels in _label_places(image, path):
            words = f"Writing the labels {labels.pyramid.name}"
            yield from arrays.write(place, labels.pyramid, words)
            told = labels.labels
            attributes = label_metadata(
                labels.pyramid, told.colors, told.properties, version
            )
            self._write_group(place, attributes)
        if image.labels:
            names = ome(version, labels=[labels.folder for labels in image.labels])
            self._write_group(f"{path}/labels".lstrip("/"), names)
        channels = with_windows(image.channels, levels, image.pyramid.axes)
        if (own := image.as_labels) is not None:
            attributes = label_metadata(
                image.pyramid, own.colors, own.properties, version, source=None
            )
            return attributes, channels
        return image_metadata(image.pyramid, channels, image.shown, version), channels

    def _write_group(self, path: str, attributes: Mapping[str, Any]) -> None:
        write_group(self._folder / path, attributes, self._version)

    def _key(self, resume_key: str) -> str:
        """Return what must be the same of two runs: the source, and the files."""
        paths = [""] if len(self._images) == 1 else map(str, range(len(self._images)))
        pyramids = [
            pair
            for path, image in zip(paths, self._images, strict=True)
            for pair in (
                (path, image.pyramid),
                *((place, lab.pyramid) for place, lab in _label_places(image, path)),
            )
        ]
        levels = [
            (level.path, level.shape, level.chunk, level.shard, str(level.dtype))
            for path, pyramid in pyramids
            for level in lay_out(self._folder, path, pyramid, self._version)
        ]
        return f"{resume_key} {self._version} {levels}"


def _label_places(
    image: PreparedImage, path: str
) -> Iterator[tuple[str, PreparedLabels]]:
    for labels in image.labels:
        yield f"{path}/labels/{labels.folder}".lstrip("/"), labels
