"""A comparison as one page that can be kept, sent and printed.

It is a single file: pictures and plots are within it. Whatever comes from a library is
escaped, so that nothing of a record is ever HTML.
"""

from __future__ import annotations

import base64
from datetime import date
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

from napari_cellib import __version__
from napari_cellib.compare.measuring.texture import SECTION as TEXTURE
from napari_cellib.compare.pictures import Contrast, at_one_scale
from napari_cellib.compare.plots import comparison_svgs, group_svg
from napari_cellib.compare.tables import (
    SCORES,
    measurement_rows,
    metadata_rows,
    number_in_words,
    score_rows,
)
from napari_cellib.model import citation_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_cellib.compare.comparing import Compared
    from napari_cellib.compare.pictures import Picture
    from napari_cellib.compare.subject import Subject
    from napari_cellib.library.table import Cell

_SHOWN_SCORES = 20
_SHOWN_PLOTS = 6
_LEAST = 180  # so wide is the room for its name
_BELOW = 30  # room below a picture for its scale bar
_LINE = 16
_LETTER = 6.6  # so wide is one, on the average
_STYLE = """
body { font: 15px/1.45 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: .5em 0 1.5em; }
th, td { text-align: left; padding: .15em .8em .15em 0; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
tr { border-bottom: 1px solid #ddd; }
svg { margin: 0 1em 1em 0; vertical-align: top; }
image { image-rendering: pixelated; }
.small { color: #555; font-size: 13px; }
@page { size: A4; margin: 15mm; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10.5pt; }
  table { font-size: 9pt; }
  h1 { font-size: 16pt; } h2 { font-size: 12.5pt; break-after: avoid; }
  section, svg, tr, li { break-inside: avoid; }
  svg { max-width: 48%; height: auto; margin-right: 1%; }
  .pictures { zoom: .9; } .pictures svg { max-width: none; } /* both at one scale */
  .small { font-size: 8.5pt; }
}
"""


def report_html(compared: Compared) -> str:
    """Return a comparison as a page of HTML.

    Parameters
    ----------
    compared : Compared
        Two images compared, and the group if there is one.

    Returns
    -------
    str
        A whole page in one file; a browser prints it.
    """
    a, b = compared.comparison.a.name, compared.comparison.b.name
    title = escape(f"{a} beside {b}")
    made = f"Made by napari-cellib {__version__} on {date.today().isoformat()}."
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{title}</h1>{body_html(compared)}"
        f'<p class="small">{escape(made)}</p></body></html>\n'
    )


def body_html(compared: Compared) -> str:
    """Return a comparison as HTML to be put into a page or a notebook."""
    return "".join(_sections(compared))


def _sections(compared: Compared) -> Iterator[str]:
    comparison = compared.comparison
    a, b = comparison.a, comparison.b
    for pair in comparison.pairs[:1]:
        shown = zip((a, b), at_one_scale(a, b, pair), pair, strict=True)
        figures = "".join(_figure(*one) for one in shown)
        yield f'<p class="pictures">{figures}</p>'
        yield f'<p class="small">{escape(Contrast.OWN.in_words)}.</p>'
    notes = "".join(f"<li>{escape(note)}</li>" for note in compared.notes)
    yield f"<h2>How they were compared</h2><ul>{notes}</ul>"
    yield "<section><h2>Plots</h2><p>"
    yield from comparison_svgs(comparison)
    yield "</p></section><h2>How they were made</h2>"
    facts = metadata_rows(comparison)
    yield _table(("", "image", "reference", ""), (tuple(r.values()) for r in facts))
    yield from _numbers(compared)
    yield from _group(compared)
    yield from _sources(compared)


def _figure(subject: Subject, picture: Picture, channel: int) -> str:
    """Return a picture with its scale bar below, as one drawing."""
    data = base64.b64encode(picture.png).decode()
    width, height = picture.width, picture.height
    words = f"{subject.name}, {subject.channels[channel]}"
    room = max(width, _LEAST)
    lines = wrap(words, int(room / _LETTER))
    full = height + _BELOW + _LINE * len(lines)
    named = "".join(
        f'<text y="{height + _BELOW + 12 + _LINE * n}">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{room}" height="{full}" '
        f'viewBox="0 0 {room} {full}" font-family="sans-serif" font-size="12" '
        f'fill="currentColor" role="img" aria-label="{escape(words)}" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<image width="{width}" height="{height}" '
        f'xlink:href="data:image/png;base64,{data}"/>'
        f'<rect y="{height + 6}" width="{picture.bar_width:.1f}" height="4"/>'
        f'<text y="{height + 24}">{escape(picture.bar.words)}</text>'
        f"{named}</svg>"
    )


def _numbers(compared: Compared) -> Iterator[str]:
    yield "<h2>Measurements</h2>"
    rows = [
        row
        for row in measurement_rows(compared.comparison)
        if row["section"] != TEXTURE  # of one image they say little: see the group
    ]
    columns = ("section", "quantity", "channel", "value", "unit", "reference", "ratio")
    heads = ("", "quantity", "channel", "image", "unit", "reference", "ratio")
    yield _table(heads, (tuple(row[name] for name in columns) for row in rows))
    noted: dict[Cell, dict[Cell, None]] = {}
    for row in rows:
        if row["note"]:
            noted.setdefault(row["note"], {})[row["quantity"]] = None
    yield _list(f"{'; '.join(map(str, of))}: {note}" for note, of in noted.items())


def _group(compared: Compared) -> Iterator[str]:
    group = compared.group
    if group is None:
        return
    yield f"<h2>Among the references</h2><p>{escape(group.in_words)} z is how many "
    yield "standard deviations of the group the image lies above its mean; n is how "
    yield "many references have the quantity.</p>"
    unusual = [one for one in compared.scores if one.z is not None]
    unusual.sort(key=lambda one: -abs(one.z or 0.0))
    yield "<p>"
    for score in unusual[:_SHOWN_PLOTS]:
        yield group_svg(group, score.quantity, compared.comparison.a.name)
    yield "</p>"
    rows = list(score_rows(compared.scores))[:_SHOWN_SCORES]
    yield _table(SCORES, (tuple(row.values()) for row in rows))


def _sources(compared: Compared) -> Iterator[str]:
    comparison, entries = compared.comparison, []
    for subject in (comparison.a, comparison.b):
        record = subject.record
        if record is not None:
            licence = record.licence.name if record.licence else "not stated"
            entries.append((licence, citation_text(record, subject.library_name)))
    members = compared.group.used if compared.group else ()
    entries += [(member.licence, member.citation) for member in members]
    if entries:
        yield "<h2>Sources</h2><p>Each with its licence, and how to cite it.</p>"
        each = dict.fromkeys(entries)
        yield _list(f"{cited} Licence: {licence}." for licence, cited in each)


def _list(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<ul class="small">{items}</ul>' if items else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, float | int):
        return f'<td class="n">{number_in_words(cell)}</td>'
    return f"<td>{escape(cell or '')}</td>"
