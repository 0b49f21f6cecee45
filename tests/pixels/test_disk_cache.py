import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from napari_cellib.pixels import disk_cache as module
from napari_cellib.pixels.disk_cache import DiskCache, Kept, Name

PLACE = "https://example.org/a.zarr"


def name(key, part="", place=PLACE):
    return Name(place, key, part)


def kept(data, etag='"1"'):
    return Kept(data, etag, time.time())


@pytest.fixture
def open_cache(tmp_path):
    """Open the cache of a folder, as often as a test wants."""
    opened = []

    def open_it(limit=1_000_000, **options):
        opened.append(DiskCache(tmp_path / "cache", limit, **options))
        return opened[-1]

    yield open_it
    for cache in opened:
        cache.close()


def put(cache, keys, size=100, **options):
    for key in keys:
        cache.keep(name(key), kept(bytes(size)), **options)
        cache.flush()


def test_bytes_are_there_at_once_and_in_the_next_session(open_cache):
    cache = open_cache()
    cache.keep(name("0"), kept(b"zero"))
    cache.keep(name("absent"), kept(None, None))
    assert cache.find(name("0")).data == b"zero"
    cache.close()

    again = open_cache()

    assert again.find(name("0")).data == b"zero"
    assert again.find(name("0")).etag == '"1"'
    assert again.find(name("absent")).data is None
    assert again.find(name("1")) is None
    assert again.find(name("0", place="elsewhere")) is None


def test_bytes_are_written_soon_without_being_told(open_cache):
    cache = open_cache()
    cache.keep(name("0"), kept(b"zero"))
    deadline = time.monotonic() + 5

    while cache._waiting and time.monotonic() < deadline:
        time.sleep(0.01)

    assert open_cache().find(name("0")).data == b"zero"


def test_a_part_is_cut_from_the_whole_file(open_cache):
    cache = open_cache()
    cache.keep(name("shard"), kept(bytes(range(100))))
    cache.flush()

    assert cache.find(name("shard", "5:8"), slice(5, 8)).data == b"\5\6\7"
    assert cache.find(name("shard", "-2:"), slice(-2, None)).data == b"\x62\x63"
    assert cache.find(name("shard", "200:300"), slice(200, 300)).data == b""


def test_parts_of_one_file_all_have_the_same_etag(open_cache):
    cache = open_cache()
    cache.keep(name("shard", "0:2"), kept(b"01"))
    cache.flush()
    cache.keep(name("shard", "2:4"), kept(b"ZW", '"2"'))
    cache.flush()

    assert cache.find(name("shard", "0:2")) is None
    assert cache.find(name("shard", "2:4")).data == b"ZW"


def test_what_was_not_used_for_longest_goes_first(open_cache):
    cache = open_cache(limit=1000)
    put(cache, "abcdefgh")
    time.sleep(0.01)
    cache.find(name("a"))
    cache.flush()

    put(cache, "ijk")

    assert cache.find(name("a")) is not None
    assert cache.find(name("b")) is None
    assert cache.find(name("k")) is not None
    assert sum(use.size_bytes for use in cache.use()) <= 1000


def test_what_is_pinned_stays_and_counts_apart(open_cache):
    cache = open_cache(limit=1000)
    put(cache, "abcd", pin=True)
    put(cache, "efgh")
    cache.pin([name("e")])

    put(cache, "ijklmnopqrstuv")

    assert all(cache.find(name(key)) for key in "abcde")
    (use,) = cache.use()
    assert use.place == PLACE
    assert use.pinned_bytes == 500
    assert use.size_bytes <= 1500


def test_a_pinned_file_that_changes_stays_pinned(open_cache):
    cache = open_cache()
    put(cache, "a", pin=True)

    cache.keep(name("a"), kept(b"new", '"2"'))
    cache.clear(pinned=False)

    assert cache.find(name("a")).data == b"new"


def test_clearing_takes_all_or_one_place_or_what_is_not_pinned(open_cache):
    cache = open_cache()
    cache.keep(name("a", place="here"), kept(b"1"))
    cache.keep(name("b", place="here"), kept(b"1"), pin=True)
    cache.keep(name("a", place="there"), kept(b"1"))

    cache.clear("here", pinned=False)
    assert cache.keys("here") == {"b"}
    cache.clear("here")
    assert [use.place for use in cache.use()] == ["there"]
    cache.clear()
    assert cache.use() == []


def test_clearing_gives_the_room_back(open_cache):
    cache = open_cache(limit=100_000_000)
    put(cache, "abcd", size=2_000_000)
    files = cache.path.parent
    assert sum(file.stat().st_size for file in files.iterdir()) > 8_000_000

    cache.clear()

    assert sum(file.stat().st_size for file in files.iterdir()) < 1_000_000


def test_a_file_that_changed_is_forgotten_in_all_its_parts(open_cache):
    cache = open_cache()
    cache.keep(name("a", "0:1"), kept(b"0"))
    cache.flush()
    cache.keep(name("a", "1:2"), kept(b"1"))

    cache.forget(PLACE, "a")

    assert cache.find(name("a", "0:1")) is None
    assert cache.find(name("a", "1:2")) is None


@pytest.mark.parametrize("damage", [b"this is no database", bytes(100_000), b"head"])
def test_a_damaged_file_is_made_anew(open_cache, damage):
    cache = open_cache()
    put(cache, "abc", size=50_000)
    cache.close()
    if damage == b"head":
        damage = cache.path.read_bytes()[:5000] + b"\xff" * 100_000
    cache.path.write_bytes(damage)

    again = open_cache()
    put(again, "d")
    again.find(name("a"))
    put(again, "d")

    assert again.find(name("d")).data == bytes(100)
    again.close()
    with sqlite3.connect(again.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_file_of_another_version_is_made_anew(open_cache):
    cache = open_cache()
    put(cache, "a")
    cache.close()
    connection = sqlite3.connect(cache.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    again = open_cache()

    assert again.find(name("a")) is None
    put(again, "b")
    assert again.find(name("b")) is not None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, open_cache):
    (tmp_path / "cache").write_text("a file where the folder should be")
    cache = open_cache()

    put(cache, "a")

    assert cache.find(name("a")) is None
    assert cache.use() == []


def test_a_full_disk_keeps_what_there_is_and_takes_no_more(open_cache):
    cache = open_cache()
    put(cache, "a")
    with cache._connections.writing() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    put(cache, "b", size=500_000)

    assert cache.find(name("a")).data == bytes(100)
    assert cache.find(name("b")) is None
    started = time.monotonic()
    put(cache, "c", size=500_000)
    assert time.monotonic() - started < 1


def test_more_than_can_be_written_is_not_kept_in_memory(open_cache, monkeypatch):
    monkeypatch.setattr(module, "_MOST_WAITING", 1000)
    cache = open_cache()
    with cache._connections.writing():
        for number in range(100):
            cache.keep(name(str(number)), kept(bytes(100)))
        assert cache._waiting_bytes <= 1000


WRITER = """
import sys, time
from pathlib import Path
from napari_cellib.pixels.disk_cache import DiskCache, Kept, Name
cache = DiskCache(Path(sys.argv[1]), 3_000_000)
for number in range(int(sys.argv[3])):
    key = f"{sys.argv[2]}-{number}"
    cache.keep(Name("place", key, ""), Kept(key.encode() * 2000, key, time.time()))
    cache.find(Name("place", key, ""))
    if number % 10 == 0:
        cache.flush()
        print(number, flush=True)
cache.close()
"""


def start_writer(folder, who, count):
    command = [sys.executable, "-c", WRITER, str(folder), who, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_programs_use_it_at_the_same_time(tmp_path, open_cache):
    writers = [start_writer(tmp_path / "cache", who, 200) for who in "ab"]

    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0

    cache = open_cache(3_000_000)
    keys = cache.keys("place")
    assert {key[0] for key in keys} == {"a", "b"}
    for key in keys:
        assert cache.find(Name("place", key, "")).data == key.encode() * 2000
    assert sum(use.size_bytes for use in cache.use()) <= 3_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_program_that_is_killed_leaves_a_sound_file(tmp_path, open_cache):
    writer = start_writer(tmp_path / "cache", "a", 100_000)
    for _ in range(5):
        writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()

    cache = open_cache(3_000_000)
    keys = cache.keys("place")

    assert len(keys) > 10
    for key in keys:
        assert cache.find(Name("place", key, "")).data == key.encode() * 2000
    put(cache, "b")
    assert cache.find(name("b")) is not None


def test_a_closed_cache_answers_nothing_and_keeps_nothing(open_cache):
    cache = open_cache()
    put(cache, "a")
    cache.close()
    cache.close()

    put(cache, "b")

    assert cache.find(name("a")) is None
    assert open_cache().find(name("b")) is None
