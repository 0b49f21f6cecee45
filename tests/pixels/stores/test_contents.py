import asyncio
import threading

import pytest
from obstore.store import HTTPStore, LocalStore
from zarr.abc.store import RangeByteRequest
from zarr.core.buffer import default_buffer_prototype

from napari_cellib.errors import PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.stores import contents as module
from napari_cellib.pixels.stores import open_store
from napari_cellib.pixels.stores.contents import (
    ObjectContent,
    OnlyWhole,
    Span,
    TooLarge,
    Unchanged,
)

DIGITS = b"0123456789"


@pytest.fixture
def content(shelf):
    shelf.files["digits"] = DIGITS
    store = HTTPStore.from_url(shelf.url, client_options={"allow_http": True})
    return ObjectContent(store)


def get(content, *args, **options):
    return asyncio.run(content.get(*args, **options))


PARTS = [
    (None, DIGITS),
    (Span(2, 5), b"234"),
    (Span(-3), b"789"),
    (Span(7), b"789"),
    (Span(8, 20), b"89"),
    (Span(-20), DIGITS),
]


@pytest.mark.parametrize(("span", "bytes_"), PARTS)
def test_a_part_of_a_file_is_what_is_asked_for(content, shelf, span, bytes_):
    found = get(content, "digits", span)

    assert bytes(found.data) == bytes_
    assert found.size == 10
    assert len(shelf.asked) == 1


@pytest.mark.parametrize(("span", "bytes_"), PARTS)
def test_the_same_is_true_of_a_folder(tmp_path, span, bytes_):
    (tmp_path / "digits").write_bytes(DIGITS)

    found = get(ObjectContent(LocalStore(tmp_path)), "digits", span)

    assert bytes(found.data) == bytes_


@pytest.mark.parametrize(("span", "bytes_"), PARTS)
def test_the_whole_file_is_not_taken_for_a_part_of_it(content, shelf, span, bytes_):
    shelf.ranges = False

    assert bytes(get(content, "digits", span).data) == bytes_


def test_a_server_that_gives_only_whole_files_gives_each_once(content, shelf):
    shelf.ranges = False
    get(content, "digits", Span(0, 1))
    shelf.asked.clear()

    for first in range(10):
        assert bytes(get(content, "digits", Span(first, first + 1)).data) == b"%d" % (
            first
        )

    assert shelf.asked == []


def test_a_file_too_large_to_be_taken_whole_is_refused(content, shelf, monkeypatch):
    shelf.ranges = False
    monkeypatch.setattr(module, "_WHOLE_LIMIT", 5)

    with pytest.raises(OnlyWhole):
        get(content, "digits", Span(0, 1))


def test_a_server_that_knows_no_ends_of_files_is_asked_how_long_they_are(
    content, shelf
):
    shelf.suffixes = False

    assert bytes(get(content, "digits", Span(-3)).data) == b"789"
    shelf.asked.clear()
    assert bytes(get(content, "digits", Span(-2)).data) == b"89"
    assert shelf.asked == [("HEAD", "digits", ""), ("GET", "digits", "8-9")]


def test_what_is_not_there_is_none(content, shelf):
    assert get(content, "nothing") is None
    assert get(content, "nothing", Span(-3)) is None
    shelf.ranges = False
    assert get(content, "nothing", Span(0, 1)) is None


def test_an_answer_longer_than_it_can_be_is_refused_before_it_comes(content):
    with pytest.raises(TooLarge):
        get(content, "digits", limit=5)


def test_a_file_that_has_not_changed_does_not_come_again(content, shelf):
    etag = get(content, "digits").etag

    with pytest.raises(Unchanged):
        get(content, "digits", Span(0, 1), known=etag)
    assert shelf.headers[-1]["if-none-match"] == etag

    shelf.files["digits"] = b"9876543210"
    assert bytes(get(content, "digits", known=etag).data) == b"9876543210"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("loop", "leads from one address to the next"),
        ("long", "broke off"),
        (429, "asked too often"),
        (500, "500 Internal Server Error"),
        (403, "access is refused (403 Forbidden)"),
        ("hang", "took too long"),
        ((403, b"<Error><Code>ExpiredToken</Code></Error>"), "have expired"),
        ((400, b"<Error><Code>ExpiredToken</Code></Error>"), "have expired"),
        ((403, b"<Error><Code>InvalidAccessKeyId</Code></Error>"), "key is not known"),
        (
            (403, b"<Code>AccessDenied</Code><Message>Request has expired</Message>"),
            "this link has expired",
        ),
        ((301, b"<Error><Code>PermanentRedirect</Code></Error>"), ""),
    ],
)
def test_a_fault_of_a_server_is_said_in_words_and_never_taken_for_absent(
    shelf, fault, said
):
    shelf.faults["0.0"] = fault
    store = open_store(shelf.url, timeout_s=0.5)

    for read in (lambda: store.read("0.0"), lambda: chunk(store, "0.0")):
        with pytest.raises(PixelsUnreachable) as caught:
            read()
        assert said in str(caught.value)


def test_a_shard_that_ends_before_its_chunk_is_cut_short(shelf):
    shelf.files["shard"] = DIGITS

    with pytest.raises(PixelsUnreadable, match="cut short"):
        chunk(open_store(shelf.url, timeout_s=1), "shard", Span(20, 30))


def test_a_server_that_is_asked_too_often_is_left_alone_for_a_moment(shelf):
    shelf.files["zarr.json"] = b"{}"
    shelf.faults["zarr.json"] = 429
    recovery = threading.Timer(0.5, shelf.faults.clear)
    recovery.start()

    assert open_store(shelf.url, timeout_s=10).read("zarr.json") == b"{}"

    recovery.join()
    assert len(shelf.asked) <= 7


def test_a_document_of_100_megabytes_is_refused_before_it_comes(shelf):
    shelf.files["zarr.json"] = bytes(100_000_000)

    with pytest.raises(PixelsUnreadable, match="100 MB of metadata"):
        open_store(shelf.url, timeout_s=5).read("zarr.json")


def test_a_server_without_parts_says_so_when_files_are_too_large(shelf, monkeypatch):
    monkeypatch.setattr(module, "_WHOLE_LIMIT", 5)
    shelf.files["shard"] = DIGITS
    shelf.ranges = False

    with pytest.raises(PixelsUnreadable, match="no parts of files"):
        chunk(open_store(shelf.url, timeout_s=1), "shard", Span(0, 2))


def chunk(store, key, span=None):
    part = None if span is None else RangeByteRequest(span.start, span.stop)
    return asyncio.run(store.zarr.get(key, default_buffer_prototype(), part))
