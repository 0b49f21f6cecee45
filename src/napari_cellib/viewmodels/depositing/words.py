"""Parts of a draft in the words of the person who reads them, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from pydantic import TypeAdapter, ValidationError

from napari_cellib.deposit.checks.content import announcement
from napari_cellib.deposit.rights import in_words
from napari_cellib.model import Dimensions
from napari_cellib.model.contributor import Orcid
from napari_cellib.model.dimensions import SpaceAxis
from napari_cellib.viewmodels.words import count_in_words, extent_in_words

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import CreditRole, TermField
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

SPACE_AXES: tuple[SpaceAxis, ...] = get_args(SpaceAxis)
AXIS_WORDS = {"x": "Width (x)", "y": "Height (y)", "z": "Step (z)"}
_ORCID: TypeAdapter[str] = TypeAdapter(Orcid)
_ORCID_DIGITS = 16


def measured_axes(draft: Draft) -> tuple[SpaceAxis, ...]:
    """Return the axes of which a pixel size is asked, x first as people say it."""
    known = {*draft.sizes, *draft.spacing_um}
    return tuple(
        axis
        for axis in reversed(SPACE_AXES)
        if axis in known or (not draft.sizes and axis != "z")
    )


def has_time(draft: Draft) -> bool:
    """Say whether the time between images matters."""
    return draft.time_step_s is not None or draft.sizes.get("t", 1) > 1


def origin_in_words(draft: Draft, key: str) -> str:
    """Return where a value came from; "" for what was typed or is not known."""
    origin = draft.origins.get(key)
    return origin.label if origin and origin.value != "typed" else ""


def terms_origin_in_words(draft: Draft, field: TermField) -> str:
    """Return where the terms of a field came from; "" for what a person has chosen.

    A term that was suggested keeps on what it rests as its evidence.
    """
    notes = [note for note in draft.annotations if note.field is field]
    if notes and (origin := origin_in_words(draft, "annotations")):
        return origin
    is_suggested = any(note.assertion.evidence for note in notes)
    return "suggested" if is_suggested else ""


def extent(draft: Draft) -> str:
    """Return how large the image is; "" while nobody knows."""
    if not draft.sizes:
        return ""
    return extent_in_words(Dimensions(sizes=draft.sizes, rgb=draft.rgb))


def extent_known(draft: Draft) -> str:
    """Return how large the image is, and who says so; "" while nobody knows."""
    origin = next((origin_in_words(draft, f"sizes.{axis}") for axis in draft.sizes), "")
    return f"{extent(draft)} ({origin})" if origin else extent(draft)


def orcid_in_words(text: str) -> tuple[str, bool]:
    """Say what is to be said of an ORCID iD while it is typed, and if it is wrong.

    Examples
    --------
    >>> orcid_in_words("0000-0002-1825-0097")
    ('ORCID iD is well formed', False)
    >>> orcid_in_words("0000-0002-18")
    ('6 more digits', False)
    """
    if not text.strip():
        return "", False
    try:
        _ORCID.validate_python(text)
    except ValidationError as error:
        missing = _ORCID_DIGITS - sum(sign.isdigit() for sign in text)
        if 0 < missing < _ORCID_DIGITS and not text.strip(" -0123456789"):
            return count_in_words(missing, "more digit"), False
        reason = error.errors(include_url=False)[0]["msg"]
        return f"{reason.removeprefix('Value error, ')}.", True
    return "ORCID iD is well formed", False


def tidy_orcid(text: str) -> str:
    """Return an ORCID iD in its usual form, or the text as it is."""
    try:
        return _ORCID.validate_python(text)
    except ValidationError:
        return text


def role_in_words(role: CreditRole) -> str:
    """Return a role as a person reads it.

    Examples
    --------
    >>> from napari_cellib.model import CreditRole
    >>> role_in_words(CreditRole.WRITING_ORIGINAL_DRAFT)
    'Writing: original draft'
    """
    words = role.value.replace("-", " ").capitalize()
    return words.replace("Writing ", "Writing: ")


def roles_in_words(roles: tuple[CreditRole, ...]) -> str:
    """Return what stands on the button by which roles are chosen."""
    if not roles:
        return "Roles…"
    first = role_in_words(roles[0])
    return first if len(roles) == 1 else f"{first} + {len(roles) - 1}"


def summary(draft: Draft) -> tuple[tuple[str, str], ...]:
    """Return what will be deposited, as rows of a name and what it is."""
    people = "; ".join(filter(None, (one.name for one in draft.contributors)))
    licence = draft.licence
    rows = (
        ("Title", draft.title or ""),
        ("Pixels", " ".join(filter(None, (announcement(draft), extent(draft))))),
        ("Named as", ", ".join(source.name for source in draft.sources)),
        ("Terms", ", ".join(note.term.name for note in draft.annotations)),
        ("Made by", people),
        ("Licence", f"{licence.name}. {in_words(licence) or ''}" if licence else ""),
        ("Hidden until", draft.embargo_until or ""),
        ("Articles", ", ".join(draft.articles)),
    )
    return tuple((name, text.strip()) for name, text in rows if text.strip())


def readiness(model: WizardModel) -> str:
    """Say whether it can be deposited, and what happens then."""
    if model.absent_layers:
        names = ", ".join(model.absent_layers)
        return f"Not open in the viewer: {names}. Open them, or choose others."
    if model.errors:
        things = count_in_words(len(model.errors), "thing")
        return f"{things} must be mended first; see the page “Check”."
    if model.is_correction:
        return "The number under which it is cited stays, and so do the files."
    return (
        "It gets a number by which it is cited. You may close this window, and napari: "
        "what was begun goes on when you come back."
    )
