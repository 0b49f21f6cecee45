from __future__ import annotations

import hashlib
import os

import pytest
from tests.deposit.conftest import contents

from napari_cellib.deposit.fixity import find_files, hash_files, read_blocks
from napari_cellib.errors import FileChanged, FilesRefused
from napari_cellib.jobs import drive


def found_in(folder):
    return drive(find_files({"x": folder}))


def test_every_file_gets_the_digests_of_its_content(source):
    digests = {
        file.key: digest
        for batch in hash_files(found_in(source), md5=True)
        for file, digest in batch or ()
    }

    expected = {
        f"x/{key}": (hashlib.sha256(c).hexdigest(), hashlib.md5(c).hexdigest())
        for key, c in contents(source).items()
    }
    assert digests == expected


def test_a_single_file_is_found_under_the_path_that_it_was_given(tmp_path):
    (tmp_path / "Cell 1.tif").write_bytes(b"pixels")

    (found,) = drive(find_files({"original/cell.tif": tmp_path / "Cell 1.tif"}))

    assert (found.key, found.size) == ("original/cell.tif", 6)


def test_what_systems_leave_in_folders_is_left_out(source):
    before = found_in(source)
    for name in (".DS_Store", "Thumbs.db", "._zarr.json"):
        (source / name).write_bytes(b"junk")

    assert found_in(source) == before


@pytest.mark.parametrize("target", ["/etc/passwd", ".", "..", "nowhere", "zarr.json"])
def test_links_are_refused_wherever_they_lead(source, target):
    try:
        (source / "0" / "link").symlink_to(target)
    except OSError:
        pytest.skip("may not make a link here")

    with pytest.raises(FilesRefused, match="link"):
        found_in(source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_plain_file_is_refused_without_opening_it(source):
    os.mkfifo(source / "pipe")

    with pytest.raises(FilesRefused, match="no plain file"):
        found_in(source)


def test_a_name_that_no_library_can_keep_is_refused(source):
    (source / "my cell").write_bytes(b"")

    with pytest.raises(FilesRefused, match="Rename"):
        found_in(source)


def test_nothing_to_deposit_is_said(tmp_path):
    (tmp_path / "empty").mkdir()

    with pytest.raises(FilesRefused, match="no file"):
        found_in(tmp_path / "empty")
    with pytest.raises(FilesRefused, match="not there"):
        found_in(tmp_path / "nowhere")


def test_a_file_that_became_another_before_it_was_read_is_named(source):
    found = found_in(source)
    (source / "zarr.json").write_text("{}")

    with pytest.raises(FileChanged, match=r"zarr\.json"):
        list(hash_files(found))


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_changes_while_it_is_read_is_named(tmp_path, change):
    path = tmp_path / "large"
    path.write_bytes(bytes(3 << 20))
    (found,) = found_in(path)

    blocks = read_blocks(found)
    next(blocks)
    if change == "grows":
        with path.open("ab") as file:
            file.write(b"more")
    elif change == "shrinks":
        os.truncate(path, 1 << 20)
    else:
        with path.open("r+b") as file:
            file.write(b"x")
        os.utime(path, ns=(found.mtime_ns + 10**9,) * 2)

    with pytest.raises(FileChanged, match="large"):
        list(blocks)


def test_a_file_that_is_gone_is_named(source):
    found = found_in(source)
    (source / "zarr.json").unlink()

    with pytest.raises(FilesRefused, match=r"zarr\.json.*read"):
        list(hash_files(found))
