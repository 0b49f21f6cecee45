from __future__ import annotations

from threading import Thread

import pytest

from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.errors import CellibError
from napari_cellib.viewmodels.depositing.keeper import Keeper


@pytest.fixture
def drafts(tmp_path):
    return Drafts(tmp_path / "drafts")


@pytest.fixture
def keeper(drafts):
    return Keeper(drafts, Draft())


def test_nothing_is_written_before_something_was_said(drafts, keeper):
    assert keeper.save() is None
    assert drafts.all() == ()


def test_the_newest_state_is_saved(drafts, keeper):
    draft = keeper.newest
    for title in ("C", "Ce", "Cell"):
        keeper.note(draft.typed(title=title))
    keeper.save()

    assert drafts.open(draft.id).title == "Cell"
    assert keeper.is_kept


def test_saves_that_overlap_are_no_conflict(drafts, keeper):
    draft = keeper.newest

    def save(number):
        keeper.note(draft.typed(title=f"Cells {number}"))
        keeper.save()

    threads = [Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keeper.save()

    assert len(drafts.all()) == 1
    assert keeper.newest.id == draft.id


def test_a_change_by_another_window_makes_a_copy(drafts, keeper):
    draft = keeper.newest
    keeper.note(draft.typed(title="Here"))
    keeper.save()
    drafts.save(drafts.open(draft.id).typed(title="There"))

    keeper.note(draft.typed(title="Here again"))
    saving = keeper.save()
    assert saving.is_copy
    assert drafts.open(draft.id).title == "There"

    keeper.note(draft.typed(title="On and on"))
    keeper.save()
    assert keeper.newest.id == saving.draft.id
    assert drafts.open(saving.draft.id).title == "On and on"
    assert len(drafts.all()) == 2


def test_what_could_not_be_saved_is_tried_again(tmp_path):
    blocked = tmp_path / "drafts"
    blocked.write_text("a file where the folder should be")
    keeper = Keeper(Drafts(blocked), Draft())
    keeper.note(keeper.newest.typed(title="Cells"))
    with pytest.raises((CellibError, OSError)):
        keeper.save()
    assert not keeper.is_kept

    blocked.unlink()
    assert keeper.save() is not None


def test_what_was_handed_in_is_not_written_again(drafts, keeper):
    keeper.note(keeper.newest.typed(title="Cells"))
    keeper.save()
    drafts.delete(keeper.newest.id)
    keeper.finish()
    keeper.note(keeper.newest.typed(title="Late"))

    assert keeper.save() is None
    assert drafts.all() == ()
