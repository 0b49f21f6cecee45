"""What a line of the list of depositions says, and what it lets a person do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from napari_cellib.deposit.depositions import (
    Deposition,
    Event,
    SavedDeposition,
    Stage,
)
from napari_cellib.deposit.draft import Draft, DraftPerson
from napari_cellib.deposit.drafts import SavedDraft
from napari_cellib.deposit.journal import TransferState, TransferStatus
from napari_cellib.deposit.pace import TransferProgress
from napari_cellib.deposit.states import Action, State
from napari_cellib.errors import (
    CarrierUnreachable,
    CarrierUnsound,
    FilesRefused,
    LayersGone,
    LibraryNotFound,
    ManifestUnreadable,
    StorageFull,
    TransferBusy,
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.depositions_history import _PAST, history_of
from napari_cellib.viewmodels.depositions_questions import question_of
from napari_cellib.viewmodels.depositions_rows import (
    Deed,
    Phase,
    Underway,
    deposition_row,
    draft_row,
    newest_first,
)

ORCID = "0000-0002-1825-0097"
NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


def saved(stage=Stage.SENDING, state=State.DRAFT, **fields):
    draft = Draft(
        title="Yeast",
        embargo_until=fields.pop("embargo_until", None),
        contributors=(DraftPerson(name="Ada Lovelace", orcid=ORCID),),
    )
    done = Event(at=NOW, action=Action.PUBLISH_DIRECTLY, by=ORCID)
    values = {
        "id": draft.id,
        "draft": draft,
        "library": "mine",
        "place": "/data/mine",
        "record": "CLB000001X",
        "state": state,
        "stage": stage,
        "history": (done,),
        "version_of": None,
        "digest": None,
    }
    found = Deposition(**(values | fields))
    return SavedDeposition(draft.id, "Yeast", NOW, found, None)


def status(size_sent=420, problems=None):
    return TransferStatus(
        TransferState.SENDING, "CLB000001X", 10, 1000, 4, size_sent,
        problems or {}, None, None,
    )  # fmt: skip


def sending(done):
    return TransferProgress(
        "Sending", done, 1000, files=4, files_total=10, bytes_per_s=100.0, left_s=5.8
    )


DONE = {"stage": Stage.DONE, "state": State.PUBLISHED}


@pytest.mark.parametrize(
    ("row", "state", "phase"),
    [
        (draft_row(SavedDraft("0" * 32, "Yeast", NOW)), "draft", Phase.DRAFT),
        (deposition_row(saved()), "not sent yet", Phase.UNFINISHED),
        (
            deposition_row(saved(), status=status()),
            "stopped at 42 %",
            Phase.UNFINISHED,
        ),
        (
            deposition_row(saved(), underway=Underway()),
            "waiting for its turn",
            Phase.WAITING,
        ),
        (
            deposition_row(saved(), underway=Underway(sending(420))),
            "sending 42 %",
            Phase.RUNNING,
        ),
        (
            deposition_row(saved(), underway=Underway(Progress("Finishing"))),
            "finishing",
            Phase.RUNNING,
        ),
        (
            deposition_row(saved(), underway=Underway(sending(420), is_stopping=True)),
            "stopping…",
            Phase.RUNNING,
        ),
        (
            deposition_row(saved(), error=StorageFull("/data/mine")),
            "stuck: the drive is full",
            Phase.STUCK,
        ),
        (
            deposition_row(saved(), error=CarrierUnreachable("/data", "no")),
            "stuck: the library does not answer",
            Phase.STUCK,
        ),
        (
            deposition_row(saved(), status=status(problems={"a/b": "It changed."})),
            "stuck: 1 file was not sent",
            Phase.STUCK,
        ),
        (
            deposition_row(saved(), error=TransferBusy("/data")),
            "sent by another program",
            Phase.RUNNING,
        ),
        (deposition_row(saved(**DONE)), "published, not peer reviewed", Phase.DONE),
        (
            deposition_row(saved(Stage.DONE, State.HELD, embargo_until="2999-01-01")),
            "held until 2999-01-01",
            Phase.HELD,
        ),
        (
            deposition_row(saved(Stage.DONE, State.WITHDRAWN)),
            "withdrawn",
            Phase.WITHDRAWN,
        ),
        (
            draft_row(SavedDraft("0" * 32, problem="It is damaged.")),
            "damaged",
            Phase.DAMAGED,
        ),
        (
            deposition_row(SavedDeposition("0" * 32, None, NOW, None, "It is cut.")),
            "damaged",
            Phase.DAMAGED,
        ),
    ],
)
def test_a_line_says_where_it_stands(row, state, phase):
    assert (row.state, row.phase) == (state, phase)
    assert row.spoken(NOW).startswith(row.title)


ERRORS = (
    StorageFull("/data"),
    CarrierUnreachable("/data", "no"),
    CarrierUnsound("it lies"),
    TransferIncomplete(1, "a", "It changed."),
    TransferUnreadable("/data", "it is cut"),
    ManifestUnreadable("/data", "there is none"),
    LibraryNotFound("/data", fix="Connect its drive."),
    LayersGone(["nuclei"]),
    FilesRefused("/data/a.tif", "it is not there"),
    ValueError("<b>what</b>"),
)
UNFINISHED = [stage for stage in Stage if stage is not Stage.DONE]


@pytest.mark.parametrize("stage", UNFINISHED)
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("problems", [{}, {"a": "b"}])
def test_whatever_is_stuck_can_be_tried_again_and_given_up(stage, error, problems):
    row = deposition_row(saved(stage), status=status(problems=problems), error=error)

    assert {Deed.RETRY, Deed.GIVE_UP} <= set(row.deeds)
    assert (Deed.FIND_LIBRARY in row.deeds) == isinstance(error, LibraryNotFound)
    assert row.can_go_on
    assert row.detail


@pytest.mark.parametrize("stage", UNFINISHED)
def test_whatever_is_not_done_can_be_stopped_or_gone_on_with_and_given_up(stage):
    one = saved(stage)
    for row in (deposition_row(one), deposition_row(one, status=status())):
        assert {Deed.GO_ON, Deed.GIVE_UP} <= set(row.deeds)
    waiting = deposition_row(one, underway=Underway())
    assert {Deed.PAUSE, Deed.GIVE_UP} <= set(waiting.deeds)
    running = deposition_row(one, underway=Underway(Progress("Writing the image")))
    assert Deed.PAUSE in running.deeds  # and given up then


@pytest.mark.parametrize("state", State)
def test_whatever_is_done_is_no_dead_end(state):
    row = deposition_row(saved(Stage.DONE, state, embargo_until="2999-01-01"))

    assert {Deed.SHOW, Deed.HISTORY} <= set(row.deeds)


def test_what_is_damaged_says_why_and_can_be_deleted():
    for row in (
        draft_row(SavedDraft("0" * 32, problem="It is cut off.")),
        deposition_row(SavedDeposition("0" * 32, None, NOW, None, "It is cut off.")),
    ):
        assert row.deeds == (Deed.DELETE,)
        assert row.detail == "It is cut off."


def test_a_line_on_its_way_says_how_fast_it_is_and_how_long_it_takes():
    row = deposition_row(saved(), underway=Underway(sending(420)))

    assert row.detail == "420 bytes of 1.0 kB · 4 of 10 files\n100 bytes/s · 6 s left"
    assert row.share == 0.42


def test_what_another_program_sends_is_not_unfinished_but_can_be_tried():
    row = deposition_row(saved(), error=TransferBusy("/data"))

    assert not row.can_go_on
    assert Deed.RETRY in row.deeds


def test_a_line_that_waits_for_its_library_says_for_what():
    waiting = Progress("Waiting. The library in /data takes nothing at the moment: no.")
    row = deposition_row(saved(), underway=Underway(waiting))

    assert row.state == "waiting"
    assert row.detail.startswith("The library in /data")


def test_what_was_held_long_enough_is_to_be_published():
    row = deposition_row(saved(Stage.DONE, State.HELD, embargo_until="2020-01-01"))

    assert row.state == "held until 2020-01-01, to be published"
    assert row.deeds[0] is Deed.PUBLISH


def test_only_what_is_held_can_be_published():
    held = deposition_row(saved(Stage.DONE, State.HELD, embargo_until="2999-01-01"))
    public = deposition_row(saved(**DONE))

    assert Deed.PUBLISH in held.deeds
    assert Deed.PUBLISH not in public.deeds
    assert Deed.CORRECT in public.deeds


def test_what_is_withdrawn_offers_no_files():
    deeds = deposition_row(saved(Stage.DONE, State.WITHDRAWN)).deeds

    assert not {Deed.OPEN, Deed.VERIFY, Deed.WITHDRAW} & set(deeds)
    assert {Deed.CITE, Deed.SHOW, Deed.HISTORY} <= set(deeds)


def test_the_newest_comes_first_and_what_has_no_date_last():
    old = draft_row(SavedDraft("1" * 32, "Old", datetime(2025, 1, 1, tzinfo=UTC)))
    new = draft_row(SavedDraft("2" * 32, "New", NOW))
    none = draft_row(SavedDraft("3" * 32, problem="It is damaged."))

    assert newest_first([none, old, new]) == (new, old, none)


def test_what_ends_something_is_asked_before():
    row = deposition_row(saved())

    assert {d for d in Deed if question_of(d, row)} == {
        Deed.GIVE_UP,
        Deed.DELETE,
        Deed.PUBLISH,
    }


def test_the_history_says_who_did_what_and_when():
    withdrawn = Event(at=NOW, action=Action.WITHDRAW, by="Ada", note="Mixed up.")
    found = saved().deposition
    found = found.model_copy(update={"history": (*found.history, withdrawn)})

    first, last = history_of(found, NOW)

    assert first.when == "today, 20:00"
    assert first.who == "Ada Lovelace (0000-0002-1825-0097)"
    assert first.what == "Published without review"
    assert (last.what, last.who, last.note) == ("Withdrawn", "Ada", "Mixed up.")
    assert set(_PAST) == set(Action)
