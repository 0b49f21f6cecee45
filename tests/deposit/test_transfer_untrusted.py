"""Files that change and libraries that lie: what is not so is not believed."""

from __future__ import annotations

import pytest
from tests.deposit.carriers import AT_ONCE, Altered, changing, sealed
from tests.deposit.conftest import RECORD, contents

from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import status, transfer
from napari_cellib.errors import (
    CarrierUnreachable,
    CarrierUnsound,
    FileChanged,
    FilesRefused,
    TransferIncomplete,
)
from napari_cellib.jobs import drive


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
