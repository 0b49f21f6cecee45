from __future__ import annotations

from contextlib import closing

import pytest
from tests.deposit.conftest import described, write_picture

from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.depositions import Depositions
from napari_cellib.deposit.draft import Source
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.viewmodels.depositing.knowing import known_job
from napari_cellib.viewmodels.depositing.wizard import WizardModel


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    with closing(EmbeddedLibrary.create(folder, id="lab", name="Lab")) as library:
        yield library


def test_a_file_that_the_library_has_is_named_with_its_image(home, tmp_path):
    picture = write_picture(tmp_path / "disc.tif")
    depositions = Depositions(tmp_path / "depositions")
    draft = described(Source(path=str(picture)))
    deposition = submit(depositions, draft, home)
    drive(carry_on(depositions, deposition.id, home))

    model = WizardModel(described(Source(path=str(picture))))
    model.take_known(drive(known_job(lambda: home, model.draft)))

    (problem,) = model.known.problems
    assert problem in model.problems
    assert model.is_ready, "it is advice"
    assert f"{deposition.record} “Wing disc, third instar”" in problem.message
    address = model.known.addresses[problem.message]
    assert str(address) == f"cellib://lab/{deposition.record}"


def test_a_drive_that_is_too_small_is_said_before_anything_is_handed_in(home):
    huge = described(Source(layer="stack", size_bytes=10**18))

    (problem,) = drive(known_job(lambda: home, huge)).problems

    assert problem.id == "room-too-small"
