"""The specification's own cases: what is valid must open, nothing may crash."""

import json
import re

import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels import ngff
from napari_cellib.pixels.label_metadata import parse_colors, parse_properties
from napari_cellib.pixels.omero import parse_channels


def documents(shared_data, pattern):
    files = sorted((shared_data / "ngff").glob(pattern))
    assert files
    for file in files:
        # Some of the examples explain themselves in comments.
        yield file, json.loads(re.sub(r"\s//.*", "", file.read_text()))


def read(attributes):
    group = ngff.parse_group(None, json.dumps(attributes).encode(), "image")
    found = ngff.parse_multiscales(group, "image", lambda _: None)
    parse_channels(group.attributes.get("omero"), 3, lambda _: None)
    return found


def test_every_valid_image_of_the_specification_is_read(shared_data):
    for file, suite in documents(shared_data, "0.*/tests/*image_suite.json"):
        for case in suite["tests"]:
            try:
                read(case["data"])
            except PixelsUnreadable:
                assert not case["valid"], (file, case)


def test_every_plate_well_and_label_is_told_from_an_image(shared_data):
    for _, suite in documents(shared_data, "0.*/tests/*[el]l_suite.json"):
        for case in suite["tests"]:
            with pytest.raises(PixelsUnreadable):
                read(case["data"])


def test_labels_of_the_specification_never_crash(shared_data):
    for _, suite in documents(shared_data, "0.*/tests/label_suite.json"):
        for case in suite["tests"]:
            found = case["data"].get("ome", case["data"]).get("image-label")
            parse_colors(found, "labels", lambda _: None)
            parse_properties(found, "labels", lambda _: None)


def test_examples_of_the_specification_are_read(shared_data):
    for _, example in documents(shared_data, "0.*/examples/multiscales_strict/m*.json"):
        attributes = example.get("attributes", example)
        assert read(attributes).datasets
