"""A file CITATION.cff, version 1.2.0 of the Citation File Format."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from napari_cellib.citing.parts import (
    ORCID,
    address_of,
    name_of,
    published,
)

if TYPE_CHECKING:
    from napari_cellib.model import Contributor, ImageRecord, Publication

_WHOLE_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PMCID = re.compile(r"PMC\d{7}")  # the format knows no others, older or newer
_WEB = ("https://", "http://")


def citation_cff(record: ImageRecord, library_name: str) -> str:
    """Return an image as the text of a CITATION.cff, to lie beside its files.

    Parameters
    ----------
    record : ImageRecord
        The image.
    library_name : str
        Full name of the library that holds it.

    Returns
    -------
    str
        YAML.
    """
    date, address = published(record), address_of(record)
    licence, doi = record.licence, record.identifiers.doi
    authors = [_author(c) for c in record.contributors]
    found: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this image, please cite it as below.",
        "type": "dataset",
        "title": record.title,
        "authors": authors or [{"name": record.attribution or library_name}],
        "abstract": record.description,
        "doi": doi,
        "url": address if address and address.startswith(_WEB) else None,
        "identifiers": [
            {
                "type": "other",
                "value": record.cited_as,
                "description": f"Number in {library_name}",
            }
        ],
        "date-released": date if date and _WHOLE_DATE.fullmatch(date) else None,
        "license": licence.spdx if licence else None,
        "license-url": licence.link if licence and not licence.spdx else None,
        "keywords": sorted({note.term.name for note in _standing(record)}),
        "references": [_article(article) for article in record.publications],
    }
    import yaml  # not needed by anybody else

    kept = {key: value for key, value in found.items() if value}
    text: str = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=88)
    return text.rstrip("\n")


def _standing(record: ImageRecord) -> list[Any]:
    return [n for n in record.standing_annotations if n.qualifier != "absent"]


def _author(contributor: Contributor) -> dict[str, str]:
    family, given = name_of(contributor)
    orcid = contributor.orcid and ORCID + contributor.orcid
    if not given:  # a group, or a name that nobody can take apart
        return {"name": family} | ({"orcid": orcid} if orcid else {})
    found = {"family-names": family, "given-names": given}
    if contributor.affiliation:
        found["affiliation"] = contributor.affiliation
    return found | ({"orcid": orcid} if orcid else {})


def _article(article: Publication) -> dict[str, Any]:
    # The format wants a title and authors; sources give both in one text, if at all.
    found: dict[str, Any] = {
        "type": "article",
        "title": article.citation
        or f"Article {article.doi or article.pmid or article.pmcid}",
        "authors": [{"name": "See the article"}],
    }
    if article.doi:
        found["doi"] = article.doi
    if article.pmcid and _PMCID.fullmatch(article.pmcid):
        found["pmcid"] = article.pmcid
    elif article.pmid:
        found["url"] = article.link
    if article.year:
        found["year"] = article.year
    return found
