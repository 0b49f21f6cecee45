from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from tests.deposit.conftest import described

from napari_cellib.deposit.afterwards import (
    correct,
    is_due,
    lift,
    new_version,
    withdraw,
)
from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.states import Action, State
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import DepositRefused, DraftIncomplete, StepRefused
from napari_cellib.jobs import drive
from napari_cellib.model import Query, Status

UNTIL = date.today() + timedelta(days=30)


@pytest.fixture
def done(depositions, draft, home):
    """Return a deposition that is in the library."""
    return deposit(depositions, draft, home)


def deposit(depositions, draft, home, **options):
    deposition = submit(depositions, draft, home, **options)
    drive(carry_on(depositions, deposition.id, home))
    return depositions.open(deposition.id)


def actions(depositions, done):
    return [event.action for event in depositions.open(done.id).history]


def test_a_withdrawn_image_leaves_a_record_that_says_why(depositions, home, done):
    record = withdraw(depositions, done.id, home, reason=" The wrong fly. ")

    assert record.status is Status.WITHDRAWN
    assert record.representations == ()
    assert dict(record.extra)["withdrawn"].endswith(": The wrong fly.")
    assert home.search(Query()).total == 0
    assert home.record(done.record).title == done.draft.title
    assert home.thumbnail(done.record) is not None
    assert drive(verify(home.blob_folder(done.record))).ok  # nothing is lost
    assert depositions.open(done.id).state is State.WITHDRAWN
    assert depositions.open(done.id).history[-1].note == "The wrong fly."
    with pytest.raises(StepRefused, match="it is withdrawn"):
        withdraw(depositions, done.id, home, reason="Again.")


def test_nothing_is_withdrawn_without_a_reason(depositions, home, done):
    with pytest.raises(DepositRefused, match="nothing says why"):
        withdraw(depositions, done.id, home, reason=" ")


def test_a_correction_changes_what_is_said_and_never_the_files(depositions, home, done):
    before = home.record(done.record)
    new = done.draft.typed(title="Wing disc, second instar", sources=(), sizes={"y": 1})
    record = correct(depositions, done.id, home, new)

    assert record.title == "Wing disc, second instar"
    assert record.representations == before.representations
    assert record.dimensions == before.dimensions
    assert record.dates.published == before.dates.published
    assert record.dates.modified is not None
    assert actions(depositions, done)[-1] is Action.CORRECT
    kept = depositions.open(done.id).draft
    assert (kept.title, kept.sources) == (new.title, done.draft.sources)
    assert home.search(Query(text="second")).total == 1


def test_a_correction_with_errors_changes_nothing(depositions, home, done):
    with pytest.raises(DraftIncomplete):
        correct(depositions, done.id, home, done.draft.typed(title=None))

    assert home.record(done.record).title == done.draft.title
    assert depositions.open(done.id) == done


def test_what_was_held_becomes_public_when_it_is_lifted(depositions, draft, home):
    held = deposit(depositions, draft, home, hold_until=UNTIL)
    assert not is_due(held)
    record = lift(depositions, held.id, home)

    assert record.status is Status.PUBLISHED
    assert record.dates.published == record.dates.deposited
    assert "not public before" not in dict(record.extra)
    assert home.search(Query()).total == 1
    assert actions(depositions, held) == [Action.SUBMIT, Action.HOLD, Action.PUBLISH]
    with pytest.raises(StepRefused):
        lift(depositions, held.id, home)


@pytest.fixture
def in_zone(monkeypatch):
    """Return what takes this computer into another time zone."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has one zone for all")
def test_what_is_held_is_due_when_the_day_has_come_here(
    depositions, draft, home, in_zone
):
    held = deposit(depositions, draft, home, hold_until=UNTIL)
    evening_before = datetime.combine(UNTIL, datetime.min.time(), UTC)
    in_zone("PST8")
    assert not is_due(held, at=evening_before)
    assert is_due(held, at=evening_before + timedelta(hours=8))
    in_zone("JST-9")
    assert is_due(held, at=evening_before)


def test_a_new_version_is_prefilled_and_either_names_the_other(depositions, home, done):
    draft = new_version(depositions, done.id)
    assert (draft.sources, draft.version) == ((), 0)
    assert (draft.title, draft.version_of) == (done.draft.title, done.record)
    layer = (np.ones((9, 9), "uint8"), {"name": "nuclei"}, "image")
    newer = submit(depositions, draft.typed(sources=(Source(layer="nuclei"),)), home)
    record = drive(carry_on(depositions, newer.id, home, layers=[layer]))

    assert record.new_version_of == done.record
    former = home.record(done.record)
    assert former.newer_version == record.id
    corrected = done.draft.typed(title="Leg disc")
    assert correct(depositions, done.id, home, corrected).newer_version == record.id
    assert newer.version_of == done.record


def test_what_is_not_in_the_library_yet_can_only_be_given_up(depositions, draft, home):
    deposition = submit(depositions, draft, home)

    with pytest.raises(DepositRefused, match="not in the library yet"):
        withdraw(depositions, deposition.id, home, reason="No.")


def test_the_version_of_a_draft_is_not_taken_from_a_template():
    template = described().model_copy(update={"version_of": "CLB000001X"})

    assert described().filled_by(template).version_of is None


def test_what_is_held_can_be_corrected_and_stays_held(depositions, draft, home):
    held = deposit(depositions, draft, home, hold_until=UNTIL)
    record = correct(depositions, held.id, home, held.draft.typed(title="Leg disc"))

    assert (record.title, record.status) == ("Leg disc", Status.ACCEPTED)
    assert dict(record.extra)["not public before"] == UNTIL.isoformat()
    assert depositions.open(held.id).state is State.HELD
