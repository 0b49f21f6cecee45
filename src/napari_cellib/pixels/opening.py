"""The steps of opening an image: its group, its levels, its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from napari_cellib.errors import (
    CellibError,
    PixelsNotFound,
    PixelsUnreachable,
    PixelsUnreadable,
)
from napari_cellib.pixels import ngff
from napari_cellib.pixels.documents import CONSOLIDATED, Documents, join
from napari_cellib.pixels.folder_names import is_folder_of
from napari_cellib.pixels.label_metadata import parse_colors, parse_properties
from napari_cellib.pixels.level_finding import (
    Pyramid,
    find_levels,
    level_keys,
)
from napari_cellib.pixels.multiscale import LabelImage, MultiscaleImage
from napari_cellib.pixels.omero import parse_channels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model import Channel
    from napari_cellib.pixels.levels import LevelSource
    from napari_cellib.pixels.stores import Answer

_DOCUMENTS = {2: (".zattrs",), 3: ("zarr.json",)}
_DESCRIBING = ("zarr.json", ".zattrs")
_ANY_DOCUMENT = (*_DESCRIBING, CONSOLIDATED)
_RGB = ("FF0000", "00FF00", "0000FF")
_MOST_LABELS = 1024


class Opening:
    """What is learnt step by step while one image is opened."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.store = documents.store
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Note what is wrong with the file, each fault once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def where(self, path: str) -> str:
        """Return the place of the group at `path`, as it may be shown."""
        return join(self.store.name, path)

    # ---------------------------------------------------------------------- groups

    def group(self, path: str, zarr_format: int | None = None) -> Job[ngff.Group]:
        """Read the attributes of the group at `path`.

        Parameters
        ----------
        path : str
            Path within the place.
        zarr_format : {2, 3}, optional
            That of the group around it; of either one by default.
        """
        names = _DOCUMENTS.get(zarr_format or 0) or (() if path else self.store.usual)
        group = None
        if names:
            group = yield from self._described(path, names)
            if group and zarr_format is None and ngff.kind_of(group) == "unknown":
                group = None  # it is not like the images beside it
        if group is None:
            group = yield from self._described(path, _ANY_DOCUMENT)
        if group is None:
            return (yield from self._explain_absence(path))
        if group.zarr_format == 2 and ngff.kind_of(group) == "unknown":
            yield from self._refuse_array(path, self.where(path))
        return group

    def _described(self, path: str, names: tuple[str, ...]) -> Job[ngff.Group | None]:
        """Read those documents of the group at `path`; None if none describes it."""
        keys = {name: join(path, name) for name in names}
        answers = yield from self.documents.ask("Reading the metadata", keys.values())
        found = {
            name: answer
            for name, key in keys.items()
            if isinstance(answer := answers[key], bytes)
        }
        zarr_json, zattrs = found.get("zarr.json"), found.get(".zattrs")
        # One of the two is absent by rule, and a store may say 403 for absent.
        if zarr_json is None and zattrs is None:
            return None
        self._learn(path, found.get(CONSOLIDATED))
        where = self.where(path)
        group = ngff.parse_group(zarr_json, zattrs, where)
        if zarr_json and zattrs and ngff.kind_of(group) == "unknown":
            group = ngff.parse_group(None, zattrs, where)
        if group.known:
            nodes = {f"{key}/zarr.json": node for key, node in group.known.items()}
            self.documents.learn(path, nodes)
        is_image = ngff.kind_of(group) != "unknown"
        if is_image and not path and not self.documents.is_complete:
            self.store.usual = tuple(found)
        return group

    def _learn(self, path: str, consolidated: Answer) -> None:
        if isinstance(consolidated, bytes):
            try:
                self.documents.learn_from(path, consolidated)
            except PixelsUnreadable:
                self.warn("its consolidated metadata are damaged: they are not used")

    def _explain_absence(self, path: str) -> Job[NoReturn]:
        keys = [join(path, name) for name in _DESCRIBING]
        answers = yield from self.documents.ask("Looking closer", keys)
        for answer in answers.values():
            if isinstance(answer, CellibError):
                raise answer
        store, where = self.store, self.where(path)
        keys = [join(path, name) for name in (".zarray", ".zgroup")]
        clues = yield from self.documents.ask("Looking closer", keys)
        if isinstance(clues[keys[0]], bytes):
            raise ngff.plain_array(where)
        if isinstance(clues[keys[1]], bytes):
            raise PixelsUnreadable(
                where, "it is a zarr group without OME-Zarr metadata"
            )
        if store.folder is None or path:
            raise PixelsNotFound(where)
        empty = not any(store.folder.iterdir())
        raise PixelsUnreadable(
            where,
            "the folder is empty" if empty else "the folder is no OME-Zarr",
            fix="Choose the folder that holds a file zarr.json or .zattrs.",
        )

    def _refuse_array(self, path: str, where: str) -> Job[None]:
        key = join(path, ".zarray")
        clues = yield from self.documents.ask("Looking closer", [key])
        if isinstance(clues[key], bytes):
            raise ngff.plain_array(where)

    # ---------------------------------------------------------------------- images

    def image(
        self, path: str, group: ngff.Group, *, others: tuple[str, ...] = ()
    ) -> Job[MultiscaleImage]:
        """Open the image at `path`: its levels and its labels.

        `others` are the addresses of the images beside it.
        """
        where = self.where(path)
        metadata = ngff.parse_multiscales(group, where, self.warn)
        keys = level_keys(group, metadata, path)
        listing = join(path, "labels", _DOCUMENTS[group.zarr_format][0])
        answers = yield from self.documents.ask(
            "Reading the levels", keys, optional=[listing]
        )
        found = find_levels(self.store, group, metadata, path, answers, self.warn)
        labels = yield from self._labels(path, answers[listing], group)
        if "image-label" in group.attributes:
            name = metadata.name or where.rpartition("/")[2]
            labels = (self._as_labels(name, found, group),)
        channels, shown = self.channels(group, found)
        for source in found.sources:
            if absent := source.absent_warning():
                self.warn(absent)
        return MultiscaleImage(
            where=where,
            name=metadata.name,
            version=group.version,
            channels=channels,
            shown=shown,
            labels=labels,
            rgb=is_rgb(found.sources[0], channels),
            labels_only="image-label" in group.attributes,
            warnings=tuple(self.warnings),
            others=others,
            **found.geometry(),
        )

    def channels(
        self, group: ngff.Group, found: Pyramid
    ) -> tuple[tuple[Channel, ...], tuple[bool, ...]]:
        """Return the channels of an image, and which of them are to be shown."""
        letters = [axis.letter for axis in found.axes]
        shape = found.sources[0].shape
        count = shape[letters.index("c")] if "c" in letters else 1
        return parse_channels(group.attributes.get("omero"), count, self.warn)

    # ---------------------------------------------------------------------- labels

    def _labels(
        self, path: str, listing: Answer, group: ngff.Group
    ) -> Job[tuple[LabelImage, ...]]:
        """Open the segmentations; one that is broken only costs a warning."""
        names = self._label_names(path, listing, group)
        places = {name: join(path, "labels", name) for name in names}
        document = _DOCUMENTS[group.zarr_format][0]
        # All groups at once, then all levels at once: what follows knows them.
        keys = [join(place, document) for place in places.values()]
        yield from self.documents.ask("Reading the labels", keys)
        found: dict[str, tuple[ngff.Group, ngff.Multiscales]] = {}
        for name, place in places.items():
            try:
                inner = yield from self.group(place, group.zarr_format)
                metadata = ngff.parse_multiscales(inner, self.where(place), self.warn)
            except (PixelsUnreadable, PixelsNotFound, PixelsUnreachable) as error:
                self.warn(f"the labels {name!r} are left out: {error.what}")
            else:
                found[name] = inner, metadata
        keys = [
            key
            for name, parts in found.items()
            for key in level_keys(*parts, places[name])
        ]
        answers = yield from self.documents.ask("Reading the labels", keys)
        return self._opened_labels(found, places, answers)

    def _opened_labels(
        self,
        found: Mapping[str, tuple[ngff.Group, ngff.Multiscales]],
        places: Mapping[str, str],
        answers: Mapping[str, Answer],
    ) -> tuple[LabelImage, ...]:
        labels = []
        for name, (group, metadata) in found.items():
            place = places[name]
            true_name = metadata.name or ""
            try:
                pyramid = find_levels(
                    self.store, group, metadata, place, answers, self.warn
                )
                # A folder cannot have any name; what others name so is the folder.
                known = true_name if is_folder_of(name, true_name) else name
                labels.append(self._as_labels(known, pyramid, group))
            except (PixelsUnreadable, PixelsNotFound, PixelsUnreachable) as error:
                self.warn(f"the labels {name!r} are left out: {error.what}")
        return tuple(labels)

    def _label_names(self, path: str, listing: Answer, group: ngff.Group) -> list[str]:
        if listing is None:
            return []
        where = self.where(join(path, "labels"))
        try:
            if isinstance(listing, CellibError):
                raise listing
            inner = ngff.parse_document(listing, group.zarr_format, where)
            names = inner.attributes.get("labels", [])
            if not isinstance(names, list):
                raise PixelsUnreadable(where, "the list of labels is no list")
            return [ngff.check_path(name, where) for name in names[:_MOST_LABELS]]
        except CellibError as error:
            self.warn(f"labels are left out: {error.what}")
            return []

    def _as_labels(self, name: str, found: Pyramid, group: ngff.Group) -> LabelImage:
        kind = found.sources[0].dtype
        if kind.kind not in "iub":
            raise PixelsUnreadable(
                self.where(found.sources[0].path),
                f"labels must be whole numbers, these are {kind}",
            )
        description = group.attributes.get("image-label")
        return LabelImage(
            name=name,
            colors=parse_colors(description, name, self.warn),
            properties=parse_properties(description, name, self.warn),
            **found.geometry(),
        )


def is_rgb(source: LevelSource, channels: tuple[Channel, ...]) -> bool:
    """Say whether three channels are one picture in natural colours."""
    colors = tuple(channel.color for channel in channels)
    negative = any(channel.inverted for channel in channels)
    return source.dtype == "uint8" and colors == _RGB and not negative
