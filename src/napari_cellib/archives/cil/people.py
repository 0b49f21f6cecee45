"""Who made an image, read from lines that hold names, places, roles and prizes."""

from __future__ import annotations

import re
from typing import NamedTuple

from napari_cellib.archives.cil.words import one_line
from napari_cellib.model import Contributor, CreditRole

_ROLES = {
    "imaging": CreditRole.INVESTIGATION,
    "image acquisition": CreditRole.INVESTIGATION,
    "specimen prep": CreditRole.INVESTIGATION,
    "specimen preparation": CreditRole.INVESTIGATION,
    "sample preparation": CreditRole.INVESTIGATION,
    "analysis": CreditRole.FORMAL_ANALYSIS,
    "image processing": CreditRole.VISUALIZATION,
    "visualization": CreditRole.VISUALIZATION,
    "segmentation": CreditRole.FORMAL_ANALYSIS,
    "software": CreditRole.SOFTWARE,
}
_BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*$")
_PRIZE = re.compile(r"\bbioscapes\b|\bcompetition\b|\bcontest\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:CCDB|CIL)[ :_]?\d+", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:universit|institut|college|school|hospital|laborator|cent(?:er|re)\b"
    r"|department|facility|academy|museum|foundation|photonics|gatan|inc\b|gmbh|ltd"
    r"|clinic|council|society|company)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d)\.?", re.IGNORECASE)


class Credits(NamedTuple):
    """What a line of credits names."""

    people: tuple[Contributor, ...] = ()
    prizes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def read_credits(line: str) -> Credits:
    """Return the people, prizes and numbers of other records that a line names.

    Parameters
    ----------
    line : str
        For example ``"Buchanan, JoAnn (Stanford) (specimen prep)"``; several
        people may be parted by semicolons.

    Returns
    -------
    Credits
        Each contributor keeps the whole line where it differs from the name.

    Examples
    --------
    >>> (person,) = read_credits("Buchanan, JoAnn (Stanford) (specimen prep)").people
    >>> person.name, person.affiliation, person.roles[0].value
    ('Buchanan, JoAnn', 'Stanford', 'investigation')
    """
    text = one_line(line)
    if _PRIZE.search(text):
        return Credits(prizes=(text,))
    if _NUMBERED.fullmatch(text):
        return Credits(numbers=(text,))
    raw = line.strip()
    people = (_person(name, raw) for name in _names(text))
    return Credits(people=tuple(person for person in people if person))


def _names(text: str) -> list[str]:
    parts = re.split(r"\s*;\s*|\s+&\s+", text)
    return [name for part in parts for name in _listed(part) if name]


def _listed(text: str) -> list[str]:
    """Part "Ann Day, Bob Fox", which is a list, but not "Day, Ann"."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    several = len(parts) > 1 and all(" " in part for part in parts)
    if several and "(" not in text and not _PLACE.search(text):
        return parts
    return [text]


def _person(text: str, raw: str) -> Contributor | None:
    roles: list[CreditRole] = []
    affiliation: str | None = None
    while match := _BRACKETS.search(text):
        inner = match[1].strip()
        text = text[: match.start()]
        if role := _ROLES.get(inner.lower()):
            roles.insert(0, role)
        elif inner:
            affiliation = inner if affiliation is None else f"{inner}, {affiliation}"
    name, place = _parted(re.sub(r"(?<=[A-Za-z])\d+$", "", text).strip(" ,"))
    if not re.search(r"[^\W\d_]", name):
        return None
    return Contributor(
        name=name,
        raw=None if raw == name else raw,
        affiliation=affiliation or place,
        roles=tuple(dict.fromkeys(roles)),
    )


def _parted(name: str) -> tuple[str, str | None]:
    """Part a name from the institution that follows it after a comma."""
    first, comma, rest = name.partition(",")
    rest = rest.strip()
    if comma and " " in first and not _SUFFIX.fullmatch(rest) and _PLACE.search(rest):
        return first.strip(), rest
    return name, None
