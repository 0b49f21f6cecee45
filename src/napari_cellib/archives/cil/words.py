"""Texts as they were meant: characters repaired, markup taken away."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

from napari_cellib.model import Link

# UTF-8 that was once read as Latin-1 or Windows-1252: a letter for the first byte,
# then a sign for each of the others.
_BROKEN = re.compile(
    "[\u00c2-\u00f4]["
    "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a"
    "\u20ac\u2122]{1,3}"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,8}\d{0,2});")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff]")
_TAG = re.compile(
    # What gives nothing back: else a "<" before many blanks takes ages.
    r"<\s*+(/?)\s*+(a|b|i|u|p|br|div|em|font|hr|img|li|ol|span|strong|sub|sup|table|tbody"
    r"|td|th|thead|tr|ul)\b([^<>]*)>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"""(?:href|src)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_LINK = re.compile(r"(?:https?|ftp)://[^\s<>\"]+")
_BARE_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,6}(?:/[^\s<>\"]*)?", re.IGNORECASE)
_BREAKS = {"br", "p", "tr", "li", "div", "hr", "table"}
_CELLS = {"td", "th"}
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\u201d]*\s+(?=[A-Z0-9\"'(])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Za-z]|\b(?:[Ff]igs?|[Nn]o|[Dd]r|al|vs|approx|spp?|cf|ca|var|e\.g|i\.e))\.$"
)
_LONGEST_TITLE = 110
_LOOKED_AT = 5_000  # letters, blanks included, among which a sentence is looked for


def repaired(text: str) -> str:
    """Return `text` with entities resolved and broken characters whole again.

    Examples
    --------
    >>> repaired("Antonio Guill&#233;n")
    'Antonio Guillén'
    """
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    text = _BROKEN.sub(_whole_again, text)
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))


def one_line(text: str) -> str:
    """Return a repaired text with single blanks.

    Examples
    --------
    >>> one_line(" 2011  Olympus BioScapes ")
    '2011 Olympus BioScapes'
    """
    return " ".join(repaired(text).split())


class Plain(NamedTuple):
    """A text without markup, and the addresses that stood in the markup."""

    text: str
    links: tuple[Link, ...]


def plain(text: str) -> Plain:
    """Return a text of several lines without markup.

    Rows of a table become lines and its cells are parted by tabs. A ``<`` that
    begins no known tag, as in "p < 0.05", stays.
    """
    links = tuple(
        Link(url=address[1])
        for tag in _TAG.finditer(text)
        if (address := _ADDRESS.search(tag[3])) and _LINK.fullmatch(address[1])
    )
    if _TAG.search(text):
        text = _TAG.sub(_space_for, text)
    lines = (" ".join(line.split(" ")).strip() for line in repaired(text).splitlines())
    joined = re.sub(
        r"\n{3,}", "\n\n", "\n".join(re.sub(" {2,}", " ", x) for x in lines)
    )
    return Plain(joined.strip(), links)


def address(text: str) -> str | None:
    """Return the address of a page that `text` means, or None if it means none.

    Examples
    --------
    >>> address(" www.nanotomy.org")
    'http://www.nanotomy.org'
    >>> address("Human Protein Atlas")
    """
    text = repaired(text).strip()
    if _LINK.fullmatch(text):
        return text
    return f"http://{text}" if _BARE_HOST.fullmatch(text) else None


def title_of(description: str) -> str:
    """Return the first sentence of a description, cut where it is long.

    Examples
    --------
    >>> title_of("Zymogen granules of E. coli. Thin section.")
    'Zymogen granules of E. coli'
    """
    description = description[:_LOOKED_AT]
    ends = (
        match.start()
        for match in _SENTENCE_END.finditer(description)
        if match[0].startswith("\n")
        or not _ABBREVIATION.search(description[: match.start()])
    )
    sentence = " ".join(description[: next(ends, len(description))].split())
    if len(sentence) > _LONGEST_TITLE:
        cut = sentence[:_LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:-(")
        return f"{cut}\u2026"
    return sentence.rstrip(" .")


def _whole_again(match: re.Match[str]) -> str:
    for length in (4, 3, 2):
        piece = match[0][:length]
        if len(piece) == length:
            try:
                found = b"".join(map(_byte, piece)).decode("utf-8")
            except UnicodeError:
                continue
            return found + match[0][length:]
    return match[0]


def _byte(sign: str) -> bytes:
    return sign.encode("latin-1" if ord(sign) < 256 else "cp1252")


def _space_for(tag: re.Match[str]) -> str:
    name, closing = tag[2].lower(), bool(tag[1])
    if name in _CELLS:
        return "\t" if closing else ""
    return "\n" if name in _BREAKS else ""
