"""The word ``cellib save`` of the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib._cache_cli import add_part_to, locate
from napari_cellib._progress_line import ProgressLine
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse

    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``save`` to the commands of the program."""
    save = commands.add_parser(
        "save", help="save an image, or a part of it, as OME-Zarr or TIFF"
    )
    save.set_defaults(command=_save)
    save.add_argument("image", help="cellib://LIBRARY/NUMBER, or any OME-Zarr")
    save.add_argument("target", type=Path, help="a new folder, or a name like out.tif")
    add_part_to(save)


def _save(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.regions import parse_region
    from napari_cellib.pixels.saving import open_part, save
    from napari_cellib.viewmodels.words import size_in_words

    region = parse_region(arguments.region) if arguments.region else None
    where = locate(arguments.image, settings)
    shown = ProgressLine()
    with DiskCache.of(settings) as disk:
        level = arguments.level or 0
        job = open_part(where, level, region, timeout_s=settings.timeout_s, disk=disk)
        part = drive(job, shown.show)
        shown.end()
        sizes = ", ".join(
            f"{a}: {n}" for a, n in zip(part.axes, part.shape, strict=True)
        )
        _print(f"{size_in_words(part.size_bytes)} ({sizes}) before packing")
        size = drive(save(part, arguments.target), shown.show)
        shown.end()
    _print(f"{arguments.target}: {size_in_words(size)}")
    return 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
