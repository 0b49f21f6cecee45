"""The word ``cellib check`` of the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from napari_cellib._progress_line import ProgressLine
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_cellib.model import Problem
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``check`` to the commands of the program."""
    check = commands.add_parser(
        "check", help="say what is wrong or odd with images before others see them"
    )
    check.set_defaults(command=_check)
    check.add_argument(
        "places",
        nargs="+",
        metavar="FILE",
        help="the folder or address of an OME-Zarr, or cellib://LIBRARY/NUMBER",
    )
    check.add_argument("--json", action="store_true", help="print JSON for a script")


def _check(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib._cache_cli import locate
    from napari_cellib.pixels.checking import check_place
    from napari_cellib.pixels.disk_cache import DiskCache

    disk, shown = DiskCache.if_offline(settings), ProgressLine()
    problems = []
    for place in arguments.places:
        where = locate(place, settings)
        job = check_place(where, timeout_s=settings.timeout_s, disk=disk)
        problems += drive(job, shown.show)
    shown.end()
    if arguments.json:
        listed = [problem.model_dump(mode="json") for problem in problems]
        found = {"ok": not _errors(problems), "problems": listed}
        text = json.dumps(found, ensure_ascii=False, indent=2)
    else:
        text = "\n".join(_lines(problems))
    sys.stdout.write(f"{text}\n")
    return 1 if _errors(problems) else 0


def _errors(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def _lines(problems: list[Problem]) -> Iterator[str]:
    for problem in problems:
        mark = "ERROR " if problem.severity == "error" else "advice"
        yield f"{mark} {problem.where}"
        yield f"       {problem.message} {problem.fix}"
    count = len(_errors(problems))
    errors = f"{count} error{'' if count == 1 else 's'}"
    advice = f"{len(problems) - count} of advice"
    yield f"{errors}, {advice}" if problems else "nothing is wrong"
