"""How to cite an image: text, BibTeX and RIS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_cellib.model.address import Address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.model.record import ImageRecord

_BIBTEX_SPECIAL = re.compile(r"([&%$#_{}])")
_VERBATIM = ("doi", "url")


def citation_text(record: ImageRecord, library_name: str) -> str:
    """Return the citation in words; the source's own one where it gives one.

    Parameters
    ----------
    record : ImageRecord
        The image to cite.
    library_name : str
        Full name of the library that holds it.

    Returns
    -------
    str
        One line that ends with a full stop.
    """
    if record.citation:
        return record.citation
    authors = "; ".join(contributor.name for contributor in record.contributors)
    year = _year(record)
    head = f"{authors or record.attribution or library_name} ({year or 'n.d.'})."
    where = f"{library_name}, {record.cited_as}."
    title = record.title.rstrip(".")
    return " ".join([head, f"{title} [image].", where, *_locator(record)])


def bibtex(record: ImageRecord, library_name: str) -> str:
    """Return a BibTeX entry; the key is the accession without punctuation."""
    authors = " and ".join(c.name for c in record.contributors)
    fields = {
        "author": authors or record.attribution,
        "title": record.title,
        "year": _year(record),
        "publisher": library_name,
        "doi": record.identifiers.doi,
        "url": record.landing_page or _address(record),
        "note": f"{record.cited_as}; licence: {_licence(record)}",
    }
    lines = [
        f"  {name:<9} = {{{value if name in _VERBATIM else _escape(value)}}},"
        for name, value in fields.items()
        if value
    ]
    key = re.sub(r"[^A-Za-z0-9]", "", record.cited_as)
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def ris(record: ImageRecord, library_name: str) -> str:
    """Return a RIS entry of the type DATA, for reference managers."""
    tags: list[tuple[str, str | None]] = [
        ("TY", "DATA"),
        *(("AU", contributor.name) for contributor in record.contributors),
        ("TI", record.title),
        ("PY", _year(record)),
        ("PB", library_name),
        ("AN", record.cited_as),
        ("DO", record.identifiers.doi),
        ("UR", record.landing_page or _address(record)),
        ("N1", f"Licence: {_licence(record)}"),
        ("ER", ""),
    ]
    return "\n".join(_ris_lines(tags))


def _escape(text: str) -> str:
    return _BIBTEX_SPECIAL.sub(r"\\\1", text.replace("\\", "/"))


def _ris_lines(tags: Iterable[tuple[str, str | None]]) -> Iterable[str]:
    for tag, value in tags:
        if value is not None:
            # A line break would end the tag and let a title forge the next one.
            yield f"{tag}  - {' '.join(value.split())}"


def _year(record: ImageRecord) -> str | None:
    dates = record.dates
    date = dates.published or dates.deposited or dates.imaged
    return date[:4] if date else None


def _licence(record: ImageRecord) -> str:
    return record.licence.name if record.licence else "not stated"


def _address(record: ImageRecord) -> str | None:
    if record.library is None:
        return None
    return str(Address(library=record.library, record=record.id))


def _locator(record: ImageRecord) -> list[str]:
    if record.identifiers.doi:
        return [f"https://doi.org/{record.identifiers.doi}"]
    address = record.landing_page or _address(record)
    return [address] if address else []
