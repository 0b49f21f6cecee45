"""What describing a library does, whatever happens meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.index.file import FILE_NAME, IndexFile, place_of
from napari_cellib.compare.opening import open_subject
from napari_cellib.compare.similar import (
    IndexReport,
    find_similar,
    index_library,
    index_state,
)
from napari_cellib.errors import IndexBusy, IndexDamaged, IndexOutdated, StorageFull
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Dimensions, Representation
from napari_cellib.pixels import write_image
from napari_cellib.testing import a_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.settings import Settings

SPACING = {"y": 0.2, "x": 0.2}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[EmbeddedLibrary]:
    folder = tmp_path / "lab"
    with closing(EmbeddedLibrary.create(folder, id="lab", name="Lab")) as library:
        yield library


def put(
    library: EmbeddedLibrary, number: int, pixels: np.ndarray, axes: str = "yx"
) -> None:
    """Put an image into a library; the same number replaces it."""
    record_id = f"CLB{number}"
    name = f"{pixels.sum()}.ome.zarr"
    place = library.blob_folder(record_id) / name
    drive(write_image(place, pixels, axes=axes, spacing_um=SPACING))
    library.add(
        a_record(
            record_id,
            f"Disks {number}",
            dimensions=Dimensions(sizes=dict(zip(axes, pixels.shape, strict=True))),
            representations=(
                Representation(role="pyramid", url=library.blob_url(record_id, name)),
            ),
        )
    )


def test_a_few_may_be_described_and_the_rest_later(
    lab: EmbeddedLibrary, settings: Settings
) -> None:
    for number in range(3):
        put(lab, number, disks(radius=3 + number))

    few = drive(index_library(lab, settings, only=["CLB1", "CLB9"]))
    assert (few.described, few.failed) == (1, ())
    assert index_state(lab, settings).behind
    assert drive(index_library(lab, settings)).described == 2


def test_only_what_is_new_is_described_and_what_is_gone_is_forgotten(
    lab: EmbeddedLibrary, settings: Settings
) -> None:
    for number in range(3):
        put(lab, number, disks(radius=3 + number))
    assert index_state(lab, settings).behind

    first = drive(index_library(lab, settings))
    assert (first.described, first.unchanged, first.failed) == (3, 0, ())
    state = index_state(lab, settings)
    assert (state.images, state.described, state.behind) == (3, 3, False)
    assert (lab.folder / FILE_NAME).is_file()

    put(lab, 1, disks(radius=9))
    put(lab, 3, disks(radius=4, seed=2))
    lab.remove("CLB0")
    assert index_state(lab, settings).behind
    again = drive(index_library(lab, settings))
    assert (again.described, again.unchanged) == (2, 1)
    assert drive(index_library(lab, settings)).described == 0

    subject = drive(open_subject(disks(radius=3), pixel_size_um=0.2))
    found = drive(find_similar(lab, subject, settings))
    assert {hit.record_id for hit in found.hits} == {"CLB1", "CLB2", "CLB3"}
    assert found.tiles == index_state(lab, settings).tiles == 6
    only = drive(find_similar(lab, subject, settings, search="title:3"))
    assert [hit.record_id for hit in only.hits] == ["CLB3"]
    everything = drive(index_library(lab, settings, rebuild=True))
    assert (everything.described, everything.unchanged) == (3, 0)


def test_a_job_that_was_stopped_goes_on_and_two_never_work_at_once(
    lab: EmbeddedLibrary, settings: Settings
) -> None:
    for number in range(3):
        put(lab, number, disks(radius=3 + number))
    job = index_library(lab, settings)
    while next(job).done < 2:
        with pytest.raises(IndexBusy):
            drive(index_library(lab, settings))
    job.close()

    assert index_state(lab, settings).described == 2
    subject = drive(open_subject(disks(), pixel_size_um=0.2))
    found = drive(find_similar(lab, subject, settings))
    assert "2 of 3 images of Lab are described." in found.notes

    report = drive(index_library(lab, settings))
    assert (report.described, report.unchanged) == (1, 2)


def test_descriptions_of_another_version_are_refused_and_then_replaced(
    lab: EmbeddedLibrary, settings: Settings
) -> None:
    put(lab, 0, disks())
    drive(index_library(lab, settings))
    with closing(sqlite3.connect(lab.folder / FILE_NAME)) as database, database:
        database.execute(
            "UPDATE described SET key = 'classical 0, of old'"
            " WHERE key LIKE 'classical %'"
        )
    subject = drive(open_subject(disks(), pixel_size_um=0.2))

    with pytest.raises(IndexOutdated, match=r"classical 0, of old.*--rebuild"):
        drive(find_similar(lab, subject, settings))

    assert drive(index_library(lab, settings)).described == 1
    assert "classical 0, of old" not in index_state(lab, settings).described_by
    assert len(drive(find_similar(lab, subject, settings)).hits) == 1


def test_a_damaged_file_is_put_aside_and_made_anew(
    lab: EmbeddedLibrary, settings: Settings
) -> None:
    put(lab, 0, disks())
    drive(index_library(lab, settings))
    file = lab.folder / FILE_NAME
    whole = file.read_bytes()

    file.write_bytes(b"no database at all" * 99)
    assert drive(index_library(lab, settings)).described == 1
    assert file.with_suffix(".damaged").is_file()

    page = 4096  # the head of the file is sound, and all the rest is not
    file.write_bytes(whole[:page] + b"\xff" * (len(whole) - page))
    with pytest.raises(IndexDamaged, match="Try again"):
        drive(index_library(lab, settings))
    assert drive(index_library(lab, settings)).described == 1


def test_a_library_that_cannot_be_written_is_described_in_the_cache(
    lab: EmbeddedLibrary, settings: Settings
) -> None:
    put(lab, 0, disks())
    drive(index_library(lab, settings))
    before = (lab.folder / FILE_NAME).read_bytes()

    with closing(EmbeddedLibrary.open(lab.folder, read_only=True)) as library:
        report = drive(index_library(library, settings))  # goes on from a copy
        place = place_of(library, settings)

    assert (report.described, report.unchanged) == (0, 1)
    assert settings.cache_folder in place.parents
    assert (lab.folder / FILE_NAME).read_bytes() == before


STACK = np.stack([[disks(96, radius=radius)] * 3 for radius in (3, 6)])


@pytest.mark.parametrize(
    ("pixels", "axes", "reason"),
    [
        (np.full((64, 64), 7, "uint8"), "yx", "shows nothing"),
        (np.full((64, 64), np.nan, "float32"), "yx", "shows nothing"),
        (np.full((64, 64), 65535, "uint16"), "yx", "shows nothing"),
        (np.arange(64, dtype="uint8").reshape(8, 8), "yx", ""),
        ((disks() > 500).astype("uint8"), "yx", ""),
        (np.where(disks() > 500, np.nan, disks()).astype("float32"), "yx", ""),
        (STACK, "czyx", ""),
        (np.stack([STACK] * 2), "tczyx", ""),
    ],
    ids=["constant", "nan", "saturated", "8x8", "binary", "gaps", "4d", "5d"],
)
def test_any_image_is_described_or_it_is_said_why_not(
    pixels: np.ndarray,
    axes: str,
    reason: str,
    lab: EmbeddedLibrary,
    settings: Settings,
) -> None:
    put(lab, 0, pixels, axes)

    report = drive(index_library(lab, settings))

    assert report.described == (not reason)
    assert report.failed == ((("CLB0", "it shows nothing"),) if reason else ())
    assert 0 < report.tiles <= 96 or reason
    again = drive(index_library(lab, settings))  # nothing is tried twice in a row
    assert again == IndexReport(0, 1 - bool(reason), (), report.tiles, again.seconds)


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    with closing(IndexFile(tmp_path / FILE_NAME, "here")) as file:
        file.follow({"CLB0": True}, 1)
        (pages,) = file._connection.execute("PRAGMA page_count").fetchone()
        file._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StorageFull):
            file.follow({f"CLB{number}": True for number in range(9999)}, 2)
        assert file.fact("seen") == 1
