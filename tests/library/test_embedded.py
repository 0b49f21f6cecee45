"""The library in a folder: what the contract does not say."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import JobCancelled, RecordInvalid, RecordNotFound
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query, Representation, Status, Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_new_library_is_empty_and_opens_again(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "where"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab Library")
    assert (len(library), library.search(Query()).total) == (0, 0)
    assert library.info.model_dump() == {
        "id": "lab",
        "name": "Lab Library",
        "location": str(folder),
        "writable": True,
    }
    library.close()
    again = EmbeddedLibrary.open(folder)
    assert again.info == library.info
    again.close()


@pytest.mark.parametrize("name", ["", "Lab", "../lab", "a b", "-a"])
def test_the_id_of_a_library_is_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="id"):
        EmbeddedLibrary.create(tmp_path / "library", id=name, name="Lab")
    assert not (tmp_path / "library").exists()


def test_what_was_added_is_found_at_once_and_after_opening_again(
    library: EmbeddedLibrary,
) -> None:
    stored = library.add(ImageRecord(id="one", title="One cell"))
    assert stored.library == "lab"
    assert library.record("one") == stored
    assert library.search(Query(text="cell")).total == 1
    library.add(ImageRecord(id="one", title="One nucleus"))
    assert library.search(Query(text="cell")).total == 0
    library.remove("one")
    assert library.search(Query()).total == 0
    with pytest.raises(RecordNotFound):
        library.record("one")
    with pytest.raises(RecordNotFound):
        library.remove("one")


def test_an_image_that_is_withdrawn_is_no_longer_found(
    library: EmbeddedLibrary,
) -> None:
    record = library.add(ImageRecord(id="one", title="One"))
    assert library.search(Query()).total == 1
    library.add(record.model_copy(update={"status": Status.WITHDRAWN}))
    assert library.search(Query()).total == 0
    assert library.record("one").status == "withdrawn"


def test_adding_many_tells_how_far_it_is_and_stops_between_portions(
    library: EmbeddedLibrary,
) -> None:
    def many() -> Iterator[ImageRecord]:
        for number in range(1_200):
            yield ImageRecord(id=f"r{number}", title="Cell")

    seen: list[int] = []
    assert drive(library.add_many(many()), lambda p: seen.append(p.done)) == 1_200
    assert seen == [500, 1_000, 1_200]
    assert library.search(Query(text="cell")).total == 1_200

    cancel = Event()
    with pytest.raises(JobCancelled):
        drive(
            library.add_many(
                ImageRecord(id=f"s{n}", title="New") for n in range(2_000)
            ),
            lambda _: cancel.set(),
            cancel,
        )
    assert library.search(Query(text="new")).total == 500


def test_one_record_that_cannot_be_added_does_not_undo_the_portions_before(
    library: EmbeddedLibrary,
) -> None:
    records = [ImageRecord(id=f"r{n}", title="Cell") for n in range(600)]
    with pytest.raises(RecordInvalid):
        drive(library.add_many([*records, ImageRecord(id="R0", title="Clash")]))
    assert len(library) == 500


@pytest.mark.parametrize("beginning", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_a_thumbnail_is_a_png_or_a_jpeg(
    library: EmbeddedLibrary, beginning: bytes
) -> None:
    picture = beginning + b"pixels"
    library.add(ImageRecord(id="CIL:1", title="One"), thumbnail=picture)
    assert library.thumbnail("CIL:1") == picture
    library.remove("CIL:1")
    assert library.thumbnail("CIL:1") is None


def test_the_newest_thumbnail_is_shown_whatever_its_format(
    library: EmbeddedLibrary, png: bytes
) -> None:
    record = ImageRecord(id="one", title="One")
    library.add(record, thumbnail=png)
    library.add(record, thumbnail=b"\xff\xd8\xffnew")
    assert library.thumbnail("one") == b"\xff\xd8\xffnew"
    library.add(record)  # says nothing of the thumbnail
    assert library.thumbnail("one") == b"\xff\xd8\xffnew"


def test_a_thumbnail_of_another_kind_is_refused_and_nothing_added(
    library: EmbeddedLibrary,
) -> None:
    with pytest.raises(RecordInvalid, match="neither PNG nor JPEG"):
        library.add(ImageRecord(id="one", title="One"), thumbnail=b"<svg>")
    assert len(library) == 0


def test_pixels_lie_where_their_representation_says(library: EmbeddedLibrary) -> None:
    folder = library.blob_folder("CIL:10107")
    url = library.blob_url("CIL:10107", "pyramid.ome.zarr")
    located = library.locate(Representation(role="pyramid", url=url))
    assert located == str(folder / "pyramid.ome.zarr")
    assert folder.parent == library.folder / "blobs"


@pytest.mark.parametrize("url", ["../../secret", "/etc/passwd", "file:///etc/passwd"])
def test_a_record_cannot_point_out_of_its_library(
    library: EmbeddedLibrary, url: str
) -> None:
    with pytest.raises(RecordInvalid):
        library.locate(Representation(role="pyramid", url=url))


def test_a_study_is_kept_beside_its_images(library: EmbeddedLibrary) -> None:
    study = Study(id="S-1", title="A study")
    library.add_study(study)
    assert library.study("S-1") == study
    assert library.study("S-2") is None


def test_a_label_or_a_synonym_will_do_as_a_filter(
    library: EmbeddedLibrary, records: tuple[ImageRecord, ...]
) -> None:
    drive(library.add_many(records))
    for name in ("NCBITaxon:10090", "mus musculus", "House mouse"):
        assert library.search(Query(filters={"organism": (name,)})).total == 3


def test_the_check_of_a_sound_library_finds_nothing(library: EmbeddedLibrary) -> None:
    library.add(ImageRecord(id="one", title="One"))
    library.search(Query())
    assert library.check() == []


def test_the_check_names_what_is_missing_and_what_is_left_over(
    library: EmbeddedLibrary,
) -> None:
    url = library.blob_url("one", "pyramid.ome.zarr")
    pyramid = Representation(role="pyramid", url=url)
    outside = Representation(role="original", url="https://example.org/a.tif")
    library.add(ImageRecord(id="one", title="One", representations=(pyramid, outside)))
    (library.folder / "blobs" / "nobody").mkdir(parents=True)
    (library.folder / "blobs" / ".trash-1").mkdir()
    found = {problem.id: problem for problem in library.check()}
    assert set(found) == {"pixels-missing", "index-behind", "left-over"}
    assert found["pixels-missing"].severity == "error"
    assert str(found["pixels-missing"]).startswith("one (pyramid): There is nothing at")
    assert found["index-behind"].message == "The search index is missing."
    library.search(Query())
    assert "index-behind" not in {problem.id for problem in library.check()}


def test_the_check_tells_a_path_that_leads_out_of_the_library(
    library: EmbeddedLibrary,
) -> None:
    bad = Representation(role="original", url="../../etc/passwd")
    library.add(ImageRecord(id="one", title="One", representations=(bad,)))
    assert "pixels-missing" in {problem.id for problem in library.check()}
