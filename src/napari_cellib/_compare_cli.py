"""The word ``cellib compare`` of the command line."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib._image_options import (
    add_part,
    add_pixel_size,
    image_at,
    opening,
)
from napari_cellib._progress_line import ProgressLine
from napari_cellib.errors import ComparisonRefused
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_cellib.compare.comparing import Compared
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_SHOWN_SCORES = 12


def add_to(commands: Commands) -> None:
    """Add ``compare`` to the commands of the program."""
    compare = commands.add_parser(
        "compare", help="measure an image and a reference in the same way"
    )
    compare.set_defaults(command=_compare)
    compare.add_argument(
        "image", help="a file, an OME-Zarr, or cellib://LIBRARY/NUMBER"
    )
    compare.add_argument("reference", help="the same")
    for whose in ("", "reference-"):
        add_pixel_size(compare, whose)
    add_part(compare)
    compare.add_argument(
        "--same-field",
        action="store_true",
        help="both show one and the same field: compare it pixel by pixel, too",
    )
    compare.add_argument(
        "--group",
        metavar="SEARCH",
        help="place the image among those of a search: words, a link, or the name of a "
        "saved search",
    )
    compare.add_argument(
        "--channel", metavar="NAME", help="the channel that is placed there"
    )
    compare.add_argument(
        "--library",
        metavar="NAME",
        help="where the group is searched; all of yours when left out",
    )
    compare.add_argument(
        "--save",
        type=Path,
        metavar="FILE",
        help="write a report page, or a table if the name ends in .csv",
    )
    compare.add_argument("--json", action="store_true", help="print JSON for a script")


def _compare(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.compare.comparing import check_kind, compare_job
    from napari_cellib.library import open_libraries
    from napari_cellib.viewmodels.saved_searches import SavedSearches

    if arguments.channel and arguments.group is None:
        raise ComparisonRefused(
            "--channel is that which is placed in a group", fix="Add --group."
        )
    if arguments.save:
        check_kind(arguments.save)  # before all is measured
    own = opening(arguments)
    other = {"pixel_size_um": arguments.reference_pixel_size}
    shown = ProgressLine()
    with ExitStack() as opened:
        image = image_at(arguments.image, settings, opened)
        reference = image_at(arguments.reference, settings, opened)
        group = None
        if arguments.group is not None:
            names = filter(None, [arguments.library])
            library = opened.enter_context(open_libraries(*names, settings=settings))
            saved = SavedSearches(settings.searches_folder)
            group = (library, saved.link_of(arguments.group))
        job = compare_job(
            (image, own),
            (reference, other),
            settings=settings,
            same_field=arguments.same_field,
            group=group,
            group_name=arguments.group,
            channel=arguments.channel,
        )
        compared = drive(job, shown.show)
        shown.end()
    if arguments.save:
        compared.save(arguments.save)
    text = _as_json(compared) if arguments.json else "\n".join(_lines(compared))
    sys.stdout.write(f"{text}\n")
    return 0


def _as_json(compared: Compared) -> str:
    from napari_cellib.compare import tables

    comparison, group = compared.comparison, compared.group
    answer: dict[str, Any] = {
        "image": comparison.a.name,
        "reference": comparison.b.name,
        "notes": compared.notes,
        "metadata": list(tables.metadata_rows(comparison)),
        "measurements": list(tables.measurement_rows(comparison)),
    }
    if group is not None:
        answer["group"] = {
            "name": group.name,
            "link": group.link,
            "images": [member.address for member in group.used],
            "scores": list(tables.score_rows(compared.scores)),
        }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _lines(compared: Compared) -> Iterator[str]:
    from napari_cellib.compare.measuring.texture import SECTION as TEXTURE

    comparison = compared.comparison
    yield f"{comparison.a.name} beside {comparison.b.name}"
    yield from (f"  {note}" for note in compared.notes)
    section = ""
    for row in comparison.rows:
        one = row.quantity
        if one.section == TEXTURE:  # a hundred numbers, of use in a table only
            continue
        if one.section != section:
            section = one.section
            yield f"{section}"
        values = [_number(part.value if part else None) for part in (row.a, row.b)]
        yield f"  {one.name:40} {values[0]:>12} {values[1]:>12}  {one.unit}".rstrip()
    yield from _group_lines(compared)


def _group_lines(compared: Compared) -> Iterator[str]:
    scored = [score for score in compared.scores if score.z is not None]
    if compared.group is None:
        return
    yield "among the references" if scored else "too few references for z-scores"
    unusual = sorted(scored, key=lambda score: -abs(score.z or 0.0))
    for score in unusual[:_SHOWN_SCORES]:
        one = score.quantity
        yield f"  {one.key:50} z {score.z:+.1f} of n = {score.n}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
