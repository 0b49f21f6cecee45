from __future__ import annotations

import pytest

from napari_cellib.ontology import open_terms
from napari_cellib.ontology.rows import read_terms
from napari_cellib.ontology.sources import choose_sources
from napari_cellib.ontology.store import embedded_path
from napari_cellib.settings import Settings

NEW = "FBbi:99999999"


@pytest.fixture
def release(tmp_path):
    """Write a release of FBbi with one more term than the program brings along."""
    with open_terms(embedded_path()) as terms:
        others = {*terms.counts(), *terms.counts(obsolete=True)} - {"FBbi"}
        rows = list(read_terms(terms.reader.connection, leave_out=others))
    parts = ["format-version: 1.2\ndata-version: 2027-01-01\nontology: fbbi\n"]
    for row in rows:
        lines = ["[Term]", f"id: {row.curie}", f"name: {row.label}"]
        lines += [f"is_a: {up}" for up, how in row.parents if how == "is_a"]
        lines += [
            f"relationship: part_of {up}" for up, how in row.parents if how != "is_a"
        ]
        lines += ["is_obsolete: true"] * row.obsolete
        parts.append("\n".join(lines) + "\n")
    parts.append(
        f"[Term]\nid: {NEW}\nname: brand new microscopy\nis_a: FBbi:00000222\n"
    )
    path = tmp_path / "fbbi.obo"
    path.write_text("\n".join(parts), "utf-8")
    return path


@pytest.fixture
def make_panel_for(make_panel, shelf, tmp_path):
    """Return a function that makes a panel for which most releases are missing."""

    def make(**addresses):
        nowhere = Settings(data_folder=tmp_path)
        places = {s.name: str(tmp_path / "none") for s in choose_sources((), nowhere)}
        return make_panel(shelf, release_addresses={**places, **addresses})

    return make


def told(panel):
    bar = panel._bars[panel._terms_runner]
    return bar._words.text() if bar.isVisible() and bar._told else ""


def choose(panel, words):
    actions = panel._results._more.menu().actions()
    next(action for action in actions if action.text() == words).trigger()


def test_newer_terms_are_in_use_as_soon_as_they_have_come(
    qtbot, make_panel_for, release
):
    panel = make_panel_for(fbbi=str(release))

    choose(panel, "Update terms")

    qtbot.waitUntil(lambda: "2027-01-01" in told(panel), timeout=60_000)
    assert "1 new term" in told(panel)
    assert panel._terms.get().label(NEW) == "brand new microscopy"
    assert (panel._libraries.settings.terms_folder / "current.json").exists()


def test_without_a_release_to_be_had_the_terms_stay_and_the_panel_says_why(
    qtbot, make_panel_for
):
    panel = make_panel_for()
    before = panel._terms.get().versions()

    choose(panel, "Update terms")

    qtbot.waitUntil(lambda: "there is no such file" in told(panel), timeout=20_000)
    assert panel._terms.get().versions() == before
    assert panel._model.cards
