import pytest

from napari_cellib.model import Channel
from napari_cellib.pixels.colors import channel_colors, colormap


def colors(*own):
    return channel_colors([Channel(color=color) for color in own])


def test_own_colours_are_kept():
    assert colors("FF8000", "00FF00") == ("FF8000", "00FF00")


def test_a_single_channel_is_white():
    assert colors(None) == ("FFFFFF",)


@pytest.mark.parametrize("count", [2, 3, 6])
def test_channels_without_a_colour_all_get_another(count):
    assert len(set(colors(*[None] * count))) == count


def test_a_colour_that_is_taken_is_not_given_away_again():
    assert colors(None, "FF00FF") == ("00FF00", "FF00FF")
    assert "00FFFF" not in colors("00FFFF", None, None)[1:]


def test_there_are_colours_for_any_number_of_channels():
    assert len(colors(*[None] * 40)) == 40


def test_pure_colours_have_names_in_napari():
    assert colormap("FF00FF") == "magenta"
    assert colormap("123456") == "#123456"
