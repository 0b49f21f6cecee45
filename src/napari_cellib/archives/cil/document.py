"""One document of the Cell Image Library, made into a record; pure, no files."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from napari_cellib.archives.cil.attribution import (
    attribution,
    citation,
    dates,
    identifiers,
    licence,
)
from napari_cellib.archives.cil.ccdb import CcdbPart, ccdb_part
from napari_cellib.archives.cil.files import files, thumbnails
from napari_cellib.archives.cil.ledger import Entry, Ledger, Node
from napari_cellib.archives.cil.measures import measures
from napari_cellib.archives.cil.words import Plain, one_line, plain, title_of
from napari_cellib.errors import RecordInvalid
from napari_cellib.model import ImageRecord, Kind, Provenance, Status, TermField

if TYPE_CHECKING:
    from datetime import datetime

    from napari_cellib.archives.cil.annotations import TermReader
    from napari_cellib.model import Annotation, Link
    from napari_cellib.settings import CilAddresses

SOURCE = "The Cell Image Library"
# Raise the number when records come out otherwise: then all are made again.
ADAPTER = "cil 1"

_NUMBER = re.compile(r"(?:(CIL|CCDB)[_:]?\s*)?(\d{1,9})", re.IGNORECASE)
_DOI_NUMBER = re.compile(r"w9(cil|ccdb)(\d+)$", re.IGNORECASE)
_KINDS = {
    "Still_image": Kind.STILL,
    "Z_stack": Kind.Z_STACK,
    "Time_series": Kind.TIME_SERIES,
    "Video": Kind.VIDEO,
}
_LONGEST_EXTRA = 2000


class Mapped(NamedTuple):
    """A record, and what became of each value of its document."""

    record: ImageRecord
    entries: tuple[Entry, ...]


def record_id(name: str) -> str | None:
    """Return the id of the record that a file's name, or an index's id, means.

    Examples
    --------
    >>> record_id("37147"), record_id("CCDB_6843"), record_id("mapping")
    ('CIL:37147', 'CCDB:6843', None)
    """
    match = _NUMBER.fullmatch(name.strip())
    return f"{(match[1] or 'CIL').upper()}:{int(match[2])}" if match else None


def page_path(record_id: str) -> str:
    """Return where on the archive's site the page of an image is.

    Examples
    --------
    >>> page_path("CIL:37147"), page_path("CCDB:6843")
    ('images/37147', 'images/CCDB_6843')
    """
    prefix, _, number = record_id.partition(":")
    return f"images/{number if prefix == 'CIL' else f'{prefix}_{number}'}"


def sha256_of(raw: dict[str, Any]) -> str:
    """Return the checksum of a document, alike for each order and spacing.

    Half of a character, which JSON can spell, raises UnicodeEncodeError.
    """
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changed_at(raw: dict[str, Any] | None) -> float:
    """Return when a document was last changed or published, in seconds since 1970.

    The public dump leaves both times out, and the archive's service does not: 0 is
    older than anything.
    """
    document = Node(raw, "")
    inner = document.get("_source")
    status = (document if inner.value is None else inner).at("CIL_CCDB", "Status")
    times = (status.get(key).number for key in ("Last_modified", "Publish_time"))
    return max(filter(None, times), default=0.0)


def read_document(
    raw: Any,
    name: str,
    *,
    terms: TermReader,
    hosts: CilAddresses,
    fetched: datetime | None = None,
    sha256: str | None = None,
) -> Mapped:
    """Make a record of one document.

    Parameters
    ----------
    raw : object
        The document, alone or in the envelope in which a search engine sends it.
    name : str
        Name of its file without the ending; the number where the document has none.
    terms : TermReader
        Reads the term fields.
    hosts : CilAddresses
        Where pages and files are found.
    fetched : datetime, optional
        When the document was fetched.
    sha256 : str, optional
        Checksum of the document, where it is known already.

    Returns
    -------
    Mapped
        The record, with the document in it, and what became of each value.

    Raises
    ------
    RecordInvalid
        When it is no document of an image, or is two at once.
    """
    document, path = _opened(raw, name)
    try:
        sha256 = sha256 or sha256_of(raw)
    except UnicodeEncodeError as error:
        raise RecordInvalid(name, "it holds half of a character") from error
    found = record_id(str(raw.get("_id") or name))
    if found is None:
        raise RecordInvalid(name, "neither the file nor the document has a number")
    root = Node(document, path)
    _check_number(root, found, name)
    ledger = Ledger()
    leaves = tuple(Node(raw, "").leaves())
    try:
        fields = _fields(root, found, terms, hosts, ledger)
        fields["extra"] = (*fields["extra"], *_leftovers(root.path, leaves, ledger))
        record = ImageRecord(
            **fields,
            provenance=Provenance(
                source=SOURCE,
                url=fields["landing_page"],
                fetched=fetched,
                adapter=ADAPTER,
                sha256=sha256,
            ),
        )
    except ValueError as error:
        raise RecordInvalid(name, " ".join(str(error).split())[:300]) from error
    # Set afterwards: a model strips blanks off its texts, and this is the original.
    record = record.model_copy(update={"raw": raw})
    return Mapped(record, ledger.entries(leaves))


def _opened(raw: Any, name: str) -> tuple[dict[str, Any], str]:
    """Take a document out of its envelope."""
    if isinstance(raw, dict) and raw.get("found") is False:
        raise RecordInvalid(name, "the archive says that it is not public")
    inner, path = raw, "CIL_CCDB"
    if isinstance(inner, dict) and isinstance(inner.get("_source"), dict):
        inner, path = inner["_source"], "_source.CIL_CCDB"
    document = inner.get("CIL_CCDB") if isinstance(inner, dict) else None
    parts = document if isinstance(document, dict) else {}
    if not any(isinstance(parts.get(part), dict) for part in ("CIL", "CCDB")):
        raise RecordInvalid(name, "there is no image in it")
    return parts, path


def _check_number(root: Node, found: str, name: str) -> None:
    doi = _DOI_NUMBER.search(root.at("Citation", "DOI").text)
    if doi and f"{doi[1].upper()}:{int(doi[2])}" != found:
        own = f"{doi[1].upper()}:{int(doi[2])}"
        raise RecordInvalid(name, f"its file is that of {found}, its DOI that of {own}")


def _fields(
    root: Node, found: str, terms: TermReader, hosts: CilAddresses, ledger: Ledger
) -> dict[str, Any]:
    core, number = root.at("CIL", "CORE"), found.partition(":")[2]
    kinds = _kinds(root.get("Data_type"), ledger)
    people = attribution(core.get("ATTRIBUTION"), ledger)
    ccdb = ccdb_part(root.get("CCDB"), ledger)
    size = measures(core, stack=Kind.Z_STACK in kinds, ledger=ledger)
    annotations = (*terms.read(core, ledger), *ccdb.annotations)
    described = _described(core.get("IMAGEDESCRIPTION"), ledger)
    technical = _described(core.get("TECHNICALDETAILS"), ledger)
    description = described.text or ccdb.description or None
    own = root.get("CIL")
    video = Kind.VIDEO in kinds
    shown = tuple(thumbnails(number, hosts)) if found.startswith("CIL:") else ()
    group = core.get("GROUP_ID")
    if group.text:
        ledger.mapped(group)
    links: tuple[Link, ...] = (*people.links, *described.links, *technical.links)
    return {
        "id": found,
        "title": _title(found, description, ccdb, annotations),
        "description": description,
        "technical_details": technical.text or None,
        "kinds": kinds,
        "status": _status(root.get("Status"), ledger),
        "annotations": annotations,
        "contributors": people.contributors,
        "publications": people.publications,
        "links": tuple(dict.fromkeys(links)),
        "identifiers": identifiers(root.get("Citation"), people.numbers, ledger),
        "citation": citation(root.get("Citation"), ledger),
        "licence": licence(core.get("TERMSANDCONDITIONS"), ledger),
        "dates": dates(root, people.imaged, ledger),
        "group": group.text or None,
        "dimensions": size.dimensions or ccdb.dimensions,
        "representations": (
            *files(own, number, video=video, hosts=hosts, ledger=ledger),
            *ccdb.representations,
            *shown,
        ),
        "landing_page": f"{hosts.site}/{page_path(found)}",
        "extra": (*people.extra, *size.extra),
    }


def _described(node: Node, ledger: Ledger) -> Plain:
    """Return all texts below a node, without markup."""
    texts: list[str] = []
    links: list[Link] = []
    for leaf in node.leaves():
        text = plain(leaf.text)
        texts.append(text.text)
        links += text.links
        if text.text == leaf.text:
            ledger.mapped(leaf)
        else:
            ledger.cleaned(leaf, "markup and spare blanks taken away")
    return Plain("\n\n".join(filter(None, texts)), tuple(links))


def _kinds(node: Node, ledger: Ledger) -> tuple[Kind, ...]:
    for key, leaf in node.fields():
        if key in _KINDS and isinstance(leaf.value, bool):
            ledger.mapped(leaf)
    return tuple(kind for key, kind in _KINDS.items() if node.get(key).value is True)


def _status(node: Node, ledger: Ledger) -> Status:
    deleted, public = node.get("Deleted"), node.get("Is_public")
    for leaf in (deleted, public):
        if isinstance(leaf.value, bool):
            ledger.mapped(leaf)
    if deleted.value is True:
        return Status.WITHDRAWN
    return Status.DRAFT if public.value is False else Status.PUBLISHED


def _title(
    found: str,
    description: str | None,
    ccdb: CcdbPart,
    annotations: tuple[Annotation, ...],
) -> str:
    """Make a title, for these documents have none."""
    said = ccdb.title or (title_of(description) if description else "")
    if said:
        return said
    shown = (TermField.ORGANISM, TermField.CELL_TYPE)
    names = [note.term.name for note in annotations if note.field in shown]
    return ", ".join(dict.fromkeys(names)) or f"Image {found}"


def _leftovers(
    root: str, leaves: tuple[Node, ...], ledger: Ledger
) -> list[tuple[str, str]]:
    """Keep what no field holds as pairs of words, unless it is as long as a page."""
    extra = []
    for leaf in leaves:
        if ledger.knows(leaf) or not leaf.path.startswith(f"{root}."):
            continue
        if not (words := one_line(str(leaf.value))):
            continue
        if len(words) > _LONGEST_EXTRA:
            ledger.kept_raw(leaf, "too long to be kept as a pair of words")
            continue
        name = leaf.path.removeprefix(f"{root}.")
        name = re.sub(r"^CIL\.(?:CORE\.)?", "", name)
        extra.append((re.sub(r"\[\d+\]|\.free_text$", "", name), words))
        if words == leaf.text:
            ledger.mapped(leaf)
        else:
            ledger.cleaned(leaf, "repaired")
    return extra
