"""The word ``cellib cache`` of the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from napari_cellib.pixels.disk_cache import DiskCache, PlaceUse
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_ALL = ""
# A slip of the finger should not fill a drive.
_ASK_ABOVE = 1_000_000_000


def add_to(commands: Commands) -> None:
    """Add ``cache`` to the commands of the program."""
    cache = commands.add_parser("cache", help="say what images of servers take up")
    cache.set_defaults(command=_cache)
    cache.add_argument(
        "--clear",
        nargs="?",
        const=_ALL,
        metavar="ADDRESS",
        help="remove them, or only those of one address; they come again when opened",
    )
    cache.add_argument(
        "--leave-kept", action="store_true", help="but leave what 'keep' has brought"
    )
    cache.add_argument("--json", action="store_true", help="print JSON for a script")
    keep = cache.add_subparsers(metavar="keep").add_parser(
        "keep", help="bring an image here, to be looked at without a network"
    )
    keep.set_defaults(command=_keep)
    keep.add_argument(
        "image", help="cellib://LIBRARY/NUMBER, or the URL of an OME-Zarr"
    )
    add_part_to(keep)
    keep.add_argument("--yes", action="store_true", help="also if it is more than 1 GB")


def add_part_to(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a part of an image."""
    parser.add_argument(
        "--level", type=int, metavar="N", help="only this level; 0 is the finest"
    )
    parser.add_argument(
        "--region", metavar="PARTS", help="in pixels of level 0, as in z=3:10,y=0:512"
    )


def locate(image: str, settings: Settings) -> str:
    """Return where the pixels of an image of a library are, or of any address."""
    from napari_cellib.library import open_library
    from napari_cellib.model import Address
    from napari_cellib.model.address import SCHEME

    if not image.lower().startswith(SCHEME):
        return image
    address = Address.parse(image)
    with open_library(address.library, settings=settings) as library:
        return library[address.record].located()


def _cache(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.library.image_cache import ImageCache
    from napari_cellib.library.remote_pictures import RemotePictures
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.viewmodels.words import count_in_words, size_in_words

    cache, pictures = ImageCache.of(settings), RemotePictures.of(settings)
    with DiskCache.of(settings) as disk:
        if arguments.clear is not None:
            _clear(disk, arguments.clear, pinned=not arguments.leave_kept)
        if arguments.clear == _ALL:
            cache.clear()
            pictures.clear()
        streamed = disk.use()
    use = cache.use()
    size = use.size_bytes + pictures.size_bytes
    if arguments.json:
        found = {
            "images": use.images,
            "size_bytes": size,
            "limit_bytes": cache.limit,
            "folder": str(settings.cache_folder),
            "streamed": [place._asdict() for place in streamed],
            "streamed_limit_bytes": settings.chunk_cache_bytes,
        }
        sys.stdout.write(f"{json.dumps(found, ensure_ascii=False, indent=2)}\n")
        return 0
    words = f"{count_in_words(use.images, 'image')}, {size_in_words(size)}"
    _print([f"{words} of at most {size_in_words(cache.limit)}"])
    _print(_streamed_lines(streamed, settings.chunk_cache_bytes))
    _print([str(settings.cache_folder)])
    return 0


def _clear(disk: DiskCache, address: str, *, pinned: bool) -> None:
    if address == _ALL:
        disk.clear(pinned=pinned)
        return
    from napari_cellib.pixels.stores import safe_name

    name = safe_name(address)
    for use in disk.use():
        # What follows a name tells servers and versions apart.
        if use.place == name or use.place.startswith((f"{name} ", f"{name}/")):
            disk.clear(use.place, pinned=pinned)


def _streamed_lines(streamed: list[PlaceUse], limit: int) -> Iterable[str]:
    from napari_cellib.viewmodels.words import size_in_words

    if not streamed:
        return
    pinned = sum(use.pinned_bytes for use in streamed)
    size = sum(use.size_bytes for use in streamed) - pinned
    line = f"streamed: {size_in_words(size)} of at most {size_in_words(limit)}"
    yield f"{line}, {size_in_words(pinned)} kept" if pinned else line
    for use in streamed:
        part = f", {size_in_words(use.pinned_bytes)} kept" if use.pinned_bytes else ""
        yield f"  {use.place}: {size_in_words(use.size_bytes)}{part}"


def _keep(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib._progress_line import ProgressLine
    from napari_cellib.jobs import drive
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.offline import keep, measure
    from napari_cellib.pixels.regions import parse_region
    from napari_cellib.viewmodels.words import count_in_words, size_in_words

    region = parse_region(arguments.region) if arguments.region else None
    where = locate(arguments.image, settings)
    shown = ProgressLine()
    with DiskCache.of(settings, pins=True) as disk:
        levels = None if arguments.level is None else [arguments.level]
        job = measure(
            where, disk, timeout_s=settings.timeout_s, levels=levels, region=region
        )
        keeping = drive(job, shown.show)
        shown.end()
        size = size_in_words(keeping.size_bytes)
        _print([f"About {size} in {count_in_words(keeping.files, 'file')}."])
        if keeping.size_bytes > _ASK_ABOVE and not arguments.yes:
            _print(["Nothing was brought yet. Add --yes to keep so much."])
            return 1
        drive(keep(keeping, disk), shown.show)
        shown.end()
    _print([f"Kept: {keeping.name}"])
    return 0


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
