from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from tests.deposit.conftest import RECORD, contents, write_tree

from napari_cellib.deposit import embedded
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.manifest import Manifest
from napari_cellib.deposit.transfer import Patience, begin, status, transfer
from napari_cellib.errors import CellibError, TargetExists, TransferUnreadable
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord

GIVES_UP = Patience(first_s=0.01, tries=2)


def sealed(library, record=RECORD):
    return contents(library / "blobs" / record / "pyramid.ome.zarr")


def test_two_deposits_of_one_record_at_once_become_one(library, source, tmp_path):
    other = write_tree(tmp_path / "other.zarr", size=400)
    outcomes = []

    def run(number, folder):
        journal = tmp_path / f"{number}.sqlite"
        begin(journal, RECORD, {"pyramid.ome.zarr": folder})
        try:
            drive(transfer(journal, EmbeddedCarrier(library), patience=GIVES_UP))
            outcomes.append(contents(folder))
        except TargetExists as error:
            outcomes.append(error)

    threads = [
        threading.Thread(target=run, args=pair) for pair in enumerate([source, other])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (done,) = [o for o in outcomes if isinstance(o, dict)]
    assert len(outcomes) == 2
    assert sealed(library) == done


def test_where_no_links_can_be_made_files_are_moved_and_copied(
    library, source, journal, tmp_path, monkeypatch
):
    def refused(*_):
        raise OSError("the drive knows no links")

    monkeypatch.setattr(embedded.os, "link", refused)
    drive(transfer(journal, EmbeddedCarrier(library)))
    again = tmp_path / "again.sqlite"
    begin(again, "CLB0000028", {"pyramid.ome.zarr": source})
    drive(transfer(again, EmbeddedCarrier(library)))

    assert sealed(library) == sealed(library, "CLB0000028") == contents(source)


@pytest.mark.parametrize("what", ["is changed", "is gone", "was damaged in the list"])
def test_content_that_is_no_longer_there_is_sent_again(
    library, source, journal, carrier, tmp_path, what
):
    drive(transfer(journal, carrier))
    kept = library / "blobs" / RECORD / "pyramid.ome.zarr" / "0" / "c" / "3" / "0"
    if what == "is changed":
        kept.write_bytes(b"x" * 500)
        os.utime(kept, ns=(0, 0))
    elif what == "is gone":
        shutil.rmtree(library / "blobs" / RECORD)
    else:
        for path in library.glob("objects.sqlite*"):
            path.write_bytes(b"damaged " * 999)
    again = tmp_path / "again.sqlite"
    begin(again, "CLB0000028", {"pyramid.ome.zarr": source})

    drive(transfer(again, carrier))

    assert sealed(library, "CLB0000028") == contents(source)


def test_nothing_is_written_over(library, journal, carrier):
    (library / "blobs" / RECORD).mkdir(parents=True)
    (library / "blobs" / RECORD / "thumbnail.png").write_bytes(b"picture")

    with pytest.raises(TargetExists):
        drive(transfer(journal, carrier))

    assert status(journal).state == "completed"
    shutil.rmtree(library / "blobs" / RECORD)
    drive(transfer(journal, carrier))


def test_steps_out_of_turn_are_refused(carrier):
    with pytest.raises(TransferUnreadable):
        carrier.want("x~1", [])
    asset = carrier.create(RECORD, "1")
    with pytest.raises(TransferUnreadable):
        carrier.seal(asset, "0" * 64)
    with pytest.raises(ValueError, match="no key"):
        carrier.create(RECORD, "../1")


def test_a_wrong_manifest_completes_nothing(library, carrier):
    asset = carrier.create(RECORD, "1")

    assert carrier.complete(asset, "0" * 64, 0, 0) == Manifest.of([]).digest
    assert not (library / "deposits" / asset / "tree").exists()


def test_the_library_finds_nothing_wrong_with_what_was_deposited(
    library, journal, carrier
):
    drive(transfer(journal, carrier))

    with closing(EmbeddedLibrary.open(library)) as opened:
        opened.add(ImageRecord(id=RECORD, title="A cell"))
        assert [p.id for p in opened.check() if p.id == "left-over"] == []


FULL = """
import sys
from contextlib import closing
from pathlib import Path
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import begin, transfer
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import StorageFull
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
drive_folder, source, journal = map(Path, sys.argv[1:])
library = drive_folder / "library"
with closing(EmbeddedLibrary.create(library, id="lab", name="Lab")):
    pass
filler = drive_folder / "filler"
filler.write_bytes(bytes(1_500_000))
begin(journal, "CLB000001X", {"pyramid.ome.zarr": source})
try:
    drive(transfer(journal, EmbeddedCarrier(library)))
except StorageFull as error:
    print("full", (library / "blobs" / "CLB000001X").exists())
filler.unlink()
drive(transfer(journal, EmbeddedCarrier(library)))
print(drive(verify(library / "blobs" / "CLB000001X")).ok)
"""


def test_a_full_drive_is_named_and_the_deposit_goes_on_when_there_is_room(tmp_path):
    """A real drive of 3 MB, where the system lets us make one."""
    if shutil.which("unshare") is None:
        pytest.skip("needs Linux to make a small drive")
    source = write_tree(tmp_path / "image.zarr", size=50_000)
    drive_folder = tmp_path / "drive"
    drive_folder.mkdir()
    (tmp_path / "deposit.py").write_text(FULL)
    mount = f"mount -t tmpfs -o size=3m none {drive_folder}"
    command = f"{sys.executable} deposit.py {drive_folder} {source} journal.sqlite"
    made = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mount} && {command}"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    if "mount" in made.stderr or "unshare" in made.stderr:
        pytest.skip("may not make a small drive here")

    assert made.stdout.split() == ["full", "False", "True"], made.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs rights")
def test_a_library_where_nothing_can_be_written_is_named(library, journal, carrier):
    library.chmod(0o500)
    try:
        with pytest.raises(CellibError, match="read-only"):
            drive(transfer(journal, carrier))
    finally:
        library.chmod(0o700)
