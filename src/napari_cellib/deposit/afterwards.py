"""What is done with an image that is in the library: it is never silently changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.depositions import Stage, in_library
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.parsing import parse_date
from napari_cellib.deposit.registering import HELD_UNTIL, describe
from napari_cellib.deposit.states import Action, possible, take
from napari_cellib.errors import DepositRefused, DraftIncomplete

if TYPE_CHECKING:
    from napari_cellib.deposit.depositions import Deposition, Depositions
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import ImageRecord

WITHDRAWN = "withdrawn"

# What a correction cannot change: it is about the pixels, which stay as they are.
_OF_THE_FILES = (
    "id", "version", "sizes", "dtype", "rgb", "sources", "version_of", "statements",
)  # fmt: skip


def withdraw(
    depositions: Depositions, id: str, library: EmbeddedLibrary, *, reason: str
) -> ImageRecord:
    """Withdraw an image: its record stays and says why, its files are not offered.

    Whoever has cited it still finds what it was. The files stay in the library's
    folder, so that nothing is lost by mistake.

    Parameters
    ----------
    depositions : Depositions
        Where its deposition is kept.
    id : str
        Which.
    library : EmbeddedLibrary
        It holds the image.
    reason : str
        Why, for everybody to read.

    Raises
    ------
    StepRefused
        When it was withdrawn before.
    DepositRefused
        When no reason is given, or it is not in the library yet.
    """
    if not (reason := reason.strip()):
        raise DepositRefused(
            "nothing says why it is withdrawn", fix="Give a reason in a few words."
        )
    with depositions.locked(id):
        deposition = _taken(depositions, id, library, Action.WITHDRAW, reason)
        old = library.record(deposition.record)
        day = deposition.history[-1].at.date().isoformat()
        kept = tuple(one for one in old.extra if one[0] != WITHDRAWN)
        record = old.model_copy(
            update={
                "status": deposition.state.status,
                "representations": (),
                "extra": (*kept, (WITHDRAWN, f"{day}: {reason}")),
                "dates": old.dates.model_copy(update={"modified": day}),
            }
        )
        return _stored(depositions, deposition, library, record)


def correct(
    depositions: Depositions, id: str, library: EmbeddedLibrary, draft: Draft
) -> ImageRecord:
    """Correct what is said of an image; its files and its number stay.

    Parameters
    ----------
    depositions : Depositions
        Where its deposition is kept.
    id : str
        Which.
    library : EmbeddedLibrary
        It holds the image.
    draft : Draft
        All that is said of it, as it should be.

    Raises
    ------
    DraftIncomplete
        When the draft has errors.
    StepRefused
        When it cannot be corrected any more.
    """
    with depositions.locked(id):
        before = depositions.open(id)
        kept = {name: getattr(before.draft, name) for name in _OF_THE_FILES}
        draft = Draft.model_validate({**dict(draft), **kept})
        deposition = _taken(depositions, id, library, Action.CORRECT, None)
        day = deposition.history[-1].at.date()
        errors = [p for p in check_draft(draft) if p.severity == "error"]
        # A day that was in the future when it was handed in may be past by now.
        errors = [p for p in errors if p.id != "embargo-past"]
        if errors:
            title = draft.title or "The draft"
            raise DraftIncomplete(title, len(errors), str(errors[0]))
        deposition = deposition.model_copy(update={"draft": draft})
        old, new = library.record(deposition.record), describe(deposition)
        dates = new.dates.model_copy(
            update={"published": old.dates.published, "modified": day.isoformat()}
        )
        kept_of = (
            "kinds", "dimensions", "representations", "identifiers", "newer_version",
        )  # fmt: skip
        record = new.model_copy(
            update={
                **{name: getattr(old, name) for name in kept_of},
                "dates": dates,
                "extra": _extra(old, new),
            }
        )
        return _stored(depositions, deposition, library, record)


def lift(depositions: Depositions, id: str, library: EmbeddedLibrary) -> ImageRecord:
    """Make an image public that was held until a day.

    Raises
    ------
    StepRefused
        When it is not held.
    """
    with depositions.locked(id):
        deposition = _taken(depositions, id, library, Action.PUBLISH, None)
        day = deposition.history[-1].at.date().isoformat()
        old = library.record(deposition.record)
        record = old.model_copy(
            update={
                "status": deposition.state.status,
                "extra": tuple(one for one in old.extra if one[0] != HELD_UNTIL),
                "dates": old.dates.model_copy(update={"published": day}),
            }
        )
        return _stored(depositions, deposition, library, record)


def new_version(depositions: Depositions, id: str) -> Draft:
    """Return a draft of a new version of an image: all that is said, and no files.

    Nothing is saved yet. Once it is in the library, either image names the other.
    """
    former = depositions.open(id)
    kept = {
        name: getattr(former.draft, name)
        for name in Draft.model_fields
        if name not in _OF_THE_FILES and name != "embargo_until"
    }
    return Draft.model_validate(
        {**kept, "id": uuid4().hex, "version_of": former.record}
    )


def is_due(deposition: Deposition, *, at: datetime | None = None) -> bool:
    """Say whether the day has come until which an image is held.

    That is the day of the person who chose it, not that of Greenwich: in California an
    image would be public on the afternoon before.
    """
    until = deposition.draft.embargo_until
    if Action.PUBLISH not in _actions(deposition) or not until:
        return False
    return (at or datetime.now(UTC)).astimezone().date() >= parse_date(until)


def due(depositions: Depositions) -> tuple[Deposition, ...]:
    """Return what is held, and whose day has come."""
    found = (saved.deposition for saved in depositions.all())
    return tuple(one for one in found if one is not None and is_due(one))


def _actions(deposition: Deposition) -> tuple[Action, ...]:
    return possible(deposition.case, deposition.actor)


def _taken(
    depositions: Depositions,
    id: str,
    library: EmbeddedLibrary,
    action: Action,
    note: str | None,
) -> Deposition:
    """Return a deposition after a step; nothing is saved yet."""
    deposition = in_library(depositions.open(id), library)
    if deposition.stage is not Stage.DONE:
        raise DepositRefused(
            "it is not in the library yet", fix="Let it be finished, or give it up."
        )
    state = take(deposition.case, action, deposition.actor)
    return deposition.after(action, state, note)


def _stored(
    depositions: Depositions,
    deposition: Deposition,
    library: EmbeddedLibrary,
    record: ImageRecord,
) -> ImageRecord:
    # The library first: what it does not know has not happened.
    stored = library.add(record)
    depositions.save(deposition)
    return stored


def _extra(old: ImageRecord, new: ImageRecord) -> tuple[tuple[str, str], ...]:
    """Return what the new record says beside its fields, and the old one alone."""
    said = {name for name, _ in new.extra}
    return (*new.extra, *(pair for pair in old.extra if pair[0] not in said))
