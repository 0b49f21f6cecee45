"""The steps of opening an image: its group, its levels, its labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import (
    CellibError,
    PixelsNotFound,
    PixelsUnreachable,
    PixelsUnreadable,
)
from napari_cellib.pixels import ngff
from napari_cellib.pixels.label_metadata import parse_colors, parse_properties
from napari_cellib.pixels.levels import LevelSource
from napari_cellib.pixels.multiscale import LabelImage, MultiscaleImage
from napari_cellib.pixels.omero import parse_channels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model import Channel
    from napari_cellib.pixels.geometry import Axis
    from napari_cellib.pixels.stores import Answer, Store

_GROUP_DOCUMENTS = ("zarr.json", ".zattrs")
_RGB = ("FF0000", "00FF00", "0000FF")
_MOST_LABELS = 64


@dataclass
class _Found:
    """The levels of one pyramid that can be used, finest first."""

    axes: tuple[Axis, ...]
    sources: list[LevelSource] = field(default_factory=list)
    finest: ngff.Dataset | None = None

    def geometry(self) -> dict[str, Any]:
        assert self.finest is not None
        return {
            "axes": "".join(axis.letter for axis in self.axes),
            "axis_names": tuple(axis.name for axis in self.axes),
            "levels": tuple(source.lazy() for source in self.sources),
            "scale": self.finest.spacing,
            "translation": self.finest.offset,
            "sources": tuple(self.sources),
        }


class Opening:
    """What is learnt step by step while one image is opened."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Note what is wrong with the file, each fault once."""
        if text not in self._warnings:
            self._warnings.append(text)

    def group(self, path: str) -> Job[ngff.Group]:
        """Read the attributes of the group at `path`, of either zarr format."""
        keys = [_join(path, name) for name in _GROUP_DOCUMENTS]
        answers = yield from self._store.read_many("Reading the metadata", keys)
        # One of the two is absent by rule, and a store may say 403 for absent.
        if not any(isinstance(answer, bytes) for answer in answers.values()):
            yield from self._explain_absence(path, answers)
        zarr_json, zattrs = (_bytes_or_none(answers[key]) for key in keys)
        where = _join(self._store.name, path)
        group = ngff.parse_group(zarr_json, zattrs, where)
        if zarr_json and zattrs and "multiscales" not in group.attributes:
            group = ngff.parse_group(None, zattrs, where)
        if group.zarr_format == 2 and "multiscales" not in group.attributes:
            yield from self._refuse_array(path, where)
        return group

    def _explain_absence(self, path: str, answers: Mapping[str, Answer]) -> Job[None]:
        for answer in answers.values():
            if isinstance(answer, CellibError):
                raise answer
        store, where = self._store, _join(self._store.name, path)
        keys = [_join(path, name) for name in (".zarray", ".zgroup")]
        clues = yield from store.read_many("Looking closer", keys)
        if isinstance(clues[keys[0]], bytes):
            raise ngff.plain_array(where)
        if isinstance(clues[keys[1]], bytes):
            raise PixelsUnreadable(
                where, "it is a zarr group without OME-Zarr metadata"
            )
        if store.folder is None:
            raise PixelsNotFound(where)
        empty = not any(store.folder.iterdir())
        raise PixelsUnreadable(
            where,
            "the folder is empty" if empty else "the folder is no OME-Zarr",
            fix="Choose the folder that holds a file zarr.json or .zattrs.",
        )

    def _refuse_array(self, path: str, where: str) -> Job[None]:
        key = _join(path, ".zarray")
        clues = yield from self._store.read_many("Looking closer", [key])
        if isinstance(clues[key], bytes):
            raise ngff.plain_array(where)

    def level_keys(
        self, group: ngff.Group, metadata: ngff.Multiscales, path: str
    ) -> list[str]:
        """Name the documents of the levels that are not yet known."""
        name = "zarr.json" if group.zarr_format == 3 else ".zarray"
        paths = (dataset.path for dataset in metadata.datasets)
        return [_join(path, p, name) for p in paths if p not in group.known]

    def sources(
        self,
        group: ngff.Group,
        metadata: ngff.Multiscales,
        path: str,
        answers: Mapping[str, Answer],
    ) -> _Found:
        """Open the levels, leaving out those that do not fit the finest one."""
        self._remember(group, path, answers)
        opened = []
        for number, dataset in enumerate(metadata.datasets):
            if source := self._source(group, dataset, number, path, answers):
                opened.append((source, dataset))
        if not opened:
            raise PixelsUnreadable(
                _join(self._store.name, path), "none of its levels is there"
            )
        count = len(metadata.axes)
        usable = [pair for pair in opened if pair[0].ndim == count]
        misfits = [pair for pair in opened if pair[0].ndim != count]
        if not usable:
            raise PixelsUnreadable(
                self._store.name,
                f"{count} axes are named, the array has {opened[0][0].ndim}",
            )
        by_size = sorted(usable, key=lambda pair: prod(pair[0].shape), reverse=True)
        if by_size != usable:
            self.warn("the levels are not in order of size: they were sorted")
        finest, dataset = by_size[0]
        fitting = [
            source
            for source, _ in by_size + misfits
            if self._fits(source, finest, metadata)
        ]
        return _Found(metadata.axes, fitting, dataset)

    def _remember(
        self, group: ngff.Group, path: str, answers: Mapping[str, Answer]
    ) -> None:
        documents: dict[str, bytes | None] = {
            key: answer
            for key, answer in answers.items()
            if isinstance(answer, bytes) and key.endswith((".zarray", "zarr.json"))
        }
        documents |= {
            _join(path, known, "zarr.json"): ngff.to_json(document)
            for known, document in group.known.items()
        }
        # Attributes of a level hold nothing for us: not worth a question each.
        for key in tuple(documents):
            if key.endswith(".zarray"):
                documents[key.removesuffix(".zarray") + ".zattrs"] = None
        self._store.zarr.remember(documents)

    def _source(
        self,
        group: ngff.Group,
        dataset: ngff.Dataset,
        number: int,
        path: str,
        answers: Mapping[str, Answer],
    ) -> LevelSource | None:
        full = _join(path, dataset.path)
        document = "zarr.json" if group.zarr_format == 3 else ".zarray"
        answer = answers.get(_join(full, document), b"")
        if isinstance(answer, CellibError):
            raise answer
        label = _join(path.removeprefix("labels/"), f"level {number}")
        if answer is None:
            self.warn(f"{label} is absent: it is left out")
            return None
        return LevelSource(self._store, full, label, zarr_format=group.zarr_format)

    def _fits(
        self, source: LevelSource, finest: LevelSource, metadata: ngff.Multiscales
    ) -> bool:
        same = source.ndim == finest.ndim and source.dtype == finest.dtype
        letters = [axis.letter for axis in metadata.axes]
        pairs = zip(letters, source.shape, finest.shape, strict=False)
        if same and all(a == b if axis in "tc" else a <= b for axis, a, b in pairs):
            return True
        self.warn(f"{source.label} does not fit the finest level: it is left out")
        return False

    def labels(self, listing: Answer, group: ngff.Group) -> Job[tuple[LabelImage, ...]]:
        """Open the segmentations; one that is broken only costs a warning."""
        labels: list[LabelImage] = []
        for name in self._label_names(listing, group):
            try:
                labels.append((yield from self._label(name)))
            except (PixelsUnreadable, PixelsNotFound, PixelsUnreachable) as error:
                self.warn(f"the labels {name!r} are left out: {error.what}")
        return tuple(labels)

    def _label_names(self, listing: Answer, group: ngff.Group) -> list[str]:
        if listing is None:
            return []
        where = f"{self._store.name}/labels"
        try:
            if isinstance(listing, CellibError):
                raise listing
            zarr_json, zattrs = (
                (listing, None) if group.zarr_format == 3 else (None, listing)
            )
            attributes = ngff.parse_group(zarr_json, zattrs, where).attributes
            names = attributes.get("labels", [])
            if not isinstance(names, list):
                raise PixelsUnreadable(where, "the list of labels is no list")
            return [ngff.check_path(name, where) for name in names[:_MOST_LABELS]]
        except CellibError as error:
            self.warn(f"labels are left out: {error.what}")
            return []

    def _label(self, name: str) -> Job[LabelImage]:
        path = f"labels/{name}"
        group = yield from self.group(path)
        where = f"{self._store.name}/{path}"
        metadata = ngff.parse_multiscales(group, where, self.warn)
        keys = self.level_keys(group, metadata, path)
        answers = yield from self._store.read_many(f"Reading the labels {name}", keys)
        found = self.sources(group, metadata, path, answers)
        return self._as_labels(name, found, group)

    def _as_labels(self, name: str, found: _Found, group: ngff.Group) -> LabelImage:
        kind = found.sources[0].dtype
        if kind.kind not in "iub":
            raise PixelsUnreadable(
                f"{self._store.name}/{found.sources[0].path}",
                f"labels must be whole numbers, these are {kind}",
            )
        description = group.attributes.get("image-label")
        return LabelImage(
            name=name,
            colors=parse_colors(description, name, self.warn),
            properties=parse_properties(description, name, self.warn),
            **found.geometry(),
        )

    def image(
        self,
        group: ngff.Group,
        metadata: ngff.Multiscales,
        found: _Found,
        labels: tuple[LabelImage, ...],
    ) -> MultiscaleImage:
        """Put together what was found."""
        letters = [axis.letter for axis in metadata.axes]
        shape = found.sources[0].shape
        count = shape[letters.index("c")] if "c" in letters else 1
        omero = group.attributes.get("omero")
        channels, shown = parse_channels(omero, count, self.warn)
        labels_only = "image-label" in group.attributes
        if labels_only:
            name = metadata.name or self._store.name.rpartition("/")[2]
            labels = (self._as_labels(name, found, group),)
        for source in found.sources:
            if absent := source.absent_warning():
                self.warn(absent)
        return MultiscaleImage(
            where=self._store.name,
            name=metadata.name,
            version=group.version,
            channels=channels,
            shown=shown,
            labels=labels,
            rgb=_is_rgb(found.sources[0], channels),
            labels_only=labels_only,
            warnings=tuple(self._warnings),
            **found.geometry(),
        )


def _is_rgb(source: LevelSource, channels: tuple[Channel, ...]) -> bool:
    colors = tuple(channel.color for channel in channels)
    return source.dtype == "uint8" and colors == _RGB


def _bytes_or_none(answer: Answer) -> bytes | None:
    return answer if isinstance(answer, bytes) else None


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
