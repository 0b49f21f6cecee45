from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.compare.pictures import Contrast
from napari_cellib.jobs import drive
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.comparing.model import CompareModel
from napari_cellib.viewmodels.comparing.parts import Pair, Part
from napari_cellib.viewmodels.comparing.sides import Side
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.saved_searches import SavedSearches

RAMP = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)


def side(name, pixels=RAMP, unit="micrometer", **known):
    scale, translate = (0.5, 0.5), (0.0, 0.0)
    return Side(
        name=name, levels=[pixels], scale=scale, translate=translate, unit=unit, **known
    )


@pytest.fixture
def model(tmp_path):
    library = ShelfLibrary([a_record("CLB000001X", "Golgi")])
    return CompareModel(Libraries(Settings(data_folder=tmp_path), library))


def read(model):
    model.take_subjects(drive(model.read_job((0.0, 0.0))))


def test_ones_own_image_comes_first_and_the_library_is_the_reference(model):
    golgi = side("golgi", address="cellib://shelf/CLB000001X")

    model.take_sides([golgi, side("mine")])
    read(model)
    model.take_measured(drive(model.measure_job()))

    assert model.chosen == ("mine", "golgi")
    assert model.measured.compared.comparison.b.record.title == "Golgi"
    model.swap()
    assert (model.chosen, model.pictures) == (("golgi", "mine"), ())


def test_contrast_is_matched_in_a_way_that_is_said(model):
    model.take_sides([side("dim"), side("bright", RAMP * 4)])
    read(model)

    dim, bright = model.pictures
    assert np.abs(dim.grey.astype(int) - bright.grey).max() <= 1
    model.set_contrast(Contrast.FIRST)
    assert (model.pictures[1].grey[32:] == 255).all()
    assert "limits of the first image" in model.message


def test_a_missing_pixel_size_is_said_and_can_be_given(model):
    model.take_sides([side("mine", unit="pixel"), side("golgi")])
    read(model)

    assert model.unknown == ("mine",)
    assert "pixel size of mine is not known" in model.message
    assert model.pictures[0].unit == "px"
    model.say_pixel_size("mine", 0.3)
    read(model)
    assert (model.pictures[0].unit, model.pictures[0].step) == ("µm", 0.3)
    assert "not known" not in model.message


def test_alone_an_image_is_shown_and_placed_among_the_images_of_a_search(model):
    model.take_sides([side("mine")])
    read(model)

    assert [one.name for one in model.pictures] == ["mine"]
    assert "Open a reference" in model.message
    assert model.measure_job() is None
    model.wish_for("golgi", "DNA")
    model.take_measured(drive(model.measure_job()))
    group = model.measured.group
    assert (group.name, group.channel) == ("golgi", "channel 'DNA'")
    assert [member.title for member in group.members] == ["Golgi"]
    assert model.measured.compared is None


def test_what_keeps_an_image_out_of_a_group_is_said_and_both_are_compared(model):
    model.take_sides([side("mine", unit="pixel"), side("golgi")])
    read(model)

    model.wish_for("golgi")
    model.take_measured(drive(model.measure_job()))

    assert model.measured.compared.comparison.a.name == "mine"
    assert model.measured.group is None
    assert "pixel size of mine is not known" in model.message


def test_a_saved_search_is_known_by_its_name(model):
    saved = SavedSearches(model.libraries.settings.searches_folder)
    saved.save("My favourites", "cellib://search?q=golgi")
    model.take_sides([side("mine")])
    read(model)

    model.wish_for("My favourites")
    model.take_measured(drive(model.measure_job()))

    assert model.measured.group.link == "cellib://search?q=golgi"


def test_a_part_is_shown_instead_of_the_plane_until_its_mark_is_gone(model):
    shape = Part(key="shape", words="shape 1", box=((5.0, 9.0), (5.0, 14.0)))
    model.take_parts([shape])
    model.take_sides([side("mine")])
    model.mean("mine", "shape")
    read(model)

    assert model.pictures[0].grey.shape == (9, 19)
    assert "shape 1 is measured" in model.message
    moved = Part(key="shape", words="shape 1", box=((5.0, 9.0), (5.0, 5.0)))
    assert model.take_parts([moved])
    assert not model.take_parts([moved])
    assert model.take_parts([])
    read(model)
    assert model.pictures[0].grey.shape == RAMP.shape


def test_without_an_image_there_is_nothing_to_compare(model):
    model.take_sides([])

    assert model.read_job((0.0, 0.0)) is model.measure_job() is None
    assert "Open your own image" in model.message


def test_what_was_found_to_be_alike_is_framed_and_each_keeps_its_plane(model):
    stack = np.stack([RAMP, RAMP + 100, RAMP + 200])
    mine = Side(
        name="mine",
        levels=[stack],
        scale=(2.0, 0.5, 0.5),
        translate=(0.0, 0.0, 0.0),
        unit="micrometer",
    )
    model.take_sides([mine, side("golgi")])
    part = Part(key="alike", words="the part", box=((7.9, 15.6), (0.1, 15.6)))
    model.take_pair(
        Pair(image="mine", reference="golgi", spot=part, way=(4.0, 0.0, 0.0))
    )
    model.take_subjects(drive(model.read_job((0.0, 0.0, 0.0))))

    assert model.pictures[1].spot == (0.25, 0.0, 0.5, 0.5)
    assert model.pictures[0].spot is None
    assert model._subjects[0].planes.min() == 200  # the third plane, as was asked
    assert "mine is shown at the plane that was asked about" in model.message
    assert part in model.parts_of("golgi")
    model.mean("golgi", "alike")
    model.take_subjects(drive(model.read_job((0.0, 0.0, 0.0))))
    assert model.pictures[1].grey.shape == (16, 32)
    assert model.pictures[1].spot is None
    model.take_sides([mine, side("other")])
    assert (model.spots, model.ways) == ({}, {})
