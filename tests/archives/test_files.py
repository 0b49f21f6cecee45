from __future__ import annotations

import pytest

from napari_cellib.archives.cil.files import THUMBNAIL_WIDTHS, file_at
from napari_cellib.archives.cil.ledger import Fate
from napari_cellib.settings import CilAddresses


def shown(record):
    return [(one.role, one.url) for one in record.representations]


def test_files_lie_in_the_folder_of_their_image(read):
    record = read().record

    assert shown(record)[:3] == [
        ("interchange", "https://files.example/media/images/901/901.tif"),
        ("preview", "https://files.example/media/images/901/901.jpg"),
        ("original", "https://files.example/media/images/901/901.zip"),
    ]
    tiff, jpeg, archive = record.representations[:3]
    assert (tiff.format, tiff.media_type, tiff.size_bytes) == (
        "ome-tiff", "image/tiff", 5800000,
    )  # fmt: skip
    assert (jpeg.media_type, jpeg.size_bytes) == ("image/jpeg", None)
    assert archive.size_bytes == 1234


def test_every_image_has_thumbnails_of_three_widths(read):
    small = [r for r in read().record.representations if r.role == "thumbnail"]

    assert [one.width for one in small] == list(THUMBNAIL_WIDTHS)
    assert small[0].url == (
        "https://files.example/media/thumbnail_display/901/901_thumbnailx220.jpg"
    )


def test_a_movie_lies_elsewhere_and_under_todays_name(read, invented):
    document = invented()
    document["CIL_CCDB"]["Data_type"]["Video"] = True
    document["CIL_CCDB"]["CIL"]["Image_files"] = [
        {"Mime_type": "video/x-flv", "File_type": "Flv", "File_path": "901.flv",
         "Size": 99},
    ]  # fmt: skip

    movie = read(document).record.representation("movie")

    assert movie.url == "https://files.example/media/videos/901/901_web.mp4"
    assert (movie.format, movie.media_type) == ("mp4", "video/mp4")
    assert movie.size_bytes is None  # it was that of the other file


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("https://files.example/media/videos/7/7.flv", "7_web.mp4"),
        ("https://files.example/media/videos/7/7.mp4", "7.mp4"),
        ("https://files.example/media/images/7/7.flv.zip", "7.flv.zip"),
        ("https://files.example/media/images/7/7.tif", "7.tif"),
    ],
)
def test_only_what_ended_in_flv_has_another_name_today(hosts, old, now):
    assert hosts.current(old).rpartition("/")[2] == now


def test_a_file_of_a_page_has_todays_name_and_its_role(hosts):
    movie = file_at("https://files.example/media/videos/7/7.flv", hosts)
    picture = file_at("https://files.example/a/7.JPG?size=1", hosts)

    assert (movie.role, movie.url.rpartition("/")[2]) == ("movie", "7_web.mp4")
    assert (picture.role, picture.media_type) == ("preview", "image/jpeg")


def test_hosts_that_moved_are_known_to_the_settings():
    hosts = CilAddresses(moved={"http://old.example": "https://new.example"})

    assert hosts.current("http://old.example/a.jpg") == "https://new.example/a.jpg"
    assert hosts.current("http://old.example") == "https://new.example"
    for other in ("https://else.example/a", "http://old.example.org/a"):
        assert hosts.current(other) == other


def test_what_was_handed_in_is_the_original(read, invented):
    document = invented()
    document["CIL_CCDB"]["CIL"]["Image_files"] = [
        {"File_type": "Jpeg", "File_path": "901_orig.jpg", "Mime_type": "image/jpeg"},
    ]

    (first, *_) = read(document).record.representations

    assert (first.role, first.format) == ("original", "jpeg")


def test_alternative_files_lie_where_their_address_says(read, invented):
    document = invented()
    document["CIL_CCDB"]["CIL"]["Alternative_image_files"] = [
        {"Mime_type": "application/mrc", "File_type": "Mrc", "Size": "225144620878",
         "File_path": "Download Submitted Data", "URL_postfix": "/ccdb/a b/x.mrc"},
    ]  # fmt: skip

    record = read(document).record
    other = record.representations[3]

    assert other.url == "https://files.example/ccdb/a%20b/x.mrc"
    assert (other.role, other.format, other.size_bytes) == (
        "original", "mrc", 225144620878,
    )  # fmt: skip
    assert ("Alternative_image_files.File_path", "Download Submitted Data") in (
        record.extra
    )


@pytest.mark.parametrize("path", ["../../etc/passwd", "http://evil.example/x", "a\\b"])
def test_a_path_that_leads_elsewhere_is_refused(read, path, invented, hosts):
    document = invented()
    document["CIL_CCDB"]["CIL"]["Image_files"] = {"File_path": path}

    mapped = read(document)

    assert path in {e.value for e in mapped.entries if e.fate is Fate.REFUSED}
    assert all(url.startswith(hosts.files) for _, url in shown(mapped.record))
    assert "passwd" not in str(shown(mapped.record))
