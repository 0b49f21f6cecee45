"""Write an image as OME-Zarr 0.5: all of it, or nothing at all."""

from __future__ import annotations

import errno
import json
import shutil
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from zarr.codecs import ZstdCodec

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.model import Channel, Window
from napari_cellib.pixels.contrast import fill_windows
from napari_cellib.pixels.pyramid import halve_labels, halve_pixels, level_shapes
from napari_cellib.pixels.stores import folder_for_writing, storage_error
from napari_cellib.pixels.written_metadata import image_metadata, label_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zarr.storage import ObjectStore

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.label_metadata import Rgba
    from napari_cellib.pixels.pyramid import Halve

_CHUNK_EDGE = 512
# Compression of microscope images hardly improves above this, but time doubles.
_ZSTD_LEVEL = 3
_CONTRAST_VALUES = 2**22
_RGB = tuple(
    Channel(name=name, color=color, window=Window(start=0, end=255, min=0, max=255))
    for name, color in (("Red", "FF0000"), ("Green", "00FF00"), ("Blue", "0000FF"))
)


@dataclass(frozen=True)
class WrittenImage:
    """What was written.

    Attributes
    ----------
    folder : pathlib.Path
        The OME-Zarr.
    size_bytes : int
        Bytes of all its files.
    shapes : tuple of tuple of int
        Shape of each level, the finest first.
    channels : tuple of Channel
        The channels with the contrast limits that were stored.
    """

    folder: Path
    size_bytes: int
    shapes: tuple[tuple[int, ...], ...]
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Labels:
    """A segmentation to be stored with an image.

    Attributes
    ----------
    data : numpy.ndarray
        Whole numbers, with the axes of the image but for ``c``.
    colors : dict of int to tuple of float
        Red, green, blue and opacity between 0 and 1.
    """

    data: Any
    colors: Mapping[int, Rgba] = field(default_factory=dict)


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
) -> Job[WrittenImage]:
    """Write an image with a pyramid, ready to be streamed.

    Each level halves y and x by the mean of 2 x 2 pixels, until the longer side is
    256 or less; labels are halved by taking every other pixel. One plane is held
    in memory at a time. Everything is written into ``<folder>.partial``, which is
    renamed when it is complete.

    Parameters
    ----------
    folder : str or pathlib.Path
        What to make; must not exist.
    data : numpy.ndarray or dask.array.Array
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
    StorageFull
        When the drive has no room; nothing is left behind.
    FileExistsError
        When `folder` exists.
    ValueError
        When `axes`, `channels` or `labels` do not fit `data`.
    """
    target = Path(folder)
    if target.exists():
        raise FileExistsError(errno.EEXIST, "there is something already", str(target))
    task = _Task(
        data=data,
        axes=axes,
        name=name or target.name.partition(".")[0] or target.name,
        spacing_um=dict(spacing_um or {}),
        time_step_s=time_step_s,
        rgb=rgb,
        channels=tuple(_RGB if rgb and not channels else channels),
        labels={key: _as_labels(value) for key, value in (labels or {}).items()},
    )
    task.check()
    partial = target.with_name(target.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        written = yield from _write(task, partial, target)
        partial.rename(target)
    except CellibError:
        raise
    except Exception as error:
        if full := storage_error(error, target):
            raise full from error
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return written


@dataclass
class _Task:
    """What is to be written, checked."""

    data: Any
    axes: str
    name: str
    spacing_um: dict[str, float]
    time_step_s: float | None
    rgb: bool
    channels: tuple[Channel, ...]
    labels: dict[str, Labels]

    def check(self) -> None:
        if len(self.axes) != self.data.ndim or not _in_order(self.axes):
            raise ValueError(f"axes {self.axes!r} do not fit shape {self.data.shape}")
        count = self.data.shape[self.axes.index("c")] if "c" in self.axes else 1
        if not self.channels:
            self.channels = (Channel(),) * count
        if len(self.channels) != count:
            raise ValueError(f"{len(self.channels)} channels for {count} in the data")
        if self.rgb and (count != 3 or self.data.dtype != "uint8"):
            raise ValueError("an RGB image has three channels of the type uint8")
        expected = tuple(
            n for a, n in zip(self.axes, self.data.shape, strict=True) if a != "c"
        )
        for name, label in self.labels.items():
            if label.data.shape != expected or label.data.dtype.kind not in "iub":
                raise ValueError(f"labels {name!r} do not fit an image of {expected}")
            if not name or set(name) & set("/\\") or name.startswith("."):
                raise ValueError(f"{name!r} cannot be a folder's name")

    @property
    def label_axes(self) -> str:
        return self.axes.replace("c", "")

    @property
    def spacing(self) -> dict[str, float]:
        known = {a: s for a, s in self.spacing_um.items() if a in self.axes}
        return known | ({"t": self.time_step_s} if self.time_step_s else {})


def _write(task: _Task, partial: Path, target: Path) -> Job[WrittenImage]:
    store = folder_for_writing(partial)
    levels = yield from _write_pyramid(
        store, "", task.data, task.axes, halve_pixels, "Writing the image"
    )
    for name, label in task.labels.items():
        path = f"labels/{name}"
        written = yield from _write_pyramid(
            store, path, _whole(label.data), task.label_axes, halve_labels,
            f"Writing the labels {name}",
        )  # fmt: skip
        shapes = [array.shape for array in written]
        attributes = label_metadata(
            name, task.label_axes, task.spacing, shapes, label.colors
        )
        _write_group(partial / path, attributes)
    if task.labels:
        names = {"version": "0.5", "labels": list(task.labels)}
        _write_group(partial / "labels", {"ome": names})
    channels = _with_windows(task, levels)
    shapes = [array.shape for array in levels]
    # Last of all: a folder without it is no image, whatever else went wrong.
    attributes = image_metadata(task.name, task.axes, task.spacing, shapes, channels)
    _write_group(partial, attributes, consolidated=_all_metadata(partial))
    size = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
    return WrittenImage(target, size, tuple(shapes), channels)


def _write_pyramid(
    store: ObjectStore[Any], path: str, data: Any, axes: str, halve: Halve, label: str
) -> Job[list[zarr.Array[Any]]]:
    """Write all levels plane by plane; only one plane is in memory."""
    shapes = level_shapes(data.shape)
    arrays = [
        _create_array(store, f"{path}/{n}".lstrip("/"), shape, data.dtype, axes)
        for n, shape in enumerate(shapes)
    ]
    planes = list(product(*(range(n) for n in data.shape[:-2])))
    yield Progress(label, 0, len(planes))
    for done, index in enumerate(planes, 1):
        plane = np.asarray(data[index])
        for array in arrays:
            array[index] = plane
            plane = halve(plane)
            yield Progress(label, done - 1, len(planes))  # planes may be large
        yield Progress(label, done, len(planes))
    return arrays


def _create_array(
    store: ObjectStore[Any],
    path: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    axes: str,
) -> zarr.Array[Any]:
    chunk = (1,) * (len(shape) - 2) + tuple(min(n, _CHUNK_EDGE) for n in shape[-2:])
    return zarr.create_array(
        store,
        name=path,
        shape=shape,
        chunks=chunk,
        dtype=dtype,
        compressors=ZstdCodec(level=_ZSTD_LEVEL),
        fill_value=0,
        dimension_names=list(axes),
        zarr_format=3,
        # Black is data too: a chunk that is not there was lost, not empty.
        config={"write_empty_chunks": True},
    )


def _all_metadata(folder: Path) -> dict[str, Any]:
    """Gather all documents below a folder: one question of a server then tells all."""
    documents = {
        file.parent.relative_to(folder).as_posix(): json.loads(file.read_bytes())
        for file in sorted(folder.rglob("zarr.json"))
        if file.parent != folder
    }
    return {"kind": "inline", "must_understand": False, "metadata": documents}


def _write_group(
    folder: Path,
    attributes: dict[str, Any],
    *,
    consolidated: dict[str, Any] | None = None,
) -> None:
    document = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
    if consolidated is not None:
        document["consolidated_metadata"] = consolidated
    text = json.dumps(document, indent=2, allow_nan=False)
    (folder / "zarr.json").write_text(text, encoding="utf-8")


def _with_windows(
    task: _Task, levels: Sequence[zarr.Array[Any]]
) -> tuple[Channel, ...]:
    small = next((lv for lv in levels if lv.size <= _CONTRAST_VALUES), levels[-1])
    if all(channel.window for channel in task.channels):
        return task.channels
    return fill_windows(task.channels, np.asarray(small[:]), task.axes)


def _as_labels(value: Labels | np.ndarray[Any, Any]) -> Labels:
    return value if isinstance(value, Labels) else Labels(value)


def _whole(data: Any) -> Any:
    return data.astype("uint8") if data.dtype.kind == "b" else data


def _in_order(axes: str) -> bool:
    return axes.endswith("yx") and "".join(a for a in "tczyx" if a in axes) == axes
