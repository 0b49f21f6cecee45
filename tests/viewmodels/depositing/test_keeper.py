from __future__ import annotations

from threading import Thread

import pytest

from napari_cellib.annotate.saying import Speaker, remark, retract, say
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.errors import CellibError
from napari_cellib.jobs import drive
from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import Statements
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.annotating.keeping import write_draft
from napari_cellib.viewmodels.depositing.keeper import Keeper
from napari_cellib.viewmodels.depositing.starting import hand_in_job
from napari_cellib.viewmodels.depositing.wizard import WizardModel
from napari_cellib.viewmodels.libraries import Libraries


@pytest.fixture
def drafts(tmp_path):
    return Drafts(Settings(data_folder=tmp_path).drafts_folder)


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


def test_what_the_panel_says_of_an_open_draft_is_kept_with_what_is_typed(
    drafts, keeper, tmp_path
):
    nucleus, mouse = Term(text="nucleus"), Term(text="mouse")
    model = WizardModel(keeper.newest)
    model.set(title="Here")
    model.set_terms(TermField.ORGANISM, (mouse,))
    keeper.note(model.draft)
    keeper.save()

    jane, libraries = Speaker("Doe, Jane"), Libraries(Settings(data_folder=tmp_path))
    (old,) = model.draft.annotations
    said = Statements(
        annotations=(say(jane, TermField.CELL_TYPE, nucleus), retract(jane, old)),
        remarks=(remark(jane, "The fold is torn"),),
    )
    write_draft(libraries, model.draft.id, said)
    model.set(title="Here again")
    keeper.note(model.draft)
    saving = keeper.save()

    assert not saving.is_copy
    kept = drafts.open(model.draft.id)
    assert (kept.title, kept.annotations) == ("Here again", said.annotations[:1])
    assert kept.statements.remarks == said.remarks

    # Typed before the answer was seen: nothing is lost. Shown, it may be taken away.
    keeper.note(model.draft.typed(title="On and on"))
    keeper.save()
    assert drafts.open(model.draft.id).annotations == said.annotations[:1]
    for one in keeper.elsewhere:
        model.fill(one.on)
    keeper.shown(keeper.elsewhere)
    assert model.draft.terms(TermField.CELL_TYPE) == (nucleus,)
    model.set_terms(TermField.CELL_TYPE, ())
    keeper.note(model.draft)
    keeper.save()
    assert drafts.open(model.draft.id).annotations == ()

    # Handed in without another letter typed, it has what was said last.
    last = Statements(remarks=(remark(jane, "Mended"),))
    write_draft(libraries, model.draft.id, last)
    drive(hand_in_job(keeper, drafts, None))
    assert keeper.newest.statements.remarks == (*said.remarks, *last.remarks)
    assert len(drafts.all()) == 1


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
