"""The words ``cellib terms check`` of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from napari_cellib import __version__
from napari_cellib._terms_upkeep_cli import (
    print_json,
    print_lines,
    records_of,
    show_progress,
)
from napari_cellib.errors import CellibError, LibraryReadOnly
from napari_cellib.jobs import drive
from napari_cellib.ontology import open_terms

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

    from napari_cellib.library import OpenLibrary
    from napari_cellib.model import Annotation, ImageRecord
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.decay import Decayed, DecayReport
    from napari_cellib.settings import Settings

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

_SHOWN = 5  # images that are named where many have the same term


def add_to(verbs: Verbs) -> None:
    """Add this verb to those of ``cellib terms``."""
    checking = verbs.add_parser("check", help="list annotations that have decayed")
    checking.set_defaults(command=_check)
    checking.add_argument("library", help="name or folder of a library")
    checking.add_argument(
        "--apply",
        action="store_true",
        help="supersede those of which the successor is certain, or was chosen",
    )
    checking.add_argument(
        "--choose",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="use a proposed term instead of one that has decayed; may be given "
        "several times; needs --apply and --author",
    )
    checking.add_argument(
        "--author", metavar="NAME", help="who chooses, as the records will say"
    )
    checking.add_argument(
        "--any",
        action="store_true",
        dest="any_term",
        help="let --choose name any term that may fill the field",
    )
    checking.add_argument("--json", action="store_true", help="print JSON")


def _check(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.library import open_library
    from napari_cellib.ontology.decay import check, choose

    choices = _choices(arguments)
    with (
        open_library(arguments.library, settings=settings) as library,
        open_terms(settings=settings) as terms,
    ):
        report = drive(check(_said_in(library), terms), show_progress())
        chosen = choose(report, choices, terms, any_term=arguments.any_term)
        changed = 0
        if arguments.apply:
            changed = _apply(library, report, terms, chosen, arguments.author)
    if arguments.json:
        print_json(_report_json(report, changed, chosen))
    else:
        print_lines(_lines(report, changed, chosen, applied=arguments.apply))
    return 1 if report.decayed and not arguments.apply else 0


@dataclass(frozen=True)
class _Said:
    """What holds of an image and of its regions."""

    id: str
    standing_annotations: tuple[Annotation, ...]


def _said_in(library: OpenLibrary) -> Iterator[_Said]:
    for record in records_of(library):
        said = library.library.statements(record.id)
        yield _Said(record.id, said.present.annotations)


def _choices(arguments: argparse.Namespace) -> dict[str, str]:
    """Return what a person chose, by the old term."""
    choices: dict[str, str] = {}
    for pair in arguments.choose:
        old, sign, new = (part.strip() for part in pair.partition("="))
        if not (old and sign and new):
            raise CellibError(
                f"--choose does not understand {pair!r}.",
                fix="Type it as in --choose GO:0016023=GO:0031410.",
            )
        if choices.setdefault(old, new) != new:
            raise CellibError(f"--choose names two terms for {old}.", fix="Choose one.")
    if choices and not (arguments.apply and arguments.author):
        raise CellibError(
            "--choose says what is to be asserted, and by whom.",
            fix="Add --apply, and --author with your name.",
        )
    return choices


def _apply(
    library: OpenLibrary,
    report: DecayReport,
    terms: Terms,
    chosen: Mapping[str, str],
    author: str | None,
) -> int:
    """Add the new assertions to the library; return how many there are."""
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model.statement import Statements
    from napari_cellib.ontology.decay import apply, successors

    store = library.library
    if not isinstance(store, EmbeddedLibrary):
        raise LibraryReadOnly(library.info.location)
    said: dict[str, Any] = {
        "at": datetime.now(UTC),
        "software": f"napari-cellib {__version__}",
        "chosen": chosen,
        "author": author,
    }
    changed: list[ImageRecord] = []
    of_regions: dict[str, Statements] = {}
    count = 0
    for record_id in dict.fromkeys(one.record for one in report.decayed):
        old = store.record(record_id)  # with its raw document, as it must stay
        new = apply(old, report.decayed, terms, **said)
        if new is not old:
            changed.append(new)
            count += len(new.annotations) - len(old.annotations)
        those = [
            one
            for one in report.decayed
            if one.record == record_id and one.annotation.region is not None
        ]
        notes = (one.annotation for one in those)
        if added := successors(those, notes, terms, **said):
            of_regions[record_id] = Statements(annotations=added)
            count += len(added)
    if changed:
        drive(store.add_many(changed))
    for record_id, more in of_regions.items():
        store.annotate(record_id, more)
    if count:
        drive(store.update_index())
    return count


def _report_json(
    report: DecayReport, changed: int, chosen: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "records": report.records,
        "annotations": report.annotations,
        "not_judged": report.not_judged,
        "superseded": changed,
        "decayed": [_decayed_json(one, chosen) for one in report.decayed],
    }


def _decayed_json(one: Decayed, chosen: Mapping[str, str]) -> dict[str, Any]:
    return {
        "record": one.record,
        "field": one.annotation.field,
        "annotation": one.annotation.key,
        "id": one.annotation.term.id,
        "label": one.annotation.term.label,
        "kind": one.kind,
        "certain": one.certain,
        "reason": one.reason,
        "proposed": [{"id": info.curie, "label": info.label} for info in one.proposed],
        "chosen": chosen.get(one.annotation.key),
    }


def _lines(
    report: DecayReport, changed: int, chosen: Mapping[str, str], *, applied: bool
) -> Iterator[str]:
    """Return what was found term by term: that is how a person decides."""
    same: dict[tuple[str, str], list[Decayed]] = {}
    for one in report.decayed:
        same.setdefault((one.annotation.field.value, one.reason), []).append(one)
    for (field, reason), those in sorted(same.items(), key=lambda item: -len(item[1])):
        yield f"{field}: {reason}"
        yield f"    {_images(those)}"
        if not those[0].certain and those[0].annotation.key not in chosen:
            old = those[0].annotation.term.id
            for info in those[0].proposed:
                yield f"    --choose {old}={info.curie}  {info.label}"
    yield (
        f"{len(report.decayed)} of {report.annotations} annotations of"
        f" {report.records} images have decayed."
    )
    if report.not_judged:
        yield f"{report.not_judged} are of ontologies that are not here as a whole."
    waiting = [one for one in report.decayed if not one.certain]
    waiting = [one for one in waiting if one.annotation.key not in chosen]
    if applied:
        yield f"{changed} were superseded; the old ones are still in the records."
    elif certain := sum(one.certain for one in report.decayed):
        yield f"The successors of {certain} are certain: --apply asserts them."
    if waiting:
        yield f"{len(waiting)} wait for a person: see --choose."


def _images(those: Iterable[Decayed]) -> str:
    records = list(dict.fromkeys(one.record for one in those))
    named = ", ".join(records[:_SHOWN])
    more = f" and {len(records) - _SHOWN} more" if len(records) > _SHOWN else ""
    return f"{len(records)} {'image' if len(records) == 1 else 'images'}: {named}{more}"
