from __future__ import annotations

import sys

import numpy as np
import pytest
from tests.compare.alike import EDGE, STEP_UM, alike_records
from tests.compare.pictures_of_disks import disks
from tests.compare.tiny_network import tiny_network

from napari_cellib.compare.describing.classical import FEATURES
from napari_cellib.compare.groups import Score
from napari_cellib.compare.measuring.quantity import Quantity
from napari_cellib.compare.similar import Difference, Mode
from napari_cellib.errors import ComparisonRefused
from napari_cellib.jobs import drive
from napari_cellib.model import Query, Representation
from napari_cellib.pixels import write_image
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.comparing.parts import Part
from napari_cellib.viewmodels.comparing.sides import Side
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.similar.model import SimilarModel
from napari_cellib.viewmodels.similar.source import of_record
from napari_cellib.viewmodels.similar.words import plain_difference, plain_score


def side(name="mine", pixels=None, unit="micrometer", **known):
    return Side(
        name=name,
        levels=[disks(EDGE, seed=3) if pixels is None else pixels],
        scale=(STEP_UM, STEP_UM),
        translate=(0.0, 0.0),
        unit=unit,
        **known,
    )


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return alike_records(tmp_path_factory.mktemp("alike"))


@pytest.fixture
def libraries(records, tmp_path):
    made = Libraries(Settings(data_folder=tmp_path), ShelfLibrary(records))
    yield made
    made.shut()


@pytest.fixture
def model(libraries):
    made = SimilarModel(libraries)
    made.take_sides([side()])
    return made


def find(model, **asked):
    model.take_found(drive(model.find_job((0.0, 0.0), **asked)))
    return [card.title for card in model.cards]


def test_what_is_not_described_yet_is_described_once_without_being_asked_for(model):
    assert find(model) == []
    assert "0 of 3 images" in model.message
    assert model.wants_describing

    report = drive(model.describe_job())
    assert (report.described, report.failed) == (3, ())
    titles = find(model)

    assert not model.is_behind
    assert titles[0].startswith("1. Disks")
    assert titles[2] == "3. Noise"
    assert "3 nearest of 3 images" in model.message
    card, hit = model.cards[2], model.hit_of(model.cards[2])
    assert card.subject.startswith(f"distance {hit.distance:.2f} · CC BY 4.0")
    assert card.terms_of_use.startswith(
        ("more ", "less ", "fewer ", "stronger ", "weaker ", "brighter ", "darker ")
    )
    assert (hit.record_id, len(hit.differences)) == ("CLB2", 5)


def test_a_person_who_stops_it_is_not_asked_again_but_may_go_on(model):
    find(model)
    model.describe_job().close()

    find(model)
    assert model.is_behind
    assert not model.wants_describing


def test_an_image_of_a_library_is_asked_about_and_not_found_itself(model):
    drive(model.describe_job())
    model.take_record(of_record("shelf", "CLB1", "Disks"))

    assert find(model) == ["1. Disks, too", "2. Noise"]
    model.take_sides([side(address="cellib://shelf/CLB3", name="opened")])
    assert [one.name for one in model.sources] == ["Disks", "opened"]
    model.choose_layer("opened")
    assert find(model)[0] == "1. Disks"


def test_of_an_image_with_several_channels_one_is_chosen(model, records, tmp_path):
    noise = np.random.default_rng(9).integers(0, 200, (EDGE, EDGE))
    planes = np.stack([disks(EDGE, seed=4), noise.astype(np.uint16)])
    place, spacing = tmp_path / "both.zarr", {"y": STEP_UM, "x": STEP_UM}
    drive(write_image(place, planes, axes="cyx", spacing_um=spacing))
    pixels = Representation(role="pyramid", url=str(place))
    shelf = ShelfLibrary(
        [*records, a_record("CLB9", "Both", representations=(pixels,))]
    )
    model.libraries = Libraries(Settings(data_folder=tmp_path), shelf)
    drive(model.describe_job())
    model.take_record(of_record("shelf", "CLB9", "Both"))
    assert model.channels == ()

    find(model)
    assert [one.words for one in model.channels] == ["channel 1", "channel 2"]
    model.meant = "1"
    assert find(model)[0] == "1. Noise"
    model.meant = "0"
    assert find(model)[0].startswith("1. Disks")
    model.libraries.shut()


def test_a_channel_and_a_search_leave_only_what_they_mean(model):
    drive(model.describe_job())

    model.meaning = "DNA"
    assert find(model) == ["1. Disks"]
    assert "what it shows" in model.message
    model.meaning, model.query = "", Query(text="noise")
    assert find(model) == ["1. Noise"]


def test_an_unknown_pixel_size_is_said_and_asked_for_until_it_is_given(model):
    drive(model.describe_job())
    model.take_sides([side(unit="pixel")])

    assert model.asks_for_size
    find(model)
    assert "pixel size of mine is not known" in model.message
    model.say_pixel_size(STEP_UM)
    find(model)
    assert "pixel size of mine is not known" not in model.message
    assert model.asks_for_size  # what was said can be mended
    model.take_sides([side("huge")])
    assert not model.asks_for_size
    model.say_pixel_size(5_000.0)
    find(model)
    assert "cannot be the pixel size" in model.message


def test_a_part_of_a_layer_is_meant_and_one_outside_of_it_refused(model):
    drive(model.describe_job())
    box = Part(key="shape", words="shape 1", box=((0.0, 15.0), (0.0, 15.0)))
    model.parts, model.meant = (box,), "shape"

    find(model)
    assert model.found.asked.part is box
    far = Part(key="view", words="what is in view", box=((99.0, 199.0), (0.0, 9.0)))
    with pytest.raises(ComparisonRefused, match="what is in view lies outside of mine"):
        find(model, part=far)


def test_an_answer_that_comes_late_is_not_shown_for_another_image(model):
    drive(model.describe_job())
    late = drive(model.find_job((0.0, 0.0)))
    model.take_record(of_record("shelf", "CLB1", "Disks"))

    model.take_found(late)

    assert model.cards == []


def test_without_the_network_structure_says_what_to_install(model, monkeypatch):
    assert model.mode is Mode.SETUP
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    assert "pip install 'napari-cellib[similar]'" in model.structure_problem


def test_without_an_image_it_says_where_to_find_one(libraries):
    model = SimilarModel(libraries)
    model.take_sides([])

    assert model.source is None
    assert "Open an image" in model.message


def test_of_several_libraries_each_card_says_its_own(records, tmp_path):
    one = ShelfLibrary(records[:2], library_id="one")
    two = ShelfLibrary(records[2:], library_id="two")
    libraries = Libraries(Settings(data_folder=tmp_path), one, two)
    model = SimilarModel(libraries)
    model.take_sides([side()])
    drive(model.describe_job())

    find(model)

    assert {card.record: card.source for card in model.cards} == {
        "CLB1": "one", "CLB2": "one", "CLB3": "two"}  # fmt: skip
    assert [card.title[0] for card in model.cards] == ["1", "2", "3"]
    libraries.shut()


def test_what_differs_is_told_in_plain_words_whatever_it_is():
    told = {
        feature: plain_difference(Difference(feature, 0.0, 1.0, -1.0), 0.2)
        for feature in FEATURES
    }

    assert [name for name, words in told.items() if name in words] == ["noise"]
    assert not [words for words in told.values() if " px" in words or "{" in words]
    assert len(set(told.values())) > 125  # three shades are middle greys


def test_what_is_unusual_is_told_in_plain_words_if_it_is_texture():
    edges = Quantity("texture", "edge strength at 8 px", -0.8)
    count = Quantity("objects", "density", 14.0)

    assert (
        plain_score(Score(edges, 9, -0.4, 0.1, -4.0), 0.4) == "weaker edges of 3.2 µm"
    )
    assert plain_score(Score(edges, 3), 0.4) == "edge strength at 8 px"
    assert plain_score(Score(count, 9, 4.0, 1.0, 10.0), 0.4) == "density"


def test_by_a_network_of_ones_own_that_was_trained_on_images_are_described_anew(
    model, tmp_path
):
    pytest.importorskip("onnxruntime")
    model.mode = Mode.STRUCTURE
    for seed in (0, 1):  # the same network, trained on
        path = tiny_network(tmp_path / "mine.onnx", seed=seed)
        model.take_network(drive(model.network_job(path)))
        find(model)
        assert model.wants_describing
        assert ("cannot be compared" in model.message) == bool(seed)
        drive(model.describe_job())
        assert len(find(model)) == 3
    kept = model.found.state.described_by
    assert sum(key.startswith("own:mine ") for key in kept) == 1
    model.mode = Mode.SETUP  # the own network has no part in it
    path.unlink()
    assert len(find(model)) == 3
