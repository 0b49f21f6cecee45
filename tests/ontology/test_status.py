"""Which terms are in use."""

from __future__ import annotations

import sqlite3
import time

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
