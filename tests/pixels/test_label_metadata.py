import pytest

from napari_cellib.pixels.label_metadata import parse_colors, parse_properties


def ignore(_):
    pass


def test_colours_are_told_between_0_and_1():
    entry = {"label-value": 3, "rgba": [255, 0, 51, 255]}

    assert parse_colors({"colors": [entry]}, "n", ignore) == {3: (1, 0, 0.2, 1)}


@pytest.mark.parametrize(
    "entry",
    [{"rgba": [1, 2, 3, 4]}, {"label-value": 1}, {"label-value": 1, "rgba": [1, 2, 3]},
     {"label-value": 1, "rgba": [1, 2, 3, 256]}, {"label-value": "1"}, None, 3,
     {"label-value": 1.5, "rgba": [1, 2, 3, 4]},
     {"label-value": float("inf"), "rgba": [1, 2, 3, 4]},
     {"label-value": 2, "rgba": [9, 9, 9, 9]}],
)  # fmt: skip
def test_a_broken_or_doubled_colour_is_left_out_and_said(entry):
    warnings = []
    good = {"label-value": 2, "rgba": [0, 0, 0, 0]}

    colors = parse_colors({"colors": [good, entry]}, "nuclei", warnings.append)

    assert colors == {2: (0, 0, 0, 0)}
    assert warnings == ["1 colours of the labels 'nuclei' cannot be used"]


def test_properties_become_columns_with_gaps():
    rows = [
        {"label-value": 1, "class": "cell"},
        {"label-value": 4, "area": 3.5, "index": "not ours"},
    ]

    assert parse_properties({"properties": rows}, "n", ignore) == {
        "index": [1, 4],
        "class": ["cell", None],
        "area": [None, 3.5],
    }


@pytest.mark.parametrize("found", [None, [], {}, {"properties": None}, "x"])
def test_no_properties_are_no_table(found):
    assert parse_properties(found, "n", ignore) == {}
    assert parse_colors(found, "n", ignore) == {}


def test_properties_of_no_label_are_said():
    warnings = []
    parse_properties({"properties": [{"class": "cell"}]}, "nuclei", warnings.append)

    assert warnings == ["1 properties of 'nuclei' name no label"]
