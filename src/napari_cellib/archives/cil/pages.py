"""The public pages of the Cell Image Library: what is read from them without a key.

A page describes its image for search engines, in blocks of schema.org: who made it,
what it shows, its licence and its file. It names no terms, sizes or groups, so that
such a record is poorer than that of a document and never takes its place.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from napari_cellib.archives.cil.attribution import DEDICATION
from napari_cellib.archives.cil.document import (
    SOURCE,
    Mapped,
    page_path,
    record_id,
    sha256_of,
)
from napari_cellib.archives.cil.files import file_at, thumbnails
from napari_cellib.archives.cil.ledger import Ledger, Node
from napari_cellib.archives.cil.people import read_credits
from napari_cellib.archives.cil.words import one_line, plain, title_of
from napari_cellib.errors import RecordInvalid
from napari_cellib.model import (
    Annotation,
    Contributor,
    Dates,
    Identifiers,
    ImageRecord,
    Licence,
    Provenance,
    Representation,
    Term,
    TermField,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from napari_cellib.settings import CilAddresses

# Raise the number when records come out otherwise: then all are made again.
ADAPTER = "cil page 1"

_PAGE = re.compile(r"/images/((?:CCDB_)?\d{1,9})/?(?:[?#]|$)")
_ACCESSION = re.compile(r"(?:\b|/W9)(CIL|CCDB)[:_ ]{0,2}(\d{1,9})\b", re.IGNORECASE)
_CITED = re.compile(
    r"(?:(?P<people>.*?)\s*\((?P<year>\d{4})\)\s*)?(?:CIL|CCDB)[:_ ]\d+(?P<rest>.*)"
)
_END = re.compile(r"(?:\.\s*CIL\.\s*Dataset\.?\s*)+$", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.I)
_DATE = re.compile(
    r"(\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)(?:T|$)"
)
_LICENCE = re.compile(
    r"https?://creativecommons\.org/licenses/(by(?:-nc)?(?:-sa|-nd)?)/(\d\.\d)(?:/|$)"
)
_ADDRESS = ("contentUrl", "url", "@id")


def find_path(words: str) -> str:
    """Return what asks the site for images; the first ten are on the page.

    Examples
    --------
    >>> find_path("Caulobacter & more")
    'images?k=Caulobacter+%26+more&simple_search=Search'
    """
    return f"images?{urlencode({'k': words, 'simple_search': 'Search'})}"


def read_found(page: str) -> tuple[str, ...]:
    """Return the ids of the images to which a page of the site leads."""
    names = (_PAGE.search(link) for link in _parsed(page).links)
    ids = (record_id(match[1]) for match in names if match)
    return tuple(dict.fromkeys(one for one in ids if one))


def read_page(
    page: str, wanted: str, *, hosts: CilAddresses, fetched: datetime | None = None
) -> Mapped:
    """Make a record of what the page of an image says.

    Parameters
    ----------
    page : str
        The page, in HTML.
    wanted : str
        Id of the record that it should be about.
    hosts : CilAddresses
        Where pages and files are found.
    fetched : datetime.datetime, optional
        When the page was fetched.

    Returns
    -------
    Mapped
        The record, with the blocks of schema.org in it, and what became of each value.

    Raises
    ------
    RecordInvalid
        When the page describes no image of that id.
    """
    blocks = [block for block in _datasets(page) if wanted in _accessions(block)]
    if not blocks:
        raise RecordInvalid(wanted, "its page does not describe it for programs")
    raw = {"datasets": blocks}
    try:
        sha256 = sha256_of(raw)
    except UnicodeEncodeError as error:
        raise RecordInvalid(wanted, "it holds half of a character") from error
    reading = _Reading(raw, Ledger())
    address = f"{hosts.site}/{page_path(wanted)}"
    try:
        record = ImageRecord(
            **reading.fields(wanted, hosts),
            landing_page=address,
            provenance=Provenance(
                source=SOURCE,
                url=address,
                fetched=fetched,
                adapter=ADAPTER,
                sha256=sha256,
            ),
        )
    except ValueError as error:
        raise RecordInvalid(wanted, " ".join(str(error).split())[:300]) from error
    # Set afterwards: a model strips blanks off its texts, and this is the original.
    record = record.model_copy(update={"raw": raw})
    return Mapped(record, reading.ledger.entries(Node(raw, "").leaves()))


def is_of_page(record: ImageRecord) -> bool:
    """Say whether a record was made of a page, and holds less than others do."""
    came = record.provenance
    return came is not None and (came.adapter or "").startswith("cil page ")


class _Reading:
    """What is made of the blocks of one page, joined."""

    def __init__(self, raw: dict[str, Any], ledger: Ledger) -> None:
        self.ledger = ledger
        self._blocks = list(Node(raw, "").get("datasets").each())

    def fields(self, wanted: str, hosts: CilAddresses) -> dict[str, Any]:
        cited = self._citation()
        description = self._description()
        title = title_of(description) if description else ""
        shown = zip((TermField.ORGANISM, TermField.CELL_TYPE), cited.shown, strict=True)
        return {
            "id": wanted,
            "title": title or ", ".join(filter(None, cited.shown)) or f"Image {wanted}",
            "description": description or None,
            "annotations": tuple(
                Annotation(field=field, term=Term(text=text), source_field="name")
                for field, text in shown
                if text
            ),
            "contributors": self._contributors() or cited.people,
            "identifiers": self._identifiers(),
            "citation": cited.text or None,
            "licence": self._licence(),
            "dates": Dates(published=self._published() or cited.year),
            "representations": tuple(self._files(wanted, hosts)),
        }

    def _each(self, *keys: str, within: tuple[str, ...] = ()) -> Iterator[Node]:
        """Yield the texts of some keys, or of the first of `within` in an object."""
        for block in self._blocks:
            for node in (one for key in keys for one in block.get(key).each()):
                leaves = (node, *(node.get(name) for name in within))
                if leaf := next((leaf for leaf in leaves if leaf.text), None):
                    yield leaf

    def _citation(self) -> _Cited:
        """Take the longest name; a shorter one is often a part of it."""
        names = list(self._each("name"))
        if not names:
            return _Cited()
        longest = max(names, key=lambda name: len(name.text))
        text = one_line(longest.text)
        body = _END.sub("", text)
        once = text if body == text else f"{body}. CIL. Dataset"
        for name in names:
            if name.text in once:
                self.ledger.mapped(name)
            elif name is longest:
                self.ledger.cleaned(name, "its end came twice")
        match = _CITED.fullmatch(body)
        if match is None:
            return _Cited(once)
        shown = [part.strip() for part in match["rest"].strip(" ,.").split(", ")]
        people = read_credits(match["people"]).people if match["people"] else ()
        pair = (shown[0], ", ".join(shown[1:]))
        return _Cited(once, people, match["year"], pair)

    def _description(self) -> str:
        texts: dict[str, None] = {}
        for leaf in self._each("description"):
            text = plain(leaf.text).text
            texts[text] = None
            if text == leaf.text:
                self.ledger.mapped(leaf)
            else:
                self.ledger.cleaned(leaf, "markup and spare blanks taken away")
        return "\n\n".join(filter(None, texts))

    def _contributors(self) -> tuple[Contributor, ...]:
        found: dict[str, Contributor] = {}
        for leaf in self._each("creator", "author", within=("name",)):
            for person in read_credits(leaf.text).people:
                found.setdefault(person.name, person)
                if leaf.text in {person.name, person.raw}:
                    self.ledger.mapped(leaf)
                else:
                    self.ledger.cleaned(leaf, "repaired")
        return tuple(found.values())

    def _identifiers(self) -> Identifiers:
        doi = None
        for leaf in self._each("identifier", within=("value", "@id")):
            if match := _DOI.fullmatch(leaf.text):
                doi = doi or match[1]
                if match[1] == doi:
                    self.ledger.cleaned(leaf, "without its prefix")
        return Identifiers(doi=doi)

    def _licence(self) -> Licence | None:
        leaf = next(self._each("license", within=_ADDRESS), None)
        if leaf is None:
            return None
        self.ledger.mapped(leaf)
        if match := _LICENCE.match(leaf.text):
            return Licence(spdx=f"CC-{match[1].upper()}-{match[2]}", raw=leaf.text)
        dedicated = "publicdomain" in leaf.text.replace("_", "").lower()
        return Licence(raw=leaf.text, url=DEDICATION if dedicated else None)

    def _published(self) -> str | None:
        leaf = next(self._each("datePublished"), None)
        match = _DATE.match(leaf.text) if leaf else None
        if leaf is None or match is None:
            return None
        if match[1] == leaf.text:
            self.ledger.mapped(leaf)
        else:
            self.ledger.cleaned(leaf, "only its date")
        return match[1]

    def _files(self, wanted: str, hosts: CilAddresses) -> Iterator[Representation]:
        for leaf in self._each("distribution", within=_ADDRESS):
            found = file_at(leaf.text, hosts)
            if found is None:
                self.ledger.refused(leaf, "it is no address of a file")
                continue
            if found.url == leaf.text:
                self.ledger.mapped(leaf)
            else:
                self.ledger.cleaned(leaf, "the server has moved the file")
            yield found
        prefix, _, number = wanted.partition(":")
        known = list(thumbnails(number, hosts)) if prefix == "CIL" else []
        for leaf in self._each("image", within=("url", "contentUrl")):
            if leaf.text in {one.url for one in known}:
                self.ledger.mapped(leaf)
            elif found := file_at(leaf.text, hosts):
                self.ledger.mapped(leaf)
                known.append(found.model_copy(update={"role": "thumbnail"}))
        yield from known


class _Cited(NamedTuple):
    """What the citation of an image says."""

    text: str = ""
    people: tuple[Contributor, ...] = ()
    year: str | None = None
    shown: tuple[str, str] = ("", "")  # organism, then cell type


class _Page(HTMLParser):
    """Collects the links of a page, and its blocks for programs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.blocks: list[str] = []
        self._is_block = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and (link := found.get("href")):
            self.links.append(link.strip())
        kind = (found.get("type") or "").strip().lower()
        self._is_block = tag == "script" and kind == "application/ld+json"
        if self._is_block:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if self._is_block:
            self.blocks[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._is_block = self._is_block and tag != "script"


def _parsed(page: str) -> _Page:
    parser = _Page()
    parser.feed(page)
    parser.close()
    return parser


def _datasets(page: str) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a page that describe data; others are passed over."""
    for text in _parsed(page).blocks:
        try:
            # Not strict: line ends within its texts are common on such pages.
            found = json.loads(text, strict=False, parse_constant=str)
        except (ValueError, RecursionError):
            continue
        graph = found.get("@graph") if isinstance(found, dict) else None
        for block in Node(found if graph is None else graph, "").each():
            kinds = {kind.text for kind in block.get("@type").each()}
            if isinstance(block.value, dict) and "Dataset" in kinds:
                yield block.value


def _accessions(block: dict[str, Any]) -> set[str]:
    """Return the ids of the records that a block calls its own."""
    node = Node(block, "")
    leaves = (leaf for key in ("name", "identifier") for leaf in node.get(key).leaves())
    found = {
        f"{match[1].upper()}:{int(match[2])}"
        for leaf in leaves
        for match in _ACCESSION.finditer(leaf.text)
    }
    if not found and (match := _PAGE.search(node.get("url").text)):
        found = {record_id(match[1]) or ""}
    return found
