"""The way of an image into the library: states, steps, and who may take which.

`STEPS` is all of it in one table. The functions below read it and keep nothing: a
library of one person, a server and the panel ask the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_cellib.errors import StepRefused
from napari_cellib.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FEWEST_REPORTS = 2


class State(StrEnum):
    """Where a deposition stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    TRIAGE = "triage"
    IN_REVIEW = "in_review"
    REVISION_REQUESTED = "revision_requested"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    CURATION = "curation"
    READY = "ready"
    HELD = "held"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def words(self) -> str:
        """What a person reads."""
        return self.value.replace("_", " ")

    @property
    def status(self) -> Status:
        """What the record says of it: fewer states, which every library can read."""
        return _STATUSES.get(self, Status.ACCEPTED)


_STATUSES = {
    State.DRAFT: Status.DRAFT,
    State.SUBMITTED: Status.SUBMITTED,
    State.TRIAGE: Status.SUBMITTED,
    State.IN_REVIEW: Status.IN_REVIEW,
    State.REVISION_REQUESTED: Status.IN_REVIEW,
    # Not withdrawn, which shows a tombstone: nobody but the depositor has seen it.
    State.REJECTED: Status.DRAFT,
    State.CANCELLED: Status.DRAFT,
    State.PUBLISHED: Status.PUBLISHED,
    State.WITHDRAWN: Status.WITHDRAWN,
}


class Person(StrEnum):
    """As what somebody takes a step."""

    DEPOSITOR = "depositor"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    CURATOR = "curator"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be done with a deposition, in words that follow "to"."""

    SUBMIT = "submit it"
    PUBLISH_DIRECTLY = "publish it without review"
    CANCEL = "cancel it"
    TAKE_UP = "take it up"
    SEND_TO_REVIEW = "send it to reviewers"
    REPORT = "report on it"
    REQUEST_REVISION = "request a revision"
    ACCEPT = "accept it"
    REJECT = "reject it"
    APPEAL = "appeal against the decision"
    START_CURATION = "start its curation"
    FINISH_CURATION = "finish its curation"
    PUBLISH = "publish it"
    HOLD = "hold it until a day"
    CORRECT = "correct what is said of it"
    WITHDRAW = "withdraw it"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who wants to take a step.

    Attributes
    ----------
    id : str
        By which a person is known: an ORCID iD, or the name of an account.
    roles : frozenset of Person
        What the library lets this person be.
    """

    id: str
    roles: frozenset[Person] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """What decides about the steps of a deposition.

    Attributes
    ----------
    state : State
        Where it stands.
    authors : frozenset of str
        Ids of the depositor and of all contributors.
    depositor : str
        Id of the person who deposits it.
    reviewers : frozenset of str
        Ids of those who were asked to review it.
    reports : int
        Reports that have come in.
    taken : tuple of Action
        The steps taken so far.
    is_library_of_one : bool
        Whether one person is all that the library has: nobody could review.
    """

    state: State
    depositor: str
    authors: frozenset[str] = frozenset()
    reviewers: frozenset[str] = frozenset()
    reports: int = 0
    taken: tuple[Action, ...] = field(default=())
    is_library_of_one: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table: from a state, an action by somebody, to the next state."""

    state: State
    action: Action
    who: frozenset[Person]
    to: State


_DEPOSITOR = frozenset({Person.DEPOSITOR})
_REVIEWER = frozenset({Person.REVIEWER})
_EDITOR = frozenset({Person.EDITOR, Person.ADMIN})
_CURATOR = frozenset({Person.CURATOR, Person.EDITOR, Person.ADMIN})
# Neither judges the image: it is made public earlier, or no longer is.
_LIFTERS = _DEPOSITOR | _EDITOR
_CORRECTORS = _DEPOSITOR | _CURATOR

STEPS = (
    Step(State.DRAFT, Action.SUBMIT, _DEPOSITOR, State.SUBMITTED),
    Step(State.DRAFT, Action.PUBLISH_DIRECTLY, _DEPOSITOR, State.PUBLISHED),
    Step(State.DRAFT, Action.HOLD, _DEPOSITOR, State.HELD),
    Step(State.DRAFT, Action.CANCEL, _DEPOSITOR, State.CANCELLED),
    Step(State.SUBMITTED, Action.TAKE_UP, _EDITOR, State.TRIAGE),
    Step(State.SUBMITTED, Action.CANCEL, _DEPOSITOR, State.CANCELLED),
    Step(State.TRIAGE, Action.SEND_TO_REVIEW, _EDITOR, State.IN_REVIEW),
    Step(State.TRIAGE, Action.REQUEST_REVISION, _EDITOR, State.REVISION_REQUESTED),
    Step(State.TRIAGE, Action.REJECT, _EDITOR, State.REJECTED),
    Step(State.TRIAGE, Action.CANCEL, _DEPOSITOR, State.CANCELLED),
    Step(State.IN_REVIEW, Action.REPORT, _REVIEWER, State.IN_REVIEW),
    Step(State.IN_REVIEW, Action.ACCEPT, _EDITOR, State.ACCEPTED),
    Step(State.IN_REVIEW, Action.REQUEST_REVISION, _EDITOR, State.REVISION_REQUESTED),
    Step(State.IN_REVIEW, Action.REJECT, _EDITOR, State.REJECTED),
    Step(State.IN_REVIEW, Action.CANCEL, _DEPOSITOR, State.CANCELLED),
    Step(State.REVISION_REQUESTED, Action.SUBMIT, _DEPOSITOR, State.SUBMITTED),
    Step(State.REVISION_REQUESTED, Action.CANCEL, _DEPOSITOR, State.CANCELLED),
    Step(State.REJECTED, Action.APPEAL, _DEPOSITOR, State.TRIAGE),
    Step(State.ACCEPTED, Action.START_CURATION, _CURATOR, State.CURATION),
    Step(State.CURATION, Action.FINISH_CURATION, _CURATOR, State.READY),
    Step(State.READY, Action.PUBLISH, _EDITOR, State.PUBLISHED),
    Step(State.READY, Action.HOLD, _EDITOR, State.HELD),
    Step(State.HELD, Action.PUBLISH, _LIFTERS, State.PUBLISHED),
    Step(State.HELD, Action.CORRECT, _CORRECTORS, State.HELD),
    Step(State.HELD, Action.WITHDRAW, _LIFTERS, State.WITHDRAWN),
    Step(State.PUBLISHED, Action.CORRECT, _CORRECTORS, State.PUBLISHED),
    Step(State.PUBLISHED, Action.WITHDRAW, _LIFTERS, State.WITHDRAWN),
)
# A new version is a deposition of its own, which begins as a draft.


def take(case: Case, action: Action, actor: Actor) -> State:
    """Return the state to which a step leads.

    Parameters
    ----------
    case : Case
        What is to take the step; it is not changed.
    action : Action
        What somebody wants to do.
    actor : Actor
        Who it is.

    Raises
    ------
    StepRefused
        When it is not possible now, or not for this person; it says what is.
    """
    step = _step(case.state, action)
    reason: str | None = f"it is {case.state.words}"
    if step is not None:
        reason = _reason_against(step, case, actor)
    if step is not None and reason is None:
        return step.to
    raise StepRefused(action.value, reason or "", fix=_instead(case, actor))


def possible(case: Case, actor: Actor) -> tuple[Action, ...]:
    """Return what a person may do with a deposition now."""
    return tuple(
        step.action
        for step in _steps_from(case.state)
        if _reason_against(step, case, actor) is None
    )


def is_peer_reviewed(taken: Iterable[Action]) -> bool:
    """Say whether reviewers have judged an image: it was reported on and accepted.

    What was published directly never was, and nothing can make it look so.
    """
    actions = set(taken)
    return {Action.REPORT, Action.ACCEPT} <= actions


def roles_of(actor: Actor, case: Case) -> frozenset[Person]:
    """Return as what somebody may act on a deposition.

    Nobody reviews, edits or curates their own image: whoever is among its authors is
    nothing else here, whatever the library lets them be elsewhere.
    """
    if actor.id == case.depositor:
        return frozenset({Person.DEPOSITOR})
    if actor.id in case.authors:
        return frozenset()
    roles = actor.roles - {Person.DEPOSITOR}
    if actor.id not in case.reviewers:
        roles -= {Person.REVIEWER}
    return roles


# ------------------------------------------------------------------------------ rules


def _published_directly(case: Case) -> str | None:
    # The rule of the library of one: it has nobody to ask, and never feigns a review.
    if case.is_library_of_one:
        return None
    return "this library has reviewers"


def _held(case: Case) -> str | None:
    return _published_directly(case) if case.state is State.DRAFT else None


def _submitted(case: Case) -> str | None:
    if case.is_library_of_one:
        return "this library has nobody who could review it"
    return None


def _accepted(case: Case) -> str | None:
    if case.reports >= _FEWEST_REPORTS:
        return None
    return f"it has {case.reports} of {_FEWEST_REPORTS} reports"


def _sent(case: Case) -> str | None:
    able = case.reviewers - case.authors - {case.depositor}
    if len(able) >= _FEWEST_REPORTS:
        return None
    return f"{_FEWEST_REPORTS} reviewers must be named who are not its authors"


def _appealed(case: Case) -> str | None:
    return "that was done once" if Action.APPEAL in case.taken else None


_RULES: dict[Action, Callable[[Case], str | None]] = {
    Action.PUBLISH_DIRECTLY: _published_directly,
    Action.SUBMIT: _submitted,
    Action.ACCEPT: _accepted,
    Action.SEND_TO_REVIEW: _sent,
    Action.APPEAL: _appealed,
    Action.HOLD: _held,
}


def _reason_against(step: Step, case: Case, actor: Actor) -> str | None:
    if not step.who & roles_of(actor, case):
        if actor.id in case.authors | {case.depositor}:
            if Person.DEPOSITOR not in step.who:
                return "nobody decides about an image of their own"
            return "only the person who deposits it may"
        return f"only {_anyone_of(step.who)} may"
    rule = _RULES.get(step.action)
    return rule(case) if rule else None


def _instead(case: Case, actor: Actor) -> str:
    if actions := possible(case, actor):
        return f"You may {' or '.join(action.value for action in actions)}."
    steps = _steps_from(case.state)
    if not steps:
        return "Nothing more is done with it; deposit the image anew if need be."
    others = (f"{_anyone_of(step.who)} may {step.action.value}" for step in steps)
    text = "; ".join(dict.fromkeys(others))
    return f"{text[:1].upper()}{text[1:]}."


def _anyone_of(who: frozenset[Person]) -> str:
    named = [person.value for person in Person if person in who]
    articles = [f"{'an' if name[0] in 'ae' else 'a'} {name}" for name in named]
    return " or ".join(articles).replace("a depositor", "the depositor")


def _steps_from(state: State) -> list[Step]:
    return [step for step in STEPS if step.state is state]


def _step(state: State, action: Action) -> Step | None:
    return next((one for one in _steps_from(state) if one.action is action), None)
