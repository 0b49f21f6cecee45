from __future__ import annotations

import os
import shutil
import threading
import time

import pytest
from tests.deposit.conftest import RECORD, contents

from napari_cellib.deposit import sending
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.pace import TransferProgress
from napari_cellib.deposit.transfer import Patience, begin, discard, status, transfer
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import (
    CarrierUnreachable,
    CarrierUnsound,
    FileChanged,
    FilesRefused,
    JobCancelled,
    StorageFull,
    TransferBusy,
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.jobs import drive

AT_ONCE = Patience(first_s=0.01, longest_s=0.01, tries=3)


class Altered(EmbeddedCarrier):
    """A carrier, as if far away, of which a test replaces steps; it notes what came."""

    near = False

    def __init__(self, library, **steps):
        super().__init__(library)
        self.sent = []
        self.steps = steps

    def _step(self, name, *arguments):
        real = getattr(super(), name)
        return self.steps.get(name, lambda step, *a: step(*a))(real, *arguments)

    def create(self, *arguments):
        return self._step("create", *arguments)

    def want(self, *arguments):
        return self._step("want", *arguments)

    def send(self, asset, pack):
        self.sent += [parcel.entry.path for parcel in pack]
        return self._step("send", asset, pack)

    def complete(self, *arguments):
        return self._step("complete", *arguments)

    def seal(self, *arguments):
        return self._step("seal", *arguments)


def sealed(library, record=RECORD):
    return contents(library / "blobs" / record / "pyramid.ome.zarr")


# ------------------------------------------------------------------ all is well


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


class Near(EmbeddedCarrier):
    """A carrier that notes what it reads before its digest is known, and after."""

    def __init__(self, library):
        super().__init__(library)
        self.taken, self.sent = [], []

    def take(self, asset, pack):
        self.taken += [reading.args[0].key for reading in pack]
        return super().take(asset, pack)

    def send(self, asset, pack):
        self.sent += [parcel.entry.path for parcel in pack]
        return super().send(asset, pack)


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


# ------------------------------------------------------------------ interruptions


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


# ------------------------------------------------------------------ files that fail


def changing(source, name, times=1):
    """Return a step that changes a file after it was hashed."""
    left = list(range(times))

    def create(step, *arguments):
        if left:
            left.pop()
            (source / name).write_bytes(os.urandom(77))
        return step(*arguments)

    return create


def test_a_file_that_changes_is_named_and_the_others_are_sent(journal, library, source):
    carrier = Altered(library, create=changing(source, "0/c/3/0"))

    with pytest.raises(TransferIncomplete, match=r"1 file was.*0/c/3/0.*changed"):
        drive(transfer(journal, carrier))

    found = status(journal)
    assert list(found.problems) == ["pyramid.ome.zarr/0/c/3/0"]
    assert found.files_sent == 32
    assert not (library / "blobs" / RECORD).exists()

    carrier.sent.clear()
    drive(transfer(journal, carrier))
    assert carrier.sent == ["pyramid.ome.zarr/0/c/3/0"]
    assert sealed(library) == contents(source)
    assert status(journal).problems == {}


def test_one_file_of_several_can_be_tried_again(journal, library, source):
    first, second = "pyramid.ome.zarr/0/c/3/0", "pyramid.ome.zarr/0/c/4/0"

    def create(step, *arguments):
        if not carrier.sent:
            (source / "0/c/3/0").write_bytes(b"a")
            (source / "0/c/4/0").write_bytes(b"b")
        return step(*arguments)

    carrier = Altered(library, create=create)
    with pytest.raises(TransferIncomplete, match="2 files"):
        drive(transfer(journal, carrier))

    with pytest.raises(TransferIncomplete, match="1 file was"):
        drive(transfer(journal, carrier, only=first))
    assert list(status(journal).problems) == [second]

    drive(transfer(journal, carrier))
    assert sealed(library) == contents(source)


def test_what_cannot_be_hashed_stops_the_deposit_before_anything_is_sent(
    journal, library, source
):
    (source / "a b").write_bytes(b"")
    carrier = Altered(library)

    with pytest.raises(FilesRefused):
        drive(transfer(journal, carrier))

    assert carrier.sent == []


def test_a_drive_with_the_files_that_is_lost_is_named_and_may_come_back(
    journal, library, source
):
    expected, elsewhere = contents(source), source.with_name("elsewhere")

    def create(step, *arguments):
        source.rename(elsewhere)
        return step(*arguments)

    with pytest.raises(TransferIncomplete, match=r"3[23] files"):
        drive(transfer(journal, Altered(library, create=create)))
    with pytest.raises(FilesRefused, match="not there"):
        drive(transfer(journal, EmbeddedCarrier(library)))

    elsewhere.rename(source)
    drive(transfer(journal, EmbeddedCarrier(library)))
    assert sealed(library) == expected


# ------------------------------------------------------------------ liars


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("create", None), ("create", ""), ("create", 5),
        ("want", None), ("want", ["0" * 64]), ("want", [5]), ("want", {"a": 1}),
        ("send", None), ("send", []), ("send", "x" * 64), ("send", 7),
        ("complete", None), ("complete", "0" * 64), ("complete", []),
        ("seal", None), ("seal", ""),
    ],
)  # fmt: skip
def test_nonsense_is_not_believed(journal, library, step, answer):
    carrier = Altered(library, **{step: lambda *_: answer})

    with pytest.raises(CarrierUnsound):
        drive(transfer(journal, carrier))

    assert status(journal).state != "sealed"


def test_a_library_that_says_it_has_what_it_has_not_is_found_out(journal, library):
    carrier = Altered(library, want=lambda step, *a: (step(*a), frozenset())[1])

    with pytest.raises(CarrierUnsound, match="something else"):
        drive(transfer(journal, carrier))


def test_wrong_digests_are_sent_again_and_then_named(journal, library):
    def send(step, asset, pack):
        digests = step(asset, pack)
        bad = {"pyramid.ome.zarr/0/c/5/0"}
        return [
            "f" * 64 if parcel.entry.path in bad else digest
            for parcel, digest in zip(pack, digests, strict=True)
        ]

    carrier = Altered(library, send=send)
    with pytest.raises(TransferIncomplete, match=r"0/c/5/0.*damaged"):
        drive(transfer(journal, carrier))

    assert carrier.sent.count("pyramid.ome.zarr/0/c/5/0") == 3


def test_a_library_that_does_not_say_what_is_wrong_is_not_retried_for_ever(
    journal, library
):
    def down(*_):
        raise CarrierUnreachable("there", "no route")

    carrier = Altered(library, want=down)

    with pytest.raises(CarrierUnreachable):
        drive(transfer(journal, carrier, patience=AT_ONCE))


# ------------------------------------------------------------------ giving up


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


@pytest.mark.parametrize("near", [True, False])
def test_a_file_that_changes_while_it_is_hashed_stops_the_deposit(
    journal, library, source, near
):
    carrier = EmbeddedCarrier(library) if near else Altered(library)

    def change(progress):
        if progress.label == ("Sending" if near else "Hashing"):
            (source / "zarr.json").write_text("{}")

    with pytest.raises(FileChanged, match=r"zarr\.json"):
        drive(transfer(journal, carrier), change)
