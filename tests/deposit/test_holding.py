from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.deposit.conftest import described, write_picture

from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.depositing import carry_on, submit, withdraw
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.holding import held_as, sizes_held, with_digests
from napari_cellib.errors import DraftIncomplete
from napari_cellib.jobs import drive
from napari_cellib.pixels import write_image


def cells(folder, value=1):
    drive(write_image(folder, np.full((40, 50), value, "uint8"), axes="yx"))
    return folder


@pytest.fixture(params=["file", "zarr"])
def known(request, depositions, home, tmp_path):
    """Return what was deposited, and a copy of it under another name."""
    if request.param == "file":
        path = write_picture(tmp_path / "cell.tif")
        copy = shutil.copy(path, tmp_path / "copy.tif")
    else:
        path = cells(tmp_path / "cell.zarr")
        copy = shutil.copytree(path, tmp_path / "copy.zarr")
    deposition = submit(depositions, described(Source(path=str(path))), home)
    drive(carry_on(depositions, deposition.id, home))
    return deposition, copy


def looked_at(path, home):
    draft = described(Source(path=str(path)))
    return drive(with_digests(draft, sizes_held(home)))


def test_the_same_content_is_found_under_another_name(known, home, depositions):
    deposition, copy = known
    draft = looked_at(copy, home)

    (problem,) = check_draft(draft, held_as=held_as(home))
    assert problem.id == "content-already-held"
    assert deposition.record in problem.message
    with pytest.raises(DraftIncomplete):
        submit(depositions, draft, home)


def test_what_was_withdrawn_may_be_deposited_again(known, home, depositions):
    deposition, copy = known
    withdraw(depositions, deposition.id, home, reason="Of the wrong day.")

    assert check_draft(looked_at(copy, home), held_as=held_as(home)) == []


def test_only_what_is_as_large_as_something_held_is_read(known, home, tmp_path):
    other = tmp_path / "other.tif"
    other.write_bytes(b"1234")

    assert looked_at(other, home).sources[0].digest is None


def test_other_content_of_the_same_size_is_another_image(known, home, tmp_path):
    if Path(known[1]).is_dir():
        other = cells(tmp_path / "other.zarr", 2)
    else:
        other = write_picture(tmp_path / "other.tif", seed=2)

    assert check_draft(looked_at(other, home), held_as=held_as(home)) == []


def test_an_empty_library_holds_nothing(home):
    assert sizes_held(home) == frozenset()
    assert held_as(home)("0" * 64) is None
