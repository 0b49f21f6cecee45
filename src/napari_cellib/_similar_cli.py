"""The word ``cellib similar`` of the command line."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib._image_options import (
    add_part,
    add_pixel_size,
    image_at,
    opening,
)
from napari_cellib._progress_line import ProgressLine
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_cellib.compare.similar import SimilarImages
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_MODES = ("setup", "structure")  # as in compare.similar, which takes long to import


def add_to(commands: Commands) -> None:
    """Add ``similar`` to the commands of the program."""
    similar = commands.add_parser(
        "similar", help="list the images of a library that are most like one"
    )
    similar.set_defaults(command=_similar)
    similar.add_argument(
        "image", help="a file, an OME-Zarr, or cellib://LIBRARY/NUMBER"
    )
    similar.add_argument(
        "--mode",
        choices=_MODES,
        default=_MODES[0],
        help="made alike (setup), or showing the same however it was made (structure)",
    )
    add_pixel_size(similar)
    add_part(similar)
    similar.add_argument(
        "--channel", type=int, metavar="N", help="only this channel, from 0"
    )
    similar.add_argument(
        "--meaning", metavar="WORD", help="only channels that show this, as in DNA"
    )
    similar.add_argument(
        "--search", metavar="QUERY", help="only images that this search finds"
    )
    similar.add_argument("--limit", type=int, default=20, metavar="N")
    similar.add_argument(
        "--library",
        metavar="NAME",
        help="name or folder of a library; all of yours when left out",
    )
    similar.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help="your own network in ONNX, for the structure",
    )
    similar.add_argument(
        "--rebuild", action="store_true", help="describe all images anew first"
    )
    form = similar.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON for a script")
    form.add_argument("--csv", action="store_true", help="print a table in CSV")


def _similar(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.compare.looking import look_for
    from napari_cellib.library import open_libraries

    names = filter(None, [arguments.library])
    shown = ProgressLine()
    with ExitStack() as opened:
        library = opened.enter_context(open_libraries(*names, settings=settings))
        job = look_for(
            library,
            image_at(arguments.image, settings, opened),
            settings,
            opening=opening(arguments),
            mode=arguments.mode,
            network=arguments.model,
            rebuild=arguments.rebuild,
            limit=max(1, arguments.limit),
            channel=arguments.channel,
            meaning=arguments.meaning,
            search=arguments.search,
        )
        try:
            found = drive(job, shown.show)
        finally:
            shown.end()
    if not arguments.json:  # which has them in itself
        sys.stderr.writelines(f"cellib: {note}\n" for note in found.notes)
    sys.stdout.write(_answer(found, arguments))
    return 0 if found.hits else 1


def _answer(found: SimilarImages, arguments: argparse.Namespace) -> str:
    from napari_cellib.compare import tables

    if arguments.csv:
        return tables.csv_of(tables.similar_rows(found.hits), tables.SIMILAR)
    if arguments.json:
        return f"{json.dumps(_as_json(found), ensure_ascii=False, indent=2)}\n"
    return "".join(f"{line}\n" for line in _lines(found))


def _as_json(found: SimilarImages) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(found)


def _lines(found: SimilarImages) -> Iterator[str]:
    from napari_cellib.viewmodels.similar.words import plain_difference

    for hit in found.hits:
        where = f", {hit.channel_name}" if hit.channel_name else ""
        yield f"{hit.rank:3}  {hit.distance:.3f}  {hit.address}  {hit.title}{where}"
        if hit.differences:
            first = hit.differences[0]
            words = plain_difference(first, hit.step_um)
            exact = f"{first.feature}, {first.by:+.1f} spreads"
            yield f"{'':12}differs most: {words} ({exact})"
