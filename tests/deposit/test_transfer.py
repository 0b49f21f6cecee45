"""Files come into a library as they are, each content once."""

from __future__ import annotations

import os
import shutil

import pytest
from tests.deposit.carriers import Altered, Near, sealed
from tests.deposit.conftest import RECORD, contents

from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.pace import TransferProgress
from napari_cellib.deposit.transfer import begin, status, transfer
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import (
    StorageFull,
)
from napari_cellib.jobs import drive


def test_what_was_deposited_is_there_and_is_the_same(journal, carrier, source, library):
    place = drive(transfer(journal, carrier))

    assert sealed(library) == contents(source)
    assert place == str(library / "blobs" / RECORD)
    assert list((library / "deposits").iterdir()) == []
    found = status(journal)
    assert (found.state, found.files, found.files_sent) == ("sealed", 33, 33)
    assert drive(verify(library / "blobs" / RECORD)).ok


def test_a_deposit_that_is_done_is_done(journal, carrier, source):
    place = drive(transfer(journal, carrier))
    shutil.rmtree(source)

    assert drive(transfer(journal, carrier)) == place


def test_metadata_is_sent_last_and_the_same_content_once(journal, library):
    carrier = Altered(library)

    drive(transfer(journal, carrier))

    assert carrier.sent[-2:] == [
        "pyramid.ome.zarr/0/zarr.json", "pyramid.ome.zarr/zarr.json"
    ]  # fmt: skip
    assert len(carrier.sent) == 32


def test_the_same_files_are_neither_hashed_nor_sent_again(
    journal, library, source, tmp_path
):
    drive(transfer(journal, EmbeddedCarrier(library)))
    again, carrier, seen = tmp_path / "again.sqlite", Altered(library), []
    begin(again, "CLB0000028", {"pyramid.ome.zarr": source}, former=journal)

    drive(transfer(again, carrier), seen.append)

    assert carrier.sent == []
    hashing = [progress for progress in seen if progress.label == "Hashing"]
    assert [progress.done for progress in hashing] == [hashing[0].total]
    assert sealed(library, "CLB0000028") == contents(source)
    first = library / "blobs" / RECORD / "pyramid.ome.zarr" / "zarr.json"
    assert first.samefile(
        library / "blobs" / "CLB0000028" / "pyramid.ome.zarr" / "zarr.json"
    )


@pytest.mark.parametrize("near", [True, False])
def test_progress_tells_bytes_files_speed_and_time_left(journal, library, near):
    seen = []
    carrier = EmbeddedCarrier(library) if near else Altered(library)

    drive(transfer(journal, carrier), seen.append)

    moving = [p for p in seen if isinstance(p, TransferProgress)]
    assert {p.label for p in moving} == (
        {"Sending"} if near else {"Hashing", "Sending"}
    )
    last = moving[-1]
    assert (last.done, last.files) == (last.total, last.files_total)
    assert last.bytes_per_s > 0
    assert last.left_s == 0


def test_a_library_on_the_same_computer_gets_files_as_they_are_hashed(journal, library):
    carrier = Near(library)

    drive(transfer(journal, carrier))

    assert len(carrier.taken) + len(carrier.sent) == 33
    assert len(carrier.sent) <= 2  # what was asked about first


def test_what_has_arrived_while_it_was_hashed_counts_as_sent(journal, library):
    class Stops(EmbeddedCarrier):
        def complete(self, *_):
            raise StorageFull("there")

    job = transfer(journal, Stops(library))
    for progress in job:
        if progress.label == "Sending" and progress.files:
            break
    job.close()

    assert status(journal).files_sent > 0


def test_of_files_that_are_there_already_nothing_is_copied_to_find_that_out(
    journal, library, source, tmp_path
):
    drive(transfer(journal, EmbeddedCarrier(library)))
    again, carrier = tmp_path / "again.sqlite", Near(library)
    begin(again, "CLB0000028", {"pyramid.ome.zarr": source})  # and nothing is known

    drive(transfer(again, carrier))

    assert (carrier.taken, carrier.sent) == ([], [])
    assert sealed(library, "CLB0000028") == contents(source)


def test_a_large_file_that_is_there_already_is_not_copied_and_a_new_one_read_once(
    library, tmp_path
):
    raw, small = tmp_path / "raw.tif", tmp_path / "notes.txt"
    raw.write_bytes(os.urandom(100_000))
    small.write_bytes(b"notes")
    carrier = Near(library)
    for number, notes in enumerate((b"notes", b"other notes")):
        small.write_bytes(notes)
        journal = tmp_path / f"{number}.sqlite"
        files = {"original/raw.tif": raw, "original/notes.txt": small}
        begin(journal, f"CLB{number}", files)
        drive(transfer(journal, carrier))

    assert carrier.taken == ["original/raw.tif"], "once, while it was new"
    assert carrier.sent == ["original/notes.txt"] * 2
    first, second = (library / "blobs" / f"CLB{n}/original/raw.tif" for n in (0, 1))
    assert first.samefile(second)


def test_one_file_that_is_there_already_takes_no_room_twice(
    journal, library, source, tmp_path
):
    drive(transfer(journal, EmbeddedCarrier(library)))
    for number, path in enumerate(sorted(source.rglob("c/*/0"))[1:]):
        path.write_bytes(number.to_bytes(2, "big") * 250)
    again = tmp_path / "again.sqlite"
    begin(again, "CLB0000028", {"pyramid.ome.zarr": source})

    drive(transfer(again, EmbeddedCarrier(library)))

    name = "pyramid.ome.zarr/0/c/0/0"
    first, second = (library / "blobs" / one / name for one in (RECORD, "CLB0000028"))
    assert first.samefile(second)
    assert sealed(library, "CLB0000028") == contents(source)
