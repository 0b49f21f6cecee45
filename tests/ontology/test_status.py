"""Which terms are in use."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from napari_cellib.doctor import examine
from napari_cellib.ontology.status import status


def test_status_tells_what_is_in_use_and_asks_no_server(fresh):
    begun = time.monotonic()
    state = status(fresh)

    go = next(one for one in state.ontologies if one.prefix == "GO")
    assert not state.own
    assert state.problems == ()
    assert (go.name, go.terms > 5_000) == ("go", True)
    assert go.address.startswith("https://")
    assert time.monotonic() - begun < 2


def test_status_tells_when_the_program_has_newer_terms(settings, base):
    assert not status(settings).outdated

    with sqlite3.connect(base) as connection:
        connection.execute("UPDATE meta SET value = '2020' WHERE key = 'built'")
    connection.close()

    assert status(settings).outdated


def test_the_doctor_advises_to_update_terms_that_are_older_than_the_programs(
    settings, base
):
    assert "terms-outdated" not in {problem.id for problem in examine(settings)}

    with closing(sqlite3.connect(base)) as store:
        store.execute("UPDATE meta SET value = '2020' WHERE key = 'built'")
        store.commit()

    (advice,) = [p for p in examine(settings) if p.id == "terms-outdated"]
    assert (advice.severity, advice.where) == ("advice", str(base.parent))
    assert "cellib terms update" in advice.fix


def test_the_doctor_names_terms_that_cannot_be_used(settings, base):
    base.write_bytes(b"no store")

    (problem,) = [p for p in examine(settings) if p.id == "terms"]
    assert problem.severity == "error"
    assert "terms-1.sqlite" in problem.message
