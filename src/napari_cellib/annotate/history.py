"""What was said when and by whom, in words; and where what was said does not agree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from napari_cellib.annotate.naming import region_in_words, region_title
from napari_cellib.model import TermField
from napari_cellib.model.statement import Annotation, Region, Remark

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from napari_cellib.model import Term
    from napari_cellib.model.statement import Statement, Statements

_LONGEST = 60  # letters of a remark in a line
_SAYS = {"present": "is there", "absent": "is not there", "uncertain": "may be there"}
_SOURCES = {
    "source": "the source",
    "depositor": "the depositor",
    "curator": "a curator",
    "lookup": "a program",
    "machine": "a program",
}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history.

    Attributes
    ----------
    statement : Statement
        What was said.
    who, when, what : str
        In words; `when` is empty where nobody knows.
    """

    statement: Statement
    who: str
    when: str
    what: str

    @property
    def words(self) -> str:
        """The whole line."""
        return ", ".join(filter(None, (self.when, self.who))) + f": {self.what}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What does not agree, of which a person has to say what holds.

    Attributes
    ----------
    kind : {"changed", "moved", "contrary", "gone"}
        Two changed the same; two moved the same region; one says that something is
        there and one that it is not; somebody took away what another one speaks of.
    statements : tuple of Statement
        The statements, all of which are kept.
    words : str
        In a sentence.
    """

    kind: Literal["changed", "moved", "contrary", "gone"]
    statements: tuple[Statement, ...]
    words: str


def history_of(statements: Statements, what: str | TermField) -> tuple[Line, ...]:
    """Return all that was said of something, what was said first at the top.

    Parameters
    ----------
    statements : Statements
        All that was ever said of an image.
    what : str or TermField
        Key of a statement: it, what it took the place of, what took its place, and
        the remarks on these. Id of a region: where it was, and what was said of it.
        A field: all that was said in it.
    """
    if isinstance(what, TermField):
        found: list[Statement] = [
            one for one in statements.annotations if one.field is what
        ]
    elif any(region.id == what for region in statements.regions):
        found = [one for one in statements.all if region_of(one) == what]
    else:
        found = _chain(statements, what)
    return _lines(found, regions_by_id(statements))


def _chain(statements: Statements, key: str) -> list[Statement]:
    everything = {one.key: one for one in statements.all}
    later: defaultdict[str, list[str]] = defaultdict(list)
    for one_key, one in everything.items():
        if one.supersedes:
            later[one.supersedes].append(one_key)
        if isinstance(one, Remark) and one.about:
            later[one.about].append(one_key)
    # Back to where it began, and from there to all that came of it.
    first, seen = key, {key}
    while first in everything:
        before = everything[first].supersedes
        if before is None or before in seen or before not in everything:
            break
        first = before
        seen.add(first)
    found, waiting = dict.fromkeys((first,)), [first]
    while waiting:
        new = [one for one in later[waiting.pop()] if one not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return [everything[one] for one in found if one in everything]


def _lines(
    said: Iterable[Statement], regions: Mapping[str, Region]
) -> tuple[Line, ...]:
    ordered = sorted(said, key=_said_at)  # what was said at no known time comes first
    return tuple(
        Line(one, _who(one), _when(one), what_says(one, regions)) for one in ordered
    )


def _said_at(one: Statement) -> datetime:
    at = one.assertion.at
    if at is None:
        return _LONG_AGO
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def who_said(statement: Statement) -> str:
    """Return who said something, when, and what it rests on, in a sentence."""
    when, evidence = _when(statement), statement.assertion.evidence
    said = f"Said by {_who(statement)}" + (f" on {when}" if when else "")
    software = statement.assertion.software
    with_it = f", with {software}" if software and software != _who(statement) else ""
    why = f" It rests on: {evidence.rstrip('.')}." if evidence else ""
    return f"{said}{with_it}.{why}"


def _who(one: Statement) -> str:
    said = one.assertion
    if said.author and said.orcid:
        return f"{said.author} ({said.orcid})"
    machine = said.software if said.by in ("lookup", "machine") else None
    return said.author or said.orcid or machine or _SOURCES[said.by]


def _when(one: Statement) -> str:
    at = one.assertion.at
    if at is None:
        return ""
    here = at.astimezone() if at.tzinfo else at
    return here.strftime("%Y-%m-%d %H:%M")


def what_says(one: Statement, regions: Mapping[str, Region]) -> str:
    """Return what a statement says, in words that begin with a capital letter.

    Parameters
    ----------
    one : Statement
        The statement.
    regions : mapping of str to Region
        By their ids, so that it can be told of which one something is said.
    """
    said = _content(one, regions)
    if one.status == "retracted":
        return f"Taken away: {said}"
    if one.status == "rejected":
        return f"Refused: {said}"
    return f"Changed to: {said}" if one.supersedes else said


def regions_by_id(statements: Statements) -> dict[str, Region]:
    """Return the regions of which anything is said, where they were put last."""
    return {region.id: region for region in statements.regions}


def _content(one: Statement, regions: Mapping[str, Region]) -> str:
    if isinstance(one, Region):
        words = region_in_words(one)
        return f"{words[:1].upper()}{words[1:]}"
    assert isinstance(one, Annotation | Remark)
    where = _where(one.region, regions)
    if isinstance(one, Annotation):
        field = one.field.value.replace("_", " ").capitalize()
        return f"{field}: {term_words(one.term)} {_SAYS[one.qualifier]}{where}"
    text = " ".join(one.text.split())
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"Remark{where}: {short}"


def _where(region: str | None, regions: Mapping[str, Region]) -> str:
    if region is None:
        return ""
    known = regions.get(region)
    return f" in the {region_in_words(known)}" if known else " in a region"


def term_words(term: Term) -> str:
    """Return what a person reads for a term: its name, and its identifier if any."""
    return f"{term.name} ({term.id})" if term.id and term.name != term.id else term.name


def conflicts(statements: Statements) -> tuple[Conflict, ...]:
    """Return what holds at present and does not agree.

    Parameters
    ----------
    statements : Statements
        All that was ever said of an image.
    """
    present = statements.present
    places: defaultdict[Hashable, list[Region]] = defaultdict(list)
    for region in present.regions:
        places[region.id].append(region)
    by_id = regions_by_id(statements)
    return (
        *_moved(places.values()),
        *_changed(present, by_id),
        *_contrary(present, by_id),
    )


def _moved(places: Iterable[list[Region]]) -> Iterator[Conflict]:
    for regions in places:
        if len(regions) > 1:
            title = region_title(regions[0])
            words = f"{title} is at {len(regions)} places: {_by_whom(regions)}"
            yield Conflict("moved", tuple(regions), words)


def _changed(present: Statements, by_id: Mapping[str, Region]) -> Iterator[Conflict]:
    successors: defaultdict[str, list[Statement]] = defaultdict(list)
    for one in (*present.annotations, *present.remarks):
        if one.supersedes:
            successors[one.supersedes].append(one)
    for several in successors.values():
        if len(several) > 1:
            said = "; ".join(f"{_who(one)}: {_content(one, by_id)}" for one in several)
            words = f"The same was changed in {len(several)} ways: {said}."
            yield Conflict("changed", tuple(several), words)


def _contrary(present: Statements, by_id: Mapping[str, Region]) -> Iterator[Conflict]:
    said: defaultdict[Hashable, list[Annotation]] = defaultdict(list)
    for note in present.annotations:
        said[note.field, note.region, term_key(note.term)].append(note)
    for notes in said.values():
        contrary = [n for n in notes if n.qualifier != "uncertain"]
        if {n.qualifier for n in contrary} == {"present", "absent"}:
            told = "; ".join(
                f"{_who(n)} says it {_SAYS[n.qualifier]}" for n in contrary
            )
            first = contrary[0]
            where = _where(first.region, by_id)
            words = f"{term_words(first.term)}{where}: {told}."
            yield Conflict("contrary", tuple(contrary), words)


def term_key(term: Term) -> str:
    """Return what is the same for terms that mean the same.

    Words in quotation marks are no identifier: no two of these are ever taken for one
    another.
    """
    return term.id or f'"{" ".join(term.name.split()).casefold()}"'


def region_of(one: Statement) -> str | None:
    """Return the id of the region that a statement is, or is about."""
    if isinstance(one, Region):
        return one.id
    assert isinstance(one, Annotation | Remark)
    return one.region


def _by_whom(regions: Iterable[Region]) -> str:
    return (
        "; ".join(
            f"{region_in_words(one)}, {_who(one)}"
            f"{f' on {_when(one)}' if _when(one) else ''}"
            for one in regions
        )
        + "."
    )
