"""The list of depositions, and what is done with each, without a window."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_cellib.deposit.draft import Draft, Source
from napari_cellib.deposit.own import OWN_ID
from napari_cellib.errors import (
    DraftIncomplete,
    LayersGone,
    LibraryNotFound,
    TargetExists,
)
from napari_cellib.jobs import drive
from napari_cellib.model import Query, Status
from napari_cellib.viewmodels.depositions import DepositionsModel
from napari_cellib.viewmodels.depositions_deeds import CITATIONS, link_to
from napari_cellib.viewmodels.depositions_rows import Deed, Phase
from napari_cellib.viewmodels.depositions_target import make_library_job
from napari_cellib.viewmodels.depositions_transfers import Order
from napari_cellib.viewmodels.libraries import Libraries


class Desk:
    """A person's depositions, and a thread that is none."""

    def __init__(self, settings):
        self.libraries = Libraries(settings)
        self.model = DepositionsModel(self.libraries)
        self.model.targets = drive(make_library_job(self.libraries))
        self.look()

    @property
    def library(self):
        return self.libraries.get(OWN_ID)

    def look(self):
        self.model.take_list(drive(self.model.list_job()))

    def submit(self, draft, layers=()):
        (order,) = drive(self.model.submit_job(draft, layers)).orders
        self.model.transfers.add(order)
        self.look()

    def send(self, *, steps=None):
        """Send what waits; stop after some steps, as a person or a crash does."""
        job = self.model.transfers.next_job()
        try:
            with closing(job):
                if steps is None:
                    drive(job)
                else:
                    for _ in range(steps):
                        self.model.transfers.take_progress(next(job))
        except Exception as error:
            self.model.transfers.settle(error)
            self.look()
            raise
        self.model.transfers.settle(is_done=steps is None)
        self.look()

    def row(self, number=0):
        return self.model.rows[number]

    def deposition(self):
        return self.row().deposition

    def do(self, deed, *args):
        outcome = drive(getattr(self.model.deeds, deed)(self.deposition(), *args))
        self.look()
        return outcome


@pytest.fixture
def desk(settings):
    made = Desk(settings)
    yield made
    made.libraries.close()


@pytest.fixture
def published(desk, draft_of_layers, layers):
    desk.submit(draft_of_layers, layers)
    desk.send()
    return desk


def test_a_draft_becomes_a_record_that_is_found(desk, draft_of_layers, layers):
    desk.model.drafts.save(draft_of_layers)
    desk.look()
    assert desk.row().state == "draft"

    desk.submit(draft_of_layers, layers)
    assert desk.row().state == "waiting for its turn"
    assert len(desk.model.rows) == 1
    desk.send()

    assert desk.row().state == "published, not peer reviewed"
    found = desk.library.search(Query(text="wing disc"))
    assert [hit.record.id for hit in found.hits] == [desk.row().accession]


def test_a_file_that_the_library_has_is_not_deposited_again(
    desk, draft_of_layers, tmp_path
):
    path = tmp_path / "disc.tif"
    tifffile.imwrite(path, np.arange(2000, dtype="uint16").reshape(40, 50))
    copy = shutil.copy(path, tmp_path / "the same.tif")
    first = draft_of_layers.typed(sources=(Source(path=str(path)),))
    again = first.model_copy(
        update={"id": "0" * 32, "sources": (Source(path=str(copy)),)}
    )
    desk.submit(first)
    desk.send()

    with pytest.raises(DraftIncomplete, match="already") as refused:
        drive(desk.model.submit_job(again, ()))

    assert desk.row().accession in str(refused.value)


def test_what_was_stopped_goes_on_with_one_step(desk, draft_of_layers, layers):
    desk.submit(draft_of_layers, layers)
    desk.send(steps=4)
    assert desk.row().phase is Phase.UNFINISHED
    assert desk.model.unfinished_in_words == "1 deposition is not through yet."

    desk.model.go_on_with_all()
    assert desk.model.unfinished == ()
    desk.send()

    assert desk.row().phase is Phase.DONE


def test_layers_that_were_not_written_are_asked_for_again(
    desk, settings, draft_of_layers, layers
):
    desk.submit(draft_of_layers, layers)
    again = Desk(settings)  # after a restart
    row = again.row()
    again.model.go_on(row.id)
    with pytest.raises(LayersGone):
        again.send()
    assert again.model.lacks_layers(row.id)
    assert again.row().state == "stuck: its layers are no longer open"

    again.model.transfers.add(Order(row.id, layers))
    again.send()

    assert again.row().phase is Phase.DONE
    again.libraries.close()


def test_a_draft_that_lacks_something_stays_a_draft(desk, draft_of_layers):
    draft = desk.model.drafts.save(draft_of_layers.typed(title=None)).draft

    with pytest.raises(DraftIncomplete):
        drive(desk.model.submit_job(draft, ()))
    desk.look()

    assert desk.row().phase is Phase.DRAFT


def test_without_a_library_nothing_is_submitted(settings, draft_of_layers):
    model = DepositionsModel(Libraries(settings))

    assert model.empty.title == "Looking for depositions…"
    model.take_list(drive(model.list_job()))
    assert model.empty.button == "Make “My library”"
    with pytest.raises(LibraryNotFound):
        drive(model.submit_job(draft_of_layers, ()))


def test_what_is_given_up_is_a_draft_again(desk, draft_of_layers, layers):
    desk.submit(draft_of_layers, layers)
    desk.send(steps=4)

    told = desk.do("give_up")

    assert "draft again" in told.words
    assert desk.row().is_draft
    assert desk.row().title == draft_of_layers.title


def test_it_can_be_given_up_when_its_library_is_gone(desk, draft_of_layers, layers):
    desk.submit(draft_of_layers, layers)
    desk.send(steps=4)
    desk.libraries.close()
    shutil.rmtree(desk.deposition().place)
    desk.model.go_on(desk.row().id)
    with pytest.raises(LibraryNotFound):
        desk.send()
    assert desk.row().state == "stuck: its library is not there"

    desk.do("give_up")

    assert desk.row().is_draft


def test_it_goes_on_where_its_library_is_now(desk, draft_of_layers, layers, tmp_path):
    desk.submit(draft_of_layers, layers)
    desk.send(steps=4)
    place = Path(desk.deposition().place)
    renamed = place.rename(place.with_name("of-jane"))  # while it is open here
    assert desk.model.deeds.library_of(desk.deposition()).folder == renamed

    away = shutil.move(renamed, tmp_path / "drive")
    with pytest.raises(LibraryNotFound, match="say where it is now"):
        desk.do("verify")
    with pytest.raises(LibraryNotFound):
        desk.do("find_library", place)
    told = desk.do("find_library", away)

    assert told.found == desk.row().id
    desk.model.go_on(told.found)
    desk.send()
    assert desk.row().state == "published, not peer reviewed"
    assert Path(desk.deposition().place) == away


def test_drafts_and_the_remains_of_depositions_can_be_deleted(desk, published):
    desk.model.drafts.save(Draft(title="Yeast"))
    (desk.model.depositions.folder(desk.row().id) / "deposition.json").write_text("{")
    desk.look()
    damaged = next(r for r in desk.model.rows if r.phase is Phase.DAMAGED)
    assert "cannot be read" in damaged.detail

    for row in desk.model.rows:
        assert Deed.DELETE in row.deeds
        drive(desk.model.deeds.delete(row))
    desk.look()

    assert desk.model.rows == ()


def test_a_link_opens_the_record(published):
    assert link_to(published.deposition()) == "cellib://my-library/CLB000001X"


@pytest.mark.parametrize("style", CITATIONS)
def test_a_deposition_is_cited_in_every_style(published, style):
    outcome = published.do("copy_citation", style)

    assert "Wing disc" in outcome.copied
    assert outcome.words.endswith("was copied.")


def test_an_ro_crate_is_saved_once(published, tmp_path):
    outcome = published.do("save_crate", tmp_path)

    folder = tmp_path / "CLB000001X-ro-crate"
    crate = json.loads((folder / "ro-crate-metadata.json").read_text("utf-8"))
    assert crate["@graph"]
    assert "Wing disc" in (folder / "CITATION.cff").read_text("utf-8")
    assert str(folder) in outcome.words
    with pytest.raises(TargetExists):
        published.do("save_crate", tmp_path)


def test_files_are_verified_and_the_result_is_said(published):
    assert "are as they were deposited" in published.do("verify").words

    folder = published.library.blob_folder("CLB000001X")
    files = (p for p in (folder / "pyramid.ome.zarr").rglob("*") if p.is_file())
    next(p for p in files if p.suffix != ".json").write_bytes(b"something else")

    assert "1 file changed" in published.do("verify").words


def test_what_is_said_can_be_corrected(published):
    draft = published.deposition().draft.typed(title="Wing disc, second instar")

    published.do("correct", draft)

    assert published.row().title == "Wing disc, second instar"
    assert published.library.record("CLB000001X").title == "Wing disc, second instar"


def test_a_correction_that_was_begun_goes_on_until_it_is_made(published):
    kept = published.model.drafts.corrections
    typed = kept.save(published.deposition().draft.typed(details="Much typed.")).draft

    outcome = published.do("open_correction")
    assert outcome.correction.draft == typed

    published.do("correct", typed)
    assert typed.id not in kept
    outcome = published.do("open_correction")
    assert outcome.correction.draft.details == "Much typed."


def test_a_correction_that_cannot_be_made_is_not_lost(published):
    draft = published.deposition().draft.typed(title=None, details="Much typed.")

    outcome = published.do("correct", draft)

    assert "cannot be deposited yet" in outcome.words
    assert outcome.correction.draft.details == "Much typed."


def test_what_is_withdrawn_keeps_its_record_with_the_reason(published):
    published.do("withdraw", "The channels were mixed up.")

    assert published.row().state == "withdrawn"
    assert published.deposition().history[-1].note == "The channels were mixed up."
    assert published.library.record("CLB000001X").status is Status.WITHDRAWN


def test_a_new_version_is_a_draft_that_knows_the_old_one(published):
    draft = published.do("new_version").draft

    assert draft.version_of == "CLB000001X"
    assert draft.id != published.row().id


def test_what_is_held_can_be_published_earlier(desk, draft_of_layers, layers):
    day = (datetime.now(UTC) + timedelta(days=100)).date().isoformat()
    desk.submit(draft_of_layers.typed(embargo_until=day), layers)
    desk.send()
    assert desk.row().state == f"held until {day}"

    desk.do("publish")

    assert desk.row().phase is Phase.DONE


def test_what_was_held_is_published_on_its_day(desk, draft_of_layers, layers):
    day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    desk.submit(draft_of_layers.typed(embargo_until=day), layers)
    desk.send()
    assert desk.model.publish_due_job() is None
    held_until_yesterday(desk.model.depositions, desk.deposition())
    desk.look()

    outcome = drive(desk.model.publish_due_job())
    desk.look()

    assert "is published: its day has come." in outcome.words
    assert desk.row().phase is Phase.DONE
    assert desk.model.publish_due_job() is None


def held_until_yesterday(depositions, held):
    """Let the time pass."""
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    draft = held.draft.typed(embargo_until=day)
    depositions.save(held.model_copy(update={"draft": draft}))


def test_a_table_is_rehearsed_then_handed_in_then_sent(desk, table_of_images):
    rehearsal = drive(desk.model.rehearsal_job(table_of_images))
    assert rehearsal.button == "Deposit 2 images"
    assert "1 row cannot" in rehearsal.summary
    assert "title" in str(rehearsal.plan.problems[0]).lower()
    assert desk.model.rows == ()

    handed_in = drive(desk.model.hand_in_job(rehearsal))
    assert handed_in.words == ""
    for order in handed_in.orders:
        desk.model.transfers.add(order)
        desk.send()

    assert {row.title for row in desk.model.rows} == {"Wing disc A", "Wing disc B"}
    assert {row.phase for row in desk.model.rows} == {Phase.DONE}
    again = drive(desk.model.rehearsal_job(table_of_images))
    assert again.button == ""
    assert "2 were deposited before" in again.summary


def test_what_is_refused_after_the_rehearsal_keeps_no_other_back(desk, table_of_images):
    rehearsal = drive(desk.model.rehearsal_job(table_of_images))
    first = rehearsal.plan.drafts[2]
    rehearsal.plan.drafts[2] = first.typed(licence=None)

    handed_in = drive(desk.model.hand_in_job(rehearsal))

    assert len(handed_in.orders) == 1
    assert handed_in.words.startswith("1 image could not be handed in: row 2, ")


def test_what_another_program_deposits_is_listed_too(desk, settings, published):
    other = Desk(settings)

    assert [row.accession for row in other.model.rows] == ["CLB000001X"]
    other.libraries.close()
