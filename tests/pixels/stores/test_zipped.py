import asyncio
import io
import time
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from zarr.abc.store import RangeByteRequest, SuffixByteRequest
from zarr.core.buffer import default_buffer_prototype

from napari_cellib.errors import PixelsNotFound, PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.stores import cached, open_store
from napari_cellib.pixels.stores import zipped as module


def make_zip(files, comment=b"", compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.comment = comment
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def zip_folder(folder, prefix="", compression=zipfile.ZIP_STORED):
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return make_zip(
        {prefix + p.relative_to(folder).as_posix(): p.read_bytes() for p in paths},
        compression=compression,
    )


@pytest.fixture
def open_zip(tmp_path, shelf):
    """Open the same zip on the disk and on a server."""

    def open_it(data, name="image.ozx"):
        (tmp_path / name).write_bytes(data)
        shelf.files[name] = data
        return [
            open_store(tmp_path / name, timeout_s=2),
            open_store(f"{shelf.url}/{name}", timeout_s=2),
        ]

    return open_it


@pytest.mark.parametrize("prefix", ["", "cells.ome.zarr/"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_image_in_a_zip_has_the_same_pixels(
    stored, pixels, opened, shelf, tmp_path, prefix, compression
):
    data = zip_folder(stored, prefix, compression)
    (tmp_path / "cells.zip").write_bytes(data)
    shelf.files["cells.ozx"] = data

    for where in (tmp_path / "cells.zip", f"{shelf.url}/cells.ozx"):
        image = opened(where)
        np.testing.assert_array_equal(image.levels[0].compute(), pixels)
        assert [label.name for label in image.labels] == ["nuclei"]


@pytest.mark.parametrize("key", ["a", "b/c", "big"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_out_as_they_went_in(open_zip, key, compression):
    big = np.random.default_rng(1).bytes(1_500_000)
    files = {"zarr.json": b"{}", "a": b"", "b/c": b"text", "big": big}

    for store in open_zip(make_zip(files, compression=compression)):
        assert store.read(key) == files[key]
        assert store.read("absent") is None


def test_only_what_is_looked_at_is_read_from_a_server(open_zip, shelf):
    files = {f"{n}": bytes([n]) * 2_000_000 for n in range(4)} | {"zarr.json": b"{}"}
    _, store = open_zip(make_zip(files))
    assert store.read("zarr.json") == b"{}"
    assert store.read("2") == files["2"]

    sizes = [part for _, _, part in shelf.asked]

    assert len(sizes) == 3
    assert sizes[0] == f"-{module._TAIL}"


def test_parts_of_a_shard_in_a_zip_are_read_alone(open_zip, shelf):
    shard = np.random.default_rng(1).bytes(3_000_000)
    for store in open_zip(make_zip({"zarr.json": b"{}", "c/0": shard})):
        for part, expected in [
            (SuffixByteRequest(100), shard[-100:]),
            (RangeByteRequest(1000, 2000), shard[1000:2000]),
        ]:
            got = store.zarr.get("c/0", default_buffer_prototype(), part)
            assert asyncio.run(got).to_bytes() == expected
    assert all(part for _, _, part in shelf.asked)
    assert len(shelf.asked) == 4  # the list, the header, and the two parts


def test_a_long_list_of_files_is_read_in_two_goes(open_zip, shelf, monkeypatch):
    monkeypatch.setattr(module, "_TAIL", 66_000)
    files = {f"a/{n}": b"%d" % n for n in range(2000)} | {"zarr.json": b"{}"}

    for store in open_zip(make_zip(files, comment=b'{"ome": {"version": "0.5"}}')):
        assert store.read("a/77") == b"77"

    assert len(shelf.asked) == 3


def test_a_folder_in_a_zip_is_named_after_it(open_zip, tmp_path, shelf):
    open_zip(make_zip({"zarr.json": b"{}", "0/zarr.json": b"zero"}))

    for where in (tmp_path / "image.ozx" / "0", f"{shelf.url}/image.ozx/0"):
        store = open_store(where, timeout_s=1)
        assert store.read("zarr.json") == b"zero"
        assert store.name == str(where)


def test_what_stands_before_a_zip_is_skipped(open_zip):
    for store in open_zip(b"#!/bin/sh\n" + make_zip({"zarr.json": b"{}"})):
        assert store.read("zarr.json") == b"{}"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "a\\..\\x"])
def test_a_name_that_leads_out_of_the_zip_is_refused(open_zip, name):
    for store in open_zip(make_zip({"zarr.json": b"{}", name: b"x"})):
        with pytest.raises(PixelsUnreadable, match="lie outside"):
            store.read("zarr.json")


def test_a_bomb_is_not_unpacked(open_zip):
    bomb = make_zip({"zarr.json": bytes(50_000_000)}, compression=zipfile.ZIP_DEFLATED)

    for store in open_zip(bomb):
        with pytest.raises(PixelsUnreadable, match="would become 50 MB"):
            store.read("zarr.json")


def test_a_file_that_is_longer_than_it_says_is_damaged(open_zip):
    data = make_zip({"zarr.json": b"1" * 5000}, compression=zipfile.ZIP_DEFLATED)
    data = data.replace((5000).to_bytes(4, "little"), (4000).to_bytes(4, "little"))

    for store in open_zip(data):
        with pytest.raises(PixelsUnreadable, match="damaged or cut short"):
            store.read("zarr.json")


@pytest.mark.parametrize("keep", [0, 1, 10, 100, 0.5, 0.9, 0.99])
def test_a_zip_that_is_cut_short_says_so(open_zip, keep):
    data = make_zip({"zarr.json": b"{}", "0": bytes(1000)})
    size = int(len(data) * keep) if isinstance(keep, float) else keep

    for store in open_zip(data[:size]):
        with pytest.raises((PixelsUnreadable, PixelsUnreachable)):
            store.read("zarr.json")


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_zip_is_refused_in_words(open_zip, seed):
    random = np.random.default_rng(seed)
    data = bytearray(make_zip({"zarr.json": b"{}" * 50, "0": random.bytes(100)}))
    for _ in range(random.integers(1, 6)):
        data[random.integers(len(data))] = random.integers(256)

    for store in open_zip(bytes(data)):
        for key in ("zarr.json", "0"):
            with suppress(PixelsUnreadable):  # some damage does no harm
                store.read(key)


def test_an_encrypted_zip_says_so(open_zip):
    data = bytearray(make_zip({"zarr.json": b"{}"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1

    for store in open_zip(bytes(data)):
        with pytest.raises(PixelsUnreadable, match="encrypted"):
            store.read("zarr.json")


def test_a_zip_packed_in_a_rare_way_says_so(open_zip):
    for store in open_zip(make_zip({"zarr.json": b"{}"}, compression=zipfile.ZIP_LZMA)):
        with pytest.raises(PixelsUnreadable, match="not known here"):
            store.read("zarr.json")


def test_a_zip_that_is_not_there_is_not_found(tmp_path, shelf):
    with pytest.raises(PixelsNotFound):
        open_store(tmp_path / "image.ozx", timeout_s=1)
    with pytest.raises(PixelsNotFound):
        open_store(f"{shelf.url}/image.ozx", timeout_s=1).read("zarr.json")


def test_a_server_that_gives_only_whole_files_gives_a_small_zip(shelf):
    shelf.files["image.zip"] = make_zip({"zarr.json": b"{}", "0": b"1"})
    shelf.ranges = False

    store = open_store(f"{shelf.url}/image.zip?download=1", timeout_s=1)

    assert store.read("0") == b"1"


def test_a_zip_that_was_seen_before_costs_one_small_question(shelf, disk):
    shelf.files["image.ozx"] = make_zip({"zarr.json": b"{}", "0": b"1", "1": b"2"})
    where = f"{shelf.url}/image.ozx"

    def read():
        store = open_store(where, timeout_s=1, disk=disk)
        return [store.read(key) for key in ("zarr.json", "0", "1")]

    first = read()
    shelf.asked.clear()

    assert read() == first
    assert shelf.asked == [("GET", "image.ozx", "0-0")]
    shelf.files["image.ozx"] = make_zip({"zarr.json": b"new", "0": b"3", "1": b"4"})
    assert read() == [b"new", b"3", b"4"]


def test_a_zip_that_became_something_else_is_shown_as_it_was(shelf, disk, monkeypatch):
    monkeypatch.setattr(cached, "_CHECK_AFTER_S", 0.0)
    shelf.files["image.ozx"] = make_zip({"zarr.json": b"{}", "0": b"1"})

    def read():
        store = open_store(f"{shelf.url}/image.ozx", timeout_s=1, disk=disk)
        return asyncio.run(store.zarr.get("0", default_buffer_prototype())).to_bytes()

    read()
    shelf.files["image.ozx"] = b"gone"
    shelf.asked.clear()

    assert read() == b"1"
    deadline = time.monotonic() + 5
    while len(shelf.asked) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert read() == b"1"
