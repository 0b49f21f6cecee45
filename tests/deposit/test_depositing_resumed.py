"""Whatever stops a deposition, it goes on, or it is given up."""

from __future__ import annotations

import errno
import os
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
import tifffile
from tests.deposit.conftest import contents, described, write_picture
from tests.deposit.hands import STEPS, stopped_after

from napari_cellib.deposit.depositing import carry_on, give_up, submit
from napari_cellib.deposit.depositions import Depositions, Stage
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import (
    DepositionNotFound,
    DepositRefused,
    FileChanged,
    LayersChanged,
    LayersGone,
    RecordNotFound,
    StorageFull,
    TransferBusy,
    TransferIncomplete,
)
from napari_cellib.jobs import drive
from napari_cellib.model import Query
from napari_cellib.pixels.image import open_image


def test_layers_that_are_gone_must_be_chosen_again(depositions, home):
    deposition = submit(depositions, described(Source(layer="nuclei")), home)

    with pytest.raises(LayersGone, match="nuclei"):
        drive(carry_on(depositions, deposition.id, home))
    layer = (np.ones((9, 9), "uint8"), {"name": "nuclei"}, "image")
    assert drive(carry_on(depositions, deposition.id, home, layers=[layer]))


def test_layers_are_needed_only_until_they_are_written(depositions, home):
    deposition = submit(depositions, described(Source(layer="nuclei")), home)
    layer = (np.ones((9, 9), "uint8"), {"name": "nuclei"}, "image")
    job = carry_on(depositions, deposition.id, home, layers=[layer])
    stopped_after(job, "Sending")

    assert depositions.open(deposition.id).stage is Stage.SENDING
    assert drive(carry_on(depositions, deposition.id, home)).id == deposition.record


def test_a_layer_edited_meanwhile_is_not_deposited_half(depositions, home):
    pixels = np.zeros((4, 600, 600), "uint8")
    layer = (pixels, {"name": "nuclei"}, "image")
    deposition = submit(depositions, described(Source(layer="nuclei")), home)
    job = carry_on(depositions, deposition.id, home, layers=[layer])

    def edit(step):
        if step.label.startswith("Writing"):
            pixels[-1] = 7

    with pytest.raises(LayersChanged):
        drive(job, edit)
    assert len(home) == 0
    drive(carry_on(depositions, deposition.id, home, layers=[layer]))
    record = home.record(deposition.record)
    image = drive(open_image(home.locate(record.representation("pyramid"))))
    assert np.array_equal(np.asarray(image.levels[0]), pixels)


@pytest.mark.parametrize("label", ["Writing the image", "Looking for files"])
def test_a_file_that_changes_meanwhile_never_comes_beside_pixels_of_another(
    depositions, draft, home, picture, label
):
    deposition = submit(depositions, draft, home)
    job = carry_on(depositions, deposition.id, home)

    def change(step):
        if step.label.startswith(label):
            write_picture(picture, seed=2)

    with pytest.raises((FileChanged, TransferIncomplete)):
        drive(job, change)
    assert len(home) == 0
    record = drive(carry_on(depositions, deposition.id, home))

    original = Path(home.locate(record.representation("original")))
    image = drive(open_image(home.locate(record.representation("pyramid"))))
    assert np.array_equal(np.asarray(image.levels[0]), tifffile.imread(original))


@pytest.mark.parametrize("label", STEPS)
def test_stopped_anywhere_it_goes_on_and_is_not_seen_before_its_end(
    depositions, draft, home, label
):
    deposition = submit(depositions, draft, home)
    stopped_after(carry_on(depositions, deposition.id, home), label)

    assert home.search(Query()).total == 0
    record = drive(carry_on(depositions, deposition.id, home))
    assert drive(verify(home.blob_folder(record.id))).ok
    assert not depositions.staged(deposition.id).exists()
    assert not depositions.journal(deposition.id).exists()
    assert drive(carry_on(depositions, deposition.id, home)) == record


def test_the_original_files_may_go_once_they_are_sealed(
    depositions, draft, home, picture
):
    deposition = submit(depositions, draft, home)
    stopped_after(carry_on(depositions, deposition.id, home), "Adding the record")
    picture.unlink()

    assert drive(carry_on(depositions, deposition.id, home)).id == deposition.record


def test_two_at_once_do_not_disturb_one_another(depositions, draft, home):
    deposition = submit(depositions, draft, home)
    first = carry_on(depositions, deposition.id, home)
    next(first)
    with pytest.raises(TransferBusy):
        drive(carry_on(depositions, deposition.id, home))
    with pytest.raises(TransferBusy):
        give_up(depositions, deposition.id, home)

    assert drive(first).id == deposition.record


def test_two_deposits_of_one_layer_at_once_are_two_records(depositions, home):
    layer = (np.ones((40, 50), "uint8"), {"name": "nuclei"}, "image")
    jobs = []
    for _ in range(2):
        one = submit(depositions, described(Source(layer="nuclei")), home)
        jobs.append(carry_on(depositions, one.id, home, layers=[layer]))
    for _ in zip_longest(*jobs):  # a step of each in turns
        pass

    first, second = home.search(Query()).hits
    assert first.record.id != second.record.id
    assert drive(verify(home.blob_folder(first.record.id))).ok
    assert drive(verify(home.blob_folder(second.record.id))).ok


@pytest.mark.parametrize("label", STEPS)
def test_what_is_given_up_comes_back_as_a_draft_and_leaves_nothing(
    depositions, draft, home, label
):
    deposition = submit(depositions, draft, home)
    stopped_after(carry_on(depositions, deposition.id, home), label)
    give_up(depositions, deposition.id, home)

    assert depositions.drafts.open(draft.id).title == draft.title
    assert depositions.all() == ()
    assert contents(home.folder / "deposits") == {}
    assert contents(home.folder / "blobs") == {}
    with pytest.raises(RecordNotFound):
        home.record(deposition.record)
    with pytest.raises(DepositionNotFound):
        drive(carry_on(depositions, deposition.id, home))


def test_what_can_be_seen_cannot_be_given_up(depositions, draft, home, monkeypatch):
    deposition = submit(depositions, draft, home)
    real = Depositions.save

    def killed(self, one):
        if one.stage is Stage.DONE:
            raise KeyboardInterrupt
        real(self, one)

    monkeypatch.setattr(Depositions, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        drive(carry_on(depositions, deposition.id, home))
    monkeypatch.setattr(Depositions, "save", real)

    with pytest.raises(DepositRefused, match="in the library already"):
        give_up(depositions, deposition.id, home)
    assert drive(carry_on(depositions, deposition.id, home)).id == deposition.record


@pytest.mark.parametrize("kind", ["layers", "file"])
def test_a_pause_while_the_ome_zarr_is_made_loses_nothing_of_it(
    depositions, home, tmp_path, kind
):
    pixels = np.random.default_rng(0).integers(0, 99, (8, 300, 300), dtype="uint8")
    tifffile.imwrite(tmp_path / "a.tif", pixels, ome=True, metadata={"axes": "ZYX"})
    source = Source(layer="a") if kind == "layers" else Source(path=f"{tmp_path}/a.tif")
    layers = [(pixels, {"name": "a"}, "image")] if kind == "layers" else []
    deposition = submit(depositions, described(source), home)
    job = carry_on(depositions, deposition.id, home, layers=layers)
    for step in job:
        if step.label.startswith("Writing") and step.done >= 2:
            break
    job.close()
    staged = depositions.staged(deposition.id)
    first = next(staged.glob("*.partial/0/c/**/0"))
    name, written = first.relative_to(staged).parts[1:], first.stat().st_mtime_ns
    job = carry_on(depositions, deposition.id, home, layers=layers)
    stopped_after(job, "Looking for files")

    assert (staged / "pyramid.ome.zarr").joinpath(*name).stat().st_mtime_ns == written
    record = drive(carry_on(depositions, deposition.id, home))
    image = drive(open_image(home.locate(record.representation("pyramid"))))
    assert np.array_equal(np.asarray(image.levels[0]).squeeze(), pixels)


def test_a_layer_edited_during_a_pause_is_written_as_it_is_then(depositions, home):
    pixels = np.random.default_rng(0).integers(0, 99, (8, 300, 300), dtype="uint8")
    layers = [(pixels, {"name": "nuclei"}, "image")]
    deposition = submit(depositions, described(Source(layer="nuclei")), home)
    job = carry_on(depositions, deposition.id, home, layers=layers)
    for step in job:
        if step.label.startswith("Writing") and step.done >= 2:
            break
    job.close()
    pixels[0] = 7
    record = drive(carry_on(depositions, deposition.id, home, layers=layers))

    image = drive(open_image(home.locate(record.representation("pyramid"))))
    assert np.array_equal(np.asarray(image.levels[0]), pixels)


def test_a_full_drive_is_told_and_what_has_arrived_is_kept(
    depositions, draft, home, monkeypatch
):
    deposition = submit(depositions, draft, home)
    real = os.write

    def full(handle, block):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageFull):
        drive(carry_on(depositions, deposition.id, home))
    monkeypatch.setattr(os, "write", real)

    assert len(home) == 0
    assert drive(carry_on(depositions, deposition.id, home)).id == deposition.record
