from __future__ import annotations

import json

import numpy as np
import pytest
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.groups import measure_group
from napari_cellib.compare.subject import subject_of
from napari_cellib.errors import ComparisonRefused
from napari_cellib.jobs import drive
from napari_cellib.model import Query
from napari_cellib.model.search_link import link_to

RADII = (4, 5, 6, 7, 8)


def images():
    known = [{"pixels": disks(96, radius=r, seed=r), "um": 0.4} for r in RADII]
    odd = [
        {"pixels": disks(96), "um": None},
        {"pixels": disks(96), "um": 50.0},
        {"pixels": disks(40), "um": 0.05},
    ]
    return known + odd


def measured(library, settings, plane, **asked):
    subject = subject_of(plane, pixel_size_um=0.4, name="mine")
    job = measure_group(library, "disks", subject, settings, **asked)
    group, scores = drive(job)
    return group, {score.quantity.key: score for score in scores}


def test_an_image_is_placed_among_the_images_of_a_search(shelf, settings):
    with shelf(images()) as library:
        usual = measured(library, settings, disks(96, radius=6))
        large = measured(library, settings, disks(96, radius=14))

    group, scores = usual
    area = "objects: median area"
    assert scores[area].n == 5
    assert abs(scores[area].z) < 0.5
    assert large[1][area].z > 5
    assert large[1][area].share_below == 1
    assert any(key.startswith("texture: ") for key in scores)
    assert not any(score.quantity.unit == "grey levels" for score in scores.values())
    assert group.link == link_to(Query(text="disks", limit=100))
    assert "5 of 8 images" in group.in_words
    assert "1: its pixel size is not known" in group.in_words
    assert "1: its pixels are larger" in group.in_words
    assert "1: its field is too small" in group.in_words
    assert {member.licence for member in group.used} == {"CC BY 4.0"}


def test_fewer_than_five_references_give_no_z(shelf, settings):
    with shelf(images()[:4]) as library:
        _, scores = measured(library, settings, disks(96))

    assert {score.n for score in scores.values()} == {4}
    assert {score.z for score in scores.values()} == {None}


def test_what_was_measured_is_kept_even_if_the_job_is_stopped(shelf, settings):
    with shelf(images()[:3]) as library:
        job = measure_group(
            library, "", subject_of(disks(), pixel_size_um=0.4), settings
        )
        steps = [next(job) for _ in range(6)]
        job.close()
        (file,) = (settings.cache_folder / "groups").iterdir()
        before = json.loads(file.read_bytes())["images"]
        assert 0 < len(before) < 3
        assert steps[0].total == 3

        group, _ = drive(
            measure_group(library, "", subject_of(disks(), pixel_size_um=0.4), settings)
        )
        kept = json.loads(file.read_bytes())["images"]

    assert len(kept) == len(group.used) == 3
    assert kept.items() >= before.items()


def test_a_damaged_file_is_measured_anew(shelf, settings):
    with shelf(images()[:1]) as library:
        first, _ = measured(library, settings, disks(96))
        (file,) = (settings.cache_folder / "groups").iterdir()
        file.write_bytes(b'{"version": ')

        again, _ = measured(library, settings, disks(96))

    assert again.members == first.members


def test_a_group_needs_a_pixel_size_a_channel_and_images(shelf, settings):
    with shelf(images()[:1]) as library:
        with pytest.raises(ComparisonRefused, match="pixel size"):
            drive(measure_group(library, "", subject_of(disks()), settings))
        with pytest.raises(ComparisonRefused, match="no channel 'DNA'"):
            measured(library, settings, np.eye(96), channel="DNA")
        subject = subject_of(disks(), pixel_size_um=1)
        with pytest.raises(ComparisonRefused, match="no image is found"):
            drive(measure_group(library, "nonsense", subject, settings))
