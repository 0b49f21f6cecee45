"""A library may be moved or renamed while it is deposited into."""

from __future__ import annotations

from contextlib import closing

import pytest
from tests.deposit.hands import stopped_after

from napari_cellib.deposit.depositing import carry_on, give_up, submit
from napari_cellib.deposit.transfer import Patience
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import CarrierUnreachable, DepositRefused, TransferBusy
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary


def test_another_library_is_refused(depositions, draft, home, tmp_path):
    deposition = submit(depositions, draft, home)
    other = EmbeddedLibrary.create(tmp_path / "other", id="other", name="Other")
    try:
        with pytest.raises(DepositRefused, match="handed in for the library lab"):
            drive(carry_on(depositions, deposition.id, other))
    finally:
        other.close()


def moved(home, target):
    home.close()
    home.folder.rename(target)
    return EmbeddedLibrary.open(target)


@pytest.mark.parametrize("label", ["Writing the image", "Sending", "Adding the record"])
def test_a_library_that_was_moved_meanwhile_gets_the_rest(
    depositions, draft, home, tmp_path, label
):
    deposition = submit(depositions, draft, home)
    stopped_after(carry_on(depositions, deposition.id, home), label)
    with closing(moved(home, tmp_path / "drive")) as there:
        record = drive(carry_on(depositions, deposition.id, there))

        assert depositions.open(deposition.id).place == str(tmp_path / "drive")
        assert drive(verify(there.blob_folder(record.id))).ok


def test_a_library_moved_while_it_is_sent_to_is_not_there(
    depositions, draft, home, tmp_path
):
    deposition = submit(depositions, draft, home)
    job = carry_on(depositions, deposition.id, home, patience=Patience(0.01, tries=1))
    for step in job:
        if step.label == "Sending":
            break
    home.folder.rename(tmp_path / "drive")

    with pytest.raises(CarrierUnreachable, match="it is not there"):
        drive(job)
    assert not home.folder.exists()
    with closing(EmbeddedLibrary.open(tmp_path / "drive")) as there:
        assert drive(carry_on(depositions, deposition.id, there))


def test_a_library_of_the_same_name_is_not_the_one(depositions, draft, home, tmp_path):
    deposition = submit(depositions, draft, home)
    moved(home, tmp_path / "drive").close()
    with closing(EmbeddedLibrary.create(home.folder, id="lab", name="Lab")) as other:
        for deed in (carry_on, give_up):
            with pytest.raises(DepositRefused, match="which was in"):
                drive(deed(depositions, deposition.id, other))
    with pytest.raises(DepositRefused):
        depositions.moved(deposition, home.folder)
    assert depositions.moved(deposition, tmp_path / "drive") == 1
    assert depositions.open(deposition.id).place == str(tmp_path / "drive")


def test_what_somebody_is_at_work_on_is_not_written_over(
    depositions, draft, home, tmp_path
):
    one = submit(depositions, draft, home)
    other = submit(depositions, draft.model_copy(update={"id": "f" * 32}), home)
    moved(home, tmp_path / "drive").close()
    with depositions.locked(other.id):
        assert depositions.moved(one, tmp_path / "drive") == 1
        with pytest.raises(TransferBusy):
            depositions.moved(other, tmp_path / "drive")
    assert depositions.open(other.id) == other
    assert depositions.moved(one, tmp_path / "drive") == 2
    assert depositions.open(other.id).place == str(tmp_path / "drive")
