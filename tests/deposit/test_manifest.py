from __future__ import annotations

import hashlib
import json

import pytest

from napari_cellib.deposit.manifest import Entry, Manifest, zarr_checksum
from napari_cellib.errors import FilesRefused, ManifestUnreadable

FILES = {
    ".zattrs": b"{}", ".zgroup": b'{"zarr_format": 2}', "0/.zarray": b"{}",
    "0/0.0": b"pixels", "0/0.1": b"", "0-a/c/1/0": b"\x00\x01",
    "0-a/zarr.json": b"[]", "Z": b"z", "a": b"a",
}  # fmt: skip


def entries():
    return [
        Entry(key, len(content), hashlib.sha256(content).hexdigest())
        for key, content in FILES.items()
    ]


def test_the_digest_is_that_of_paths_sizes_and_digests_by_path():
    lines = "".join(f"{e.path}\0{e.size}\0{e.sha256}\n" for e in sorted(entries()))

    manifest = Manifest.of(reversed(entries()))

    assert manifest.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert (len(manifest), manifest.size) == (9, 34)


def test_zarr_checksums_are_those_of_dandi():
    """The values are those that the package zarr-checksum 0.4.7 computes."""
    files = [(k, len(v), hashlib.md5(v).hexdigest()) for k, v in FILES.items()]

    assert zarr_checksum(files) == "66822a94e49d1f4f3689225e99e7e6a4-9--34"
    assert zarr_checksum([]) == "481a2f77ab786a0f45aafd5db0971caa-0--0"


def test_a_manifest_is_read_as_it_was_written(tmp_path):
    manifest = Manifest.of(entries())
    (tmp_path / "manifest.json").write_text(manifest.to_json())

    assert Manifest.read(tmp_path) == manifest


def test_hostile_paths_make_no_manifest():
    with pytest.raises(FilesRefused):
        Manifest.of([Entry("../x", 0, "0" * 64)])


@pytest.mark.parametrize(
    "change",
    [
        {"files": [{"path": "../x", "size": 0, "sha256": "0" * 64}]},
        {"files": [{"path": "x", "size": -1, "sha256": "0" * 64}]},
        {"files": [{"path": "x", "size": True, "sha256": "0" * 64}]},
        {"files": [{"path": "x", "size": 1, "sha256": "../../x"}]},
        {"files": [{"path": 5}]}, {"files": None}, {"version": 2}, {"digest": "0"},
    ],
)  # fmt: skip
def test_a_manifest_that_was_changed_is_refused(tmp_path, change):
    value = json.loads(Manifest.of(entries()).to_json()) | change
    (tmp_path / "manifest.json").write_text(json.dumps(value))

    with pytest.raises(ManifestUnreadable):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "[" * 100_000])
def test_what_is_no_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(ManifestUnreadable):
        Manifest.read(tmp_path)
