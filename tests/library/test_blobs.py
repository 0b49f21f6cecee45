"""Bytes by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import RecordInvalid
from napari_cellib.library.blobs import Blobs, folder_name

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_put_is_got_back_and_replaced_whole(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    assert blobs.get("a/b.png") is None
    blobs.put("a/b.png", b"one")
    blobs.put("a/b.png", b"two")
    assert blobs.get("a/b.png") == b"two"
    assert blobs.get("a") is None
    assert [path.name for path in (tmp_path / "blobs" / "a").iterdir()] == ["b.png"]


@pytest.mark.parametrize(
    "key",
    [
        "", "/etc/passwd", "..", "../a", "a/../../b", "a//b", "a/./b", "a\\b", "C:/a",
        "C:a", "a/b.", "a/ ", "nul", "a/COM1.txt", "a\0b", "a\nb", "a?b", "x" * 300,
        "file:///etc/passwd",
    ],
)  # fmt: skip
def test_a_key_never_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(RecordInvalid, match="no plain path"):
        Blobs(tmp_path).path(key)


def test_an_ordinary_key_is_the_path_that_it_looks_like(tmp_path: Path) -> None:
    key = "CIL%3A10107/original/Zelle 1 (größer).tif"
    assert Blobs(tmp_path).path(key) == tmp_path / key


@pytest.mark.parametrize(
    ("record_id", "name"),
    [
        ("CLB0000028", "CLB0000028"),
        ("CIL:10107", "CIL%3A10107"),
        ("S-BIAD609.v1_2", "S-BIAD609.v1_2"),
        ("con", "%63on"),
        ("Aux.tif", "%41ux.tif"),
        ("console", "console"),
        ("lpt1", "%6Cpt1"),
    ],
)
def test_the_folder_of_a_record_has_a_name_for_every_system(
    tmp_path: Path, record_id: str, name: str
) -> None:
    assert folder_name(record_id) == name
    Blobs(tmp_path).path(f"{name}/pyramid.ome.zarr")  # is a key of its own


def test_long_identifiers_have_short_and_different_folders() -> None:
    one, other = (folder_name("a:" * 64 + end) for end in ("1", "2"))
    assert one != other
    assert max(len(one), len(other)) <= 200


def test_the_files_of_a_removed_record_go_at_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    blobs.put("CIL%3A1/pyramid.ome.zarr/0/c/0", b"chunk")
    blobs.put("CIL%3A2/thumbnail.png", b"picture")
    blobs.remove_record("CIL:1")
    blobs.remove_record("CIL:3")  # has no files
    assert [path.name for path in blobs.folders()] == ["CIL%3A2"]
    assert blobs.leftovers() == []
