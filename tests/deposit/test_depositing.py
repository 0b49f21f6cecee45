"""A draft becomes a record with its files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from tests.deposit.conftest import contents, described
from tests.deposit.hands import deposited

from napari_cellib.citing import STYLES
from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.depositions import Stage
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.states import Action, State
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import (
    DepositRefused,
    DraftIncomplete,
)
from napari_cellib.jobs import drive
from napari_cellib.model import Channel, Medium, Query, Status
from napari_cellib.pixels import write_image
from napari_cellib.pixels.image import open_image


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


def test_what_is_handed_in_twice_at_once_has_one_number(depositions, draft, home):
    together = Barrier(4)

    def hand_in(number):
        together.wait(20)
        return submit(depositions, draft, home).record

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(hand_in, range(4)))) == 1


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


def test_a_negative_is_shown_turned_around_and_its_record_says_what_it_was(
    depositions, draft, home
):
    record = deposited(depositions, draft.typed(medium=Medium.FILM_NEGATIVE), home)
    image = drive(open_image(home.locate(record.representation("pyramid"))))

    assert record.medium is Medium.FILM_NEGATIVE
    assert all(channel.inverted for channel in image.channels)


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
