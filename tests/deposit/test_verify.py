from __future__ import annotations

import hashlib
import json
import os

import pytest
from tests.deposit.conftest import RECORD, contents

from napari_cellib.cli import main
from napari_cellib.deposit.manifest import zarr_checksum
from napari_cellib.deposit.transfer import transfer
from napari_cellib.deposit.verify import verify
from napari_cellib.errors import ManifestUnreadable
from napari_cellib.jobs import drive


@pytest.fixture
def deposited(journal, carrier, library):
    drive(transfer(journal, carrier))
    return library / "blobs" / RECORD


def test_missing_changed_and_extra_files_are_named(deposited):
    pyramid = deposited / "pyramid.ome.zarr"
    (pyramid / "zarr.json").unlink()
    (pyramid / "0/c/1/0").write_bytes(b"x" * 500)
    (pyramid / "0/c/2/0").write_bytes(b"shorter")
    (pyramid / "a new one").write_bytes(b"")
    (deposited / "thumbnail.png").write_bytes(b"the library's own")

    found = drive(verify(deposited))

    assert not found.ok
    assert found.missing == ("pyramid.ome.zarr/zarr.json",)
    assert found.changed == ("pyramid.ome.zarr/0/c/1/0", "pyramid.ome.zarr/0/c/2/0")
    assert found.extra == ("pyramid.ome.zarr/a new one",)


def test_what_systems_leave_where_somebody_looks_is_no_change(deposited):
    for name in (".DS_Store", "pyramid.ome.zarr/Thumbs.db", "pyramid.ome.zarr/0/._c"):
        (deposited / name).write_bytes(b"")

    assert drive(verify(deposited)).ok


def test_a_link_in_place_of_a_file_is_a_change(deposited):
    path = deposited / "pyramid.ome.zarr" / "zarr.json"
    copy = deposited.parent / "copy"
    path.rename(copy)
    try:
        path.symlink_to(copy)
    except OSError:
        pytest.skip("may not make a link here")

    assert drive(verify(deposited)).changed == ("pyramid.ome.zarr/zarr.json",)


def test_the_checksum_of_dandi_is_computed_on_demand(deposited, source):
    files = [
        (k, len(v), hashlib.md5(v).hexdigest()) for k, v in contents(source).items()
    ]

    found = drive(verify(deposited, checksums=True))

    assert found.zarr_checksums == {"pyramid.ome.zarr": zarr_checksum(files)}


def test_a_folder_without_a_manifest_cannot_be_verified(tmp_path, capsys):
    with pytest.raises(ManifestUnreadable, match="no manifest"):
        drive(verify(tmp_path))
    assert main(["verify", str(tmp_path)]) == 2


def test_the_command_says_that_all_is_as_it_was(deposited, capsys):
    assert main(["verify", str(deposited), "--zarr-checksum"]) == 0

    checksum, count, verdict = capsys.readouterr().out.splitlines()
    assert checksum.startswith("zarr-checksum of pyramid.ome.zarr: ")
    assert count.startswith("33 files")
    assert verdict == "all are as they were"


def test_the_command_names_what_is_wrong_and_ends_with_1(deposited, capsys):
    for number in range(25):
        os.unlink(deposited / f"pyramid.ome.zarr/0/c/{number}/0")

    assert main(["verify", str(deposited)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "missing pyramid.ome.zarr/0/c/0/0"
    assert lines[20] == "missing ... and 5 more"
    assert lines[-1] == "25 are wrong"

    assert main(["verify", str(deposited), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], len(found["missing"])) == (False, 25)
