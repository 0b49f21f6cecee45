"""A comparison as tables: rows for notebooks, spreadsheets and scripts."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from napari_cellib.library.table import safe_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_cellib.compare.comparison import Comparison
    from napari_cellib.compare.groups import Score
    from napari_cellib.compare.similar_images import SimilarImage
    from napari_cellib.library.table import Cell

# Scripts rely on these: new ones are added at the end, none is renamed.
MEASUREMENTS = (
    "section",
    "quantity",
    "channel",
    "reference_channel",
    "unit",
    "value",
    "reference_unit",
    "reference",
    "ratio",
    "note",
)
METADATA = ("fact", "value", "reference", "verdict")
SCORES = (
    "section", "quantity", "unit", "value", "n", "mean", "sd", "z", "share_below"
)  # fmt: skip

SIMILAR = (
    "rank",
    "distance",
    "address",
    "title",
    "licence",
    "channel",
    "channel_name",
    "t",
    "z",
    "step_um",
    "differences",
)


def similar_rows(hits: Sequence[SimilarImage]) -> Iterator[dict[str, Cell]]:
    """Go through the images that are like one, the nearest first."""
    for hit in hits:
        differences = [f"{one.feature} {one.by:+.1f}" for one in hit.differences]
        cells: tuple[Cell, ...] = (
            hit.rank, hit.distance, hit.address, hit.title, hit.licence, hit.channel,
            hit.channel_name or None, hit.t, hit.z, hit.step_um,
            "; ".join(differences) or None,
        )  # fmt: skip
        yield dict(zip(SIMILAR, cells, strict=True))


def measurement_rows(comparison: Comparison) -> Iterator[dict[str, Cell]]:
    """Go through the quantities of both images."""
    for row in comparison.rows:
        channels = row.channels or (None, None)
        a, b = row.a, row.b
        notes = dict.fromkeys(one.note for one in (a, b) if one and one.note)
        cells: tuple[Cell, ...] = (
            row.quantity.section,
            row.quantity.name,
            *channels,
            a.unit if a else None,
            a.value if a else None,
            b.unit if b else None,
            b.value if b else None,
            row.ratio,
            " ".join(notes) or None,
        )
        yield dict(zip(MEASUREMENTS, cells, strict=True))


def metadata_rows(comparison: Comparison) -> Iterator[dict[str, Cell]]:
    """Go through what is known of how both images were made."""
    for fact in comparison.facts:
        cells = (fact.name, fact.a, fact.b, fact.verdict)
        yield dict(zip(METADATA, cells, strict=True))


def score_rows(scores: Sequence[Score]) -> Iterator[dict[str, Cell]]:
    """Go through where an image lies in a group, the most unusual first."""
    known = sorted(scores, key=lambda score: -abs(score.z or 0.0))
    for score in known:
        one = score.quantity
        cells: tuple[Cell, ...] = (
            one.section, one.name, one.unit, one.value,
            score.n, score.mean, score.sd, score.z, score.share_below,
        )  # fmt: skip
        yield dict(zip(SCORES, cells, strict=True))


def number_in_words(value: float) -> str:
    """Return a number with as many digits as a person reads.

    Examples
    --------
    >>> number_in_words(27155.2), number_in_words(0.0048071)
    ('27,155', '0.00481')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def csv_of(rows: Iterator[Mapping[str, Cell]], columns: Sequence[str]) -> str:
    """Return rows with a header in CSV, which a spreadsheet may open."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(row[column]) for column in columns])
    return file.getvalue()
