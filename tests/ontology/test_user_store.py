"""The user's own store: damaged ones, notes that lie, who may write."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import TermsBusy
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.status import status
from napari_cellib.ontology.store import embedded_path
from napari_cellib.ontology.user_store import locked, read_choice

if TYPE_CHECKING:
    from napari_cellib.settings import Settings


@pytest.fixture
def updated_twice(settings, publish, newer, run, obo) -> Settings:
    """Return settings of a folder with a present store and the one before."""
    for year in (2027, 2028):
        publish(obo(newer.values(), f"{year}-01-01"))
        run(settings)
    return settings


def test_a_store_of_another_version_is_left_alone_and_another_is_used(updated_twice):
    settings = updated_twice
    choice = read_choice(settings.terms_folder)
    with sqlite3.connect(choice.current) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    state = status(settings)

    assert state.path == choice.before
    assert "format 99" in state.problems[0]
    assert choice.current.exists()


@pytest.mark.parametrize("damage", ["cut", "gone", "zeros"])
def test_damaged_stores_fall_back_to_those_before(updated_twice, damage):
    settings = updated_twice
    choice = read_choice(settings.terms_folder)
    for path, expected in ((choice.current, choice.before), (choice.before, None)):
        if damage == "gone":
            path.unlink()
        elif damage == "cut":
            shutil.copyfile(path, path.with_suffix(".whole"))
            path.write_bytes(path.with_suffix(".whole").read_bytes()[:50_000])
        else:
            path.write_bytes(bytes(path.stat().st_size))
        with open_terms(settings=settings) as terms:
            assert terms.path == (expected or embedded_path())


@pytest.mark.parametrize(
    "note",
    ["", "{", "[]", "3", '{"current": 3}', '{"current": "../../x", "before": null}'],
)
def test_a_damaged_note_means_the_terms_of_the_program(fresh, note):
    fresh.terms_folder.mkdir(parents=True)
    (fresh.terms_folder / "current.json").write_text(note)

    with open_terms(settings=fresh) as terms:
        assert terms.path == embedded_path()


def test_the_lock_is_let_go_when_its_holder_ends(tmp_path):
    with locked(tmp_path), pytest.raises(TermsBusy), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass
