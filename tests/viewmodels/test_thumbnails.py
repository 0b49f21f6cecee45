from __future__ import annotations

import time

from napari_cellib.jobs import drive
from napari_cellib.model import Representation
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.cards import card_of
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.thumbnails import thumbnails_job


def fetched(libraries, cards):
    pictures = {}
    job = thumbnails_job(libraries, cards)
    drive(job, lambda arrived: pictures.update(arrived.pictures))
    libraries.close()
    return pictures


def of_archive(number, url):
    files = (Representation(role="thumbnail", format="jpeg", url=url),)
    return a_record(f"CIL:{number}", representations=files)


def test_a_picture_that_cannot_be_had_does_not_stop_the_others(settings):
    library = ShelfLibrary([a_record("R1"), a_record("R2")], thumbnails={"R2": b"png"})
    cards = [
        card_of(a_record("R0", library="gone")),
        card_of(library.record("R1")),
        card_of(library.record("R2")),
    ]

    pictures = fetched(Libraries(settings, library), cards)

    assert pictures == {
        ("gone", "R0"): None,
        ("shelf", "R1"): None,
        ("shelf", "R2"): b"png",
    }


def test_images_of_the_same_number_have_each_their_picture(settings):
    def shelf(name):
        thumbnails = {"R1": name.encode()}
        return ShelfLibrary([a_record("R1")], library_id=name, thumbnails=thumbnails)

    shelves = [shelf("one"), shelf("other")]
    cards = [card_of(library.record("R1")) for library in shelves]

    pictures = fetched(Libraries(settings, *shelves), cards)

    assert pictures == {("one", "R1"): b"one", ("other", "R1"): b"other"}


def test_the_picture_of_an_archive_comes_where_the_library_has_none(settings, archive):
    archive.files["/7.jpg"] = b"\xff\xd8\xffpicture"
    shelf = ShelfLibrary(
        [of_archive(number, f"{archive.url}/{number}.jpg") for number in (7, 8, 9)],
        thumbnails={"CIL:9": b"own"},
    )
    cards = [card_of(shelf.record(f"CIL:{number}")) for number in (7, 8, 9)]

    pictures = fetched(Libraries(settings, shelf), cards)

    assert [pictures[card.key] for card in cards] == [
        b"\xff\xd8\xffpicture",
        None,
        b"own",
    ]
    assert {path for path, _ in archive.asked} == {"/7.jpg", "/8.jpg"}


def test_what_is_here_does_not_wait_for_a_slow_server(settings, archive):
    archive.latency_s = 3
    slow = of_archive(7, f"{archive.url}/7.jpg")
    shelf = ShelfLibrary([slow, a_record("R1")], thumbnails={"R1": b"own"})
    cards = [card_of(shelf.record(one)) for one in ("CIL:7", "R1")]
    libraries = Libraries(settings, shelf)
    start = time.monotonic()

    job = thumbnails_job(libraries, cards)
    first = next(job).pictures
    job.close()

    assert first == {cards[1].key: b"own"}
    assert time.monotonic() - start < 1
    libraries.close()
