from __future__ import annotations

import json

import pytest

from napari_cellib.deposit.depositing import submit
from napari_cellib.deposit.depositions import Depositions
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.errors import (
    DepositionNotFound,
    DepositionUnreadable,
    TransferBusy,
)


@pytest.fixture
def one(depositions, draft, home):
    return submit(depositions, draft, home)


def test_what_was_saved_is_the_same_when_it_is_opened(depositions, one, tmp_path):
    assert Depositions(tmp_path / "depositions").open(one.id) == one
    assert one.id in depositions
    assert "nonsense" not in depositions


def test_the_list_has_the_last_changed_first_and_names_the_damaged(
    depositions, draft, one, home
):
    second = submit(depositions, draft.model_copy(update={"id": "1" * 32}), home)
    damaged = depositions.folder("2" * 32)
    damaged.mkdir()
    (damaged / "deposition.json").write_text("{")
    depositions.save(one)

    first, other, last = depositions.all()
    assert (first.id, first.title, first.deposition) == (one.id, draft.title, one)
    assert other.id == second.id
    assert (last.id, last.deposition) == ("2" * 32, None)
    assert "cannot be read" in last.problem


def test_one_of_a_newer_program_is_refused_and_left_as_it_is(depositions, one):
    path = depositions.folder(one.id) / "deposition.json"
    newer = json.dumps({**json.loads(path.read_bytes()), "format": 2})
    path.write_text(newer)

    with pytest.raises(DepositionUnreadable, match="format"):
        depositions.open(one.id)
    assert path.read_text() == newer


@pytest.mark.parametrize("name", ["3" * 32, "../drafts", ""])
def test_one_that_is_not_there_is_not_found(depositions, name):
    with pytest.raises(DepositionNotFound):
        depositions.open(name)


def test_only_one_works_on_a_deposition(depositions, one):
    with depositions.locked(one.id), pytest.raises(TransferBusy):
        depositions.locked(one.id).__enter__()
    with depositions.locked(one.id):
        pass


def test_what_is_deleted_is_gone(depositions, one):
    depositions.delete(one.id)

    assert depositions.all() == ()
    assert not depositions.folder(one.id).exists()


def test_drafts_are_beside_unless_they_are_named(tmp_path, draft):
    depositions = Depositions(tmp_path / "depositions")
    depositions.drafts.save(draft)

    assert Drafts(tmp_path / "drafts").open(draft.id).title == draft.title
