"""The word ``cellib annotations`` of the command line."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from napari_cellib._progress_line import ProgressLine
from napari_cellib.errors import (
    CellibError,
    LibraryReadOnly,
    StatementsWrong,
    TargetExists,
)
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from napari_cellib.annotate.saying import Speaker
    from napari_cellib.annotate.tables import TableCheck
    from napari_cellib.jobs import Job
    from napari_cellib.library import OpenLibrary
    from napari_cellib.model import Assertion, ImageRecord
    from napari_cellib.model.statement import Statements
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_T = TypeVar("_T")


def add_to(commands: Commands) -> None:
    """Add ``annotations`` to the commands of the program."""
    parser = commands.add_parser(
        "annotations", help="write what is said of images, or take it in from a table"
    )
    parser.set_defaults(command=_annotations)
    parser.add_argument("library", help="name or folder of a library")
    parser.add_argument(
        "records", nargs="*", metavar="RECORD", help="numbers of images; all by default"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="a table in CSV; the default")
    form.add_argument(
        "--json-ld", action="store_true", help="W3C Web Annotations, with regions"
    )
    form.add_argument("--json", action="store_true", help="a line of JSON for each")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write to this file")
    parser.add_argument(
        "--history",
        action="store_true",
        help="also what was superseded, taken away or rejected",
    )
    parser.add_argument(
        "--from",
        dest="table",
        type=Path,
        metavar="TABLE",
        help="say what is new in this table, and what is wrong with it",
    )
    parser.add_argument(
        "--apply", action="store_true", help="with --from: take in what is new"
    )
    parser.add_argument(
        "--skip-wrong", action="store_true", help="leave out rows that are wrong"
    )
    parser.add_argument(
        "--author", metavar="NAME", help="who says it; by default who deposits here"
    )


def _annotations(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.library import open_library

    _refuse_what_does_not_fit(arguments)
    with open_library(arguments.library, settings=settings) as library:
        if arguments.table is not None:
            return _take_in(arguments, library, settings)
        return _give_out(arguments, library)


def _refuse_what_does_not_fit(arguments: argparse.Namespace) -> None:
    given_out = arguments.out or arguments.history or arguments.json_ld or arguments.csv
    if arguments.table is not None and given_out:
        raise CellibError(
            "--from takes in, and --out, --history, --csv and --json-ld give out.",
            fix="Leave them out.",
        )
    taking_in = arguments.apply or arguments.skip_wrong or arguments.author
    if arguments.table is None and taking_in:
        raise CellibError(
            "--apply, --skip-wrong and --author belong to a table that is taken in.",
            fix="Name the table with --from.",
        )
    if (arguments.skip_wrong or arguments.author) and not arguments.apply:
        raise CellibError(
            "--skip-wrong and --author say how a table is taken in, and none is yet.",
            fix="Add --apply, or leave them out.",
        )
    if arguments.table is not None and len(arguments.records) > 1:
        raise CellibError(
            "A table names its images itself, or is about one image alone.",
            fix="Leave the numbers out, or name one.",
        )


# ------------------------------------------------------------------------------- out


def _give_out(arguments: argparse.Namespace, library: OpenLibrary) -> int:
    from napari_cellib.library.annotation_table import (
        annotation_rows,
        annotations_csv,
        json_line,
    )

    images = _said(arguments, library)
    lines: Iterable[str]
    if arguments.json_ld:
        lines = _json_ld(images)
    elif arguments.json:
        lines = (json_line(r.id, one) for r, said in images for one in said.all)
    else:
        lines = annotations_csv(
            row for record, said in images for row in annotation_rows(record.id, said)
        )
    if arguments.out is None:
        sys.stdout.writelines(lines)
    else:
        # With its mark, Excel reads letters as they are.
        is_json = arguments.json or arguments.json_ld
        _write(arguments.out, lines, "utf-8" if is_json else "utf-8-sig")
    return 0


def _write(path: Path, lines: Iterable[str], encoding: str) -> None:
    """Write a new file, whole or not at all."""
    try:
        with ExitStack() as undo:
            file = path.open("x", encoding=encoding, newline="\n")
            undo.callback(path.unlink)  # half a file would stop the next try
            with file:
                file.writelines(lines)
            undo.pop_all()
    except FileExistsError as error:
        raise TargetExists(str(path)) from error
    except OSError as error:
        raise CellibError(
            f"{path} cannot be written: {error.strerror or error}.",
            fix="Choose another folder.",
        ) from error


def _said(
    arguments: argparse.Namespace, library: OpenLibrary
) -> Iterator[tuple[ImageRecord, Statements]]:
    """Yield the images of which something is said, with what is said of each."""
    from napari_cellib._terms_upkeep_cli import records_of

    records: Iterable[ImageRecord] = (
        [library[number].record for number in arguments.records]
        if arguments.records
        else records_of(library)
    )
    for record in records:
        said = library.library.statements(record.id)
        said = said if arguments.history else said.present
        if said.all or arguments.records:
            yield record, said


def _json_ld(images: Iterator[tuple[ImageRecord, Statements]]) -> Iterator[str]:
    """Yield the document of the one image, or a list of documents, one at a time."""
    from napari_cellib.citing.web_annotations import web_annotations

    found = (
        json.dumps(web_annotations(record, said), ensure_ascii=False, indent=2)
        for record, said in images
    )
    first, second = next(found, None), next(found, None)
    if first is None or second is None:
        yield f"{first or '[]'}\n"
        return
    yield f"[\n{first},\n{second}"
    yield from (f",\n{document}" for document in found)
    yield "\n]\n"


# -------------------------------------------------------------------------------- in


def _take_in(
    arguments: argparse.Namespace, opened: OpenLibrary, settings: Settings
) -> int:
    from napari_cellib.annotate.tables import apply_table, check_table
    from napari_cellib.library.catalogued import CataloguedLibrary
    from napari_cellib.ontology import open_terms

    library = opened.library
    if not isinstance(library, CataloguedLibrary) or (
        arguments.apply and not library.info.writable
    ):
        raise LibraryReadOnly(opened.info.location)
    only = opened[arguments.records[0]].id if arguments.records else None
    added = 0
    with open_terms(settings=settings) as terms:
        check = _shown(check_table(arguments.table, library, terms, record=only))
        is_taken = arguments.apply and (
            check.is_usable or (arguments.skip_wrong and bool(check.wrong))
        )
        if is_taken:
            say = partial(_asserted, _speaker(arguments, settings))
            skip = arguments.skip_wrong
            added = _shown(apply_table(check, library, terms, say, skip_wrong=skip))
    if arguments.json:
        sys.stdout.write(f"{json.dumps(_as_json(check, added), ensure_ascii=False)}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(check))
        sys.stdout.write(f"{added} statements were added.\n" if is_taken else "")
    if arguments.apply and not is_taken:
        raise StatementsWrong(len(check.wrong), check.rows)
    return 0 if check.is_usable or is_taken else 1


def _speaker(arguments: argparse.Namespace, settings: Settings) -> Speaker:
    from napari_cellib.annotate.saying import Speaker

    speaker = Speaker.of(settings)
    if arguments.author:
        speaker = replace(speaker, name=arguments.author, orcid=None)
    return speaker


def _asserted(speaker: Speaker, evidence: str | None) -> Assertion:
    return speaker.assertion(evidence=evidence)


def _shown(job: Job[_T]) -> _T:
    shown = ProgressLine()
    try:
        return drive(job, shown.show)
    finally:
        shown.end()


def _lines(check: TableCheck) -> Iterator[str]:
    from napari_cellib._check_cli import problem_lines

    if check.problems:
        yield from problem_lines(list(check.problems))
    if check.unlisted:
        yield f"Problems that are not listed: {check.unlisted:,}."
    yield (
        f"{check.rows} rows: {check.new} new, {check.changed} changed, "
        f"{check.already} there already, {len(check.wrong)} wrong."
    )


def _as_json(check: TableCheck, added: int) -> dict[str, Any]:
    return {
        "rows": check.rows,
        "new": check.new,
        "changed": check.changed,
        "already": check.already,
        "wrong": sorted(check.wrong),
        "added": added,
        "unlisted": check.unlisted,
        "problems": [problem.model_dump(mode="json") for problem in check.problems],
    }
