"""Single images, asked of the archive: played by a server here."""

from __future__ import annotations

import json

import pytest

from napari_cellib.archives.report import UpdateReport
from napari_cellib.archives.updating import (
    fetch_cil,
    update_cil,
)
from napari_cellib.errors import (
    KeyNeeded,
    RecordNotFound,
)
from napari_cellib.jobs import drive
from napari_cellib.library import open_library


def counts(report):
    return report.added, report.changed, report.unchanged, report.refused_count


def test_with_a_key_a_single_image_comes_whole(with_key, archive, publish):
    publish(903)
    archive.says("/images", '<a href="/images/903">one</a>')

    report = drive(fetch_cil(with_key, ["903", "CIL_903"], find="cilia"))

    assert counts(report) == (1, 0, 0, 0)
    assert archive.asked == [
        "/images?k=cilia&simple_search=Search", "/rest/public_documents/CIL_903",
    ]  # fmt: skip
    assert "Authorization" not in archive.headers[0]
    assert "Authorization" in archive.headers[1]


def test_with_a_key_the_images_of_the_group_come_along(with_key, archive, publish):
    publish(903, 904)
    archive.says(
        "/rest/groups/903",
        {"hits": {"hits": [{"_source": {"Group": {"Group_members": ["903", "904"]}}}]}},
    )

    assert drive(fetch_cil(with_key, ["CIL:903"], siblings=True)).added == 2
    with open_library("cil", with_key) as library:
        assert len(library.library.siblings("CIL:903")) == 3


def test_an_image_without_a_group_has_no_siblings(with_key, publish):
    publish(903)  # and the server has nothing at the address of its group

    assert drive(fetch_cil(with_key, ["CIL:903"], siblings=True)).added == 1


def test_single_images_leave_the_note_of_changes_alone(with_key, library, publish):
    publish(903)

    drive(fetch_cil(with_key, ["CIL:903"]))

    assert not (library / "changes.json").exists()


def test_without_a_key_a_record_is_made_of_the_page(here, archive, page):
    archive.says("/images/903", page(903))

    report = drive(fetch_cil(here, ["CIL:903"]))

    assert counts(report) == (1, 0, 0, 0)
    assert archive.headers[0]["Accept"] == "text/html"
    with open_library("cil", here) as library:
        record = library["CIL:903"].record
        assert record.provenance.adapter.startswith("cil page")
        assert record.raw["datasets"]
        assert [hit.record.id for hit in library.search("Paramecium Day")]


def test_a_page_in_an_old_encoding_is_read(here, archive, page):
    text = page(903, description="Cilia of Guill?n").replace("?", "\u00e9")
    archive.says("/images/903", text.encode("cp1252"))

    drive(fetch_cil(here, ["CIL:903"]))

    with open_library("cil", here) as library:
        assert library["CIL:903"].record.description == "Cilia of Guillén"


def test_a_page_never_takes_the_place_of_a_document(here, archive, page):
    archive.says("/images/901", page(901))

    report = drive(fetch_cil(here, ["CIL:901"]))

    assert report.kept == ("CIL:901",)
    assert archive.asked == []
    assert "hold more than their pages" in list(report.summary())[-1]
    with open_library("cil", here) as library:
        assert library["CIL:901"].record.provenance.adapter == "cil 1"


def test_a_document_takes_the_place_of_a_page(with_key, here, archive, publish, page):
    archive.says("/images/903", page(903))
    drive(fetch_cil(here, ["CIL:903"]))
    publish(901, 902, 903)

    report = drive(update_cil(with_key))

    assert counts(report) == (0, 1, 0, 0)
    with open_library("cil", here) as library:
        assert library["CIL:903"].record.provenance.adapter == "cil 1"


def test_a_page_that_has_not_changed_is_no_change(here, archive, page):
    archive.says("/images/903", page(903))
    drive(fetch_cil(here, ["CIL:903"]))

    assert counts(drive(fetch_cil(here, ["CIL:903"]))) == (0, 0, 1, 0)


def test_what_the_site_finds_is_taken_page_by_page(here, archive, page):
    archive.says("/images", '<a href="/images/903">a</a><a href="/images/904">b</a>')
    archive.says("/images/903", page(903))

    report = drive(fetch_cil(here, find="cilia & more"))

    assert archive.asked[0] == "/images?k=cilia+%26+more&simple_search=Search"
    assert counts(report) == (1, 0, 0, 1)
    assert report.refused[0].reason == "the archive has no such image"


def test_without_a_key_no_siblings_are_known(here, archive):
    with pytest.raises(KeyNeeded, match="one group"):
        drive(fetch_cil(here, ["CIL:903"], siblings=True))
    assert archive.asked == []


def test_what_is_no_number_is_told_before_anything_is_asked(here, archive):
    with pytest.raises(RecordNotFound, match="'cilia'"):
        drive(fetch_cil(here, ["CIL:903", "cilia"]))
    assert archive.asked == []


def test_a_report_is_read_as_it_is_written(with_key, publish):
    publish(903)
    report = drive(update_cil(with_key))

    assert json.loads(report.model_dump_json())["since"] is None
    assert UpdateReport.model_validate_json(report.model_dump_json()) == report


# -- the archive itself


@pytest.mark.live
def test_the_page_of_an_image_is_read_as_it_is_today(settings):
    own = settings.model_copy(update={"cil": type(settings.cil)()})

    report = drive(fetch_cil(own, ["CIL:39991"]))

    assert counts(report) == (1, 0, 0, 0)


@pytest.mark.live
def test_the_service_asks_for_a_key(settings):
    hosts = type(settings.cil)(key="nobody:nothing")
    own = settings.model_copy(update={"cil": hosts})

    with pytest.raises(KeyNeeded, match="refuses"):
        drive(update_cil(own))
