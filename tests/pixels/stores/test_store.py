from pathlib import Path

import pytest

from napari_cellib.errors import (
    CellibError,
    PixelsNotFound,
    PixelsUnreachable,
    PixelsUnreadable,
    StorageFull,
)
from napari_cellib.jobs import drive
from napari_cellib.pixels.stores import open_store, safe_name, storage_error


def open_soon(where):
    return open_store(where, timeout_s=1)


@pytest.mark.parametrize("name", ["plain", "two words", "mü #1 50% [a]"])
def test_a_folder_of_any_name_is_read_by_path_text_and_file_address(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "x y.json").write_bytes(b"{}")

    for where in (folder, str(folder), folder.as_uri(), f" {folder} "):
        assert open_soon(where).read("x y.json") == b"{}"


def test_what_is_not_in_a_folder_is_none(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    store = open_soon(tmp_path)

    assert store.read("nothing") is None
    assert store.read("nothing/at/all") is None
    assert store.read("file/below") is None


def test_a_folder_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(PixelsNotFound, match="no image at"):
        open_soon(tmp_path / "absent")


def test_a_file_is_no_image(tmp_path):
    file = tmp_path / "image.tif"
    file.write_bytes(b"II")

    with pytest.raises(PixelsUnreadable, match="it is a file"):
        open_soon(str(file))


def test_addresses_of_other_kinds_say_which_kinds_are_read():
    with pytest.raises(PixelsUnreadable, match="ftp:// are not supported") as caught:
        open_soon("ftp://host/image.zarr")

    assert "https://" in caught.value.fix


def test_a_windows_drive_is_no_kind_of_address():
    with pytest.raises(PixelsNotFound):
        open_soon(r"Q:\images\cells.zarr")


def test_a_long_document_is_refused_before_it_fills_the_memory(tmp_path):
    with (tmp_path / "zarr.json").open("wb") as file:
        file.truncate(100_000_000)

    with pytest.raises(PixelsUnreadable, match="100 MB of metadata"):
        open_soon(tmp_path).read("zarr.json")


def test_a_path_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret").write_bytes(b"1")

    with pytest.raises(PixelsUnreadable):
        open_soon(tmp_path / "inside").read("../secret")


def test_404_of_a_server_is_none(server):
    assert open_soon(server.url).read("nothing") is None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (401, "refused"),
        (403, "access is refused (403 Forbidden). Check the address"),
        (429, "asked too often"),
        (500, "500 Internal Server Error"),
        (503, "503 Service Unavailable"),
        (302, "302 Found"),
        ("cut", "broke off"),
        ("hang", "too long"),
    ],
)
def test_whatever_else_a_server_does_is_never_taken_for_absent(server, fault, said):
    server.faults["zarr.json"] = fault

    with pytest.raises(PixelsUnreachable) as caught:
        open_soon(server.url).read("zarr.json")

    assert said in str(caught.value)


def test_a_server_that_is_not_there_is_unreachable(server):
    url = server.url
    server.shutdown()
    server.server_close()

    with pytest.raises(PixelsUnreachable, match="no connection could be made"):
        open_soon(url).read("zarr.json")


def test_a_server_is_asked_again_when_it_was_only_busy(server):
    server.faults["zarr.json"] = 503

    with pytest.raises(PixelsUnreachable):
        open_soon(server.url).read("zarr.json")

    assert len(server.requests) == 3


def test_user_and_password_are_sent_but_never_shown(server, tmp_path):
    (tmp_path / "zarr.json").write_bytes(b"{}")
    store = open_soon(server.url.replace("//", "//ann:s3cret@"))

    assert store.read("zarr.json") == b"{}"
    assert server.authorizations == ["Basic YW5uOnMzY3JldA=="]
    assert store.name == server.url


@pytest.mark.parametrize("fault", [403, 500, "hang"])
def test_tokens_are_sent_but_never_shown(server, fault):
    server.faults["zarr.json"] = fault
    store = open_soon(f"{server.url}/a/?token=S3CRET")

    with pytest.raises(PixelsUnreachable) as caught:
        store.read("zarr.json")

    assert server.requests[0] == "/a/zarr.json?token=S3CRET"
    assert "S3CRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_safe_names_keep_only_what_may_be_shown():
    assert (
        safe_name("https://ann:pw@host:8/a%20b/?token=1#frag") == "https://host:8/a%20b"
    )
    assert safe_name(Path("folder")) == "folder"


def test_many_documents_are_read_although_one_fails(server, tmp_path):
    (tmp_path / "good").write_bytes(b"1")
    server.faults["bad"] = 403

    answers = drive(open_soon(server.url).read_many("", ["good", "bad", "absent"]))

    assert answers["good"] == b"1"
    assert isinstance(answers["bad"], CellibError)
    assert answers["absent"] is None


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(122, "Disk quota exceeded"),
        ValueError("Generic LocalFileSystem error: (os error 28)"),
    ],
)
def test_a_full_drive_is_recognised(error):
    assert isinstance(storage_error(error, Path("x")), StorageFull)


def test_other_errors_are_no_full_drive():
    assert storage_error(OSError(13, "Permission denied"), Path("x")) is None
