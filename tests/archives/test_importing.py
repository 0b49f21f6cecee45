from __future__ import annotations

import http.server
import json
import shutil
import threading
from contextlib import closing
from functools import partial
from threading import Event

import pytest

from napari_cellib.archives.importing import (
    REPORT_NAME,
    TEXT_NAME,
    alone,
    import_cil,
    read_report,
)
from napari_cellib.archives.report import ImportReport
from napari_cellib.errors import (
    DownloadFailed,
    DumpUnreadable,
    JobCancelled,
    LibraryBusy,
    LibraryDamaged,
    LibraryNotFound,
)
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary, open_library
from napari_cellib.model import TermField


@pytest.fixture
def dump(tmp_path, invented, write_zip):
    """Return a zip of five images of one group, and of what is no image."""
    documents = {f"d/{n}.json": invented(n) for n in range(901, 906)}
    return write_zip(tmp_path / "d.zip", {**documents, "mapping.json": {"a": 1}})


def counts(report):
    return report.added, report.changed, report.unchanged, report.refused_count


def test_a_dump_becomes_a_library_that_can_be_searched(settings, dump, invented):
    report = drive(import_cil(settings, dump))

    assert counts(report) == (5, 0, 0, 1)
    assert report.refused[0].reason == "there is no image in it"
    with open_library("cil", settings) as library:
        found = library.search("cilium", organism="NCBITaxon:5888")
        assert sorted(image.record.id for image in found) == [
            f"CIL:{n}" for n in range(901, 906)
        ]
        record = library["CIL:901"].record
        assert record.raw == invented(901)
        assert record.provenance.source == library.info.name
        assert len(library.library.siblings("CIL:901")) == 4
        assert [term.id for term in record.terms(TermField.CELL_LINE)] == ["CVCL_0030"]


def test_a_second_run_takes_only_what_changed(
    settings, dump, tmp_path, invented, write_zip
):
    drive(import_cil(settings, dump))
    documents = {f"{n}.json": invented(n) for n in (901, 902, 906)}
    documents["902.json"] = invented(902, GROUP_ID="78")
    newer = write_zip(tmp_path / "newer.zip", documents)

    report = drive(import_cil(settings, newer))

    assert counts(report) == (1, 1, 1, 0)
    assert report.gone == ("CIL:903", "CIL:904", "CIL:905")
    with open_library("cil", settings) as library:
        assert len(library.library) == 6
        assert library["CIL:902"].record.group == "78"


def test_a_draft_that_did_not_change_is_left_alone(
    settings, tmp_path, invented, write_zip
):
    draft = invented()
    draft["CIL_CCDB"]["Status"]["Is_public"] = False
    dump = write_zip(tmp_path / "d.zip", {"901.json": draft})
    drive(import_cil(settings, dump))

    assert counts(drive(import_cil(settings, dump))) == (0, 0, 1, 0)


def test_an_import_that_was_stopped_goes_on_where_it_was(
    settings, tmp_path, invented, write_zip
):
    dump = write_zip(
        tmp_path / "d.zip", {f"{n}.json": invented(n) for n in range(1, 601)}
    )
    cancel = Event()

    def stop(progress):
        if progress.done >= 300:
            cancel.set()

    with pytest.raises(JobCancelled):
        drive(import_cil(settings, dump), stop, cancel)
    with open_library("cil", settings) as library:
        stored = len(library.library)
    report = drive(import_cil(settings, dump))

    assert 0 < stored < 600
    assert counts(report) == (600 - stored, 0, stored, 0)


def test_the_same_document_twice_is_one_record_and_another_is_refused(
    settings, tmp_path, invented, write_zip
):
    dump = write_zip(
        tmp_path / "d.zip",
        {
            "a/901.json": invented(), "b/901.json": invented(),
            "c/CIL_901.json": invented(GROUP_ID="1"),
        },
    )  # fmt: skip

    report = drive(import_cil(settings, dump))

    assert counts(report) == (1, 0, 0, 1)
    assert report.repeated == 1
    assert report.refused[0].document == "c/CIL_901.json"
    assert "CIL:901 came before" in report.refused[0].reason


def test_the_report_says_what_became_of_each_value(settings, dump):
    report = drive(import_cil(settings, dump))
    folder = settings.libraries_folder / "cil"

    assert read_report(folder) == report
    assert sum(report.values.values()) == sum(item.count for item in report.fields)
    text = (folder / TEXT_NAME).read_text("utf-8")
    assert text.splitlines()[1].startswith("6 documents: 5 added")
    assert "mapping.json: there is no image in it" in text
    assert "CIL_CCDB.CIL.CORE.IMAGINGMODE.onto_id: one spelling" in text
    assert "'Fbbi:00000246' of CIL:901" in text


def test_a_zip_cut_short_is_taken_in_and_the_report_says_so(settings, dump, tmp_path):
    cut = tmp_path / "cut.zip"
    cut.write_bytes(dump.read_bytes()[:-800])

    report = drive(import_cil(settings, cut))

    assert report.added >= 4
    assert report.refused[-1].document == "cut.zip"


def test_one_odd_document_does_not_stop_the_others(
    settings, tmp_path, invented, write_zip
):
    half = json.dumps(invented()).replace("Paramecium", "\\ud800")
    dump = write_zip(
        tmp_path / "d.zip", {"901.json": half, "902.json": invented(902), "x.json": "1"}
    )

    report = drive(import_cil(settings, dump))

    assert counts(report) == (1, 0, 0, 2)


def test_without_an_import_there_is_no_report(settings, tmp_path):
    with pytest.raises(LibraryNotFound, match="library add cil"):
        read_report(tmp_path)
    (tmp_path / REPORT_NAME).write_text("{}")
    with pytest.raises(LibraryDamaged, match="no report"):
        read_report(tmp_path)


def test_a_dump_that_is_none_leaves_no_library_behind(settings, tmp_path):
    with pytest.raises(DumpUnreadable):
        drive(import_cil(settings, tmp_path / "none.zip"))

    assert not settings.libraries_folder.exists()


def test_a_library_without_trouble_is_made(settings, dump):
    drive(import_cil(settings, dump))

    with closing(EmbeddedLibrary.open(settings.libraries_folder / "cil")) as library:
        assert library.check() == []


def test_two_imports_at_once_would_do_the_same_work(settings, dump):
    drive(import_cil(settings, dump))
    folder = settings.libraries_folder / "cil"

    with alone(folder), pytest.raises(LibraryBusy, match="cil"):
        drive(import_cil(settings, dump))
    assert counts(drive(import_cil(settings, dump))) == (0, 0, 5, 1)


# -- the download


@pytest.fixture
def served(tmp_path):
    """Serve a folder over HTTP; return the folder and its address."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=folder)
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_dump_is_downloaded_from_its_address(settings, dump, served, hosts):
    folder, address = served
    shutil.copy(dump, folder / "master.zip")
    hosts = hosts.model_copy(update={"dump": f"{address}/master.zip"})
    settings = settings.model_copy(update={"cil": hosts})

    first = drive(import_cil(settings))
    (folder / "master.zip").touch()
    second = drive(import_cil(settings))

    assert counts(first) == (5, 0, 0, 1)
    assert counts(second) == (0, 0, 5, 1)


def test_a_dump_that_is_not_on_the_server_is_said_to_be_missing(
    settings, served, hosts
):
    hosts = hosts.model_copy(update={"dump": f"{served[1]}/gone.zip"})
    settings = settings.model_copy(update={"cil": hosts})

    with pytest.raises(DownloadFailed, match="no such file"):
        drive(import_cil(settings))


def test_a_folder_that_takes_no_download_is_named(settings):
    settings.data_folder.mkdir(exist_ok=True)
    settings.downloads_folder.write_text("in the way")

    with pytest.raises(DownloadFailed, match=r"downloads.*cannot be written"):
        drive(import_cil(settings))


def test_a_report_is_written_as_it_is_read(settings, dump):
    report = drive(import_cil(settings, dump))

    assert ImportReport.model_validate_json(report.model_dump_json()) == report
