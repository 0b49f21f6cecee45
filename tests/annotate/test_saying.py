"""Statements as a person makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from tests.annotate.sayings import CELL_TYPE, MITOCHONDRION, NEURON, a_region, said

from napari_cellib.annotate import saying
from napari_cellib.annotate.saying import Speaker
from napari_cellib.profile import Profile, write_profile
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_who_deposits_is_who_annotates(tmp_path: Path) -> None:
    settings = Settings(data_folder=tmp_path)
    known = Profile(name="Doe, Jane", orcid="https://orcid.org/0000-0002-1825-0097")
    write_profile(settings.drafts_folder, known)
    speaker = Speaker.of(settings)
    assert (speaker.name, speaker.orcid) == ("Doe, Jane", "0000-0002-1825-0097")
    assert (speaker.software or "").startswith("napari-cellib ")


def test_a_mistyped_orcid_is_left_out(tmp_path: Path) -> None:
    settings = Settings(data_folder=tmp_path)
    write_profile(settings.drafts_folder, Profile(name="Doe", orcid="0000-0001"))
    assert Speaker.of(settings).orcid is None


def test_where_nobody_is_remembered_the_login_name_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "jane")
    assert Speaker.of(Settings(data_folder=tmp_path)).name == "jane"


def test_it_is_known_who_said_what_and_when(jane: Speaker) -> None:
    note = saying.say(jane, CELL_TYPE, NEURON, evidence="seen by eye")
    asserted = note.assertion
    assert (asserted.by, asserted.author, asserted.orcid) == (
        "curator",
        "Doe, Jane",
        "0000-0002-1825-0097",
    )
    assert asserted.at is not None
    assert datetime.now(UTC) - asserted.at < timedelta(minutes=1)
    assert asserted.evidence == "seen by eye"


def test_a_change_takes_the_place_of_what_it_changes(jane: Speaker) -> None:
    old = saying.say(jane, CELL_TYPE, NEURON, evidence="seen by eye")
    new = saying.change(jane, old, qualifier="uncertain")
    assert (new.field, new.term, new.qualifier) == (CELL_TYPE, NEURON, "uncertain")
    assert new.assertion.evidence is None  # that of the old one is not its own
    assert said(old, new).present.annotations == (new,)


def test_a_change_is_checked(jane: Speaker) -> None:
    old = saying.say(jane, CELL_TYPE, NEURON)
    with pytest.raises(ValidationError):
        saying.change(jane, old, qualifier="perhaps")
    with pytest.raises(ValueError, match="another region"):
        saying.change(jane, old, region=a_region().id)


def test_what_is_retracted_does_not_hold(jane: Speaker) -> None:
    note, region = saying.say(jane, CELL_TYPE, NEURON), a_region()
    gone = said(note, region, saying.retract(jane, note), saying.retract(jane, region))
    assert len(gone.present) == 0
    assert len(gone) == 4


def test_what_is_refused_does_not_hold(jane: Speaker) -> None:
    refused = saying.reject(jane, CELL_TYPE, NEURON, evidence="word in the title")
    assert len(said(refused).present) == 0


def test_a_region_that_is_moved_stays_the_same(jane: Speaker) -> None:
    old = a_region((0, 0), (0, 1), (1, 1))
    region = saying.move(jane, old, points=((5, 5), (5, 6), (6, 6)), id="f" * 16)
    note = saying.say(jane, CELL_TYPE, NEURON, region=old.id)
    present = said(old, region, note).present
    assert present.regions == (region,)
    assert region.id == old.id
    assert present.annotations == (note,)


def test_what_is_changed_twice_holds_as_it_was_changed_last(jane: Speaker) -> None:
    first = saying.say(jane, CELL_TYPE, NEURON)
    second = saying.change(jane, first, term=MITOCHONDRION)
    third = saying.change(jane, second, term=NEURON)
    assert said(first, second, third).present.annotations == (third,)


def test_no_two_regions_are_the_same() -> None:
    assert len({saying.region_id() for _ in range(100)}) == 100
