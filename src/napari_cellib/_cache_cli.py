"""The word ``cellib cache`` of the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``cache`` to the commands of the program."""
    cache = commands.add_parser("cache", help="say what downloaded images take up")
    cache.set_defaults(command=_cache)
    cache.add_argument(
        "--clear",
        action="store_true",
        help="remove them; they come again when they are opened",
    )
    cache.add_argument("--json", action="store_true", help="print JSON for a script")


def _cache(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.library.image_cache import ImageCache
    from napari_cellib.library.remote_pictures import RemotePictures
    from napari_cellib.viewmodels.words import count_in_words, size_in_words

    cache, pictures = ImageCache.of(settings), RemotePictures.of(settings)
    if arguments.clear:
        cache.clear()
        pictures.clear()
    use = cache.use()
    size = use.size_bytes + pictures.size_bytes
    if arguments.json:
        found = {
            "images": use.images,
            "size_bytes": size,
            "limit_bytes": cache.limit,
            "folder": str(settings.cache_folder),
        }
        sys.stdout.write(f"{json.dumps(found, ensure_ascii=False, indent=2)}\n")
        return 0
    words = f"{count_in_words(use.images, 'image')}, {size_in_words(size)}"
    limit = size_in_words(cache.limit)
    sys.stdout.write(f"{words} of at most {limit}\n{settings.cache_folder}\n")
    return 0
