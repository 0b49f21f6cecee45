from __future__ import annotations

import json

import numpy as np
import pytest
import tifffile

from napari_cellib.deposit.depositions import Deposition, Depositions, Event
from napari_cellib.deposit.draft import Draft, DraftPerson, Origin, Source
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.deposit.states import Action
from napari_cellib.errors import CellibError, DraftUnreadable
from napari_cellib.jobs import drive
from napari_cellib.model import Licence, Term, TermField
from napari_cellib.profile import Profile
from napari_cellib.viewmodels.depositing.filling import (
    files_job,
    former_job,
    formers_job,
    keep_template_job,
    layers_job,
    profile_job,
    template_job,
)
from napari_cellib.viewmodels.depositing.looking import look_job
from napari_cellib.viewmodels.depositing.sources import (
    layer_choice,
    measure_job,
    with_absent,
)
from napari_cellib.viewmodels.depositing.words import (
    measured_axes,
    orcid_in_words,
    origin_in_words,
    summary,
    tidy_orcid,
)

MOUSE = Term(id="NCBITaxon:10090", label="Mus musculus")


def a_layer(name, **meta):
    data = np.zeros((5, 40, 30), np.uint16)
    given = {"scale": (0.5, 0.13, 0.13), "units": ("micrometer",) * 3, **meta}
    return data, {"name": name, **given}, "image"


def test_layers_say_their_pixel_size_and_channels():
    fill = drive(layers_job([a_layer("DNA"), a_layer("actin")]))
    draft = fill(Draft())

    assert draft.sizes == {"c": 2, "z": 5, "y": 40, "x": 30}
    assert draft.spacing_um == {"z": 0.5, "y": 0.13, "x": 0.13}
    assert [one.name for one in draft.channels] == ["DNA", "actin"]
    assert origin_in_words(draft, "spacing_um.z") == "from the layer"


def test_a_typed_pixel_size_stays_when_other_layers_are_chosen():
    draft = drive(layers_job([a_layer("DNA")]))(Draft())
    draft = draft.typed(spacing_um={**draft.spacing_um, "z": 2.0})
    draft = drive(layers_job([a_layer("RNA", scale=(1, 1, 1))]))(draft)

    assert draft.spacing_um == {"z": 2.0, "y": 1.0, "x": 1.0}
    assert origin_in_words(draft, "spacing_um.z") == ""


def test_points_alone_say_nothing_of_an_image():
    points = (np.zeros((4, 2)), {"name": "spots"}, "points")

    assert drive(layers_job([points]))(Draft()).sizes == {}


def test_a_file_says_what_it_knows(tmp_path):
    path = tmp_path / "disc_07.ome.tif"
    meta = {"axes": "ZYX", "PhysicalSizeX": 0.2, "PhysicalSizeXUnit": "µm"}
    tifffile.imwrite(path, np.zeros((3, 20, 20), np.uint8), ome=True, metadata=meta)
    draft = drive(files_job([path]))(Draft())

    assert draft.sizes == {"z": 3, "y": 20, "x": 20}
    assert draft.spacing_um["x"] == 0.2
    assert origin_in_words(draft, "spacing_um.x") == "from the file"


def test_a_file_that_is_no_image_says_why(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not an image")

    with pytest.raises(CellibError):
        drive(files_job([path]))


def test_a_template_holds_what_a_lab_has_in_common(tmp_path):
    path = tmp_path / "lab.json"
    draft = Draft(
        title="Cell 7",
        instrument="Zeiss LSM 880",
        sources=(Source(path="/data/cell_07.tif"),),
    )
    drive(keep_template_job(draft.annotated(TermField.ORGANISM, MOUSE), path))
    filled = drive(template_job(path))(Draft())

    assert filled.instrument == "Zeiss LSM 880"
    assert filled.terms(TermField.ORGANISM) == (MOUSE,)
    assert filled.title is None
    assert filled.sources == ()
    assert filled.origins["instrument"] is Origin.TEMPLATE
    assert "cell_07" not in path.read_text()


def test_what_is_no_template_is_refused(tmp_path):
    path = tmp_path / "lab.json"
    path.write_text(json.dumps({"microscope": "Zeiss"}))

    with pytest.raises(DraftUnreadable):
        drive(template_job(path))


def test_a_former_deposition_lends_what_is_the_same(tmp_path):
    draft = Draft(
        title="Cell 7",
        instrument="Zeiss LSM 880",
        contributors=(DraftPerson(name="Doe, Jane"),),
    )
    event = Event(at="2026-05-31T12:00:00Z", action=Action.SUBMIT, by="Doe, Jane")
    deposition = Deposition(
        id=draft.id,
        draft=draft,
        library="lab",
        place=str(tmp_path),
        record="CLB000001X",
        history=(event,),
    )
    depositions = Depositions(tmp_path / "depositions")
    depositions.save(deposition)
    (former,) = drive(formers_job(depositions))
    filled = drive(former_job(former))(Draft(title="Cell 8"))

    assert filled.title == "Cell 8"
    assert filled.instrument == "Zeiss LSM 880"
    assert filled.contributors[0].name == "Doe, Jane"


def test_the_profile_is_filled_in(tmp_path):
    drafts = Drafts(tmp_path / "drafts")
    drafts.remember(Profile(name="Doe, Jane", licence=Licence(spdx="CC0-1.0")))
    filled = drive(profile_job(drafts))(Draft())

    assert filled.contributors == (DraftPerson(name="Doe, Jane"),)
    assert filled.licence == Licence(spdx="CC0-1.0")


def test_files_and_folders_are_measured_once_each(tmp_path):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "0").write_bytes(b"12345")
    (tmp_path / "b.tif").write_bytes(b"123")
    gone = tmp_path / "gone.tif"
    paths = [tmp_path / "a.zarr", tmp_path / "b.tif", tmp_path / "b.tif", gone]
    sources = drive(measure_job(paths))

    assert [one.size_bytes for one in sources] == [5, 3, None]


def test_layers_are_measured_without_reading_them():
    pyramid = [np.zeros((100, 100), np.uint16), np.zeros((50, 50), np.uint16)]
    shapes = [np.zeros((4, 2)), np.zeros((4, 2))]

    assert layer_choice("a", "image", pyramid).words == "image, 20 kB"
    assert layer_choice("b", "shapes", shapes).size_bytes == 128
    assert layer_choice("c", "points", np.zeros((0, 2))).size_bytes == 0


def test_layers_that_are_not_open_are_named():
    draft = Draft(sources=(Source(layer="DNA"), Source(layer="RNA")))
    choices = with_absent([layer_choice("DNA", "image", np.zeros((2, 2)))], draft)

    assert [(one.name, one.is_open) for one in choices] == [
        ("DNA", True),
        ("RNA", False),
    ]


def test_channels_that_are_the_same_are_noticed():
    pixels = np.random.default_rng(1).integers(0, 3000, (5, 40, 30), np.uint16)
    _, meta, kind = a_layer("DNA")
    layers = [(pixels, {**meta, "name": name}, kind) for name in ("DNA", "actin")]
    (problem,) = drive(look_job((), layers))

    assert (problem.id, problem.severity) == ("channel-duplicated", "advice")
    assert problem.where == "Files"
    assert problem.message == "channel 2 (actin): It is the same as channel 1 (DNA)."


def test_a_file_is_looked_at_too(tmp_path):
    path = tmp_path / "black.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8))
    found = drive(look_job((Source(path=str(path)),), ()))

    assert {one.where for one in found} == {"Files"}
    assert any("same value" in one.message for one in found)


@pytest.mark.parametrize(
    ("text", "words", "is_wrong"),
    [
        ("", "", False),
        ("0000-0002", "8 more digits", False),
        ("0000-0002-1825-0097", "ORCID iD is well formed", False),
        ("https://orcid.org/0000-0002-1825-0097", "ORCID iD is well formed", False),
    ],
)
def test_an_orcid_is_followed_while_it_is_typed(text, words, is_wrong):
    assert orcid_in_words(text) == (words, is_wrong)


def test_a_wrong_orcid_is_told_from_an_unfinished_one():
    words, is_wrong = orcid_in_words("0000-0002-1825-0098")

    assert is_wrong
    assert "check digit" in words
    assert tidy_orcid("0000-0002-1825-0098") == "0000-0002-1825-0098"
    assert tidy_orcid("https://orcid.org/0000000218250097") == "0000-0002-1825-0097"


def test_of_a_plane_no_step_is_asked():
    assert measured_axes(Draft(sizes={"y": 5, "x": 5})) == ("x", "y")
    assert measured_axes(Draft(sizes={"z": 2, "y": 5, "x": 5})) == ("x", "y", "z")
    assert measured_axes(Draft()) == ("x", "y")


def test_the_summary_says_what_is_deposited():
    draft = Draft(
        title="Cells",
        licence=Licence(spdx="CC-BY-4.0"),
        sources=(Source(layer="DNA", size_bytes=2_000_000),),
    )

    assert dict(summary(draft)) == {
        "Title": "Cells",
        "Pixels": "1 file or layer, 2 MB.",
        "Named as": "DNA",
        "Licence": "CC BY 4.0. Everybody may do everything with it who names you.",
    }
