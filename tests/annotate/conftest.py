"""People who say something, and tables of what they say."""

from __future__ import annotations

import csv

import pytest
from tests.annotate.tabling import made, say

from napari_cellib.annotate.saying import Speaker
from napari_cellib.annotate.tables import apply_table, check_table
from napari_cellib.jobs import drive


@pytest.fixture
def jane() -> Speaker:
    return Speaker("Doe, Jane", "0000-0002-1825-0097", "napari-cellib 1")


@pytest.fixture
def joe() -> Speaker:
    return Speaker("Joe")


@pytest.fixture
def library(tmp_path):
    found = made(tmp_path / "one", "A1", "A2")
    yield found
    found.close()


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a table of rows, or of a text."""

    def write(rows, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        if isinstance(rows, str):
            path.write_bytes(rows.encode(encoding))
            return path
        names = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def check(library, terms):
    return lambda path, **more: drive(check_table(path, library, terms, **more))


@pytest.fixture
def take_in(library, terms, check):
    def taken(path, where=library, **more):
        found = drive(check_table(path, where, terms))
        return drive(apply_table(found, where, terms, say, **more))

    return taken
