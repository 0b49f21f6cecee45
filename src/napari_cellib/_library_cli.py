"""The words ``cellib library ...`` of the command line."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from napari_cellib.jobs import Progress
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``library`` and what follows it to the commands of the program."""
    library = commands.add_parser("library", help="add an archive's records; list")
    verbs = library.add_subparsers(required=True, metavar="VERB")

    adding = verbs.add_parser("add", help="make a library of an archive's records")
    adding.set_defaults(command=_add)
    adding.add_argument(
        "archive", choices=["cil"], help="cil is The Cell Image Library"
    )
    adding.add_argument(
        "--from",
        dest="dump",
        type=Path,
        metavar="ZIP-OR-FOLDER",
        help="the public dump, where it is here already; else it is downloaded",
    )
    _add_json(adding)

    listing = verbs.add_parser("list", help="list your libraries")
    listing.set_defaults(command=_list)
    _add_json(listing)

    report = verbs.add_parser("report", help="say what an import took and left")
    report.set_defaults(command=_report)
    report.add_argument("name", help="name of a library")
    _add_json(report)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.archives.importing import TEXT_NAME, import_cil

    shown = _Shown()
    try:
        report = drive(import_cil(settings, arguments.dump), shown.show)
    finally:
        shown.end()
    if arguments.json:
        _print_json(report.model_dump(mode="json"))
        return 0
    where = settings.libraries_folder / arguments.archive
    _print(list(report.lines())[:2])
    _print([f"What became of each value: {where / TEXT_NAME}"])
    _print([f"Search it: cellib search --library {arguments.archive} WORDS"])
    return 0


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.library import EmbeddedLibrary, list_libraries

    found: list[dict[str, Any]] = []
    for name in list_libraries(settings):
        folder = settings.libraries_folder / name
        with closing(EmbeddedLibrary.open(folder, read_only=True)) as library:
            info = library.info
            found.append(
                {
                    "id": name,
                    "name": info.name,
                    "images": len(library),
                    "location": info.location,
                }
            )
    if arguments.json:
        _print_json({"libraries": found})
    else:
        _print(
            f"{one['id']:<12} {one['images']:>9,}  {one['name']}  {one['location']}"
            for one in found
        )
    return 0 if found else 1


def _report(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.archives.importing import read_report
    from napari_cellib.errors import LibraryNotFound
    from napari_cellib.library import list_libraries

    if arguments.name not in list_libraries(settings):
        raise LibraryNotFound(arguments.name)
    report = read_report(settings.libraries_folder / arguments.name)
    if arguments.json:
        _print_json(report.model_dump(mode="json"))
    else:
        _print(report.lines())
    return 0


class _Shown:
    """Writes progress in one line, where a person looks on."""

    def __init__(self) -> None:
        self._width = 0

    def show(self, progress: Progress) -> None:
        if not sys.stderr.isatty():
            return
        of = f" of {progress.total:,}" if progress.total else ""
        line = f"{progress.label} {progress.done:,}{of}"
        sys.stderr.write(f"\r{line:<{self._width}}")
        self._width = len(line)

    def end(self) -> None:
        if self._width:
            sys.stderr.write(f"\r{'':<{self._width}}\r")


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _print_json(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value, ensure_ascii=False, indent=2)}\n")
