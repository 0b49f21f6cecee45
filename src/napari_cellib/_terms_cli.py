"""The words ``cellib terms ...`` of the command line."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from napari_cellib import _terms_check_cli, _terms_upkeep_cli
from napari_cellib.errors import TermUnknown
from napari_cellib.model import TermField
from napari_cellib.ontology import Completion, complete, open_terms
from napari_cellib.ontology.fields import IS_A, PART_OF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.ontology import Resolution, TermInfo, Terms
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``terms`` and what follows it to the commands of the program."""
    terms = commands.add_parser("terms", help="find terms of the ontologies")
    verbs = terms.add_subparsers(required=True, metavar="VERB")

    completing = verbs.add_parser("complete", help="list terms that may be meant")
    completing.set_defaults(command=_complete)
    completing.add_argument("text", help="the beginning of a name, or an identifier")
    completing.add_argument(
        "--field",
        choices=list(TermField),
        metavar="FIELD",
        help=f"only terms for this field; FIELD is one of {', '.join(TermField)}",
    )
    _add_limit(completing, default=10)
    _add_json(completing)

    show = verbs.add_parser("show", help="print what is known of a term")
    show.set_defaults(command=_show)
    _add_curie(show)
    _add_json(show)

    for verb, command, where in (
        ("descendants", _descendants, "below"),
        ("ancestors", _ancestors, "above"),
    ):
        related = verbs.add_parser(verb, help=f"list the terms {where} one")
        related.set_defaults(command=command)
        _add_curie(related)
        related.add_argument(
            "--relation",
            action="append",
            choices=[IS_A, PART_OF],
            help="follow only this relation; both by default",
        )
        _add_limit(related, default=None)
        _add_json(related)
    _terms_upkeep_cli.add_to(verbs)
    _terms_check_cli.add_to(verbs)


def _add_curie(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("curie", help="an identifier, e.g. GO:0005739, or its address")


def _add_limit(parser: argparse.ArgumentParser, default: int | None) -> None:
    usual = "all" if default is None else default
    parser.add_argument(
        "--limit",
        type=_at_least_one,
        default=default,
        metavar="N",
        help=f"list at most N; {usual} by default",
    )


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


# -- complete


def _complete(arguments: argparse.Namespace, settings: Settings) -> int:
    field = TermField(arguments.field) if arguments.field else None
    with open_terms(settings=settings) as terms:
        found = complete(terms, arguments.text, field, limit=arguments.limit)
        if arguments.json:
            listed = [_completion_json(one) for one in found]
            _print_json({"text": arguments.text, "field": field, "terms": listed})
        else:
            _print(_line(one.curie, one.label, one.why) for one in found)
    return 0 if found else 1


def _completion_json(found: Completion) -> dict[str, Any]:
    return {
        "id": found.curie,
        "label": found.label,
        "ontology_version": found.term.ontology_version,
        "fields": list(found.fields),
        "reason": found.reason,
        "matched": found.matched,
        "scope": found.scope,
        "path": [_reference(info) for info in found.path],
    }


# -- show


def _show(arguments: argparse.Namespace, settings: Settings) -> int:
    with open_terms(settings=settings) as terms:
        resolution = terms.resolve(arguments.curie)
        if resolution.term is None:
            raise TermUnknown(arguments.curie)
        if arguments.json:
            _print_json(_term_json(terms, resolution, resolution.term))
        else:
            _print(_term_lines(terms, resolution, resolution.term))
    return 0


def _term_json(terms: Terms, resolution: Resolution, info: TermInfo) -> dict[str, Any]:
    release = terms.versions().get(info.ontology)
    return {
        **_reference(info),
        "asked": resolution.asked,
        "status": resolution.status,
        "candidates": [_reference(other) for other in resolution.candidates],
        "iri": info.iri,
        "ontology": info.ontology,
        "ontology_version": release.version if release else None,
        "fields": list(info.fields),
        "names": [
            {"text": name.text, "scope": name.scope} for name in terms.names(info.curie)
        ],
        "parents": [_reference(one) for one in terms.parents(info.curie)],
        "children": [_reference(one) for one in terms.children(info.curie)],
        "path": [_reference(one) for one in terms.path_to_root(info.curie)],
    }


def _term_lines(terms: Terms, resolution: Resolution, info: TermInfo) -> Iterable[str]:
    yield _line(info.curie, info.label)
    if resolution.asked != info.curie or info.obsolete:
        yield f"{resolution.asked} is {resolution.status}"
    for other in resolution.candidates:
        yield f"consider      {_line(other.curie, other.label)}"
    for name in terms.names(info.curie):
        if name.scope != "label":
            yield f"{name.scope:<13} {name.text}"
    yield f"fields        {', '.join(info.fields) or 'none'}"
    way = terms.path_to_root(info.curie)
    yield f"path          {' > '.join(one.label for one in way)}"
    if info.iri:
        yield f"address       {info.iri}"


# -- what is below and above


def _descendants(arguments: argparse.Namespace, settings: Settings) -> int:
    with open_terms(settings=settings) as terms:
        info = terms.require(arguments.curie)
        found = terms.descendants(info.curie, _relations(arguments))
        shown = terms.infos(found[: arguments.limit])
        if arguments.json:
            listed = [_reference(one) for one in shown]
            _print_json({**_reference(info), "total": len(found), "terms": listed})
        else:
            _print(_line(one.curie, one.label) for one in shown)
    return 0 if found else 1


def _ancestors(arguments: argparse.Namespace, settings: Settings) -> int:
    with open_terms(settings=settings) as terms:
        info = terms.require(arguments.curie)
        found = terms.ancestors(info.curie, _relations(arguments))
    shown = found[: arguments.limit]
    if arguments.json:
        listed = [
            {"id": one.curie, "label": one.label, "distance": one.distance}
            for one in shown
        ]
        _print_json({**_reference(info), "total": len(found), "terms": listed})
    else:
        _print(_line(one.curie, one.label) for one in shown)
    return 0 if found else 1


def _relations(arguments: argparse.Namespace) -> tuple[str, ...]:
    return tuple(arguments.relation or (IS_A, PART_OF))


# -- output


def _reference(info: TermInfo) -> dict[str, Any]:
    return {"id": info.curie, "label": info.label}


def _line(curie: str, label: str, note: str = "") -> str:
    return f"{curie:<18} {label}{f'  ({note})' if note else ''}"


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _print_json(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value, ensure_ascii=False, indent=2)}\n")
