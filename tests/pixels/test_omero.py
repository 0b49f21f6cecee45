import pytest

from napari_cellib.pixels.omero import parse_channels


def parse(omero, count=1):
    warnings = []
    channels, shown = parse_channels(omero, count, warnings.append)
    assert len(channels) == len(shown) == count
    return channels, shown, warnings


def test_names_colours_and_windows_are_read():
    window = {"start": 10, "end": 200, "min": 0, "max": 255}
    entry = {"label": " DAPI ", "color": "00aaff", "window": window}
    (channel,), _, warnings = parse({"channels": [entry]})

    assert (channel.name, channel.color) == ("DAPI", "00AAFF")
    assert channel.window.model_dump() == window | {"estimated": False}
    assert warnings == []


def test_no_block_at_all_is_no_fault():
    channels, shown, warnings = parse(None, 2)

    assert [c.name for c in channels] == [None, None]
    assert shown == (True, True)
    assert warnings == []


@pytest.mark.parametrize("color", ["#FF0000", "ff0000", "FF0000FF", "#FF0000FF"])
def test_colours_are_read_as_other_writers_put_them(color):
    (channel,), _, warnings = parse({"channels": [{"color": color}]})

    assert channel.color == "FF0000"
    assert warnings == []


@pytest.mark.parametrize("color", ["red", "F00", 16711680, [255, 0, 0], {}])
def test_a_broken_colour_costs_only_the_colour(color):
    (channel,), _, warnings = parse({"channels": [{"label": "GFP", "color": color}]})

    assert (channel.name, channel.color) == ("GFP", None)
    assert len(warnings) == 1
    assert "colour" in warnings[0]


@pytest.mark.parametrize(
    "window",
    [{}, {"min": 0, "max": 1}, {"start": 5, "end": 5}, {"start": 9, "end": 5},
     {"start": "a", "end": 5}, {"start": None, "end": 5}, [0, 5], 3,
     {"start": 0, "end": float("inf")}, {"start": True, "end": 5},
     {"start": 0, "end": 10**400}],
)  # fmt: skip
def test_a_broken_window_costs_only_the_window(window):
    (channel,), _, warnings = parse({"channels": [{"label": "GFP", "window": window}]})

    assert (channel.name, channel.window) == ("GFP", None)
    assert warnings == ["the contrast limits of channel 1 cannot be used"]


def test_a_window_needs_no_range():
    (channel,), _, warnings = parse(
        {"channels": [{"window": {"start": "1", "end": 5}}]}
    )

    assert (channel.window.start, channel.window.end) == (1, 5)
    assert channel.window.min is None
    assert warnings == []


@pytest.mark.parametrize("name", ["", "  ", None])
def test_an_empty_name_is_no_name(name):
    (channel,), _, warnings = parse({"channels": [{"label": name}]})

    assert channel.name is None
    assert warnings == []


@pytest.mark.parametrize(("name", "read"), [(488, "488"), (["x"], None)])
def test_a_name_that_is_no_text_is_made_one_or_left_out(name, read):
    assert parse({"channels": [{"label": name}]})[0][0].name == read


@pytest.mark.parametrize("entries", [[], [{"label": "one"}], [{}, {}, {}, {}]])
def test_too_few_or_too_many_channels_are_said_once(entries):
    channels, _, warnings = parse({"channels": entries}, 3)

    assert len(channels) == 3
    assert warnings == [f"{len(entries)} channels are described, the image has 3"]


@pytest.mark.parametrize("omero", [[], "x", {}, {"channels": {}}, {"channels": None}])
def test_a_broken_block_is_said_once(omero):
    assert parse(omero, 2)[2] == ["the description of the channels cannot be read"]


def test_broken_entries_leave_the_others_whole():
    channels, _, _ = parse({"channels": [None, 3, {"label": "GFP"}]}, 3)

    assert [c.name for c in channels] == [None, None, "GFP"]


def test_inactive_channels_are_hidden_unless_all_are():
    off, on = {"active": False}, {"active": True}

    assert parse({"channels": [off, on]}, 2)[1] == (False, True)
    assert parse({"channels": [off, off]}, 2)[1] == (True, True)


def test_a_channel_that_is_inverted_says_so_and_by_a_flag_only():
    entries = [{"inverted": True}, {"inverted": "yes"}, {}]

    channels, _, warnings = parse({"channels": entries}, 3)

    assert [channel.inverted for channel in channels] == [True, False, False]
    assert warnings == []
