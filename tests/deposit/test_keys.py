from __future__ import annotations

import pytest

from napari_cellib.deposit.keys import check_key, check_keys, metadata_last, safe_name
from napari_cellib.errors import FilesRefused


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "../../x", "a/.",
        "foo/../../../x", "..\\..\\x", "a\\b", "a\0b", "%2e%2e/a", "a b", "\u00b5m",
        "C:/x", "con", "a/AUX.txt", "lpt1", "a/name.", "x" * 256, "a/" * 16 + "b",
        "/".join(["x" * 200] * 6), "manifest.json", "Manifest.JSON", "a\n", "~/x",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_or_is_not_portable_is_refused(key):
    with pytest.raises(FilesRefused):
        check_key(key)


@pytest.mark.parametrize(
    "key", ["a", ".zattrs", "0/c/1/2", "pyramid.ome.zarr/zarr.json", "a/manifest.json"]
)
def test_the_paths_of_an_image_are_kept(key):
    check_key(key)


@pytest.mark.parametrize(
    "keys",
    [["a", "A"], ["a", "a/b"], ["A/x", "a/y"], ["a/b/C/1", "a/b/c/2"], ["x", "x"]],
)
def test_paths_that_are_one_on_some_system_are_refused(keys):
    with pytest.raises(FilesRefused):
        check_keys(keys)


def test_metadata_comes_last_and_that_of_the_whole_at_the_end():
    keys = ["zarr.json", "0/zarr.json", "0/c/0", ".zattrs", "0/c/1"]

    assert sorted(keys, key=metadata_last) == [
        "0/c/0", "0/c/1", "0/zarr.json", ".zattrs", "zarr.json"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["Cell 1 (\u00b5m).czi", "con", "...", "x" * 300, "a.", "\u00e9", ".hidden"]
)
def test_a_safe_name_is_one_that_can_be_kept(name):
    check_key(safe_name(name))
