"""The levels of a pyramid that can be used, finest first."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import CellibError, PixelsUnreadable
from napari_cellib.pixels.documents import join
from napari_cellib.pixels.levels import LevelSource
from napari_cellib.pixels.transforms import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.pixels.geometry import Axis, Warn
    from napari_cellib.pixels.ngff import Dataset, Group, Multiscales
    from napari_cellib.pixels.stores import Answer, Store


@dataclass(frozen=True)
class Pyramid:
    """The levels that are there and fit one another, finest first."""

    axes: tuple[Axis, ...]
    sources: tuple[LevelSource, ...]
    datasets: tuple[Dataset, ...]

    def geometry(self) -> dict[str, Any]:
        """Return what images and labels are made with."""
        finest = self.datasets[0]
        return {
            "axes": "".join(axis.letter for axis in self.axes),
            "axis_names": tuple(axis.name for axis in self.axes),
            "levels": tuple(source.lazy() for source in self.sources),
            "scale": finest.spacing,
            "translation": finest.offset,
            "affine": finest.affine,
            "sources": self.sources,
            "places": tuple(
                Place(level.spacing, level.offset, level.affine)
                for level in self.datasets
            ),
        }


def level_document(group: Group, path: str) -> str:
    """Return the path of the document that describes the array at `path`."""
    return join(path, "zarr.json" if group.zarr_format == 3 else ".zarray")


def level_keys(group: Group, metadata: Multiscales, path: str) -> list[str]:
    """Name the documents of all levels of the image at `path`."""
    return [
        level_document(group, join(path, dataset.path)) for dataset in metadata.datasets
    ]


def find_levels(
    store: Store,
    group: Group,
    metadata: Multiscales,
    path: str,
    answers: Mapping[str, Answer],
    warn: Warn,
) -> Pyramid:
    """Open the levels, leaving out those that do not fit the finest one.

    Parameters
    ----------
    store : Store
        Where they lie.
    group : Group
        Attributes of the image.
    metadata : Multiscales
        What they say of levels.
    path : str
        Path of the image within the store.
    answers : dict of str to bytes, CellibError or None
        The documents of the levels.
    warn : callable
        Told of each level that is left out.

    Raises
    ------
    CellibError
        When a level cannot be read, or none is of use.
    """
    where = join(store.name, path)
    remember(store, answers)
    opened = []
    for number, dataset in enumerate(metadata.datasets):
        label = join(
            path.rpartition("labels/")[2] if "labels/" in path else "", "level"
        )
        label = f"{label} {number}"
        full = join(path, dataset.path)
        answer = answers.get(level_document(group, full))
        if isinstance(answer, CellibError):
            raise answer
        if answer is None:
            warn(f"{label} is absent: it is left out")
            continue
        source = LevelSource(store, full, label, zarr_format=group.zarr_format)
        opened.append((source, dataset))
    if not opened:
        raise PixelsUnreadable(where, "none of its levels is there")
    return _fitting(opened, metadata, where, warn)


def remember(store: Store, answers: Mapping[str, Answer]) -> None:
    """Let zarr know the documents of arrays, so that it asks for none."""
    documents: dict[str, bytes | None] = {
        key: answer
        for key, answer in answers.items()
        if isinstance(answer, bytes) and key.endswith((".zarray", "zarr.json"))
    }
    # Attributes of a level hold nothing for us: not worth a question each.
    for key in tuple(documents):
        if key.endswith(".zarray"):
            documents[key.removesuffix(".zarray") + ".zattrs"] = None
    store.zarr.remember(documents)


def _fitting(
    opened: list[tuple[LevelSource, Dataset]],
    metadata: Multiscales,
    where: str,
    warn: Warn,
) -> Pyramid:
    count = len(metadata.axes)
    usable = [pair for pair in opened if pair[0].ndim == count]
    misfits = [pair for pair in opened if pair[0].ndim != count]
    if not usable:
        raise PixelsUnreadable(
            where, f"{count} axes are named, the array has {opened[0][0].ndim}"
        )
    by_size = sorted(usable, key=lambda pair: prod(pair[0].shape), reverse=True)
    if by_size != usable:
        warn("the levels are not in order of size: they were sorted")
    finest = by_size[0][0]
    letters = [axis.letter for axis in metadata.axes]
    fitting = []
    for source, dataset in by_size + misfits:
        if _fits(source, finest, letters):
            fitting.append((source, dataset))
        else:
            warn(f"{source.label} does not fit the finest level: it is left out")
    sources, datasets = zip(*fitting, strict=True)
    return Pyramid(metadata.axes, sources, datasets)


def _fits(source: LevelSource, finest: LevelSource, letters: list[str]) -> bool:
    if source.ndim != finest.ndim or source.dtype != finest.dtype:
        return False
    pairs = zip(letters, source.shape, finest.shape, strict=True)
    return all(a == b if axis in "tc" else a <= b for axis, a, b in pairs)
