"""What people write, made into values: lengths, articles, licences, persons, terms.

Each function returns the value, or raises ValueError with a reason that goes on after
the text itself, as in "'abc' is no length".
"""

from __future__ import annotations

import re
from datetime import date

from napari_cellib.deposit.draft import DraftFunding, DraftPerson
from napari_cellib.model import Licence, Medium, Publication, Term
from napari_cellib.ontology.curies import normalise_curie
from napari_cellib.pixels.units import unit_size

_AMOUNT = re.compile(r"([-+]?[\d.,]+(?:[eE][-+]?\d+)?)\s*([^\W\d_]*)")
_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.I)
_PMC = re.compile(r"(?:.*/)?(PMC\d{1,9})/?", re.I)
_PMID = re.compile(
    r"(?:pmid:?\s*|https?://pubmed\.ncbi\.nlm\.nih\.gov/)?(\d{1,9})/?", re.I
)
_IN_BRACKETS = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*$", re.DOTALL)
_ORCID = re.compile(
    r"(?:https?://)?(?:orcid\.org/|orcid:\s*)?(\d{4}-\S+|\d{15}[\dX])", re.I
)
_CREATIVE_COMMONS = re.compile(
    r"(?:.*creativecommons\.org/licenses/)?(?:creative commons )?(?:cc)?[ -]*"
    r"(by(?:-nc)?(?:-sa|-nd)?)[ /-]*(\d\.\d)?(?: international)?/?"
)
_CC0 = re.compile(r"cc[ -]?(?:0|zero)(?:[ -]1\.0)?|.*/publicdomain/zero/1\.0/?")
_NEWEST = "4.0"
_YES = {"yes", "y", "true", "1", "published"}
_NO = {"no", "n", "false", "0", "unpublished"}


def parse_number(text: str) -> float:
    """Return a number with a point or a comma before its decimals.

    Examples
    --------
    >>> parse_number("0,13"), parse_number("1,234.5")
    (0.13, 1234.5)
    """
    plain = text.replace(",", "") if "." in text else text.replace(",", ".", 1)
    try:
        return float(plain)
    except ValueError as error:
        raise ValueError(f"{text!r} is no number") from error


def parse_length(text: str) -> float:
    """Return a length in micrometers; a bare number is one.

    Examples
    --------
    >>> parse_length("130 nm"), parse_length("0,13")
    (0.13, 0.13)
    """
    return _parse_amount(text, "space", "length")


def parse_time(text: str) -> float:
    """Return a time in seconds; a bare number is one.

    Examples
    --------
    >>> parse_time("2 min")
    120.0
    """
    return _parse_amount(text, "time", "time")


def _parse_amount(text: str, kind: str, word: str) -> float:
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no {word}")
    number, unit = parse_number(match[1]), match[2]
    size = 1.0
    if unit:
        found = unit_size(unit, "space" if kind == "space" else "time")
        if found is None:
            raise ValueError(f"{unit!r} is no unit of {word}")
        size = found
    if number <= 0:
        raise ValueError(f"{text!r} is no {word}, which must be above zero")
    return float(f"{number * size:.12g}")


def parse_date(text: str) -> date:
    """Return a whole day, written as in ``2026-05-31``."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is no day of the form YYYY-MM-DD") from error


def parse_yes_or_no(text: str) -> bool:
    """Return what a person said to a question."""
    word = text.strip().lower()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError(f"{text!r} is neither 'yes' nor 'no'")


def parse_medium(text: str) -> Medium:
    """Return what an image was on before somebody scanned it.

    Examples
    --------
    >>> parse_medium("16 mm film") is parse_medium("16mm-film") is Medium.FILM_16MM
    True
    """
    known = {_letters(medium.value): medium for medium in Medium}
    found = known.get(_letters(text))
    if found is None:
        words = ", ".join(medium.label for medium in Medium)
        raise ValueError(f"{text!r} is none of these: {words}")
    return found


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def parse_article(text: str) -> Publication:
    """Return the article that a DOI, a PubMed id or the address of either names.

    Examples
    --------
    >>> parse_article("https://doi.org/10.1000/xyz123").doi
    '10.1000/xyz123'
    >>> parse_article("PMID: 12345678").pmid
    '12345678'
    """
    text = text.strip()
    if match := _DOI.fullmatch(text):
        return Publication(doi=match[1])
    if match := _PMC.fullmatch(text):
        return Publication(pmcid=match[1].upper())
    if match := _PMID.fullmatch(text):
        return Publication(pmid=match[1])
    raise ValueError(f"{text!r} is neither a DOI nor a PubMed id")


def parse_licence(text: str) -> Licence:
    """Return the licence that words stand for; words that are not known stay words.

    Examples
    --------
    >>> parse_licence("CC BY-NC 4.0").spdx, parse_licence("cc0").spdx
    ('CC-BY-NC-4.0', 'CC0-1.0')
    >>> parse_licence("ask me first").raw
    'ask me first'
    """
    words = " ".join(text.split())
    key = words.lower().replace("_", "-")
    if _CC0.fullmatch(key):
        return Licence(spdx="CC0-1.0")
    if match := _CREATIVE_COMMONS.fullmatch(key):
        spdx = f"CC-{match[1].upper()}-{match[2] or _NEWEST}"
        return Licence(spdx=spdx, version_assumed=match[2] is None)
    return Licence(raw=words)


def parse_person(text: str) -> DraftPerson:
    """Return a person by a name, with an ORCID iD or an affiliation in brackets.

    Examples
    --------
    >>> parse_person("Doe, Jane (0000-0002-1825-0097)").orcid
    '0000-0002-1825-0097'
    """
    inside: dict[str, str] = {}
    while match := _IN_BRACKETS.match(text):
        text, inner = match[1], match[2].strip()
        orcid = _ORCID.fullmatch(inner)
        inside["orcid" if orcid else "affiliation"] = orcid[1] if orcid else inner
    return DraftPerson(name=text.strip(), **inside)


def parse_funding(text: str) -> DraftFunding:
    """Return a funder, with the number of the grant in brackets.

    Examples
    --------
    >>> parse_funding("NIH (R01 GM123)").award
    'R01 GM123'
    """
    match = _IN_BRACKETS.match(text)
    if match is None:
        return DraftFunding(funder=text.strip())
    return DraftFunding(funder=match[1], award=match[2].strip())


def parse_term(text: str) -> Term:
    """Return a term by its words, its identifier, or both.

    Examples
    --------
    >>> parse_term("HeLa (CVCL_0030)").id
    'CVCL_0030'
    >>> parse_term("wing disc").is_free_text
    True
    """
    text = " ".join(text.split())
    if curie := normalise_curie(text):
        return Term(id=curie)
    if (match := _IN_BRACKETS.match(text)) and (curie := normalise_curie(match[2])):
        return Term(id=curie, text=match[1]) if match[1] else Term(id=curie)
    return Term(text=text)
