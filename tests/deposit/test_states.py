from __future__ import annotations

from dataclasses import replace

import pytest

from napari_cellib.deposit.states import (
    STEPS,
    Action,
    Actor,
    Case,
    Person,
    State,
    is_peer_reviewed,
    possible,
    roles_of,
    take,
)
from napari_cellib.errors import StepRefused
from napari_cellib.model import Status

JANE = Actor("jane", frozenset(Person))  # depositor, and everything else elsewhere
EDITOR = Actor("ed", frozenset({Person.EDITOR}))
REVIEWER = Actor("rita", frozenset({Person.REVIEWER}))
CURATOR = Actor("carl", frozenset({Person.CURATOR}))
DEPOSITION = Case(
    State.DRAFT,
    depositor="jane",
    authors=frozenset({"jane", "joe"}),
    reviewers=frozenset({"rita", "rob"}),
)


def at(state, **changes):
    return replace(DEPOSITION, state=state, **changes)


def test_the_whole_way_from_a_draft_to_a_published_image():
    deposition = DEPOSITION
    way = [
        (Action.SUBMIT, JANE, State.SUBMITTED),
        (Action.TAKE_UP, EDITOR, State.TRIAGE),
        (Action.SEND_TO_REVIEW, EDITOR, State.IN_REVIEW),
        (Action.REPORT, REVIEWER, State.IN_REVIEW),
        (Action.REQUEST_REVISION, EDITOR, State.REVISION_REQUESTED),
        (Action.SUBMIT, JANE, State.SUBMITTED),
        (Action.TAKE_UP, EDITOR, State.TRIAGE),
        (Action.SEND_TO_REVIEW, EDITOR, State.IN_REVIEW),
        (Action.REPORT, REVIEWER, State.IN_REVIEW),
        (Action.ACCEPT, EDITOR, State.ACCEPTED),
        (Action.START_CURATION, CURATOR, State.CURATION),
        (Action.FINISH_CURATION, CURATOR, State.READY),
        (Action.HOLD, EDITOR, State.HELD),
        (Action.PUBLISH, JANE, State.PUBLISHED),
        (Action.CORRECT, JANE, State.PUBLISHED),
        (Action.WITHDRAW, JANE, State.WITHDRAWN),
    ]
    for action, actor, expected in way:
        reports = deposition.reports + (action is Action.REPORT)
        state = take(deposition, action, actor)
        taken = (*deposition.taken, action)
        deposition = replace(deposition, state=state, reports=reports, taken=taken)
        assert state is expected

    assert is_peer_reviewed(deposition.taken)


def test_the_table_names_each_step_once_and_every_state_is_reached():
    assert len({(step.state, step.action) for step in STEPS}) == len(STEPS)
    assert {step.to for step in STEPS} | {State.DRAFT} == set(State)


@pytest.mark.parametrize("state", State)
def test_only_what_the_table_says_is_possible_and_all_of_it_is(state):
    everybody = [JANE, EDITOR, REVIEWER, CURATOR]
    rows = {(step.state, step.action): step for step in STEPS}
    for alone in (True, False):
        deposition = at(state, reports=2, is_library_of_one=alone)
        for actor in everybody:
            for action in Action:
                if action in possible(deposition, actor):
                    assert take(deposition, action, actor) is rows[state, action].to
                else:
                    with pytest.raises(StepRefused) as refused:
                        take(deposition, action, actor)
                    assert refused.value.fix.endswith(".")


def test_nobody_reviews_edits_or_curates_their_own():
    co_author = Actor("joe", frozenset(Person))
    for state, action in (
        (State.SUBMITTED, Action.TAKE_UP),
        (State.IN_REVIEW, Action.REPORT),
        (State.IN_REVIEW, Action.ACCEPT),
        (State.CURATION, Action.FINISH_CURATION),
    ):
        deposition = at(state, reports=2, reviewers=frozenset({"jane", "joe"}))
        for actor in (JANE, co_author):
            with pytest.raises(StepRefused, match="an image of their own"):
                take(deposition, action, actor)
    assert roles_of(JANE, DEPOSITION) == {Person.DEPOSITOR}
    assert roles_of(co_author, DEPOSITION) == frozenset()


def test_a_co_author_leaves_the_depositing_to_the_depositor():
    with pytest.raises(StepRefused, match="only the person who deposits it"):
        take(DEPOSITION, Action.SUBMIT, Actor("joe"))


def test_only_those_who_were_asked_may_report():
    stranger = Actor("sam", frozenset({Person.REVIEWER}))

    with pytest.raises(StepRefused, match="only a reviewer may"):
        take(at(State.IN_REVIEW), Action.REPORT, stranger)


def test_two_reviewers_are_named_and_two_reports_come_before_it_is_accepted():
    own = at(State.TRIAGE, reviewers=frozenset({"rita", "joe"}))
    with pytest.raises(StepRefused, match="2 reviewers must be named"):
        take(own, Action.SEND_TO_REVIEW, EDITOR)
    with pytest.raises(StepRefused, match="it has 1 of 2 reports"):
        take(at(State.IN_REVIEW, reports=1), Action.ACCEPT, EDITOR)


def test_an_appeal_is_heard_once():
    assert take(at(State.REJECTED), Action.APPEAL, JANE) is State.TRIAGE
    with pytest.raises(StepRefused, match="done once"):
        take(at(State.REJECTED, taken=(Action.APPEAL,)), Action.APPEAL, JANE)


def test_a_library_of_one_publishes_directly_and_never_feigns_a_review():
    alone = at(State.DRAFT, is_library_of_one=True)

    assert take(alone, Action.PUBLISH_DIRECTLY, JANE) is State.PUBLISHED
    assert take(alone, Action.HOLD, JANE) is State.HELD
    assert not is_peer_reviewed([Action.PUBLISH_DIRECTLY, Action.CORRECT])
    with pytest.raises(StepRefused, match="nobody who could review"):
        take(alone, Action.SUBMIT, JANE)


def test_a_library_with_reviewers_publishes_nothing_directly():
    for action in (Action.PUBLISH_DIRECTLY, Action.HOLD):
        with pytest.raises(StepRefused, match="this library has reviewers"):
            take(DEPOSITION, action, JANE)


@pytest.mark.parametrize(
    ("state", "actor", "fix"),
    [
        (State.SUBMITTED, JANE, "You may cancel it."),
        (State.SUBMITTED, EDITOR, "You may take it up."),
        (
            State.SUBMITTED,
            REVIEWER,
            "An editor or an admin may take it up; the depositor may cancel it.",
        ),
        (
            State.WITHDRAWN,
            JANE,
            "Nothing more is done with it; deposit the image anew if need be.",
        ),
    ],
)
def test_a_refusal_says_what_may_be_done_instead(state, actor, fix):
    with pytest.raises(StepRefused) as refused:
        take(at(state), Action.ACCEPT, actor)

    assert refused.value.fix == fix


def test_every_state_is_one_that_stored_records_have():
    statuses = {state: state.status for state in State}

    assert set(statuses.values()) == set(Status)
    shown = {s for s, status in statuses.items() if status is Status.PUBLISHED}
    assert shown == {State.PUBLISHED}
