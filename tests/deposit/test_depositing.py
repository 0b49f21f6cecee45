from __future__ import annotations

import errno
import os
from contextlib import closing
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
import tifffile
from tests.deposit.conftest import contents, described, write_picture

from napari_cellib.citing import STYLES
from napari_cellib.deposit.depositing import carry_on, give_up, submit
from napari_cellib.deposit.depositions import Depositions, Stage
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.states import Action, State
from napari_cellib.deposit.transfer import Patience
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import (
    CarrierUnreachable,
    DepositionNotFound,
    DepositRefused,
    DraftIncomplete,
    FileChanged,
    LayersChanged,
    LayersGone,
    RecordNotFound,
    StorageFull,
    TransferBusy,
    TransferIncomplete,
)
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Channel, Query, Status
from napari_cellib.pixels import write_image
from napari_cellib.pixels.image import open_image


def deposited(depositions, draft, home, **options):
    deposition = submit(depositions, draft, home)
    return drive(carry_on(depositions, deposition.id, home, **options))


def stopped_after(job, label):
    """Run a job until it says something, and stop it there."""
    for step in job:
        if step.label.startswith(label):
            break
    else:
        raise AssertionError(f"it never said {label}")
    job.close()


def test_a_file_becomes_a_record_with_its_pixels_its_original_and_a_thumbnail(
    depositions, draft, home, picture
):
    record = deposited(depositions, draft, home)
    pyramid = record.representation("pyramid")
    image = drive(open_image(home.locate(pyramid)))
    original = record.representation("original")

    assert record.status is Status.PUBLISHED
    assert record.peer_reviewed is False
    assert record.dimensions.spacing_um == {"y": 0.2, "x": 0.2}
    assert record.dimensions.sizes == {"c": 2, "y": 40, "x": 50}
    assert image.name == draft.title
    assert Path(home.locate(original)).read_bytes() == picture.read_bytes()
    assert home.thumbnail(record.id).startswith(b"\x89PNG")
    assert home.search(Query(text="wing disc")).total == 1
    assert drive(verify(home.blob_folder(record.id))).ok
    assert all(style(record, "Lab") for style in STYLES.values())


def test_an_ome_zarr_is_taken_as_it_is(depositions, home, tmp_path):
    folder = tmp_path / "cells.ome.zarr"
    drive(write_image(folder, np.ones((40, 50), "uint8"), axes="yx"))
    record = deposited(depositions, described(Source(path=str(folder))), home)

    place = Path(home.locate(record.representation("pyramid")))
    assert contents(place) == contents(folder)
    assert record.representation("original") is None


def test_layers_become_one_image(depositions, home):
    pixels = np.random.default_rng(0).integers(0, 999, (40, 50), dtype="uint16")
    layers = [
        (pixels, {"name": "nuclei"}, "image"),
        (np.array([[1.0, 2.0]]), {"name": "spots"}, "points"),
        (pixels, {"name": "not chosen"}, "image"),
    ]
    draft = described(Source(layer="nuclei"), Source(layer="spots"))
    record = deposited(depositions, draft, home, layers=layers)

    image = drive(open_image(home.locate(record.representation("pyramid"))))
    assert np.array_equal(np.asarray(image.levels[0]), pixels)
    assert len(image.layer_set["layers"]) == 2


def test_what_was_handed_in_has_its_number_before_anything_is_written(
    depositions, draft, home
):
    depositions.drafts.save(draft)
    deposition = submit(depositions, draft, home)

    assert deposition.record == "CLB000001X"
    assert deposition.stage is Stage.WRITING
    assert [event.action for event in deposition.history] == [Action.SUBMIT]
    assert depositions.drafts.all() == ()
    assert submit(depositions, draft, home) == deposition
    assert len(home) == 0
    assert home.search(Query()).total == 0
    assert not home.blob_folder(deposition.record).exists()


def test_an_incomplete_draft_is_refused_with_the_first_thing_to_mend(
    depositions, draft, home
):
    with pytest.raises(DraftIncomplete, match="2 things must be mended") as caught:
        submit(depositions, draft.typed(title=None, licence=None), home)

    assert "Title" in caught.value.fix
    assert depositions.all() == ()


@pytest.mark.parametrize(
    "sources",
    [
        (Source(layer="nuclei"), Source(path="a.tif")),
        (Source(path="cells.zarr"), Source(path="a.tif")),
    ],
)
def test_what_is_no_one_image_is_refused(
    depositions, home, tmp_path, sources, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cells.zarr").mkdir()
    (tmp_path / "cells.zarr" / "zarr.json").write_text("{}")

    with pytest.raises(DepositRefused):
        submit(depositions, described(*sources), home)


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


STEPS = (
    "Writing the image", "Looking for files", "Asking the library",
    "Asking what is there", "Sending", "Putting", "Finishing", "Adding the record",
    "Making the thumbnail",
)  # fmt: skip


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


def test_what_is_held_is_not_found_and_says_until_when(depositions, draft, home):
    until = date.today() + timedelta(days=90)
    deposition = submit(depositions, draft, home, hold_until=until)
    record = drive(carry_on(depositions, deposition.id, home))

    assert depositions.open(deposition.id).state is State.HELD
    assert record.status is Status.ACCEPTED
    assert dict(record.extra)["not public before"] == until.isoformat()
    assert record.dates.published is None
    assert home.search(Query()).total == 0


def test_the_same_ome_zarr_again_is_neither_copied_nor_hashed(
    depositions, home, tmp_path
):
    folder = tmp_path / "cells.ome.zarr"
    drive(write_image(folder, np.ones((40, 50), "uint8"), axes="yx"))
    deposited(depositions, described(Source(path=str(folder))), home)
    again = submit(depositions, described(Source(path=str(folder))), home)
    steps = list(carry_on(depositions, again.id, home))

    hashing = [step for step in steps if step.label == "Hashing"]
    assert hashing[0].done == hashing[0].total
    assert "Sending" not in [step.label for step in steps]


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


def test_what_a_person_knows_better_than_the_file_is_written_into_the_pixels(
    depositions, draft, home
):
    named = (Channel(name="DAPI"), Channel(name="Actin"))
    draft = draft.typed(spacing_um={"y": 0.5}, channels=named)
    record = deposited(depositions, draft, home)
    image = drive(open_image(home.locate(record.representation("pyramid"))))

    assert image.spacing == {"y": 0.5, "x": 0.2}
    assert [channel.name for channel in image.channels] == ["DAPI", "Actin"]
    assert record.dimensions.spacing_um == {"y": 0.5, "x": 0.2}
    assert ("where the pixel size is from", "y typed; x from the file") in record.extra


@pytest.mark.parametrize("unit", ["pixel", "nanometer"])
def test_a_pixel_size_that_was_typed_of_layers_is_in_the_pixels_and_in_the_record(
    depositions, home, unit
):
    at = {"units": (unit,) * 3, "scale": (1, 2, 2)}
    pixels = np.ones((3, 40, 50), "uint16")
    spots = np.array([[0.0, 1.0, 2.0]])
    layers = [
        (pixels, {"name": "nuclei", **at, "translate": (0, 4, 0)}, "image"),
        (pixels, {"name": "cells", **at, "translate": (0, 4, 0)}, "labels"),
        (spots, {"name": "spots", **at}, "points"),
    ]
    sources = (Source(layer=meta["name"]) for _, meta, _ in layers)
    typed = {"z": 0.3, "y": 0.25, "x": 0.5}
    draft = described(*sources).typed(spacing_um=typed)
    record = deposited(depositions, draft, home, layers=layers)
    image = drive(open_image(home.locate(record.representation("pyramid"))))

    assert image.spacing == record.dimensions.spacing_um == typed
    assert image.labels[0].spacing == typed
