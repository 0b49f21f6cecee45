from __future__ import annotations

import io
import zipfile

import pytest

from napari_cellib.archives.cut_zip import cut_members


class Stream(io.BytesIO):
    """A file that cannot go back, so that lengths are written behind members."""

    def seekable(self):
        return False

    def tell(self):
        raise OSError("no place")


def archive(method=zipfile.ZIP_DEFLATED, file=None):
    stream = file or io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        made.writestr("a.json", "first " * 9000)
        made.writestr("b.json", "second")
    return stream.getvalue()


def found(body, most=1_000_000):
    return list(cut_members(io.BytesIO(body), most))


@pytest.mark.parametrize(
    "body",
    [archive(), archive(zipfile.ZIP_STORED), archive(file=Stream())],
    ids=["deflated", "stored", "streamed"],
)
def test_members_are_found_without_the_list_at_the_end(body):
    first, second, end = found(body)

    assert (first.name, first.body) == ("a.json", b"first " * 9000)
    assert (second.name, second.body) == ("b.json", b"second")
    assert end.name is None
    assert "list" in end.refused


def test_every_place_where_it_may_break_off_is_told():
    body = archive()
    for length in range(len(body)):
        *members, end = found(body[:length])

        assert end.name is None
        assert all(member.refused is None for member in members)


def test_a_member_that_is_too_long_is_passed_over():
    long, short, _ = found(archive(), most=1000)

    assert long.refused
    assert long.body == b""
    assert short.body == b"second"


def test_a_damaged_member_is_told():
    body = bytearray(archive(zipfile.ZIP_STORED))
    body[60] ^= 1

    damaged, whole, _ = found(bytes(body))

    assert damaged.refused == "it is damaged"
    assert whole.refused is None


def test_what_cannot_be_unpacked_ends_it():
    (end,) = found(archive(zipfile.ZIP_LZMA))

    assert "breaks off" in end.refused
