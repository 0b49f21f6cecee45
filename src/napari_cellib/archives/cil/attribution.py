"""Who made an image and when, where it was published, and what may be done with it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.archives.cil.people import read_credits
from napari_cellib.archives.cil.words import address, one_line
from napari_cellib.model import (
    Contributor,
    Dates,
    Identifiers,
    Licence,
    Link,
    Publication,
)

if TYPE_CHECKING:
    from napari_cellib.archives.cil.ledger import Ledger, Node

_CREATIVE_COMMONS = {
    "attribution_cc_by": "CC-BY-3.0",
    "attribution_sa": "CC-BY-SA-3.0",
    "attribution_nd": "CC-BY-ND-3.0",
    "attribution_nc": "CC-BY-NC-3.0",
    "attribution_nc_sa": "CC-BY-NC-SA-3.0",
    "attribution_nc_nd": "CC-BY-NC-ND-3.0",
}
# A dedication older than CC0, and not the same: it has no text for other countries.
DEDICATION = "https://creativecommons.org/licenses/publicdomain/"
_PMID = re.compile(r"(?:PMID\s*:?\s*)?(\d{1,9})", re.IGNORECASE)
_DATE = re.compile(r"(?:(\d{1,2})/)?(?:(\d{1,2})/)?(\d{4})")
_FIRST_YEAR = 1830  # no earlier picture can be
_YEAR = re.compile(r"\b(1[89]\d\d|20[0-4]\d)\b")
_DOUBLED = re.compile(r"(\.\s*CIL\.\s*Dataset)(?:\1)+", re.IGNORECASE)
_CITED_YEAR = re.compile(r"\((\d{4})\)\s*(?:CIL|CCDB)[:_ ]")


class Attribution(NamedTuple):
    """Everything of a document that is about people, papers and pages."""

    contributors: tuple[Contributor, ...] = ()
    publications: tuple[Publication, ...] = ()
    links: tuple[Link, ...] = ()
    numbers: tuple[str, ...] = ()
    imaged: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


def attribution(node: Node, ledger: Ledger) -> Attribution:
    """Return who and what the part ``ATTRIBUTION`` of a document names."""
    named = _credits(node, ledger)
    publications = [*_published(node, ledger), *_pubmed(node, ledger)]
    imaged, dates = _imaged(node, ledger)
    extra = [*named.extra, *dates]
    for line in node.get("OTHER").each():
        if line.text:
            extra.append(("other attribution", one_line(line.text)))
            _note_text(line, one_line(line.text), ledger=ledger)
    return named._replace(
        publications=tuple(publications),
        links=tuple(_links(node, ledger)),
        imaged=imaged,
        extra=tuple(extra),
    )


def licence(node: Node, ledger: Ledger) -> Licence | None:
    """Return the licence that a code stands for; other words are kept as they are."""
    code = node.get("free_text")
    if not code.text:
        return None
    ledger.mapped(code)
    if spdx := _CREATIVE_COMMONS.get(code.text):
        return Licence(spdx=spdx, raw=code.text, version_assumed=True)
    url = DEDICATION if code.text == "public_domain" else None
    return Licence(raw=code.text, url=url)


def identifiers(node: Node, others: tuple[str, ...], ledger: Ledger) -> Identifiers:
    """Return the identifiers of the part ``Citation`` of a document."""
    doi, ark = node.get("DOI"), node.get("ARK")
    bare = re.sub(r"^(?:doi:|https?://(?:dx\.)?doi\.org/)", "", doi.text, flags=re.I)
    found: dict[str, str] = {}
    if re.fullmatch(r"10\.\d{4,9}/\S+", bare):
        found["doi"] = bare
        ledger.cleaned(doi, "without its prefix")
    elif doi.text:
        ledger.refused(doi, "it is no DOI")
    if re.fullmatch(r"ark:/\S+", ark.text):
        found["ark"] = ark.text
        ledger.mapped(ark)
    elif ark.text:
        ledger.refused(ark, "it is no ARK")
    return Identifiers(**found, other=others)


def citation(node: Node, ledger: Ledger) -> str | None:
    """Return the archive's own citation, once where it says its end twice."""
    title = node.get("Title")
    if not title.text:
        return None
    once = _DOUBLED.sub(r"\1", title.text)
    text = one_line(once)
    if once != title.text:
        ledger.cleaned(title, "its end came twice")
    else:
        _note_text(title, text, ledger=ledger)
    return text or None


def dates(document: Node, imaged: str | None, ledger: Ledger) -> Dates:
    """Return when an image was made, published and changed."""
    status = document.get("Status")
    published = _day(status.get("Publish_time"), ledger)
    if published is None:
        cited = _CITED_YEAR.search(document.at("Citation", "Title").text)
        published = cited[1] if cited else None
    modified = _day(status.get("Last_modified"), ledger)
    return Dates(imaged=imaged, published=published, modified=modified)


def _credits(node: Node, ledger: Ledger) -> Attribution:
    people: list[Contributor] = []
    prizes: list[tuple[str, str]] = []
    numbers: list[str] = []
    for line in node.get("Contributors").each():
        if not line.text:
            continue
        found = read_credits(line.text)
        people += (person for person in found.people if person not in people)
        prizes += [("competition", prize) for prize in found.prizes]
        numbers += found.numbers
        if any(found):
            _note_text(
                line,
                *(person.raw or person.name for person in found.people),
                *found.prizes,
                *found.numbers,
                ledger=ledger,
            )
        else:
            ledger.refused(line, "it names nobody")
    return Attribution(
        contributors=tuple(people), numbers=tuple(numbers), extra=tuple(prizes)
    )


def _published(node: Node, ledger: Ledger) -> list[Publication]:
    found = []
    for line in node.get("PUBLISHED").each():
        text = one_line(line.text)
        if text:
            years = set(_YEAR.findall(text))
            year = int(years.pop()) if len(years) == 1 else None
            found.append(Publication(citation=text, year=year))
            _note_text(line, text, ledger=ledger)
    return found


def _pubmed(node: Node, ledger: Ledger) -> list[Publication]:
    found = []
    for line in node.get("PUBMED").each():
        match = _PMID.fullmatch(line.text)
        if match:
            found.append(Publication(pmid=match[1]))
            _note_text(line, match[1], ledger=ledger)
        elif line.text:
            ledger.refused(line, "it is no number of PubMed")
    return found


def _links(node: Node, ledger: Ledger) -> list[Link]:
    found = []
    for item in node.get("URLs").each():
        href, label = item.get("Href"), item.get("Label")
        url = address(href.text)
        if url is None:
            for leaf in item.leaves():
                ledger.refused(leaf, "it leads to no page")
            continue
        words = one_line(label.text)
        found.append(Link(url=url, label=words or None))
        _note_text(href, url, ledger=ledger)
        if label.text:
            _note_text(label, words, ledger=ledger)
    return found


def _imaged(node: Node, ledger: Ledger) -> tuple[str | None, list[tuple[str, str]]]:
    """Return the first date, as far as it is known, and all others as they are."""
    imaged: str | None = None
    others: list[tuple[str, str]] = []
    for line in node.get("DATE").each():
        date = _partial_date(line.text)
        if date is None:
            if line.text:
                ledger.refused(line, "it is no date, or one before photography")
        elif imaged is None:
            imaged = date
            ledger.cleaned(line, "year first; what is unknown left out")
        else:
            others.append(("date", line.text))
            ledger.mapped(line)
    return imaged, others


def _partial_date(text: str) -> str | None:
    match = _DATE.fullmatch(text)
    if match is None or int(match[3]) < _FIRST_YEAR:
        return None
    month, day, year = int(match[1] or 0), int(match[2] or 0), match[3]
    if not 1 <= month <= 12:
        return year if month == 0 else None
    if day == 0:
        return f"{year}-{month:02}"
    try:
        return datetime(int(year), month, day, tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


def _day(node: Node, ledger: Ledger) -> str | None:
    seconds = node.number
    if seconds is None:
        return None
    try:
        day = datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        ledger.refused(node, "it is no time in seconds")
        return None
    ledger.cleaned(node, "a date in place of seconds")
    return day


def _note_text(node: Node, *texts: str, ledger: Ledger) -> None:
    if node.text in texts:
        ledger.mapped(node)
    else:
        ledger.cleaned(node, "repaired")
