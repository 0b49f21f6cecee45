"""The archive, asked for changes and for single images: played by a server here."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from napari_cellib.archives.importing import import_cil
from napari_cellib.archives.report import UpdateReport
from napari_cellib.archives.updating import (
    UPDATE_STEM,
    fetch_cil,
    read_changes,
    update_cil,
)
from napari_cellib.errors import (
    ArchiveUnreachable,
    ArchiveUnreadable,
    JobCancelled,
    KeyNeeded,
    LibraryBusy,
    LibraryExists,
    LibraryNotFound,
)
from napari_cellib.jobs import drive
from napari_cellib.library import open_library

IDS = "/rest/public_ids"
SINCE = datetime(2024, 5, 31, tzinfo=UTC)


def counts(report):
    return report.added, report.changed, report.unchanged, report.refused_count


def images(settings):
    with open_library("cil", settings) as library:
        return sorted(hit.record.id for hit in library.search(""))


def documents_asked(archive):
    return [path.rpartition("_")[2] for path in archive.asked if "documents" in path]


# -- changes


def test_the_first_update_takes_what_the_library_lacks(with_key, archive, publish):
    publish(901, 902, 903, 904)

    report = drive(update_cil(with_key))

    assert counts(report) == (2, 0, 0, 0)
    assert documents_asked(archive) == ["903", "904"]
    assert images(with_key) == ["CIL:901", "CIL:902", "CIL:903", "CIL:904"]
    assert "lastModified" not in archive.asked[0]
    assert report.since is None


def test_the_next_update_asks_for_changes_since_the_last(with_key, archive, publish):
    publish(901, 902)
    before = datetime.now(UTC)
    drive(update_cil(with_key))
    publish(902, GROUP_ID="78")

    report = drive(update_cil(with_key))

    (seconds,) = parse_qs(urlsplit(archive.asked[-2]).query)["lastModified"]
    assert 0 < before.timestamp() - int(seconds) < 2 * 86400
    assert counts(report) == (0, 1, 0, 0)
    with open_library("cil", with_key) as library:
        assert library["CIL:902"].record.group == "78"


def test_a_document_like_that_of_the_dump_is_no_change(with_key, publish):
    publish(901, 902)

    report = drive(update_cil(with_key, since=SINCE))

    assert counts(report) == (0, 0, 2, 0)
    assert report.since == "2024-05-31T00:00:00+00:00"


def test_the_dump_does_not_bring_an_older_document_back(
    with_key, archive, publish, tmp_path, invented, write_zip
):
    newer = invented(901, GROUP_ID="78")
    newer["CIL_CCDB"]["Status"]["Publish_time"] = 1_717_113_600
    publish(901)
    answer = {"_id": "CIL_901", "found": True, "_source": newer}
    archive.says("/rest/public_documents/CIL_901", answer)
    drive(update_cil(with_key, since=datetime(2024, 1, 1, tzinfo=UTC)))
    dump = write_zip(tmp_path / "d.zip", {f"{n}.json": invented(n) for n in (901, 902)})

    report = drive(import_cil(with_key, dump))

    assert counts(report) == (0, 0, 1, 0)
    assert report.newer == ("CIL:901",)
    assert "1 records are newer here than there; they stay" in report.lines()
    with open_library("cil", with_key) as library:
        assert library["CIL:901"].record.group == "78"
    newest = invented(901, GROUP_ID="79")
    newest["CIL_CCDB"]["Status"]["Publish_time"] = 1_717_200_000
    dump = write_zip(tmp_path / "d.zip", {"901.json": newest})
    assert counts(drive(import_cil(with_key, dump))) == (0, 1, 0, 0)


def test_a_day_of_ones_own_counts_for_this_once(with_key, library, archive, publish):
    publish(901)

    drive(update_cil(with_key, since=SINCE))

    assert read_changes(library).checked is None
    assert "lastModified=1717113600" in archive.asked[0]
    drive(update_cil(with_key))
    checked = read_changes(library).checked
    drive(update_cil(with_key, since=datetime(2999, 1, 1, tzinfo=UTC)))
    assert read_changes(library).checked == checked
    drive(update_cil(with_key, since=SINCE))
    assert read_changes(library).checked >= checked


def test_an_update_that_was_stopped_goes_on_where_it_was(
    with_key, library, archive, publish
):
    publish(*range(901, 931))
    cancel = threading.Event()

    def stop(progress):
        if progress.done == 10:
            cancel.set()

    with pytest.raises(JobCancelled):
        drive(update_cil(with_key), stop, cancel)
    waiting = read_changes(library).waiting
    taken = len(images(with_key))
    publish()
    archive.asked.clear()
    report = drive(update_cil(with_key))

    assert taken == 12
    assert len(waiting) == 18
    assert report.added == 18
    assert sorted(documents_asked(archive)) == [w.partition(":")[2] for w in waiting]
    assert read_changes(library).waiting == ()


def test_an_update_that_was_killed_goes_on_near_to_where_it_was(
    with_key, library, publish
):
    publish(*range(901, 951))
    job = update_cil(with_key)
    for progress in job:
        if progress.done == 45:
            break
    noted = read_changes(library).waiting  # as it would be if the power went now
    job.close()

    assert len(noted) == 8  # all but those after the last note, which come again


def test_what_cannot_be_read_this_time_waits_for_the_next(
    with_key, library, archive, publish
):
    publish(901, 903, 904)
    path = "/rest/public_documents/CIL_903"
    document = archive.answers[path]
    archive.says(path, {"error": True, "error_message": "All shards failed"})

    report = drive(update_cil(with_key))

    assert counts(report) == (1, 0, 0, 0)
    assert report.waiting == ("CIL:903",)
    assert "All shards failed" in list(report.summary())[-1]
    assert read_changes(library).waiting == ("CIL:903",)
    archive.answers[path] = document
    publish()
    archive.answers[path] = document
    assert counts(drive(update_cil(with_key))) == (1, 0, 0, 0)


def test_an_archive_that_fails_again_and_again_is_left_alone(
    with_key, archive, publish
):
    publish(*range(903, 920))
    for number in range(903, 920):
        archive.says(f"/rest/public_documents/CIL_{number}", "<html>Log in</html>")

    report = drive(update_cil(with_key))

    assert len(documents_asked(archive)) == 3
    assert len(report.waiting) == 17
    assert "web page" in report.trouble


def test_what_is_no_image_or_not_public_is_refused_with_a_reason(
    with_key, library, archive, publish
):
    publish(903, 904, 905, 906)
    archive.says("/rest/public_documents/CIL_903", {"_id": "CIL_903", "found": False})
    archive.says("/rest/public_documents/CIL_904", 404)
    archive.says(
        "/rest/public_documents/CIL_905",
        {"_id": "CIL_905", "found": True, "_source": {"CIL_CCDB": {"Status": {}}}},
    )

    report = drive(update_cil(with_key))

    assert counts(report) == (1, 0, 0, 3)
    assert {one.document: one.reason for one in report.refused} == {
        "CIL:903": "the archive says that it is not public",
        "CIL:904": "the archive has no such image",
        "CIL:905": "there is no image in it",
    }
    assert read_changes(library).waiting == ()


def test_more_images_than_fit_into_an_answer_are_asked_for_page_by_page(
    with_key, archive, publish
):
    publish(903, 904, 905, 906)
    (answer,) = archive.answers[IDS]
    hits = answer["hits"]["hits"]
    for start in (0, 3):
        some = {"hits": {"total": {"value": 4}, "hits": hits[start : start + 3]}}
        archive.says(f"{IDS}?from={start}&size=50000", some)

    assert drive(update_cil(with_key)).added == 4


def test_a_list_that_is_shorter_than_it_says_is_not_believed(
    with_key, library, archive, publish
):
    publish(903, total=9)
    archive.says(f"{IDS}?from=1&size=50000", {"hits": {"total": 9, "hits": []}})

    with pytest.raises(ArchiveUnreadable, match=r"lists 1 images and says .* 9"):
        drive(update_cil(with_key))
    assert read_changes(library).checked is None


def test_the_report_lies_in_the_folder_of_the_library(with_key, library, publish):
    publish(903)

    report = drive(update_cil(with_key))

    written = (library / f"{UPDATE_STEM}.json").read_text("utf-8")
    assert UpdateReport.model_validate_json(written) == report
    assert report.dump == with_key.cil.api
    assert sum(report.values.values()) > 50
    text = (library / f"{UPDATE_STEM}.txt").read_text("utf-8")
    assert text.splitlines()[1].startswith("1 documents: 1 added")


def test_a_damaged_note_of_changes_is_as_none(with_key, library, publish):
    (library / "changes.json").write_text("{")
    publish(901, 903)

    assert drive(update_cil(with_key)).added == 1


# -- what stands in the way


def test_without_a_key_it_is_said_what_works_without_one(here, archive):
    with pytest.raises(KeyNeeded, match="what has changed") as caught:
        drive(update_cil(here))

    for words in ("library key cil", "library add cil", "--record"):
        assert words in caught.value.fix
    assert archive.asked == []


def test_a_key_that_is_refused_changes_nothing(with_key, library, archive):
    archive.says(IDS, lambda ask: ask.say(401, {"status": False, "error": "Invalid"}))

    with pytest.raises(KeyNeeded, match="refuses the one from CELLIB_CIL_KEY"):
        drive(update_cil(with_key))
    assert not (library / "changes.json").exists()


def test_a_key_that_is_refused_on_the_way_leaves_the_rest_waiting(
    with_key, library, archive, publish
):
    publish(903, 904, 905)
    archive.says("/rest/public_documents/CIL_904", 401)

    with pytest.raises(KeyNeeded):
        drive(update_cil(with_key))
    assert read_changes(library).waiting == ("CIL:904", "CIL:905")
    assert images(with_key)[-1] == "CIL:903"


def test_a_service_that_is_elsewhere_is_told(with_key, archive):
    with pytest.raises(ArchiveUnreadable, match="not at that address"):
        drive(update_cil(with_key))


def test_an_archive_that_breaks_off_leaves_the_rest_waiting(
    with_key, library, archive, publish
):
    publish(903, 904, 905)
    archive.says("/rest/public_documents/CIL_904", 503)

    with pytest.raises(ArchiveUnreachable, match="too busy"):
        drive(update_cil(with_key))
    assert read_changes(library).waiting == ("CIL:904", "CIL:905")


def test_without_a_library_the_dump_comes_first(with_key, tmp_path, archive):
    settings = with_key.model_copy(update={"data_folder": tmp_path / "new"})

    for job in (update_cil(settings), fetch_cil(settings, ["CIL:901"])):
        with pytest.raises(LibraryNotFound, match="library add cil"):
            drive(job)
    assert archive.asked == []
    assert not (tmp_path / "new").exists()


def test_another_library_in_its_place_is_left_alone(with_key, library, archive):
    marker = library / "library.json"
    marker.write_text(marker.read_text("utf-8").replace('"cil"', '"mine"'), "utf-8")

    with pytest.raises(LibraryExists):
        drive(update_cil(with_key))
    assert archive.asked == []


def test_a_time_without_a_zone_is_that_of_this_computer(with_key, archive, publish):
    publish()
    drive(update_cil(with_key))

    drive(update_cil(with_key, since=datetime(2024, 5, 31)))

    seconds = int(datetime(2024, 5, 31).timestamp())
    assert f"lastModified={seconds}" in archive.asked[-1]


def test_two_updates_at_once_would_ask_twice(with_key, library, archive):
    lock = sqlite3.connect(library / "update.lock", isolation_level=None)
    with closing(lock):
        lock.execute("BEGIN EXCLUSIVE")

        with pytest.raises(LibraryBusy):
            drive(update_cil(with_key))
    assert archive.asked == []
