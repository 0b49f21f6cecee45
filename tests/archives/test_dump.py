from __future__ import annotations

import json
import os
import zipfile

import pytest

from napari_cellib.archives.dump import Dump, Limits
from napari_cellib.errors import DumpUnreadable


def members(path, **limits):
    return list(Dump(path, Limits(**limits)).members())


def reasons(path, **limits):
    return {member.name: member.refused for member in members(path, **limits)}


def test_a_zip_and_a_folder_give_the_same_documents(tmp_path, invented, write_zip):
    folder = tmp_path / "dump" / "data"
    folder.mkdir(parents=True)
    for number in (901, 902):
        (folder / f"{number}.json").write_text(json.dumps(invented(number)))
    (folder / "README.md").write_text("read me")
    zipped = write_zip(
        tmp_path / "dump.zip",
        {"data/901.json": invented(901), "data/902.json": invented(902), "a.txt": ""},
    )

    of_folder, of_zip = members(tmp_path / "dump"), members(zipped)

    assert of_folder == of_zip
    assert [member.stem for member in of_zip] == ["901", "902"]
    assert Dump(zipped).count == Dump(tmp_path / "dump").count == 2


@pytest.mark.parametrize(
    "name",
    ["../901.json", "a/../../901.json", "/etc/901.json", "C:/901.json", "..\\901.json"],
)
def test_a_name_that_leads_out_of_the_dump_is_refused(
    tmp_path, name, invented, write_zip
):
    path = write_zip(tmp_path / "d.zip", {name: invented(), "902.json": invented(902)})

    assert list(reasons(path).values()) == ["its name leads out of the dump", None]
    assert {child.name for child in tmp_path.iterdir()} == {"d.zip"}


def test_a_bomb_is_refused_before_it_goes_off(tmp_path, write_zip):
    path = write_zip(tmp_path / "d.zip", {"901.json": b"[" + b" " * 5_000_000 + b"]"})

    assert "a trap" in reasons(path)["901.json"]


def test_a_document_of_100_mb_is_refused_unread(tmp_path):
    path = tmp_path / "901.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)

    assert "100 MB" in reasons(tmp_path)["901.json"]


def test_a_document_of_millions_of_values_is_refused_for_each_takes_memory(
    tmp_path, invented, write_zip
):
    many = {**invented(), "more": list(range(200_000))}
    path = write_zip(tmp_path / "d.zip", {"901.json": many, "902.json": invented(902)})

    assert reasons(path) == {
        "901.json": "it holds more than 100,000 values", "902.json": None,
    }  # fmt: skip


def test_documents_are_refused_when_all_that_is_allowed_is_used_up(
    tmp_path, invented, write_zip
):
    path = write_zip(
        tmp_path / "d.zip", {f"{n}.json": invented(n) for n in range(901, 905)}
    )
    size = len(json.dumps(invented()))

    found = list(reasons(path, total_bytes=2 * size + 10).values())

    assert found[:2] == [None, None]
    assert "used up" in found[2]
    assert "used up" in found[3]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no JSON"),
        (b"{not json", "no JSON"),
        (b'{"a": NaN}', "no JSON"),
        (b'{"a": 1e999}', "a number in it is too large"),
        (b"1" * 5000, "a number in it is too long"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', "several values of the name 'b'"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b"[" * 80 + b"]" * 80, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_and_the_rest_read(
    tmp_path, body, reason, invented, write_zip
):
    path = write_zip(tmp_path / "d.zip", {"901.json": body, "902.json": invented(902)})

    bad, good = members(path)

    assert reason in bad.refused
    assert good.document == invented(902)


def test_a_damaged_document_is_refused_and_the_rest_read(tmp_path, invented, write_zip):
    path = write_zip(
        tmp_path / "d.zip", {"901.json": invented(), "902.json": invented(902)}
    )
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("901.json").header_offset + 60
    body = bytearray(path.read_bytes())
    body[start : start + 20] = bytes(20)
    path.write_bytes(body)

    bad, good = members(path)

    assert bad.refused == "it is damaged"
    assert good.refused is None


def test_a_link_is_not_followed(tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    folder = tmp_path / "dump"
    folder.mkdir()
    try:
        (folder / "901.json").symlink_to(secret)
    except OSError:
        pytest.skip("needs a system on which links may be made")

    assert reasons(folder) == {"901.json": "it is a link to elsewhere"}


def test_an_encrypted_document_is_refused(tmp_path, invented, write_zip):
    path = write_zip(tmp_path / "d.zip", {"901.json": invented()})
    body = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(signature) + offset] |= 1
    path.write_bytes(body)

    assert reasons(path) == {"901.json": "it is encrypted"}


def test_a_document_longer_than_it_says_is_refused(tmp_path, invented, write_zip):
    path = write_zip(tmp_path / "d.zip", {"901.json": invented()})
    body = bytearray(path.read_bytes())
    start = body.index(b"PK\x01\x02") + 24
    body[start : start + 4] = (10).to_bytes(4, "little")
    path.write_bytes(body)

    assert reasons(path)["901.json"] is not None


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_a_zip_that_was_cut_short_is_read_as_far_as_it_goes(
    tmp_path, cut, invented, write_zip
):
    whole = write_zip(
        tmp_path / "d.zip", {f"a/{n}.json": invented(n) for n in range(901, 921)}
    )
    body = whole.read_bytes()
    path = tmp_path / "cut.zip"
    path.write_bytes(body[: int(len(body) * cut)])

    *good, last = members(path)

    assert [member.document for member in good] == [
        invented(901 + index) for index in range(len(good))
    ]
    assert len(good) >= int(20 * cut * 0.7)
    assert last.name == "cut.zip"
    assert "breaks off" in last.refused or "list" in last.refused


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b\x08"])
def test_what_is_no_zip_is_said_to_be_none(tmp_path, content):
    path = tmp_path / "d.zip"
    path.write_bytes(content)

    with pytest.raises(DumpUnreadable, match="neither a zip nor a folder"):
        Dump(path)


def test_a_dump_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(DumpUnreadable, match="no such file"):
        Dump(tmp_path / "none.zip")


def test_a_damaged_document_is_one_however_it_is_packed(tmp_path, invented):
    path = tmp_path / "d.zip"
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("901.json", json.dumps(invented()))
            archive.writestr("902.json", json.dumps(invented(902)))
        content = bytearray(path.read_bytes())
        content[60:400] = bytes(340)  # within the first, behind its header
        path.write_bytes(content)

        found = reasons(path)

        assert found["901.json"] is not None, method
        assert found["902.json"] is None, method


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path, invented):
    os.mkfifo(tmp_path / "901.json")
    (tmp_path / "902.json").write_text(json.dumps(invented(902)))

    assert reasons(tmp_path) == {"901.json": "it is no file", "902.json": None}
