"""Addresses of databases, and what is said when one cannot be used."""

from __future__ import annotations

import traceback

import pytest

from napari_cellib.errors import (
    CellibError,
    DatabaseUnreachable,
    LibraryBusy,
    LibraryDamaged,
    LibraryNotFound,
    LibraryReadOnly,
    MissingExtra,
    RecordInvalid,
    StorageFull,
)
from napari_cellib.library import DatabaseLibrary
from napari_cellib.library.postgres import DatabaseAddress, explained


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("postgresql://ann@db.lab/images", "postgresql://ann@db.lab/images"),
        ("postgres://db.lab:5433/images", "postgresql://db.lab:5433/images"),
        ("postgresql://ann:secret@db.lab/images", "postgresql://ann@db.lab/images"),
        (
            "postgresql://ann@db.lab/images?password=secret&sslmode=require",
            "postgresql://ann@db.lab/images",
        ),
        ("postgresql:///images?files=/srv", "postgresql://localhost/images"),
    ],
)
def test_an_address_is_shown_without_a_password(written: str, shown: str) -> None:
    assert str(DatabaseAddress.parse(written)) == shown


def test_what_is_no_address_is_told_and_not_repeated() -> None:
    address = "postgresql://ann:SECRET@db.lab:port/images".lower()
    with pytest.raises(LibraryNotFound, match="USER@HOST") as caught:
        DatabaseAddress.parse(address)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


class _Refused(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("what the server says")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("55P03", LibraryBusy),
        ("57014", DatabaseUnreachable),
        ("40001", LibraryBusy),
        ("53100", StorageFull),
        ("42501", LibraryReadOnly),
        ("25006", LibraryReadOnly),
        ("22001", RecordInvalid),
        ("08006", DatabaseUnreachable),
        ("57P01", DatabaseUnreachable),
        ("53300", DatabaseUnreachable),
        ("28P01", DatabaseUnreachable),
        ("42P01", LibraryDamaged),
    ],
)
def test_each_error_of_a_server_has_words_of_ours(
    code: str, kind: type[CellibError]
) -> None:
    assert type(explained(_Refused(code), "postgresql://db/lab")) is kind


def test_without_the_driver_the_way_to_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"napari-cellib\[postgresql\]"):
        DatabaseLibrary.open("postgresql://db.lab/images")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("postgresql://ann:secret@localhost:1/images", "efused"),
        ("postgresql://ann:secret@/images?host=/nowhere", "No such file"),
        (
            "postgresql://ann:secret@no.such.host.invalid/images",
            "resolve|address|known",
        ),
    ],
)
def test_a_server_that_does_not_answer_is_told_without_the_password(
    address: str, reason: str
) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseUnreachable, match=reason) as caught:
        DatabaseLibrary.open(address)
    assert "secret" not in "".join(traceback.format_exception(caught.value))
