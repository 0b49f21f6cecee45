"""Images are deposited into a library of one's own."""

from __future__ import annotations

import pytest

from napari_cellib.deposit.own import OWN_ID
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions_target import (
    Target,
    choose_job,
    make_library_job,
    targets_job,
)
from napari_cellib.viewmodels.libraries import Libraries


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path)


@pytest.fixture
def libraries(settings):
    opened = Libraries(settings)
    yield opened
    opened.close()


def make(settings, name):
    folder = settings.libraries_folder / name
    EmbeddedLibrary.create(folder, id=name, name=name.title()).close()
    return folder


def test_without_a_library_of_ones_own_there_is_none_to_choose(settings, libraries):
    make(settings, "demo")
    make(settings, "cil")

    targets = drive(targets_job(libraries))

    assert targets.all == ()
    assert targets.chosen is None


def test_one_step_makes_a_library_and_chooses_it(settings, libraries):
    make(settings, "demo")

    targets = drive(make_library_job(libraries))

    assert targets.chosen == Target(OWN_ID, "My library")
    assert drive(make_library_job(libraries)) == targets


def test_the_choice_is_kept_for_the_next_session(settings, libraries):
    for name in ("lab", "thesis"):
        make(settings, name)
    lab, thesis = drive(targets_job(libraries)).all
    assert drive(targets_job(libraries)).chosen == lab

    drive(choose_job(settings, thesis))

    assert drive(targets_job(libraries)).chosen == thesis


def test_a_choice_that_is_gone_or_damaged_is_none(settings, libraries):
    make(settings, "lab")
    drive(choose_job(settings, Target("gone", "Gone")))
    assert drive(targets_job(libraries)).chosen.id == "lab"
    (settings.data_folder / "deposit-into.json").write_bytes(b"\xff{")
    assert drive(targets_job(libraries)).chosen.id == "lab"


def test_what_is_damaged_or_cannot_be_written_is_left_out(settings, libraries):
    make(settings, "lab")
    (make(settings, "broken") / "library.json").write_text("{")

    assert [one.id for one in drive(targets_job(libraries)).all] == ["lab"]
