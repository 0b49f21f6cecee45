"""What is found wrong with a library in a database."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib import doctor
from napari_cellib.library import DatabaseLibrary
from napari_cellib.model import ImageRecord, Query
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PYRAMID = {"role": "pyramid", "url": "r1/pyramid.ome.zarr"}


@pytest.fixture
def address(new_database: Callable[[], str]) -> str:
    """Return the address of a database with a library of one image."""
    address = new_database()
    with closing(DatabaseLibrary.create(address, id="lab", name="Lab")) as made:
        made.add(ImageRecord(id="r1", title="Nuclei", representations=[PYRAMID]))
        made.search(Query())
    return address


def found(address: str) -> list[str]:
    with closing(DatabaseLibrary.open(address)) as library:
        return [problem.id for problem in library.check()]


def test_nothing_is_wrong_with_a_sound_library_without_files(address: str) -> None:
    assert found(address) == []


def test_an_index_that_is_behind_is_told(address: str) -> None:
    with closing(DatabaseLibrary.open(address)) as library:
        library.add(ImageRecord(id="r2", title="More nuclei"))

        (problem,) = library.check()

    assert (problem.id, problem.severity) == ("index-behind", "advice")
    assert "is behind by 1 change" in problem.message


def test_files_that_are_missing_are_told(address: str, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()

    assert found(f"{address}&files={tmp_path / 'files'}") == ["pixels-missing"]
    assert found(f"{address}&files={tmp_path / 'nowhere'}") == ["files-missing"]


def test_who_may_only_read_is_told(
    address: str, on_server: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    on_server(
        address,
        "CREATE ROLE guest LOGIN",
        "GRANT USAGE ON SCHEMA public TO guest",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest",
    )
    gone = "DROP OWNED BY guest; DROP ROLE guest"
    request.addfinalizer(lambda: on_server(address, gone))

    assert found(address.replace("cellib@", "guest@")) == ["library-read-only"]


def examined(address: str, folder: Path) -> dict[str, str]:
    settings = Settings(data_folder=folder, default_library=address)
    problems = doctor.examine(settings)
    return {one.id: f"{one.where}: {one.message}" for one in problems}


def test_the_doctor_looks_into_a_database(
    address: str, on_server: Callable[..., None], tmp_path: Path
) -> None:
    assert not {"library", "no-library"} & examined(address, tmp_path).keys()

    on_server(address, "UPDATE alembic_version SET version_num = '9999'")
    assert "schema 9999" in examined(address, tmp_path)["library"]


def test_the_doctor_names_a_database_that_is_not_there_and_no_password(
    address: str, tmp_path: Path
) -> None:
    nobody = address.replace("cellib@", "nobody:secret@")

    told = examined(nobody, tmp_path)["library"]

    assert "cannot be used" in told
    assert "secret" not in told
