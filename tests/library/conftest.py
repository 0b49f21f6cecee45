"""Records to fill libraries with, and the libraries that the contract holds for."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import pytest
import tifffile
from sqlalchemy import create_engine, text
from tests.library.fetched import PIXELS, TIFF_PATH, image_file

from napari_cellib._scratch_postgres import scratch_postgres
from napari_cellib.errors import MissingExtra
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary, Library
from napari_cellib.library.database_library import DatabaseLibrary
from napari_cellib.library.image_cache import ImageCache
from napari_cellib.library.several import SeveralLibraries
from napari_cellib.model import ImageRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


class LibraryMaker(Protocol):
    """Makes a library that holds some records, and closes it after the test."""

    def __call__(self, records: Iterable[ImageRecord] = ...) -> Library: ...


@pytest.fixture(scope="session")
def records() -> tuple[ImageRecord, ...]:
    """Return fourteen records; the last two are not to be found by a search."""
    written = Path(__file__).with_name("records.json").read_text("utf-8")
    return tuple(ImageRecord.model_validate(item) for item in json.loads(written))


def _embedded(folder: Path, records: Iterable[ImageRecord]) -> Library:
    library = EmbeddedLibrary.create(folder, id="contract", name="Contract Library")
    drive(library.add_many(records))
    return library


def _embedded_read_only(folder: Path, records: Iterable[ImageRecord]) -> Library:
    _embedded(folder, records).close()
    return EmbeddedLibrary.open(folder, read_only=True)


def _with_sqlite(folder: Path, records: Iterable[ImageRecord]) -> Library:
    """Return a library as it is where tantivy is not installed."""
    library = EmbeddedLibrary.create(
        folder, id="contract", name="Contract Library", engine="sqlite"
    )
    drive(library.add_many(records))
    return library


def _several(folder: Path, records: Iterable[ImageRecord]) -> Library:
    """Return the library beside one that has nothing to say."""
    empty = EmbeddedLibrary.create(folder / "empty", id="empty", name="Empty Library")
    members = [_embedded(folder / "full", records), empty]
    return SeveralLibraries(members, id="contract", name="Contract Library")


def _in_postgres(address: str, records: Iterable[ImageRecord]) -> Library:
    library = DatabaseLibrary.open(address)
    drive(library.add_many(records))
    return library


# Every kind of library stands here and must pass test_contract.py. Each is called
# "contract", holds the records, and has the thumbnail of none.
KINDS = {
    "embedded": _embedded,
    "embedded, read-only": _embedded_read_only,
    "embedded, SQLite": _with_sqlite,
    "PostgreSQL": _in_postgres,
    "several": _several,
}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the address of a server of PostgreSQL; skip where there is none."""
    pytest.importorskip("psycopg", reason="needs the driver of PostgreSQL")
    with ExitStack() as opened:
        try:
            address = opened.enter_context(scratch_postgres())
        except MissingExtra as error:
            pytest.skip(str(error))
        yield address


@pytest.fixture(scope="session")
def ready_database(postgres: str) -> str:
    """Return the name of a database with an empty library, to be copied."""
    address = postgres.replace("/postgres?", "/ready?")
    _run(postgres, "CREATE DATABASE ready")
    DatabaseLibrary.create(address, id="contract", name="Contract Library").close()
    return "ready"


@pytest.fixture
def new_database(postgres: str) -> Iterator[Callable[..., str]]:
    """Return what makes a database, and returns its address."""
    names: list[str] = []

    def make(template: str = "template1") -> str:
        names.append(f"test_{uuid4().hex}")
        _run(postgres, f"CREATE DATABASE {names[-1]} TEMPLATE {template}")
        return postgres.replace("/postgres?", f"/{names[-1]}?")

    yield make
    for name in names:
        _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def on_server() -> Callable[..., None]:
    """Return a function that does what a person does who looks after a server."""
    return _run


def _run(address: str, *statements: str) -> None:
    engine = create_engine(
        address.replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=list(KINDS))
def make_any_library(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[LibraryMaker]:
    """Return what makes a library of each kind in turn."""
    with ExitStack() as opened:
        count = 0

        def make(records: Iterable[ImageRecord] = ()) -> Library:
            nonlocal count
            count += 1
            place: Any = tmp_path / f"library-{count}"
            if request.param == "PostgreSQL":
                ready = request.getfixturevalue("ready_database")
                place = request.getfixturevalue("new_database")(ready)
            library = KINDS[request.param](place, records)
            opened.callback(library.close)
            return library

        yield make


@pytest.fixture
def any_library(
    make_any_library: LibraryMaker, records: tuple[ImageRecord, ...]
) -> Library:
    """Return a library of each kind in turn, with all records."""
    return make_any_library(records)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[EmbeddedLibrary]:
    """Return an empty embedded library."""
    made = EmbeddedLibrary.create(tmp_path / "library", id="lab", name="Lab Library")
    yield made
    made.close()


@pytest.fixture
def png() -> bytes:
    """Return bytes that begin as a PNG does."""
    return PNG


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """Return what shows a folder under another path where nothing can be written."""
    if sys.platform == "win32":
        pytest.skip("folders cannot be made read-only on Windows")
    with ExitStack() as undo:
        yield lambda folder: _made_read_only(folder, tmp_path / "read-only", undo)


def _made_read_only(folder: Path, shown: Path, undo: ExitStack) -> Path:
    if os.geteuid() != 0:
        paths = [folder, *folder.rglob("*")]
        for path in paths:
            undo.callback(path.chmod, path.stat().st_mode)
            path.chmod(path.stat().st_mode & ~0o222)
        return folder
    shown.mkdir()  # rights do not stop root, a read-only mount does
    for command in (["--bind", folder, shown], ["-o", "remount,ro,bind", shown]):
        if subprocess.run(["mount", *command], capture_output=True).returncode:
            pytest.skip("needs the right to mount, or another user than root")
    undo.callback(subprocess.run, ["umount", shown], check=True)
    return shown


@pytest.fixture(scope="module")
def ome_tiff():
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, PIXELS, ome=True, metadata={"axes": "ZYX"})
    return buffer.getvalue()


@pytest.fixture
def cache(tmp_path):
    return ImageCache(tmp_path / "cache", 50_000_000, recent_s=0)


@pytest.fixture
def tiff_file(archive, ome_tiff):
    archive.files[TIFF_PATH] = ome_tiff
    return image_file(archive, TIFF_PATH)
