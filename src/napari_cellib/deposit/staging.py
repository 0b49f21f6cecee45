"""What is chosen for a deposit becomes files that can be sent."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib import __version__
from napari_cellib.deposit.draft import Origin
from napari_cellib.deposit.keys import safe_name
from napari_cellib.errors import DepositRefused, FileChanged, FilesRefused, LayersGone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.pixels.conversion import Wishes
    from napari_cellib.pixels.layer_sets.planning import LayerData

PYRAMID = "pyramid.ome.zarr"
ORIGINAL = "original"

_ZARR = ("zarr.json", ".zgroup", ".zattrs")


def layers_of(draft: Draft) -> tuple[str, ...]:
    """Return the names of the layers that a draft is about."""
    return tuple(one.layer for one in draft.sources if one.layer)


def check_sources(draft: Draft) -> None:
    """Refuse what cannot become one image.

    Raises
    ------
    DepositRefused
        When layers and files, or an OME-Zarr and others, are chosen together.
    """
    files = _files(draft)
    if files and layers_of(draft):
        raise DepositRefused(
            "it is both layers and files",
            fix="Choose layers or files; open the files as layers to have all.",
        )
    if len(files) > 1 and any(map(is_zarr, files)):
        raise DepositRefused(
            "an OME-Zarr is one image by itself",
            fix="Deposit each one alone, and name the same group for all.",
        )


def is_zarr(path: Path) -> bool:
    """Say whether a folder is an OME-Zarr, which is taken as it is."""
    return any((path / name).is_file() for name in _ZARR)


def seen(draft: Draft) -> str:
    """Return what the files of a draft are now, to be compared with later.

    Raises
    ------
    FilesRefused
        When one is not there.
    """
    return "\n".join(map(_identity, _files(draft)))


def as_it_is(draft: Draft) -> Path | None:
    """Return the OME-Zarr that a draft is about, if nothing has to be made of it."""
    files = _files(draft)
    return files[0] if len(files) == 1 and is_zarr(files[0]) else None


def needs_writing(draft: Draft, staged: Path) -> bool:
    """Say whether an OME-Zarr has yet to be made."""
    return as_it_is(draft) is None and not (staged / PYRAMID).exists()


def stage(draft: Draft, staged: Path, layers: Sequence[LayerData] = ()) -> Job[None]:
    """Make an OME-Zarr of the layers or files of a draft.

    A run that was killed or stopped is taken up by the next where it was. Only layers
    that are not in memory are written anew: nobody can say whether they are the same.

    Parameters
    ----------
    draft : Draft
        Says which.
    staged : pathlib.Path
        The folder to make it in.
    layers : sequence of tuple
        Data, attributes and type of the layers, if it is about layers.

    Yields
    ------
    Progress
        In planes.

    Raises
    ------
    LayersGone
        When one of the layers is not among `layers`.
    FileChanged, LayersChanged
        When something became different meanwhile; nothing is left then.
    CellibError
        When it cannot be read, or not be written.
    """
    from napari_cellib.pixels.conversion import convert_all
    from napari_cellib.pixels.layer_sets import save_layers, with_steps

    staged.mkdir(parents=True, exist_ok=True)
    target = staged / PYRAMID
    if names := layers_of(draft):
        chosen = with_steps(_chosen(names, layers), _steps(draft))
        yield from save_layers(chosen, target, resume=True)
        return
    before, wishes = seen(draft), _wishes(draft)
    key = f"{before}\n{wishes}\n{__version__}"
    yield from convert_all(_files(draft), target, wishes, resume_key=key)
    if seen(draft) != before:
        shutil.rmtree(target, ignore_errors=True)
        raise FileChanged(draft.sources[0].name)


def to_send(draft: Draft, staged: Path) -> dict[str, Path]:
    """Return what a deposit consists of, by the path that each has in it."""
    if folder := as_it_is(draft):
        return {PYRAMID: folder}
    sources = {PYRAMID: staged / PYRAMID}
    for file in _single(_files(draft)):
        name = safe_name(file.name)
        number = 1
        while f"{ORIGINAL}/{name}".casefold() in map(str.casefold, sources):
            number += 1
            name = f"{number}_{safe_name(file.name)}"
        sources[f"{ORIGINAL}/{name}"] = file
    return sources


def _steps(draft: Draft) -> dict[str, float]:
    steps = {str(axis): step for axis, step in draft.spacing_um.items()}
    return steps | ({"t": draft.time_step_s} if draft.time_step_s else {})


def _wishes(draft: Draft) -> Wishes:
    """Return what a person knows better than the file."""
    from napari_cellib.pixels.conversion import Wishes

    # Names are as many as the file has channels, if they are from it.
    is_told = draft.origins.get("channels") not in (None, Origin.FILE)
    names = tuple(one.name or "" for one in draft.channels) if is_told else ()
    return Wishes(
        name=(draft.title or "").strip(),
        channels=names if any(names) else (),
        spacing_um={str(axis): step for axis, step in draft.spacing_um.items()},
        time_step_s=draft.time_step_s,
        medium=draft.medium,
        keep_original=False,
    )


def _files(draft: Draft) -> list[Path]:
    return [Path(one.path) for one in draft.sources if one.path and not one.layer]


def _single(files: Iterable[Path]) -> Iterable[Path]:
    """Return the files themselves, and those in folders that are one image."""
    from napari_cellib.pixels.reading.inputs import find_files

    paths = list(files)
    return find_files(paths) if paths else ()


def _chosen(names: Sequence[str], layers: Sequence[LayerData]) -> list[LayerData]:
    given = {str(meta.get("name")): (data, meta, kind) for data, meta, kind in layers}
    if missing := [name for name in names if name not in given]:
        raise LayersGone(missing)
    from napari_cellib.pixels.layer_sets.statements import without_statements

    # What is said of them is in the draft, and goes to the library with the record.
    return [without_statements(given[name]) for name in names]


def _identity(path: Path) -> str:
    try:
        # Of a folder, its own date does not tell what became of the files in it.
        parts: list[Path] = []
        if is_zarr(path):
            parts = [path / name for name in _ZARR if (path / name).is_file()]
        elif path.is_dir():
            parts = sorted(path.iterdir())
        # Not what links lead to, which may be a circle.
        about = [(path.name, os.stat(path))]
        about += ((one.name, os.lstat(one)) for one in parts)
    except OSError as error:
        fix = "Check the folder, or whether the drive is connected."
        raise FilesRefused(str(path), "it is not there", fix=fix) from error
    told = (f"{name} {one.st_size} {one.st_mtime_ns}" for name, one in about)
    return "\n".join([str(path), *told])
