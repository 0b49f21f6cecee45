"""A transfer that was stopped, by whatever, goes on or is given up."""

from __future__ import annotations

import threading
import time

import pytest
from tests.deposit.carriers import AT_ONCE, Altered, changing, sealed
from tests.deposit.conftest import RECORD, contents

from napari_cellib.deposit import sending
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import begin, discard, status, transfer
from napari_cellib.errors import (
    CarrierUnreachable,
    JobCancelled,
    StorageFull,
    TransferBusy,
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.jobs import drive


def test_a_transfer_goes_on_wherever_it_was_paused(journal, library, source):
    steps = 0
    while True:
        steps += 1
        cancel = threading.Event()
        left = iter(range(steps))

        def count(_, left=left, cancel=cancel):
            if next(left, None) is None:
                cancel.set()

        try:
            drive(transfer(journal, EmbeddedCarrier(library)), count, cancel)
            break
        except JobCancelled:
            assert not (library / "blobs" / RECORD).exists()

    assert steps > 5
    assert sealed(library) == contents(source)


def test_until_it_is_complete_a_deposit_is_what_its_files_are(journal, library, source):
    def fails(*_):
        raise StorageFull("there")

    with pytest.raises(StorageFull):
        drive(transfer(journal, Altered(library, complete=fails)))
    (source / "zarr.json").write_text('{"other": 1}')
    (source / "0" / "c" / "1" / "0").unlink()
    (source / "0" / "new").write_bytes(b"more")

    carrier = Altered(library)
    drive(transfer(journal, carrier))

    assert sealed(library) == contents(source)
    assert sorted(carrier.sent) == [
        "pyramid.ome.zarr/0/new", "pyramid.ome.zarr/zarr.json"
    ]  # fmt: skip


def test_what_was_completed_stays_as_it_was(journal, library, source):
    def fails(*_):
        raise StorageFull("there")

    expected = contents(source)
    with pytest.raises(StorageFull):
        drive(transfer(journal, Altered(library, seal=fails)))
    (source / "zarr.json").write_text("changed afterwards")

    drive(transfer(journal, EmbeddedCarrier(library)))

    assert sealed(library) == expected


def test_a_library_that_is_away_for_a_while_is_waited_for(journal, library, source):
    away = iter([True, True, False, True, False, False])

    def send(step, *arguments):
        if next(away, False):
            raise CarrierUnreachable("there", "the network is down")
        return step(*arguments)

    seen = []
    drive(transfer(journal, Altered(library, send=send), patience=AT_ONCE), seen.append)

    assert any(p.label.startswith("Waiting.") for p in seen)
    assert sealed(library) == contents(source)


def test_a_lost_drive_is_waited_for_and_nothing_is_written_where_it_was(
    journal, library, source
):
    elsewhere = library.with_name("elsewhere")

    def send(step, *arguments):
        if library.exists() and not elsewhere.exists():
            library.rename(elsewhere)
            library.mkdir()  # as a mount point without its drive
        return step(*arguments)

    with pytest.raises(CarrierUnreachable, match="drive"):
        drive(transfer(journal, Altered(library, send=send), patience=AT_ONCE))
    assert list(library.iterdir()) == []

    library.rmdir()
    elsewhere.rename(library)
    drive(transfer(journal, EmbeddedCarrier(library)))
    assert sealed(library) == contents(source)


def test_a_computer_that_was_asleep_asks_again_what_is_wanted(
    journal, library, monkeypatch
):
    asked, slept = [], []

    def want(step, *arguments):
        asked.append(1)
        return step(*arguments)

    def send(step, *arguments):
        if not slept:
            slept.append(1)
            now = time.time
            monkeypatch.setattr(sending.time, "time", lambda: now() + 4000)
        return step(*arguments)

    drive(transfer(journal, Altered(library, want=want, send=send)))

    assert len(asked) == 2


def test_two_programs_do_not_work_on_one_deposit(journal, carrier):
    job = transfer(journal, carrier)
    next(job)
    try:
        with pytest.raises(TransferBusy):
            drive(transfer(journal, carrier))
        with pytest.raises(TransferBusy):
            discard(journal, carrier)
        with pytest.raises(TransferBusy):
            status(journal)
    finally:
        job.close()

    drive(transfer(journal, carrier))


def test_a_deposit_that_is_discarded_leaves_nothing_but_the_files(
    journal, library, source, tmp_path
):
    before = contents(source)
    with pytest.raises(TransferIncomplete):
        drive(transfer(journal, Altered(library, create=changing(source, "zarr.json"))))
    before["zarr.json"] = (source / "zarr.json").read_bytes()

    discard(journal, EmbeddedCarrier(library))

    assert list((library / "deposits").iterdir()) == []
    assert not list(tmp_path.glob("journal*"))
    assert contents(source) == before


@pytest.mark.parametrize("content", [b"", b"no database" * 99])
def test_a_damaged_journal_is_named_and_can_be_discarded(journal, carrier, content):
    journal.write_bytes(content)

    with pytest.raises(TransferUnreadable, match="Discard"):
        drive(transfer(journal, carrier))
    discard(journal, carrier)

    assert not journal.exists()
    with pytest.raises(TransferUnreadable, match="not there"):
        status(journal)


def test_a_deposit_is_begun_once(journal, source):
    with pytest.raises(FileExistsError):
        begin(journal, RECORD, {"x": source})
