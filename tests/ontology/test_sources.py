"""Where releases come from."""

from __future__ import annotations

import pytest

from napari_cellib.errors import OntologyUnknown
from napari_cellib.ontology.sources import choose_sources, sources
from napari_cellib.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_folder=tmp_path)


def test_every_release_comes_encrypted_and_has_a_limit(settings):
    for source in sources(settings).values():
        assert source.address.startswith("https://")
        assert 0 < source.megabytes <= 1_000
        assert source.licence


def test_large_ontologies_are_updated_only_when_named(settings):
    usual = {source.name for source in choose_sources([], settings)}

    assert {"go", "cl", "fbbi", "uberon"} <= usual
    assert not usual & {"ncbitaxon", "cellosaurus"}


@pytest.mark.parametrize("name", ["go", "GO", "Go"])
def test_an_ontology_is_named_as_people_do(settings, name):
    assert [source.prefix for source in choose_sources([name], settings)] == ["GO"]


def test_a_prefix_names_an_ontology_too(settings):
    found = choose_sources(["CVCL", "cellosaurus"], settings)

    assert [source.name for source in found] == ["cellosaurus"]


def test_the_settings_say_another_address(settings):
    moved = settings.model_copy(update={"release_addresses": {"GO": "/a/go.obo"}})

    assert sources(moved)["go"].address == "/a/go.obo"
    assert sources(moved)["cl"] == sources(settings)["cl"]


def test_an_unknown_name_in_the_settings_is_told(settings):
    wrong = settings.model_copy(update={"release_addresses": {"goo": "/a/go.obo"}})

    with pytest.raises(OntologyUnknown, match="'goo'"):
        sources(wrong)
