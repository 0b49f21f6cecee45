"""Statements as a person makes them: with who says it, and when."""

from __future__ import annotations

import getpass
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from napari_cellib import __version__
from napari_cellib.model.contributor import Orcid
from napari_cellib.model.statement import (
    Annotation,
    Assertion,
    Region,
    Remark,
    Statement,
)
from napari_cellib.profile import read_profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.model import Term, TermField
    from napari_cellib.model.statement import Qualifier
    from napari_cellib.settings import Settings

S = TypeVar("S", bound=Statement)
By = Literal["depositor", "curator", "lookup", "machine"]

_ORCID: TypeAdapter[str] = TypeAdapter(Orcid)


@dataclass(frozen=True)
class Speaker:
    """Who makes statements.

    Parameters
    ----------
    name : str or None
        Of the person, as it is to be read.
    orcid : str or None
        ORCID iD of the person.
    software : str or None
        Name and version of the program.
    """

    name: str | None = None
    orcid: str | None = None
    software: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Speaker:
        """Return who sits here, as depositing remembers it, else by the login name.

        Parameters
        ----------
        settings : Settings
            Say where that is kept.
        """
        profile = read_profile(settings.drafts_folder)
        return cls(
            name=profile.name or _login_name(),
            orcid=_valid_orcid(profile.orcid),
            software=f"napari-cellib {__version__}",
        )

    def assertion(
        self, *, by: By = "curator", evidence: str | None = None
    ) -> Assertion:
        """Return that it is said by this speaker, now.

        Parameters
        ----------
        by : str
            In which role.
        evidence : str, optional
            What it rests on, in words.
        """
        return Assertion(
            by=by,
            author=self.name,
            orcid=self.orcid,
            software=self.software,
            at=datetime.now(UTC),
            evidence=evidence,
        )


def say(
    speaker: Speaker,
    field: TermField,
    term: Term,
    *,
    qualifier: Qualifier = "present",
    region: str | None = None,
    evidence: str | None = None,
    by: By = "curator",
) -> Annotation:
    """Return the statement that a term applies.

    Parameters
    ----------
    speaker : Speaker
        Who says it.
    field : TermField
        What it says something about.
    term : Term
        From an ontology, or in words of one's own.
    qualifier : {"present", "absent", "uncertain"}
        Whether it applies.
    region : str, optional
        Id of the region of which it is said; the whole image by default.
    evidence : str, optional
        What it rests on, in words.
    by : str
        In which role it is said.
    """
    return Annotation(
        field=field,
        term=term,
        qualifier=qualifier,
        region=region,
        assertion=speaker.assertion(by=by, evidence=evidence),
    )


def change(
    speaker: Speaker, old: Annotation, *, evidence: str | None = None, **values: object
) -> Annotation:
    """Return a statement that takes the place of another one.

    Parameters
    ----------
    speaker : Speaker
        Who says it.
    old : Annotation
        What was said so far.
    evidence : str, optional
        What it rests on, in words.
    **values
        What is other now: fields of `Annotation`, but not its region.

    Raises
    ------
    ValueError
        When it is to be of another region: retract it, and say it of that one.
    """
    if values.get("region", old.region) != old.region:
        raise ValueError("what is said of another region is another statement")
    return _instead(speaker, old, evidence, values)


def move(
    speaker: Speaker, old: Region, *, evidence: str | None = None, **values: object
) -> Region:
    """Return the same region at another place, or by another name.

    Parameters
    ----------
    speaker : Speaker
        Who says it.
    old : Region
        Where it was so far.
    evidence : str, optional
        What it rests on, in words.
    **values
        What is other now: fields of `Region`.
    """
    return _instead(speaker, old, evidence, {**values, "id": old.id})


def retract(speaker: Speaker, old: S, *, evidence: str | None = None) -> S:
    """Return the statement that another one does not hold any more.

    Parameters
    ----------
    speaker : Speaker
        Who says it.
    old : Statement
        What is taken away.
    evidence : str, optional
        Why, in words.
    """
    return _instead(speaker, old, evidence, {}, status="retracted")


def restore(speaker: Speaker, last: S, said: Callable[[str], Statement | None]) -> S:
    """Return the statement that what was said before another one holds again.

    Parameters
    ----------
    speaker : Speaker
        Who says it.
    last : Statement
        What is undone: a change, something taken away, or something new, which is
        taken away.
    said : callable
        Returns the statement with a key, or None.
    """
    before = said(last.supersedes) if last.supersedes else None
    if type(before) is not type(last):
        return retract(speaker, last)
    fields = set(type(last).model_fields) - set(Statement.model_fields)
    values = {name: getattr(before, name) for name in fields}
    return _instead(speaker, last, None, values, status=before.status)


def reject(
    speaker: Speaker,
    field: TermField,
    term: Term,
    *,
    region: str | None = None,
    evidence: str | None = None,
) -> Annotation:
    """Return the statement that a term was proposed and does not hold.

    Parameters
    ----------
    speaker : Speaker
        Who says it.
    field : TermField
        For which it was proposed.
    term : Term
        What was proposed.
    region : str, optional
        Id of the region for which it was proposed.
    evidence : str, optional
        Why it was proposed, in words.
    """
    return Annotation(
        field=field,
        term=term,
        region=region,
        status="rejected",
        assertion=speaker.assertion(evidence=evidence),
    )


def remark(
    speaker: Speaker, text: str, *, region: str | None = None, about: str | None = None
) -> Remark:
    """Return a remark in plain words.

    Parameters
    ----------
    speaker : Speaker
        Who makes it.
    text : str
        The remark.
    region : str, optional
        Id of the region that is remarked on.
    about : str, optional
        Key of the statement that is remarked on.
    """
    return Remark(text=text, region=region, about=about, assertion=speaker.assertion())


def region_id() -> str:
    """Return an id that no other region has."""
    return secrets.token_hex(8)


def _instead(
    speaker: Speaker,
    old: S,
    evidence: str | None,
    values: dict[str, object],
    *,
    status: str = "asserted",
) -> S:
    new = {name: getattr(old, name) for name in type(old).model_fields}
    new |= values
    new |= {
        "status": status,
        "supersedes": old.key,
        "assertion": speaker.assertion(evidence=evidence),
    }
    return type(old).model_validate(new)  # unlike `model_copy`, this checks the values


def _valid_orcid(text: str | None) -> str | None:
    try:
        return _ORCID.validate_python(text) if text else None
    except ValidationError:  # the profile keeps what was typed
        return None


def _login_name() -> str | None:
    try:
        return getpass.getuser() or None
    except (OSError, KeyError, ImportError):  # a user without a name, as in containers
        return None
