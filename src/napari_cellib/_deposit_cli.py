"""The word ``cellib deposit`` of the command line."""

from __future__ import annotations

import json
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib._check_cli import problem_lines
from napari_cellib._progress_line import ProgressLine
from napari_cellib.errors import CellibError, DepositRefused, PixelsNotFound
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator

    from napari_cellib.deposit.depositions import Depositions
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.many import Outcome, Plan
    from napari_cellib.jobs import Job
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``deposit`` to the commands of the program."""
    deposit = commands.add_parser(
        "deposit", help="bring images into your library, as citable records"
    )
    deposit.set_defaults(command=_deposit)
    deposit.add_argument(
        "places",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="files or OME-Zarr, each an image; with --table the folder they are in",
    )
    deposit.add_argument(
        "--table",
        type=Path,
        metavar="TABLE",
        help="a row for each image (.csv, .tsv, .xlsx), with a column 'file'",
    )
    deposit.add_argument(
        "--columns",
        type=Path,
        metavar="JSON",
        help="which column is what; written as guessed when absent",
    )
    deposit.add_argument(
        "--siblings",
        metavar="PATTERN",
        help="how files of a table are named, as in {group}_*.tif",
    )
    deposit.add_argument(
        "--template", type=Path, metavar="FILE", help="what all images have in common"
    )
    deposit.add_argument("--title", help="of an only image")
    deposit.add_argument(
        "--library", metavar="NAME", help="name or folder; the one of your own"
    )
    deposit.add_argument(
        "--create", action="store_true", help="make the library if it is not there"
    )
    deposit.add_argument(
        "--dry-run", action="store_true", help="say what is wrong, deposit nothing"
    )
    deposit.add_argument(
        "--skip-wrong", action="store_true", help="leave out rows with an error"
    )
    add_json(deposit)


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


# ----------------------------------------------------------------------------- deposit


def _deposit(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.deposit.home import open_home
    from napari_cellib.deposit.many import deposit_all

    shown, depositions = ProgressLine(), depositions_of(settings)
    home = open_home(settings, arguments.library, create=arguments.create)
    with closing(home) as library:
        try:
            plan = drive(_plan(arguments, settings, depositions, library), shown.show)
            shown.end()
            outcome = None
            blocked = plan.wrong_rows and not arguments.skip_wrong
            if not (arguments.dry_run or blocked):
                job = deposit_all(
                    plan, depositions, library, skip_wrong=arguments.skip_wrong
                )
                outcome = drive(job, shown.show)
        finally:
            shown.end()
        if arguments.json:
            print_json(_facts(plan, outcome))
        else:
            print_line("\n".join(_lines(plan, outcome, library.info.id)))
        if outcome is not None and outcome.deposited:
            _describe(library, settings, tuple(outcome.deposited.values()))
    failed = outcome is not None and bool(outcome.failed)
    return 1 if failed or plan.wrong_rows or _has_error(plan) else 0


def _describe(
    library: EmbeddedLibrary, settings: Settings, records: Collection[str]
) -> None:
    """Let new images be found by images like them: they are safe and told by now.

    What fails is done again, and told, when somebody asks for images like one.
    """
    from napari_cellib.compare.similar import index_library

    shown = ProgressLine()
    try:
        with suppress(CellibError):
            drive(index_library(library, settings, only=records), shown.show)
    finally:
        shown.end()


def _plan(
    arguments: argparse.Namespace,
    settings: Settings,
    depositions: Depositions,
    library: EmbeddedLibrary,
) -> Job[Plan]:
    from napari_cellib.deposit.columns import Columns
    from napari_cellib.deposit.many import drafts_of_files, plan_files, plan_table
    from napari_cellib.deposit.table import read_table
    from napari_cellib.ontology import open_terms

    places, base = arguments.places, _base(arguments, settings)
    for place in places:
        if not place.exists():
            raise PixelsNotFound(str(place))
    if arguments.table is None:
        if arguments.title and len(places) > 1:
            raise DepositRefused(
                "several images cannot have one title",
                fix="Describe them in a table, and name it with --table.",
            )
        drafts = drafts_of_files(places, base)
        return (yield from plan_files(drafts, depositions, library))
    if len(places) > 1 or not places[0].is_dir():
        raise DepositRefused(
            "a table goes with one folder", fix="Name the folder of the images."
        )
    kept: Path | None = arguments.columns
    columns = Columns.load(kept) if kept is not None and kept.exists() else None
    with open_terms(settings=settings) as terms:
        table = yield from read_table(
            arguments.table,
            folder=places[0],
            columns=columns,
            siblings=arguments.siblings,
            base=base,
            terms=terms,
        )
    if kept is not None and columns is None:
        table.columns.save(kept)
    return (yield from plan_table(table, depositions, library))


def _base(arguments: argparse.Namespace, settings: Settings) -> Draft:
    """Return what all images have in common: of the template, then of the profile."""
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import filled_by, read_template
    from napari_cellib.profile import read_profile

    draft = Draft()
    if arguments.title:
        draft = draft.typed(title=arguments.title)
    if arguments.template is not None:
        draft = draft.filled_by(read_template(arguments.template))
    return filled_by(read_profile(settings.drafts_folder), draft)


def _has_error(plan: Plan) -> bool:
    return any(problem.severity == "error" for problem in plan.problems)


def _lines(plan: Plan, outcome: Outcome | None, library: str) -> Iterator[str]:
    if plan.problems:
        yield from problem_lines(list(plan.problems))
    ready, wrong = len(plan.drafts), len(plan.wrong_rows)
    if outcome is None:
        size = f"{plan.size_bytes / 1e6:,.1f} MB"
        yield f"{ready:,} can be deposited ({size}), {len(plan.done):,} were before"
        if wrong:
            yield f"{wrong:,} cannot; mend them, or leave them out with --skip-wrong"
        yield "nothing was begun"
        return
    for number in outcome.deposited.values():
        yield f"cellib://{library}/{number}"
    for row, problem in outcome.failed.items():
        yield f"FAILED row {row}"
        yield f"       {problem}"
    yield (
        f"{len(outcome.deposited):,} deposited, {len(outcome.skipped):,} were before, "
        f"{len(outcome.failed):,} failed, {wrong:,} left out"
    )


def _facts(plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "ready": sorted(plan.drafts),
        "wrong": sorted(plan.wrong_rows),
        "size_bytes": plan.size_bytes,
        "problems": [problem.model_dump(mode="json") for problem in plan.problems],
        "skipped": {row: one.record for row, one in plan.done.items()},
    }
    if outcome is not None:
        failed = {row: str(problem) for row, problem in outcome.failed.items()}
        facts |= {"deposited": outcome.deposited, "failed": failed}
    return facts


def depositions_of(settings: Settings) -> Depositions:
    from napari_cellib.deposit.depositions import Depositions
    from napari_cellib.deposit.drafts import Drafts

    drafts = Drafts(settings.drafts_folder)
    return Depositions(settings.depositions_folder, drafts)


def print_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_json(value: object) -> None:
    print_line(json.dumps(value, ensure_ascii=False, indent=2))
