"""The word ``cellib check`` of the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib._progress_line import ProgressLine
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_cellib.deposit.columns import Columns
    from napari_cellib.jobs import Job
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
        help="the folder or address of an OME-Zarr, cellib://LIBRARY/NUMBER, a file of "
        "a microscope, a picture or a movie, or a table that describes images (.csv, "
        ".tsv, .xlsx)",
    )
    check.add_argument(
        "--columns",
        metavar="JSON",
        type=Path,
        help="for tables: which column is what; written as guessed when absent",
    )
    check.add_argument(
        "--siblings",
        metavar="PATTERN",
        help="for tables: how files are named, as in {group}_*.tif",
    )
    check.add_argument("--json", action="store_true", help="print JSON for a script")


def _check(arguments: argparse.Namespace, settings: Settings) -> int:
    shown = ProgressLine()
    problems = []
    for place in arguments.places:
        if _is_table(place):
            job = _check_table(Path(place), arguments, settings)
        else:
            job = _check_image(place, settings)
        problems += drive(job, shown.show)
    shown.end()
    if arguments.json:
        listed = [problem.model_dump(mode="json") for problem in problems]
        found = {"ok": not _errors(problems), "problems": listed}
        text = json.dumps(found, ensure_ascii=False, indent=2)
    else:
        text = "\n".join(problem_lines(problems))
    sys.stdout.write(f"{text}\n")
    return 1 if _errors(problems) else 0


# An OME-Zarr in one file; other zips may hold a TIFF.
_ZARR = (".ozx", ".zarr.zip")


def _is_table(place: str) -> bool:
    # Not asked of the module that reads tables: it takes a while to import.
    return place.lower().endswith((".csv", ".tsv", ".xlsx")) and "://" not in place


def _check_image(place: str, settings: Settings) -> Job[list[Problem]]:
    from napari_cellib._cache_cli import locate
    from napari_cellib.deposit.checks.metadata import check_metadata
    from napari_cellib.pixels.checking import check_file, check_place
    from napari_cellib.pixels.disk_cache import DiskCache

    private = check_metadata(Path(place)) if Path(place).exists() else []
    if not place.lower().endswith(_ZARR) and Path(place).is_file():
        return [*(yield from check_file(Path(place))), *private]
    disk = DiskCache.if_offline(settings)
    where = locate(place, settings)
    found = yield from check_place(where, timeout_s=settings.timeout_s, disk=disk)
    return [*found, *private]


def _check_table(
    path: Path, arguments: argparse.Namespace, settings: Settings
) -> Job[list[Problem]]:
    from napari_cellib.deposit.columns import Columns
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import filled_by
    from napari_cellib.deposit.table import read_table
    from napari_cellib.ontology import open_terms
    from napari_cellib.profile import read_profile

    kept: Path | None = arguments.columns
    columns: Columns | None = None
    if kept is not None and kept.exists():
        columns = Columns.load(kept)
    with open_terms(settings=settings) as terms:
        table = yield from read_table(
            path,
            columns=columns,
            siblings=arguments.siblings,
            base=filled_by(read_profile(settings.drafts_folder), Draft()),
            terms=terms,
        )
    if kept is not None and columns is None:
        table.columns.save(kept)
    return list(table.problems)


def _errors(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def problem_lines(problems: list[Problem]) -> Iterator[str]:
    """Return problems as a person reads them, and how many there are."""
    for problem in problems:
        mark = "ERROR " if problem.severity == "error" else "advice"
        yield f"{mark} {problem.where}"
        yield f"       {problem.message} {problem.fix}"
    count = len(_errors(problems))
    errors = f"{count} error{'' if count == 1 else 's'}"
    advice = f"{len(problems) - count} of advice"
    yield f"{errors}, {advice}" if problems else "nothing is wrong"
