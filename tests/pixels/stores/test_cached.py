import asyncio
import threading
import time

import pytest
from tests.pixels.stores.asking import chunk, opened, wait_until
from zarr.abc.store import RangeByteRequest, SuffixByteRequest
from zarr.core.buffer import default_buffer_prototype

from napari_cellib.errors import PixelsNotKept, PixelsUnreachable
from napari_cellib.pixels.disk_cache import DiskCache, Kept
from napari_cellib.pixels.stores import cached as module
from napari_cellib.pixels.stores import open_store
from napari_cellib.pixels.stores.addresses import safe_name

pytestmark = pytest.mark.usefixtures("check_at_once")


def test_a_chunk_comes_once(shelf, disk):
    shelf.files["0"] = b"pixels"
    chunk(opened(shelf, disk), "0")

    assert chunk(opened(shelf, disk), "0") == b"pixels"
    wait_until(lambda: len(shelf.asked) == 2)

    assert shelf.asked == [("GET", "0", ""), ("GET", "0", "0-0")]
    assert "if-none-match" in shelf.headers[-1]


def test_a_chunk_is_checked_once_in_a_session(shelf, disk):
    shelf.files["0"] = b"pixels"
    chunk(opened(shelf, disk), "0")
    store = opened(shelf, disk)

    for _ in range(5):
        chunk(store, "0")
    wait_until(lambda: len(shelf.asked) == 2)
    time.sleep(0.05)

    assert len(shelf.asked) == 2


def test_parts_of_a_shard_come_once(shelf, disk):
    shelf.files["0"] = bytes(range(100))
    parts = [SuffixByteRequest(20), RangeByteRequest(10, 20), RangeByteRequest(20, 30)]
    first = [chunk(opened(shelf, disk), "0", part) for part in parts]
    shelf.asked.clear()

    assert [chunk(opened(shelf, disk), "0", part) for part in parts] == first
    assert all(part == "0-0" for _, _, part in shelf.asked)  # checks
    assert first[1] == bytes(range(10, 20))


def test_a_chunk_that_changed_is_shown_old_then_new(shelf, disk):
    shelf.files["0"] = b"old"
    chunk(opened(shelf, disk), "0")
    shelf.files["0"] = b"new"
    store, told = opened(shelf, disk), []
    store.watch(told.append)

    assert chunk(store, "0") == b"old"
    wait_until(lambda: told == ["0"])

    assert chunk(store, "0") == b"new"
    assert chunk(opened(shelf, disk), "0") == b"new"


def test_a_shard_that_changed_is_read_with_its_new_index(shelf, disk):
    shelf.files["0"] = bytes(100)
    store = opened(shelf, disk)
    for part in (SuffixByteRequest(20), RangeByteRequest(0, 30)):
        chunk(store, "0", part)
    shelf.files["0"] = bytes(range(100))
    store, told = opened(shelf, disk), []
    store.watch(told.append)

    chunk(store, "0", SuffixByteRequest(20))
    wait_until(lambda: told)

    assert chunk(store, "0", SuffixByteRequest(20)) == bytes(range(80, 100))
    assert chunk(store, "0", RangeByteRequest(0, 30)) == bytes(range(30))


def test_an_old_index_and_a_new_chunk_are_not_put_together(shelf, disk, monkeypatch):
    monkeypatch.setattr(module, "_CHECK_AFTER_S", 60.0)
    shelf.files["0"] = bytes(100)
    chunk(opened(shelf, disk), "0", SuffixByteRequest(20))
    shelf.files["0"] = bytes(range(100))
    store = opened(shelf, disk)
    chunk(store, "0", SuffixByteRequest(20))

    with pytest.raises(PixelsUnreachable, match="changed while it was read"):
        chunk(store, "0", RangeByteRequest(10, 20))

    assert chunk(store, "0", SuffixByteRequest(20)) == bytes(range(80, 100))
    assert chunk(store, "0", RangeByteRequest(10, 20)) == bytes(range(10, 20))


def test_documents_are_asked_again_but_do_not_come_again(shelf, disk):
    shelf.files["zarr.json"] = b"{}"
    opened(shelf, disk).read("zarr.json")

    assert opened(shelf, disk).read("zarr.json") == b"{}"
    assert "if-none-match" in shelf.headers[-1]

    shelf.files["zarr.json"] = b'{"a": 1}'
    assert opened(shelf, disk).read("zarr.json") == b'{"a": 1}'


def test_a_document_that_appears_is_seen_at_the_next_opening(shelf, disk):
    assert opened(shelf, disk).read("zarr.json") is None
    shelf.files["zarr.json"] = b"{}"

    assert opened(shelf, disk).read("zarr.json") == b"{}"


def test_without_etags_chunks_are_good_for_a_day(shelf, disk, monkeypatch):
    shelf.etags = False
    shelf.files["0"] = b"old"
    chunk(opened(shelf, disk), "0")
    shelf.files["0"] = b"new"

    assert chunk(opened(shelf, disk), "0") == b"old"
    monkeypatch.setattr(module, "_GOOD_S", 0.0)
    assert chunk(opened(shelf, disk), "0") == b"new"


def test_without_etags_chunks_go_with_the_document_that_changed(shelf, disk):
    shelf.etags = False
    shelf.files |= {"0": b"old", "zarr.json": b"{}"}
    opened(shelf, disk).read("zarr.json")
    chunk(opened(shelf, disk), "0")
    shelf.files |= {"0": b"new", "zarr.json": b'{"a": 1}'}

    store = opened(shelf, disk)
    store.read("zarr.json")

    assert chunk(store, "0") == b"new"


def test_an_absent_chunk_is_remembered_for_a_short_time(shelf, disk, monkeypatch):
    assert chunk(opened(shelf, disk), "0") is None
    store = opened(shelf, disk)
    assert chunk(store, "0") is None
    assert store.zarr.absent == {"0"}
    assert len(shelf.asked) == 1

    monkeypatch.setattr(module, "_ABSENT_GOOD_S", 0.0)
    shelf.files["0"] = b"pixels"
    assert chunk(opened(shelf, disk), "0") == b"pixels"


@pytest.mark.parametrize("fault", [403, 500])
def test_a_refusal_is_not_kept(shelf, disk, fault):
    shelf.faults["0"] = fault
    with pytest.raises(PixelsUnreachable):
        chunk(opened(shelf, disk), "0")
    shelf.faults.clear()
    shelf.files["0"] = b"pixels"

    assert chunk(opened(shelf, disk), "0") == b"pixels"


def test_when_the_server_is_gone_what_there_is_is_shown(shelf, disk):
    shelf.files |= {"zarr.json": b"{}", "0": b"pixels"}
    store = opened(shelf, disk)
    store.read("zarr.json")
    chunk(store, "0")
    shelf.stop()
    store = opened(shelf, disk, timeout_s=0.5)

    assert store.read("zarr.json") == b"{}"
    assert chunk(store, "0") == b"pixels"
    with pytest.raises(PixelsUnreachable, match="no connection"):
        chunk(store, "1")


def test_offline_nothing_is_asked_and_what_is_missing_is_named(shelf, disk, tmp_path):
    shelf.files |= {"zarr.json": b"{}", "0": b"pixels"}
    store = opened(shelf, disk)
    store.read("zarr.json")
    store.read(".zattrs")
    chunk(store, "0")
    disk.flush()
    shelf.asked.clear()

    with DiskCache(tmp_path / "cache", 1000, offline=True) as offline:
        store = opened(shelf, offline)
        assert store.read("zarr.json") == b"{}"
        assert store.read(".zattrs") is None
        assert chunk(store, "0") == b"pixels"
        with pytest.raises(PixelsNotKept, match=r"0/zarr\.json is missing"):
            store.read("0/zarr.json")
        with pytest.raises(PixelsNotKept, match="1 is missing"):
            chunk(store, "1")

    assert shelf.asked == []


def test_places_that_a_token_tells_apart_share_no_bytes(shelf, disk):
    shelf.files["0"] = b"one"
    chunk(open_store(f"{shelf.url}?version=1", timeout_s=1, disk=disk), "0")
    shelf.files["0"] = b"two"
    store = open_store(f"{shelf.url}?version=2", timeout_s=1, disk=disk)

    assert chunk(store, "0") == b"two"


def test_no_password_or_token_is_written_to_the_disk(shelf, disk):
    shelf.files["0"] = b"pixels"
    where = shelf.url.replace("//", "//ann:S3CRET@") + "?token=T0KEN"

    chunk(open_store(where, timeout_s=1, disk=disk), "0")
    disk.flush()

    written = b"".join(f.read_bytes() for f in disk.path.parent.iterdir())
    assert b"pixels" in written
    assert b"S3CRET" not in written
    assert b"T0KEN" not in written
    assert disk.use()[0].place.startswith(safe_name(shelf.url))


def test_a_local_folder_is_never_kept(tmp_path, disk):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "0").write_bytes(b"pixels")

    chunk(open_store(tmp_path / "a", timeout_s=1, disk=disk), "0")

    assert disk.use() == []


def test_a_closed_cache_does_not_stop_anybody(shelf, disk):
    shelf.files["0"] = b"pixels"
    store = opened(shelf, disk)
    disk.close()

    assert chunk(store, "0") == b"pixels"


def test_checks_that_wait_do_not_hold_up_the_end(shelf, disk, monkeypatch):
    shelf.files |= {str(n): b"pixels" for n in range(9)}
    for n in range(9):
        chunk(opened(shelf, disk), str(n))
    shelf.faults[""] = "hang"
    store = opened(shelf, disk, timeout_s=20)
    for n in range(9):
        chunk(store, str(n))
    wait_until(lambda: len(shelf.asked) > 9)
    started = time.monotonic()

    disk.close()

    assert time.monotonic() - started < 1


def test_who_waits_for_a_cache_that_is_closed_is_answered_by_the_server(shelf, disk):
    shelf.files["0"] = b"pixels"
    store = opened(shelf, disk)
    release = threading.Event()
    for _ in range(4):
        disk.readers.submit(release.wait, 5)

    async def read():
        asked = asyncio.create_task(store.zarr.get("0", default_buffer_prototype()))
        await asyncio.sleep(0.05)
        closing = threading.Thread(target=disk.close)
        closing.start()
        await asyncio.sleep(0.3)
        release.set()
        found = await asked
        closing.join()
        return found.to_bytes()

    assert asyncio.run(read()) == b"pixels"


def test_what_is_remembered_of_a_former_opening_may_be_damaged(shelf, disk):
    shelf.files["zarr.json"] = b"{}"
    store = opened(shelf, disk)
    store.read("zarr.json")
    assert store.remembered() == ["zarr.json"]

    disk.keep(store.cached._list_name, Kept(b"\xff[", None, time.time()))

    assert opened(shelf, disk).remembered() == []
