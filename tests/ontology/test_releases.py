"""Updates that succeed, fail, collide and are killed: the terms stay usable."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from napari_cellib.demo.server import SlowServer
from napari_cellib.errors import (
    DownloadFailed,
    JobCancelled,
    OntologyUnknown,
    StorageFull,
    TermsBusy,
    TermsUnreadable,
)
from napari_cellib.jobs import drive
from napari_cellib.model import TermField
from napari_cellib.ontology import Status, open_terms
from napari_cellib.ontology.building import build_store
from napari_cellib.ontology.releases import update
from napari_cellib.ontology.rows import OntologyRow, TermRow, read_terms
from napari_cellib.ontology.status import status
from napari_cellib.ontology.store import embedded_path
from napari_cellib.ontology.user_store import (
    Choice,
    locked,
    read_choice,
    write_choice,
)
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

GOLD = "FBbi:00000246"  # fluorescence microscopy


def obo(terms: Iterable[TermRow], version: str = "2027-01-01") -> str:
    """Write terms as an OBO file."""
    parts = [f"format-version: 1.2\ndata-version: {version}\nontology: fbbi\n"]
    for term in terms:
        lines = ["[Term]", f"id: {term.curie}", f"name: {term.label}"]
        lines += [f"alt_id: {other}" for other in term.alt]
        lines += [
            f'synonym: "{name.text}" EXACT []'
            for name in term.names
            if name.scope == "exact" and '"' not in name.text
        ]
        lines += [
            f"is_a: {parent}" if how == "is_a" else f"relationship: {how} {parent}"
            for parent, how in term.parents
        ]
        lines += ["is_obsolete: true"] if term.obsolete else []
        lines += [f"replaced_by: {term.replaced_by}"] if term.replaced_by else []
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


@pytest.fixture(scope="session")
def fbbi() -> dict[str, TermRow]:
    """Return the embedded store's terms of FBbi, by identifier."""
    with open_terms(embedded_path()) as terms:
        others = {*terms.counts(), *terms.counts(obsolete=True)} - {"FBbi"}
        rows = read_terms(terms.reader.connection, leave_out=others)
        return {term.curie: term for term in rows}


@pytest.fixture
def newer(fbbi: dict[str, TermRow]) -> dict[str, TermRow]:
    """Return a later release: one term new, one renamed, one gone, one merged."""
    live = [term for term in fbbi.values() if not term.obsolete and not term.uses]
    renamed, gone, merged = live[-3:]
    changed = dict(fbbi)
    changed["FBbi:99999999"] = replace(
        renamed, curie="FBbi:99999999", label="new microscopy", names=(), alt=()
    )
    changed[renamed.curie] = replace(renamed, label="another name")
    changed[gone.curie] = replace(gone, obsolete=True, replaced_by=GOLD, parents=())
    children = [t for t in changed.values() if merged.curie in dict(t.parents)]
    for child in children:
        changed[child.curie] = replace(child, parents=())
    del changed[merged.curie]
    changed[GOLD] = replace(fbbi[GOLD], alt=(*fbbi[GOLD].alt, merged.curie))
    return changed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder that the server shows."""
    shown = tmp_path / "server"
    shown.mkdir()
    return shown


@pytest.fixture
def publish(folder: Path) -> Callable[[str], Path]:
    """Return a function that publishes a release of FBbi."""

    def write(content: str) -> Path:
        path = folder / "fbbi.obo"
        path.write_text(content, "utf-8")
        return path

    return write


@pytest.fixture
def fresh(tmp_path: Path, folder: Path) -> Settings:
    """Return settings of an empty data folder; releases come from `folder`."""
    addresses = {"fbbi": str(folder / "fbbi.obo")}
    return Settings(
        data_folder=tmp_path / "data", timeout_s=2.0, release_addresses=addresses
    )


@pytest.fixture(scope="session")
def only_fbbi(
    fbbi: dict[str, TermRow], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a store with FBbi and a taxon, a tenth of the embedded one."""
    path = tmp_path_factory.mktemp("fbbi") / "terms.sqlite"
    human = TermRow("NCBITaxon:9606", "Homo sapiens")
    ontologies = [
        OntologyRow("FBbi", "Imaging methods", "2026", "CC-BY-4.0", "a test", True),
        OntologyRow("NCBITaxon", "NCBI Taxonomy", "2026", "CC0-1.0", "a test"),
    ]
    drive(build_store(path, ontologies, [human, *fbbi.values()]))
    return path


@pytest.fixture
def settings(fresh: Settings, only_fbbi: Path) -> Settings:
    """Return settings of a folder with an own store, as an update left it."""
    fresh.terms_folder.mkdir(parents=True)
    shutil.copyfile(only_fbbi, base(fresh))
    write_choice(fresh.terms_folder, Choice(base(fresh)))
    return fresh


def base(settings: Settings) -> Path:
    """Return the store that there is before any test updates it."""
    return settings.terms_folder / "terms-1.sqlite"


def run(settings: Settings, *names: str):
    return drive(update(settings, names or ("fbbi",)))


def test_a_first_update_changes_what_is_in_use(fresh, publish, newer):
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


def test_an_update_keeps_what_only_we_know(fresh, publish, newer, embedded):
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


def test_what_became_of_a_term_is_known_after_an_update(settings, publish, newer, fbbi):
    publish(obo(newer.values()))

    run(settings)

    with open_terms(settings=settings) as terms:
        gone = next(c for c in newer if newer[c].obsolete and not fbbi[c].obsolete)
        merged = next(c for c in fbbi if c not in newer)
        assert terms.resolve(gone).status is Status.REPLACED
        assert terms.resolve(merged).status is Status.MERGED
        assert terms.resolve(merged).term.curie == GOLD


def test_a_term_that_silently_vanished_is_kept_as_obsolete(settings, publish, fbbi):
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


def test_a_release_comes_from_a_server_only_once(settings, publish, folder, newer):
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
    settings, publish, newer
):
    for year in (2027, 2028, 2029):
        publish(obo(newer.values(), f"{year}-01-01"))
        run(settings)

    found = {path.name for path in settings.terms_folder.glob("*.sqlite")}
    choice = read_choice(settings.terms_folder)
    assert found == {choice.current.name, choice.before.name}
    assert choice.current.name == "terms-4.sqlite"


def test_terms_that_are_open_stay_usable_during_an_update(settings, publish, newer):
    publish(obo(newer.values()))
    run(settings)
    with open_terms(settings=settings) as before:
        for year in (2028, 2029):
            publish(obo(newer.values(), f"{year}-01-01"))
            run(settings)

        assert before.label("FBbi:99999999") == "new microscopy"


def _assert_untouched(settings: Settings) -> None:
    with open_terms(settings=settings) as terms:
        assert terms.path == base(settings)
        assert terms.label(GOLD) == "fluorescence microscopy"
    left = {path.name for path in settings.terms_folder.iterdir()}
    assert left <= {"update.lock", "current.json", "terms-1.sqlite"}


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _half(text: str) -> str:
    """End between two terms, where nothing shows that more should follow."""
    return text[: text.index("[Term]", len(text) // 2)]


def _empty(text: str) -> str:
    return text.partition("[Term]")[0]


def _page(text: str) -> str:
    return f"<html>{text}</html>\n"


@pytest.mark.parametrize("spoil", [_cut, _half, _empty, _page])
@pytest.mark.parametrize("served", [True, False])
def test_an_unsound_release_changes_nothing(
    settings, publish, folder, newer, spoil, served
):
    publish(spoil(obo(newer.values())))

    with SlowServer(folder, latency_s=0.0) as server:
        if served:
            addresses = {"fbbi": f"{server.url}/fbbi.obo"}
            settings = settings.model_copy(update={"release_addresses": addresses})
        with pytest.raises(TermsUnreadable):
            run(settings)

    _assert_untouched(settings)


def test_terms_that_are_below_themselves_change_nothing(settings, publish, fbbi):
    rows = dict(fbbi)
    child = next(t for t in rows.values() if GOLD in dict(t.parents))
    rows[GOLD] = replace(rows[GOLD], parents=((child.curie, "is_a"),))
    publish(obo(rows.values()))

    with pytest.raises(TermsUnreadable, match="circle"):
        run(settings)

    _assert_untouched(settings)


def test_a_release_that_leaves_nothing_for_a_field_changes_nothing(
    settings, publish, fbbi
):
    flat = [replace(t, parents=(("FBbi:00000265", "is_a"),)) for t in fbbi.values()]
    publish(
        obo(replace(t, parents=t.parents[t.curie == "FBbi:00000265" :]) for t in flat)
    )

    with pytest.raises(TermsUnreadable, match="no term is left for the field"):
        run(settings)

    _assert_untouched(settings)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.obo", "/nowhere/x.obo"])
def test_without_a_network_the_terms_of_before_are_used(settings, address):
    settings.release_addresses["fbbi"] = address

    with pytest.raises(DownloadFailed):
        run(settings)

    _assert_untouched(settings)


def test_one_ontology_that_cannot_be_had_does_not_stop_the_others(
    settings, publish, newer
):
    publish(obo(newer.values()))
    settings.release_addresses["cl"] = "/nowhere/cl.obo"

    report = run(settings, "cl", "FBbi")

    assert [one.name for one in report.updated] == ["fbbi"]
    assert [name for name, _ in report.failed] == ["cl"]


def test_an_ontology_that_nobody_knows_is_refused(settings):
    with pytest.raises(OntologyUnknown, match="go, cl"):
        run(settings, "goo")


def test_a_second_update_at_the_same_time_is_turned_away(settings, publish, newer):
    publish(obo(newer.values()))
    first = update(settings, ["fbbi"])
    next(first)

    with pytest.raises(TermsBusy):
        run(settings)

    first.close()
    assert run(settings).updated


def test_a_cancelled_update_changes_nothing_and_lets_go(settings, publish, newer):
    publish(obo(newer.values()))
    steps = 0
    while True:
        cancel, left = threading.Event(), [steps]

        def count(_, cancel=cancel, left=left):
            left[0] -= 1
            if left[0] < 0:
                cancel.set()

        try:
            drive(update(settings, ["fbbi"]), count, cancel)
        except JobCancelled:
            _assert_untouched(settings)
            steps += 1 + steps // 3
        else:
            break

    assert steps >= 5, "there were steps to cancel at"
    assert status(settings).path != base(settings)


KILLED = """
import os, sys
from pathlib import Path
from napari_cellib.ontology.releases import update
from napari_cellib.settings import Settings

at = int(sys.argv[3])
settings = Settings(
    data_folder=Path(sys.argv[1]), release_addresses={"fbbi": sys.argv[2]}
)
for number, _ in enumerate(update(settings, ["fbbi"])):
    if number == at:
        os._exit(9)
"""


@pytest.mark.parametrize("at", range(5))
def test_a_killed_update_leaves_usable_terms(settings, publish, newer, tmp_path, at):
    published = publish(obo(newer.values()))
    words = [str(settings.data_folder), str(published), str(at)]
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), *words], check=False
    )

    assert ended.returncode == 9
    with open_terms(settings=settings) as terms:
        assert terms.path == base(settings)
    assert run(settings).updated, "neither a lock nor a file is in the way"
    assert len(list(settings.terms_folder.glob("terms-*"))) == 2


def test_a_full_drive_changes_nothing(settings, publish, newer):
    publish(obo(newer.values()))
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal = pytest.importorskip("signal")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, usual[1]))
    try:
        with pytest.raises(StorageFull):
            run(settings)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)

    _assert_untouched(settings)


def test_a_folder_that_cannot_be_made_is_told_in_words(fresh):
    fresh.data_folder.write_text("a file")

    with pytest.raises(DownloadFailed, match="cannot be written"):
        run(fresh)


@pytest.fixture
def updated_twice(settings, publish, newer) -> Settings:
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


def test_status_tells_what_is_in_use_and_asks_no_server(fresh):
    begun = time.monotonic()
    state = status(fresh)

    go = next(one for one in state.ontologies if one.prefix == "GO")
    assert not state.own
    assert state.problems == ()
    assert (go.name, go.terms > 5_000) == ("go", True)
    assert go.address.startswith("https://")
    assert time.monotonic() - begun < 2


def test_status_tells_when_the_program_has_newer_terms(settings):
    assert not status(settings).outdated

    with sqlite3.connect(base(settings)) as connection:
        connection.execute("UPDATE meta SET value = '2020' WHERE key = 'built'")
    connection.close()

    assert status(settings).outdated
