from __future__ import annotations

import pytest

from napari_cellib.pixels.reading.ome_xml import NOTHING, read_ome_xml

HEAD = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image>'
TAIL = "</Image></OME>"


def test_channels_have_names_colours_and_wavelengths():
    facts = read_ome_xml(
        f'{HEAD}<Pixels><Channel Name="GFP" Color="16711935" EmissionWavelength="509"/>'
        f'<Channel Color="-1"/></Pixels>{TAIL}'
    )

    first, second = facts.channels
    assert (first.name, first.color, first.emission_nm) == ("GFP", "00FF00", 509)
    assert second.color is None, "white is what writers put who were not asked"


@pytest.mark.parametrize("size", ["0", "-1", "nan", "inf", "many", ""])
def test_a_size_that_cannot_be_is_no_size(size):
    text = f'{HEAD}<Pixels PhysicalSizeX="{size}"/>{TAIL}'

    assert read_ome_xml(text).spacing_um == {}


def test_a_pixel_is_no_unit_of_length():
    text = f'{HEAD}<Pixels PhysicalSizeX="1" PhysicalSizeXUnit="pixel"/>{TAIL}'

    assert read_ome_xml(text).spacing_um == {}


def test_one_without_a_unit_is_what_writers_put_who_know_of_none():
    text = f'{HEAD}<Pixels PhysicalSizeX="1.0" PhysicalSizeY="0.5"/>{TAIL}'

    assert read_ome_xml(text).spacing_um == {"y": 0.5}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<OME>",
        "<OME/>",
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><OME><Pixels PhysicalSizeX="1"/></OME>',
    ],
)
def test_what_is_no_sound_document_says_nothing(text):
    assert read_ome_xml(text) == NOTHING
