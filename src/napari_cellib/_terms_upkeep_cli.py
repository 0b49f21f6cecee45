"""The words ``cellib terms suggest|update|status`` of the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import CellibError, LibraryNotFound
from napari_cellib.jobs import Progress, drive
from napari_cellib.ontology import open_terms

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from napari_cellib.library import OpenLibrary
    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology.neighbours import Neighbours
    from napari_cellib.ontology.releases import UpdateReport
    from napari_cellib.ontology.status import TermsState
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.settings import Settings

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(verbs: Verbs) -> None:
    """Add these verbs to those of ``cellib terms``."""
    suggesting = verbs.add_parser("suggest", help="suggest terms for a description")
    suggesting.set_defaults(command=_suggest)
    suggesting.add_argument("text", help="what was written; - reads standard input")
    suggesting.add_argument("--title", default="", help="of the image")
    suggesting.add_argument(
        "--details", default="", help="technical details: how it was prepared and taken"
    )
    suggesting.add_argument(
        "--library", metavar="NAME", help="learn from the records of this library"
    )

    updating = verbs.add_parser("update", help="get new releases of the ontologies")
    updating.set_defaults(command=_update)
    updating.add_argument(
        "--ontology",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one, e.g. go; may be given several times",
    )
    updating.add_argument(
        "--from",
        dest="address",
        metavar="ADDRESS",
        help="URL or file of the release, for a single --ontology",
    )

    status = verbs.add_parser("status", help="print which releases are in use")
    status.set_defaults(command=_status)

    for parser in (suggesting, updating, status):
        parser.add_argument("--json", action="store_true", help="print JSON")


# -- suggest


def _suggest(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.ontology.suggestions import suggest

    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    neighbours = _neighbours(arguments.library, settings)
    with open_terms(settings=settings) as terms:
        title = arguments.title or text
        description = text if arguments.title else ""
        details = arguments.details
        found = suggest(terms, title, description, details, neighbours=neighbours)
    if arguments.json:
        learned = len(neighbours) if neighbours else 0
        listed = [_suggestion_json(one) for one in found]
        print_json({"learned_from": learned, "suggestions": listed})
    else:
        print_lines(
            f"{one.field.value:<19} {one.term.id:<18} {one.term.name}"
            f"  ({' '.join(one.reasons)})"
            for one in found
        )
    return 0 if found else 1


def _neighbours(name: str | None, settings: Settings) -> Neighbours | None:
    """Learn from a library; from the default one only where there is one."""
    from napari_cellib.library import open_library
    from napari_cellib.ontology.neighbours import example_of, learn

    try:
        library = open_library(name, settings=settings)
    except LibraryNotFound:
        if name:
            raise
        return None
    with library:
        examples = [example_of(record) for record in records_of(library)]
    return drive(learn([one for one in examples if one.choices])) if examples else None


def _suggestion_json(one: Suggestion) -> dict[str, Any]:
    return {
        "field": one.field,
        "id": one.term.id,
        "label": one.term.label,
        "ontology_version": one.term.ontology_version,
        "score": round(one.score, 3),
        "reasons": list(one.reasons),
    }


# -- update and status


def _update(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.ontology.releases import update

    if arguments.address:
        if len(arguments.ontology) != 1:
            raise CellibError(
                "--from says where one release is.", fix="Name its --ontology too."
            )
        addresses = {arguments.ontology[0]: arguments.address}
        settings = settings.model_copy(update={"release_addresses": addresses})
    report = drive(update(settings, arguments.ontology), show_progress())
    if arguments.json:
        print_json(_report_json(report))
    else:
        print_lines(_report_lines(report))
    return 1 if report.failed else 0


def _report_json(report: UpdateReport) -> dict[str, Any]:
    return {
        "store": str(report.path),
        "updated": [
            {
                "ontology": one.name,
                "version": one.version,
                "changed": one.changes is not None,
                "terms": one.terms,
                "new": one.changes.new if one.changes else 0,
                "obsolete": one.changes.obsolete if one.changes else 0,
                "merged": one.changes.merged if one.changes else 0,
                "relabelled": one.changes.relabelled if one.changes else 0,
            }
            for one in report.updated
        ],
        "failed": [
            {"ontology": name, "message": error.what, "fix": error.fix}
            for name, error in report.failed
        ],
    }


def _report_lines(report: UpdateReport) -> Iterable[str]:
    for one in report.updated:
        if one.changes is None:
            yield f"{one.name:<12} is up to date: {one.version}"
        else:
            yield (
                f"{one.name:<12} {one.terms} terms, {one.changes.new} new,"
                f" {one.changes.obsolete} obsolete, {one.changes.merged} merged,"
                f" {one.changes.relabelled} with another name: {one.version}"
            )
    for name, error in report.failed:
        yield f"{name:<12} stays as it was. {error}"


def _status(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.ontology.status import status

    state = status(settings)
    if arguments.json:
        print_json(_status_json(state))
    else:
        print_lines(_status_lines(state))
    return 1 if state.problems else 0


def _status_json(state: TermsState) -> dict[str, Any]:
    return {
        "store": str(state.path),
        "own": state.own,
        "built": state.built,
        "outdated": state.outdated,
        "problems": list(state.problems),
        "ontologies": [
            {
                "prefix": one.prefix,
                "title": one.title,
                "version": one.version,
                "licence": one.licence,
                "source": one.source,
                "terms": one.terms,
                "complete": one.complete,
                "name": one.name,
                "address": one.address,
            }
            for one in state.ontologies
        ],
    }


def _status_lines(state: TermsState) -> Iterable[str]:
    whose = "updated here" if state.own else "as they came with the program"
    yield f"Terms {whose}, built {state.built}: {state.path}"
    if state.outdated:
        yield "The program has come with newer ones; 'cellib terms update' uses them."
    for problem in state.problems:
        yield f"Not used: {problem}"
    yield f"{'ontology':<10} {'update it as':<12} {'terms':>8} {'':<5} release"
    for one in state.ontologies:
        part = "all" if one.complete else "part"
        name = one.name or "-"
        yield f"{one.prefix:<10} {name:<12} {one.terms:>8} {part:<5} {one.version}"


# -- shared with ``cellib terms check``


def records_of(library: OpenLibrary) -> Iterable[ImageRecord]:
    """Return all records of a library."""
    return (image.record for image in library.search())


def show_progress() -> Callable[[Progress], None] | None:
    """Return what shows how far a job is, where somebody is looking."""
    if not sys.stderr.isatty():
        return None

    def show(progress: Progress) -> None:
        part = f" {100 * progress.done // progress.total} %" if progress.total else ""
        sys.stderr.write(f"\r\x1b[K{progress.label}{part}")
        sys.stderr.flush()

    return show


def print_lines(lines: Iterable[str]) -> None:
    """Print text, in place of the progress."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    sys.stdout.writelines(f"{line}\n" for line in lines)


def print_json(value: object) -> None:
    """Print JSON for scripts."""
    sys.stdout.write(f"{json.dumps(value, ensure_ascii=False, indent=2)}\n")
