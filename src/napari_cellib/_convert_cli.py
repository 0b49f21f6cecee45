"""The word ``cellib convert`` of the command line."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib._progress_line import ProgressLine
from napari_cellib.errors import ConversionRefused
from napari_cellib.jobs import drive
from napari_cellib.model import Medium

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_cellib.pixels.conversion import Scene, Understood, Wishes
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_UNITS = {"t": "s"}


def add_to(commands: Commands) -> None:
    """Add ``convert`` to the commands of the program."""
    convert = commands.add_parser(
        "convert", help="make an OME-Zarr of files of microscopes, pictures or movies"
    )
    convert.set_defaults(command=_convert)
    convert.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="a file, a folder of files that make one image, or these files",
    )
    convert.add_argument("target", type=Path, metavar="OUT", help="a new folder")
    convert.add_argument(
        "--version",
        choices=["0.5", "0.4"],
        default="0.5",
        help="of OME-Zarr; 0.4 for programs that do not read 0.5 yet",
    )
    convert.add_argument(
        "--channels", metavar="NAME,...", help="names of the channels, in their order"
    )
    convert.add_argument(
        "--scene", default="all", metavar="N", help="one scene, from 1; all by default"
    )
    convert.add_argument(
        "--axes",
        default="",
        metavar="t|c|z",
        help="what planes or files are, where they do not say it",
    )
    convert.add_argument(
        "--medium",
        choices=[_word(medium) for medium in Medium],
        help="what was scanned; a negative is shown inverted, its pixels stay",
    )
    convert.add_argument(
        "--dry-run", action="store_true", help="say what was understood, write nothing"
    )
    convert.add_argument(
        "--no-original",
        dest="keep_original",
        action="store_false",
        help="do not keep the files beside the OME-Zarr",
    )
    convert.add_argument(
        "--keep-original",
        action="store_true",
        default=True,
        help="keep them, with their check sums (the default)",
    )
    convert.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a dask.distributed cluster whose workers see the files, as tcp://...",
    )


def _convert(arguments: argparse.Namespace, _: Settings) -> int:
    from napari_cellib.pixels.conversion import convert_all
    from napari_cellib.viewmodels.words import size_in_words

    wishes = _wishes(arguments)
    if arguments.dry_run:
        return _say(arguments, wishes)
    shown = ProgressLine()
    try:
        job = convert_all(arguments.inputs, arguments.target, wishes)
        made = drive(job, shown.show)
    finally:
        shown.end()
    for warning in made.warnings:
        _print(f"note: {warning}")
    for original in made.originals:
        _print(f"kept {original.path} (sha256 {original.sha256[:12]}...)")
    _print(f"{made.folder}: {size_in_words(made.size_bytes)}")
    return 0


def _wishes(arguments: argparse.Namespace) -> Wishes:
    from napari_cellib.pixels.conversion import Wishes

    if set(arguments.axes) - set("tcz") or len(set(arguments.axes)) < len(
        arguments.axes
    ):
        raise ConversionRefused(
            f"{arguments.axes!r} are no axes", fix="Give t, c, z, or several of them."
        )
    if arguments.scene != "all" and not arguments.scene.isdecimal():
        raise ConversionRefused(
            f"{arguments.scene!r} is no scene", fix="Give its number, or 'all'."
        )
    names = arguments.channels.split(",") if arguments.channels else []
    return Wishes(
        axes=arguments.axes,
        scene=None if arguments.scene == "all" else int(arguments.scene),
        channels=tuple(name.strip() for name in names),
        medium=next((m for m in Medium if _word(m) == arguments.medium), None),
        version=arguments.version,
        keep_original=arguments.keep_original,
        scheduler=arguments.scheduler,
    )


def _word(medium: Medium) -> str:
    return medium.value.replace("_", "-")


def _say(arguments: argparse.Namespace, wishes: Wishes) -> int:
    """Print what the files were understood to be."""
    from napari_cellib.pixels.conversion import understand

    shown = ProgressLine()
    scratch = arguments.target.with_name(arguments.target.name + ".unpacked")
    with ExitStack() as opened:
        try:
            job = understand(arguments.inputs, wishes, opened, scratch)
            found = drive(job, shown.show)
        finally:
            shown.end()
        for line in _lines(found, wishes):
            _print(line)
    return 0


def _lines(found: Understood, wishes: Wishes) -> Iterator[str]:
    from napari_cellib.viewmodels.words import size_in_words

    yield f"{found.files[0].name}: {found.kind}"
    if len(found.scenes) > 1:
        yield f"{len(found.scenes)} scenes, which become one collection"
    for scene in found.scenes:
        yield f"scene {scene.number + 1}: {scene.name}"
        yield from (f"  {line}" for line in _scene_lines(scene))
    if wishes.medium:
        yield f"scanned from: {wishes.medium.label}"
    yield f"size: {size_in_words(found.size_bytes)} before packing"
    for warning in found.warnings:
        yield f"note: {warning}"
    yield "Nothing was written."


def _scene_lines(scene: Scene) -> Iterator[str]:
    image = scene.image
    sizes = zip(image.axes, image.planes.shape, strict=True)
    extent = ", ".join(f"{axis}: {length}" for axis, length in sizes)
    yield f"axes      {extent} ({image.planes.dtype})"
    spacing = dict(image.spacing_um)
    if image.time_step_s:
        spacing["t"] = image.time_step_s
    known = ", ".join(
        f"{axis} {spacing[axis]:g} {_UNITS.get(axis, 'um')}"
        for axis in image.axes
        if axis in spacing
    )
    yield f"spacing   {f'{known} (from the file)' if known else 'unknown'}"
    if image.rgb:
        yield "channels  red, green and blue of one picture"
    elif image.channels:
        names = (c.name or f"channel {n}" for n, c in enumerate(image.channels, 1))
        yield f"channels  {', '.join(names)}"
    for word, text in image.notes:
        yield f"{word}  {text}"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
