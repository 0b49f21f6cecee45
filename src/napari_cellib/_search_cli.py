"""The word ``cellib search`` of the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from napari_cellib import _report
from napari_cellib.errors import QueryInvalid
from napari_cellib.model import FacetField, Sort

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from napari_cellib.library import Results
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``search`` to the commands of the program."""
    search = commands.add_parser("search", help="list the images that match")
    search.set_defaults(command=_search)
    search.add_argument("words", nargs="*", help="all must be found; or a link")
    search.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=f"narrow down; FIELD is one of {', '.join(FacetField)}",
    )
    search.add_argument("--sort", choices=list(Sort), default=Sort.RELEVANCE.value)
    search.add_argument("--limit", type=int, default=24, metavar="N")
    search.add_argument(
        "--facets", action="store_true", help="count values of the fields"
    )
    search.add_argument(
        "--library",
        action="append",
        default=[],
        metavar="NAME",
        help="name or folder of a library; all of yours when left out",
    )
    form = search.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON for a script")
    form.add_argument("--csv", action="store_true", help="print a table in CSV")


def _search(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.library import open_libraries

    if arguments.csv and arguments.facets:
        raise QueryInvalid("--facets has no place in a table of images")
    filters = _filters(arguments.field)
    with open_libraries(*arguments.library, settings=settings) as library:
        results = library.search(
            " ".join(arguments.words),
            sort=Sort(arguments.sort),
            limit=arguments.limit,
            **filters,
        )
        if not arguments.json:  # which has them in itself
            sys.stderr.writelines(f"cellib: {text}\n" for text in _told(results))
        for piece in _answer(results, arguments):
            sys.stdout.write(piece)
    return 0 if results.total else 1


def _told(results: Results) -> Iterable[str]:
    yield from results.warnings
    if results.suggestion:
        yield f"Did you mean “{results.suggestion}”?"


def _answer(results: Results, arguments: argparse.Namespace) -> Iterable[str]:
    from napari_cellib.library.table import csv_lines

    if arguments.csv:
        return csv_lines(results)
    if arguments.json:
        return _report.results_json(results)
    lines = _report.results_lines(results, facets=arguments.facets)
    return (f"{line}\n" for line in lines)


def _filters(pairs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    filters: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        field, sign, value = pair.partition("=")
        if not sign or not value or field not in list(FacetField):
            raise QueryInvalid(f"--field {pair} is not of the form FIELD=VALUE")
        filters[field] = (*filters.get(field, ()), value)
    return filters
