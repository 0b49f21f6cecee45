"""Who is named: DataCite wants at least one creator, and everybody only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from napari_cellib.deposit.checks.found import advice, at, error
from napari_cellib.model.contributor import Orcid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.deposit.draft import Draft, DraftPerson
    from napari_cellib.model import Problem

_ORCID: TypeAdapter[str] = TypeAdapter(Orcid)


def check_people(draft: Draft) -> Iterator[Problem]:
    """Look at contributors and funders."""
    if not any(person.name for person in draft.contributors):
        yield error(
            "creator-missing",
            at("contributors"),
            "Nobody is named who made the image.",
            "Name at least one person; without one it cannot be cited.",
        )
    seen: dict[str, int] = {}
    for number, person in enumerate(draft.contributors, 1):
        yield from _check_person(person, at("contributors", number))
        name = (person.orcid or person.name or "").strip().casefold()
        if name and name in seen:
            yield error(
                "contributor-twice",
                at("contributors", number),
                f"This is the same person as contributor {seen[name]}.",
                "Name everybody once, with all of the roles.",
            )
        seen.setdefault(name, number)
    for number, funding in enumerate(draft.funding, 1):
        if funding.award and not funding.funder:
            yield error(
                "funder-missing",
                at("funding", number),
                f"Nobody is named who gave the grant {funding.award}.",
                "Name the funder, or remove the number.",
            )


def _check_person(person: DraftPerson, where: str) -> Iterator[Problem]:
    if not person.name and (person.orcid or person.affiliation or person.roles):
        yield error(
            "contributor-unnamed",
            where,
            "The name is missing.",
            "Write it as it is cited, family name first: Doe, Jane.",
        )
    if person.orcid:
        try:
            _ORCID.validate_python(person.orcid)
        except ValidationError as refused:
            reason = refused.errors(include_url=False)[0]["msg"]
            yield error(
                "orcid-invalid",
                where,
                f"{reason.removeprefix('Value error, ')}.",
                "Copy it from the person's page on orcid.org.",
            )
    elif person.name:
        yield advice(
            "orcid-missing",
            where,
            "There is no ORCID iD.",
            "Add it, so that the image counts among this person's works.",
        )
