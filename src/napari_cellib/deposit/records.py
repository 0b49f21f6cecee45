"""A draft made into a record, and a record into the beginning of another draft."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_cellib.deposit.draft import Draft, DraftFunding, DraftPerson, Origin
from napari_cellib.deposit.parsing import parse_article
from napari_cellib.errors import RecordInvalid
from napari_cellib.model import (
    Annotation,
    Assertion,
    Contributor,
    Dates,
    Dimensions,
    Funding,
    ImageRecord,
    Kind,
    Publication,
    Status,
)

if TYPE_CHECKING:
    from datetime import datetime

_PARTS = ("Specimen", "Preparation", "Instrument")
_HEADINGS = re.compile(rf"(?:\A|\n\n)({'|'.join(_PARTS)}): ")
_LONGEST_SLUG = 60
_MEASURED = "where the pixel size is from"


def to_record(
    draft: Draft, *, id: str, status: Status = Status.DRAFT, at: datetime | None = None
) -> ImageRecord:
    """Return the record that a draft describes; its files are for others to add.

    Parameters
    ----------
    draft : Draft
        What was said of the image; see `check_draft` for what it needs.
    id : str
        Identifier of the record.
    status : Status, default: Status.DRAFT
        Where the image stands on its way.
    at : datetime, optional
        When it is deposited: what its depositor says of it is said then.

    Raises
    ------
    RecordInvalid
        When the draft has an error that no record may have.
    """
    try:
        return ImageRecord(
            id=id,
            title=(draft.title or "").strip(),
            description=draft.description,
            technical_details=_technical_details(draft),
            medium=draft.medium,
            kinds=_kinds(draft) if draft.sizes else (),
            status=status,
            unpublished_data=None if draft.published is None else not draft.published,
            annotations=_annotations(draft, at),
            contributors=tuple(_contributor(person) for person in draft.contributors),
            funding=tuple(_funding(one) for one in draft.funding if one.funder),
            publications=tuple(map(parse_article, draft.articles)),
            licence=draft.licence,
            dates=Dates(
                imaged=draft.imaged and draft.imaged.strip(),
                deposited=at.date().isoformat() if at else None,
            ),
            study=draft.study or study_called(draft.study_title),
            study_title=_tidy(draft.study_title),
            group=_tidy(draft.group),
            dimensions=_dimensions(draft) if draft.sizes else None,
            extra=_extra(draft),
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        reason = first["msg"].removeprefix("Value error, ")
        raise RecordInvalid(draft.title or "The draft", f"{where}: {reason}") from error
    except ValueError as error:
        raise RecordInvalid(draft.title or "The draft", str(error)) from error


def from_record(record: ImageRecord) -> Draft:
    """Return a draft with what a former deposition and a new one have in common.

    Title, description, sizes and files are those of one image; the rest is often the
    same for all images of a series, and is taken over.

    Parameters
    ----------
    record : ImageRecord
        The former deposition.
    """
    said = Assertion(by="depositor", evidence=f"taken over from {record.cited_as}")
    named = study_called(record.study_title)  # which may be called otherwise later
    values: dict[str, Any] = {
        **_parted(record.technical_details),
        "study": None if record.study == named else record.study,
        "study_title": record.study_title,
        "group": record.group,
        "annotations": tuple(
            Annotation(field=note.field, term=note.term, assertion=said)
            for note in record.standing_annotations
            if note.qualifier == "present"
        ),
        "contributors": tuple(map(_person, record.contributors)),
        "funding": tuple(
            DraftFunding(funder=one.funder, award=one.award) for one in record.funding
        ),
        "medium": record.medium,
        "licence": record.licence,
        "articles": tuple(filter(None, map(_article, record.publications))),
    }
    if record.unpublished_data is not None:
        values["published"] = not record.unpublished_data
    if size := record.dimensions:
        values |= {"spacing_um": size.spacing_um, "time_step_s": size.time_step_s}
        values["channels"] = size.channels
    return Draft().filled(Origin.RECORD, **values)


def study_called(title: str | None) -> str | None:
    """Return the id of a study that is known by its title only; None for no title.

    Whoever writes the same title means the same study, also in another year and on
    another computer.

    Examples
    --------
    >>> study_called("Wing discs, 2026") == study_called(" wing  discs, 2026")
    True
    >>> study_called("Wing discs, 2026")
    'study-wing-discs-2026-43f6c8f1'
    """
    words = folded_title(title or "")
    if not words:
        return None
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")
    digest = hashlib.sha256(words.encode()).hexdigest()[:8]
    return "-".join(filter(None, ("study", slug, digest)))


def folded_title(title: str) -> str:
    """Return what titles of studies have in common that are the same to a reader.

    Examples
    --------
    >>> folded_title(" Wing  Discs")
    'wing discs'
    """
    # An accent is a letter of its own on some computers.
    return " ".join(unicodedata.normalize("NFC", title).casefold().split())


# ------------------------------------------------------------------------- to a record


def _tidy(text: str | None) -> str | None:
    return (text or "").strip() or None


def _technical_details(draft: Draft) -> str | None:
    named = [(part, getattr(draft, part.lower())) for part in _PARTS]
    parts = [
        draft.details,
        *(f"{part}: {text.strip()}" for part, text in named if text),
    ]
    return "\n\n".join(part.strip() for part in parts if part) or None


def _kinds(draft: Draft) -> tuple[Kind, ...]:
    def is_long(axis: str) -> bool:
        return any(name == axis and length > 1 for name, length in draft.sizes.items())

    kinds = []
    if is_long("z"):
        kinds.append(Kind.Z_STACK)
    if is_long("t"):
        kinds.append(Kind.TIME_SERIES)
    if not kinds:
        kinds.append(Kind.STILL)
    if draft.rgb:
        kinds.append(Kind.RGB)
    elif is_long("c"):
        kinds.append(Kind.MULTICHANNEL)
    return tuple(kinds)


def _annotations(draft: Draft, at: datetime | None) -> tuple[Annotation, ...]:
    author = next((person for person in draft.contributors if person.name), None)
    said: dict[str, Any] = {"at": at}
    if author and author.name:
        said |= {"author": author.name.strip(), "orcid": author.orcid}
    # Built anew and not copied: an ORCID iD with a typing error must not get through.
    return tuple(
        note.model_copy(
            update={"assertion": Assertion(**{**dict(note.assertion), **said})}
        )
        if note.assertion.by == "depositor"
        else note
        for note in draft.annotations
    )


def _contributor(person: DraftPerson) -> Contributor:
    return Contributor(
        name=person.name or "",
        orcid=person.orcid,
        affiliation=person.affiliation,
        roles=person.roles,
    )


def _funding(one: DraftFunding) -> Funding:
    return Funding(funder=one.funder or "", award=one.award)


def _dimensions(draft: Draft) -> Dimensions:
    return Dimensions(
        sizes=draft.sizes,
        spacing_um=draft.spacing_um,
        time_step_s=draft.time_step_s,
        channels=draft.channels,
        dtype=draft.dtype,
        rgb=draft.rgb,
    )


def _extra(draft: Draft) -> tuple[tuple[str, str], ...]:
    said: dict[str, list[str]] = {}
    for axis in draft.spacing_um:
        if origin := draft.origins.get(f"spacing_um.{axis}"):
            said.setdefault(origin.label, []).append(axis)
    told = "; ".join(f"{', '.join(axes)} {label}" for label, axes in said.items())
    return ((_MEASURED, told),) if told else ()


# ----------------------------------------------------------------------- from a record


def _parted(text: str | None) -> dict[str, str]:
    """Take apart what `_technical_details` has put together."""
    details, *parts = _HEADINGS.split(text or "")
    named = zip(parts[::2], parts[1::2], strict=True)
    return {"details": details, **{part.lower(): said for part, said in named}}


def _person(one: Contributor) -> DraftPerson:
    return DraftPerson(
        name=one.name, orcid=one.orcid, affiliation=one.affiliation, roles=one.roles
    )


def _article(one: Publication) -> str | None:
    return one.doi or (one.pmcid or one.pmid)
