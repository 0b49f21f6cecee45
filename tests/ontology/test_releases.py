"""Updates that succeed: what is in use afterwards, and what is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from napari_cellib.demo.server import SlowServer
from napari_cellib.errors import OntologyUnknown
from napari_cellib.model import TermField
from napari_cellib.ontology import Status, Terms, open_terms
from napari_cellib.ontology.rows import read_terms
from napari_cellib.ontology.status import status
from napari_cellib.ontology.store import embedded_path
from napari_cellib.ontology.user_store import read_choice

GOLD = "FBbi:00000246"  # fluorescence microscopy


def test_a_first_update_changes_what_is_in_use(fresh, publish, newer, run, obo):
    publish(obo(newer.values()))

    report = run(fresh)

    (one,) = report.updated
    assert (one.version, one.changes.new, one.changes.relabelled) == (
        "2027-01-01",
        1,
        1,
    )
    assert (one.changes.obsolete, one.changes.merged) == (1, 1)
    with open_terms(settings=fresh) as terms:
        assert terms.path == report.path
        assert terms.label("FBbi:99999999") == "new microscopy"
        assert terms.versions()["FBbi"].version == "2027-01-01"


def test_an_update_keeps_what_only_we_know(fresh, publish, newer, embedded, run, obo):
    publish(obo(newer.values()))

    run(fresh)

    with open_terms(settings=fresh) as terms:
        old, new = embedded.term(GOLD), terms.term(GOLD)
        assert (new.uses, new.fields) == (old.uses, old.fields)
        aliases = {name.text for name in embedded.names(GOLD) if name.scope == "alias"}
        assert aliases <= {name.text for name in terms.names(GOLD)}
        others = {p: n for p, n in embedded.counts().items() if p != "FBbi"}
        assert others == {p: n for p, n in terms.counts().items() if p != "FBbi"}
        assert terms.is_in(GOLD, TermField.IMAGING_METHOD)


def test_what_became_of_a_term_is_known_after_an_update(
    settings, publish, newer, fbbi, run, obo
):
    publish(obo(newer.values()))

    run(settings)

    with open_terms(settings=settings) as terms:
        gone = next(c for c in newer if newer[c].obsolete and not fbbi[c].obsolete)
        merged = next(c for c in fbbi if c not in newer)
        assert terms.resolve(gone).status is Status.REPLACED
        assert terms.resolve(merged).status is Status.MERGED
        assert terms.resolve(merged).term.curie == GOLD


def test_a_term_that_silently_vanished_is_kept_as_obsolete(
    settings, publish, fbbi, run, obo
):
    leaf = next(
        term.curie
        for term in fbbi.values()
        if not term.obsolete
        and not any(term.curie in dict(t.parents) for t in fbbi.values())
    )
    publish(obo(term for term in fbbi.values() if term.curie != leaf))

    run(settings)

    with open_terms(settings=settings) as terms:
        assert terms.resolve(leaf).status is Status.OBSOLETE


def test_a_release_comes_from_a_server_only_once(
    settings, publish, folder, newer, run, obo
):
    publish(obo(newer.values()))
    with SlowServer(folder, latency_s=0.0) as server:
        addresses = {"fbbi": f"{server.url}/fbbi.obo"}
        there = settings.model_copy(update={"release_addresses": addresses})
        report = run(there)

    assert report.updated[0].changes is not None
    left = {path.name for path in settings.terms_folder.iterdir()}
    stores = {"terms-1.sqlite", "terms-2.sqlite"}
    assert left == {"current.json", "update.lock"} | stores
    with open_terms(settings=settings) as terms:
        assert terms.versions()["FBbi"].source == f"{server.url}/fbbi.obo"


def test_the_old_terms_stay_beside_the_new_ones_and_older_ones_go(
    settings, publish, newer, run, obo
):
    for year in (2027, 2028, 2029):
        publish(obo(newer.values(), f"{year}-01-01"))
        run(settings)

    found = {path.name for path in settings.terms_folder.glob("*.sqlite")}
    choice = read_choice(settings.terms_folder)
    assert found == {choice.current.name, choice.before.name}
    assert choice.current.name == "terms-4.sqlite"


def test_terms_that_are_open_stay_usable_during_an_update(
    settings, publish, newer, run, obo
):
    publish(obo(newer.values()))
    run(settings)
    with open_terms(settings=settings) as before:
        for year in (2028, 2029):
            publish(obo(newer.values(), f"{year}-01-01"))
            run(settings)

        assert before.label("FBbi:99999999") == "new microscopy"


def test_one_ontology_that_cannot_be_had_does_not_stop_the_others(
    settings, publish, newer, run, obo
):
    publish(obo(newer.values()))
    settings.release_addresses["cl"] = "/nowhere/cl.obo"

    report = run(settings, "cl", "FBbi")

    assert [one.name for one in report.updated] == ["fbbi"]
    assert [name for name, _ in report.failed] == ["cl"]


def test_an_ontology_that_nobody_knows_is_refused(settings, run):
    with pytest.raises(OntologyUnknown, match="go, cl"):
        run(settings, "goo")


def test_an_update_takes_from_the_program_what_is_newer_there(
    settings, base, publish, newer, run, obo
):
    with closing(sqlite3.connect(base)) as store:
        store.execute("UPDATE meta SET value = '2020' WHERE key = 'built'")
        store.execute("UPDATE ontology SET version = '2019' WHERE prefix = 'NCBITaxon'")
        store.commit()
    publish(obo(newer.values()))

    run(settings)

    assert not status(settings).outdated
    with open_terms(settings=settings) as terms, Terms(embedded_path()) as program:
        assert terms.versions().keys() == program.versions().keys()
        assert terms.versions()["NCBITaxon"] == program.versions()["NCBITaxon"]
        assert terms.counts()["GO"] == program.counts()["GO"]
        assert terms.label("FBbi:99999999") == "new microscopy"


def test_what_was_updated_here_stays_when_the_program_is_newer(
    settings, publish, newer, run, obo, tmp_path
):
    publish(obo(newer.values()))
    run(settings)
    current = read_choice(settings.terms_folder).current
    with closing(sqlite3.connect(current)) as store:
        store.execute("UPDATE meta SET value = '2020' WHERE key = 'built'")
        store.commit()
    with Terms(embedded_path()) as program:
        others = set(program.counts()) | set(program.counts(obsolete=True))
        doid = list(read_terms(program.reader.connection, others - {"DOID"}))
    settings.release_addresses["doid"] = str(tmp_path / "doid.obo")
    (tmp_path / "doid.obo").write_text(obo(doid), "utf-8")

    run(settings, "doid")

    with open_terms(settings=settings) as terms:
        assert terms.label("FBbi:99999999") == "new microscopy"
        assert terms.versions()["FBbi"].version == "2027-01-01"
        assert terms.counts()["GO"] > 5_000
