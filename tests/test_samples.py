"""The samples in the manifest are images of the demo library."""

from __future__ import annotations

from importlib.resources import files

import pytest
from npe2 import PluginManifest

from napari_cellib.demo.images import demo_images
from napari_cellib.model import Address


@pytest.fixture(scope="module")
def samples():
    path = files("napari_cellib") / "napari.yaml"
    return PluginManifest.from_file(str(path)).contributions.sample_data


def test_every_sample_is_in_the_demo_library_under_that_title(samples):
    titles = {image.accession: image.title for image in demo_images()}

    for sample in samples:
        address = Address.parse(sample.uri)
        assert address.library == "demo"
        assert titles[address.record] == sample.display_name


def test_samples_are_of_several_kinds(samples):
    assert len(samples) >= 5
    assert {sample.reader_plugin for sample in samples} == {"napari-cellib"}
