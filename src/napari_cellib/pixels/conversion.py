"""Files and folders become one OME-Zarr, with what a person wishes and knows of them.

`converting.py` does the same for one file of an archive, where nobody can be asked.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from math import prod
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import ConversionRefused, TargetExists
from napari_cellib.model import Channel, Medium
from napari_cellib.pixels.originals import Originals
from napari_cellib.pixels.reading.inputs import find_files, open_files
from napari_cellib.pixels.writing import ImageToWrite, write_images

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.cluster import Cluster
    from napari_cellib.pixels.originals import Original
    from napari_cellib.pixels.reading.source import SourceFile, SourceImage
    from napari_cellib.pixels.writing.metadata import Version

_MUCH_MEMORY = 500_000_000  # bytes
_RGB = (("Red", "FF0000"), ("Green", "00FF00"), ("Blue", "0000FF"))


@dataclass(frozen=True)
class Wishes:
    """What a person wishes, and knows where the files do not say it.

    Attributes
    ----------
    name : str
        Title of an only image; that of its folder if empty.
    axes : str
        What planes are whose meaning nothing tells: letters of ``"tcz"``.
    scene : int or None
        Number of the only scene that is wanted, from 1; all of them if None.
    channels : tuple of str
        Names of the channels; their own if empty.
    spacing_um : dict of str to float
        Pixel size in micrometers of axes for which the file's own is not wanted.
    time_step_s : float or None
        Time between images in seconds, likewise.
    medium : Medium or None
        What was scanned.
    version : {"0.5", "0.4"}
        Of OME-Zarr.
    keep_original : bool
        Whether the files are kept beside the OME-Zarr, with their check sums.
    scheduler : str or None
        Address of a ``dask.distributed`` scheduler, whose workers read the planes.
    """

    name: str = ""
    axes: str = ""
    scene: int | None = None
    channels: tuple[str, ...] = ()
    spacing_um: Mapping[str, float] = field(default_factory=dict)
    time_step_s: float | None = None
    medium: Medium | None = None
    version: Version = "0.5"
    keep_original: bool = True
    scheduler: str | None = None


@dataclass(frozen=True)
class Scene:
    """One image as it will be written."""

    number: int
    name: str
    image: SourceImage


@dataclass(frozen=True)
class Understood:
    """What files were understood to be.

    Attributes
    ----------
    kind : str
        What they are, e.g. "CZI".
    files : tuple of pathlib.Path
        The files.
    scenes : tuple of Scene
        The images that are wanted.
    warnings : tuple of str
        What a person should know, in sentences, each once.
    """

    kind: str
    files: tuple[Path, ...]
    scenes: tuple[Scene, ...]
    warnings: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Size of all pixels before they are packed, in bytes."""
        planes = [scene.image.planes for scene in self.scenes]
        return sum(prod(p.shape) * p.dtype.itemsize for p in planes)


@dataclass(frozen=True, slots=True)
class Made:
    """An OME-Zarr that was made of files.

    Attributes
    ----------
    folder : pathlib.Path
        The OME-Zarr.
    size_bytes : int
        Its size.
    originals : tuple of Original
        The files that were kept.
    warnings : tuple of str
        What a person should know, in sentences.
    """

    folder: Path
    size_bytes: int
    originals: tuple[Original, ...]
    warnings: tuple[str, ...]


def understand(
    inputs: Sequence[Path], wishes: Wishes, opened: ExitStack, scratch: Path
) -> Job[Understood]:
    """Open files, and find out what they are; no pixels of most kinds are read.

    Parameters
    ----------
    inputs : sequence of pathlib.Path
        A file, a folder of files, or files that make one image.
    wishes : Wishes
        What a person wishes and knows.
    opened : contextlib.ExitStack
        Closes them.
    scratch : pathlib.Path
        Where the image in a zip is unpacked meanwhile.

    Returns
    -------
    Understood
        To be read until `opened` is closed.

    Yields
    ------
    Progress
        Where something must be looked through.

    Raises
    ------
    CellibError
        When files cannot be read, or do not make an image, or are not what the
        wishes say.
    """
    files = find_files(inputs)
    source = yield from open_files(files, wishes.axes, scratch)
    opened.enter_context(source)
    scenes = tuple(_scenes(source, wishes, files[0].name))
    warnings = dict.fromkeys(source.warnings)
    for scene in scenes:
        warnings |= dict.fromkeys((*scene.image.warnings, *_memory(scene.image)))
    return Understood(source.kind, files, scenes, tuple(warnings))


def convert_all(
    inputs: Sequence[Path],
    target: Path,
    wishes: Wishes,
    *,
    resume_key: str | None = None,
) -> Job[Made]:
    """Make an OME-Zarr of files; of several scenes a collection.

    Each plane is read once. A stop or an error leaves nothing behind. What a killed
    run has left is gone on with, if the files and the wishes are still the same.

    Parameters
    ----------
    inputs : sequence of pathlib.Path
        A file, a folder of files, or files that make one image.
    target : pathlib.Path
        The folder to make.
    wishes : Wishes
        What a person wishes and knows.
    resume_key : str, optional
        Says what the files and the wishes are. With one, a run that was stopped is
        gone on with, too.

    Returns
    -------
    Made
        Where it is.

    Yields
    ------
    Progress
        In planes, then in megabytes of the originals.

    Raises
    ------
    CellibError
        As `understand` and `write_images` raise it.
    """
    originals = Originals.of(target)
    if os.path.lexists(target):
        raise TargetExists(str(target))
    if wishes.keep_original:
        originals.check_free()
    with ExitStack() as opened:
        cluster = None
        if wishes.scheduler:
            from napari_cellib.pixels.cluster import connect

            cluster = opened.enter_context(connect(wishes.scheduler))
        scratch = target.with_name(target.name + ".unpacked")
        found = yield from understand(inputs, wishes, opened, scratch)
        kept: list[Original] = []

        def told() -> Job[dict[str, Any]]:
            if wishes.keep_original:
                kept.extend((yield from originals.keep(found.files)))
            return {"cellib": _attributes(found, kept, wishes)}

        try:
            written = yield from write_images(
                target,
                list(_images(found, wishes, cluster)),
                version=wishes.version,
                attributes=told,
                resume_key=resume_key or _key(found.files, wishes),
                keep_stopped=resume_key is not None,
            )
            if wishes.keep_original:
                originals.settle()
        except BaseException:
            if kept:  # else they are another run's
                originals.remove()
            raise
    return Made(target, written.size_bytes, tuple(kept), found.warnings)


def _key(files: Sequence[Path], wishes: Wishes) -> str:
    """Return what two runs have in common that write the same pixels."""
    told = [(file.name, file.stat()) for file in files]
    dates = [(name, about.st_size, about.st_mtime_ns) for name, about in told]
    return f"{version('napari-cellib')} {dates} {wishes}"


def _scenes(source: SourceFile, wishes: Wishes, name: str) -> Iterator[Scene]:
    count = len(source.scenes)
    if wishes.scene is not None and not 1 <= wishes.scene <= count:
        raise ConversionRefused(
            f"{name} has {count} scenes, and no scene {wishes.scene}",
            fix="Choose one of them, or leave --scene out to have all.",
        )
    for number, title in enumerate(source.scenes):
        if wishes.scene in (None, number + 1):
            image = source.image(number)
            image.check()
            yield Scene(number, title, _as_wished(image, wishes, name))


def _memory(image: SourceImage) -> Iterator[str]:
    least = image.planes.least_bytes
    if least > _MUCH_MEMORY:
        yield (
            f"Its planes of {least / 1e6:,.0f} MB can only be read as a whole: "
            f"{1.4 * least / 1e9:.1f} GB of memory must be free."
        )


def _as_wished(image: SourceImage, wishes: Wishes, name: str) -> SourceImage:
    count = dict(zip(image.axes, image.planes.shape, strict=True)).get("c", 1)
    channels = image.channels or (Channel(),) * count
    if wishes.medium is Medium.FILM_NEGATIVE:
        if image.rgb:  # one picture has no colormaps: each of its colours has
            channels = tuple(Channel(name=n, color=c) for n, c in _RGB)
            image = replace(image, rgb=False)
        channels = tuple(c.model_copy(update={"inverted": True}) for c in channels)
        image = replace(image, channels=channels)
    if wishes.medium is Medium.FILM_16MM and image.played_step_s:
        image = replace(image, time_step_s=image.played_step_s)
    if wishes.spacing_um:
        known = {a: step for a, step in wishes.spacing_um.items() if a in image.axes}
        image = replace(image, spacing_um={**image.spacing_um, **known})
    if wishes.time_step_s and "t" in image.axes:
        image = replace(image, time_step_s=wishes.time_step_s)
    if wishes.channels:
        if len(wishes.channels) != count:
            raise ConversionRefused(
                f"{name} has {count} channels, and {len(wishes.channels)} names "
                "were given",
                fix="Give a name for each channel, with commas between them.",
            )
        named = zip(channels, wishes.channels, strict=True)
        channels = tuple(c.model_copy(update={"name": n or None}) for c, n in named)
        image = replace(image, channels=channels, rgb=False)
    return image


def _images(
    found: Understood, wishes: Wishes, cluster: Cluster | None
) -> Iterator[ImageToWrite]:
    if cluster:
        _check_cluster(found.kind)
    for scene in found.scenes:
        planes: Any = scene.image.planes
        if cluster:
            planes = cluster.read(planes, found.files, wishes.axes, scene.number)
        # An only image is called as is wished, or as its folder is.
        name = scene.name if len(found.scenes) > 1 else wishes.name
        yield _to_write(scene, name, planes)


def _to_write(scene: Scene, name: str, planes: Any) -> ImageToWrite:
    image = scene.image
    step = {"t": image.time_step_s} if image.time_step_s else {}
    return ImageToWrite(
        data=planes,
        axes=image.axes,
        name=name,
        spacing=dict(image.spacing_um) | step,
        channels=image.channels,
        rgb=image.rgb,
    )


def _check_cluster(kind: str) -> None:
    if "movie" in kind or "zip" in kind:  # or gzip
        raise ConversionRefused(
            f"a {kind} can only be read in its order, by one computer",
            fix="Leave --scheduler out.",
        )


def _attributes(
    found: Understood, kept: Sequence[Original], wishes: Wishes
) -> dict[str, Any]:
    attributes: dict[str, Any] = {"source": {"kind": found.kind}}
    attributes["source"]["files"] = (
        [
            {"name": one.name, "sha256": one.sha256, "size_bytes": one.size_bytes}
            for one in kept
        ]
        if kept
        else [{"name": file.name} for file in found.files]
    )
    if wishes.medium:
        attributes["medium"] = str(wishes.medium)
    notes = [dict(scene.image.notes) for scene in found.scenes]
    if any(notes):
        attributes["acquisition"] = notes
    return attributes
