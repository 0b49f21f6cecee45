"""The words ``cellib library ...`` of the command line."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib._progress_line import ProgressLine
from napari_cellib.errors import CellibError
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from napari_cellib.archives.report import ImportReport
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


_MOST_REFUSED = 20  # documents that are named; the report has all
_NO_LIBRARY = (
    "There is no library yet. Run 'cellib demo' once to make the demo library."
)


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

    _add_update(verbs)
    _add_key(verbs)
    _add_describe(verbs)

    listing = verbs.add_parser("list", help="list your libraries")
    listing.set_defaults(command=_list)
    _add_json(listing)

    report = verbs.add_parser("report", help="say what an import took and left")
    report.set_defaults(command=_report)
    report.add_argument("name", help="name of a library")
    _add_json(report)


def _add_update(verbs: Commands) -> None:
    updating = verbs.add_parser("update", help="ask the archive itself what is new")
    updating.set_defaults(command=_update)
    updating.add_argument("archive", choices=["cil"])
    updating.add_argument(
        "--since",
        type=_day,
        metavar="DATE",
        help="what was published since then, as in 2024-05-31; needs a key",
    )
    updating.add_argument(
        "--record",
        action="append",
        default=[],
        metavar="NUMBER",
        help="only this image, as in CIL:13543; may be given several times",
    )
    updating.add_argument(
        "--find",
        default="",
        metavar="WORDS",
        help="only the first images that the archive's own site finds",
    )
    updating.add_argument(
        "--siblings",
        action="store_true",
        help="with those, the other images of their groups; needs a key",
    )
    _add_json(updating)


def _add_key(verbs: Commands) -> None:
    key = verbs.add_parser("key", help="keep the key to an archive's service")
    key.set_defaults(command=_key)
    key.add_argument("archive", choices=["cil"])
    key.add_argument("--forget", action="store_true", help="remove it")


def _add_describe(verbs: Commands) -> None:
    describing = verbs.add_parser(
        "describe", help="look at all new images, so that those like one can be found"
    )
    describing.set_defaults(command=_describe)
    describing.add_argument(
        "name", nargs="?", help="name or folder of a library; all when left out"
    )
    describing.add_argument(
        "--model", type=Path, metavar="FILE", help="your own network in ONNX"
    )
    describing.add_argument(
        "--rebuild", action="store_true", help="describe all images anew"
    )
    _add_json(describing)


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), UTC)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.archives.importing import TEXT_NAME, import_cil

    shown = ProgressLine()
    try:
        report = drive(import_cil(settings, arguments.dump), shown.show)
    finally:
        shown.end()
    taken = report.added + report.changed + report.unchanged + len(report.newer)
    if arguments.json:
        _print_json(report.model_dump(mode="json"))
        return 0 if taken else 1
    where = settings.libraries_folder / arguments.archive
    _print(report.summary())
    _print(_refused(report))
    _print([f"What became of each value: {where / TEXT_NAME}"])
    if taken:
        _print([f"Search it: cellib search --library {arguments.archive} WORDS"])
    return 0 if taken else 1


def _update(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.archives.updating import UPDATE_STEM, fetch_cil, update_cil

    wanted, find = arguments.record, arguments.find
    is_single = bool(wanted or find)
    if (arguments.since and is_single) or (arguments.siblings and not is_single):
        raise CellibError(
            "--since asks for all changes, --siblings goes with --record or --find.",
            fix="Leave one of them out.",
        )
    job = (
        fetch_cil(settings, wanted, find=find, siblings=arguments.siblings)
        if is_single
        else update_cil(settings, since=arguments.since)
    )
    shown = ProgressLine()
    try:
        report = drive(job, shown.show)
    finally:
        shown.end()
    if arguments.json:
        _print_json(report.model_dump(mode="json"))
    else:
        _print(report.summary())
        _print(_refused(report))
        where = settings.libraries_folder / arguments.archive / f"{UPDATE_STEM}.txt"
        _print([f"What became of each value: {where}"])
    nothing = is_single and not (report.documents or report.kept)
    return 1 if nothing or report.refused_count or report.waiting else 0


def _refused(report: ImportReport) -> Iterator[str]:
    """Yield what was refused, the last with the first: there a zip breaks off."""
    refused = report.refused
    if len(refused) > _MOST_REFUSED:
        refused = (*refused[: _MOST_REFUSED - 1], refused[-1])
    for one in refused:
        yield f"  refused  {one.document}: {one.reason}"


def _key(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.archives.cil.key import ENVIRONMENT, Key, forget_key, save_key

    if arguments.forget:
        gone = forget_key(settings)
        _print([f"The key was removed from {' and '.join(gone)}."] if gone else [])
        if not gone:
            sys.stderr.write("cellib: No key is kept.\n")
        return 0 if gone else 1
    where = save_key(settings, Key.parse(_asked_key(), "you"))
    _print([f"The key is kept in {where}."])
    if settings.cil.key:
        _print([f"That in {ENVIRONMENT} comes first, as long as it is set."])
    return 0


def _asked_key() -> str:
    """Return ``user:password``, from a person or from another program."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    from getpass import getpass

    sys.stderr.write("User name: ")
    sys.stderr.flush()
    user = sys.stdin.readline().strip()
    return f"{user}:{getpass('Password (it is not shown): ')}"


def _describe(arguments: argparse.Namespace, settings: Settings) -> int:
    from dataclasses import asdict

    from napari_cellib.compare.similar import index_library
    from napari_cellib.library import open_libraries

    names = filter(None, [arguments.name])
    shown = ProgressLine()
    with open_libraries(*names, settings=settings) as library:
        job = index_library(
            library, settings, network=arguments.model, rebuild=arguments.rebuild
        )
        try:
            report = drive(job, shown.show)
        finally:
            shown.end()
    if arguments.json:
        _print_json(asdict(report))
        return 0
    _print([f"{report.described:,} images described, {report.unchanged:,} before"])
    reasons = Counter(reason for _, reason in report.failed)
    _print(
        f"  left out  {count:,}: {reason}" for reason, count in reasons.most_common()
    )
    return 0


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.library import list_libraries

    found = [
        _listed(name, settings.libraries_folder / name)
        for name in list_libraries(settings)
    ]
    if arguments.json:
        _print_json({"libraries": found})
    else:
        for one in found:
            images = f"{one['images']:,}" if "images" in one else "-"
            _print([f"{one['id']:<12} {images:>9}  {one['name']}  {one['location']}"])
            if "error" in one:
                sys.stderr.write(f"cellib: {one['error']}\n")
        if not found:
            sys.stderr.write(f"cellib: {_NO_LIBRARY}\n")
    return 0 if any("images" in one for one in found) else 1


def _listed(name: str, folder: Path) -> dict[str, Any]:
    """Return what is listed of a library, or why it cannot be opened."""
    from napari_cellib.library import EmbeddedLibrary

    row: dict[str, Any] = {"id": name, "name": name, "location": str(folder)}
    try:
        with closing(EmbeddedLibrary.open(folder, read_only=True)) as library:
            return row | {"name": library.info.name, "images": len(library)}
    except CellibError as error:  # the others are listed all the same
        return row | {"error": error.what}


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


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _print_json(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value, ensure_ascii=False, indent=2)}\n")
