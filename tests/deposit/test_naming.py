from __future__ import annotations

import pytest

from napari_cellib.deposit.naming import read_names
from napari_cellib.errors import PatternInvalid

KNOWN = ["group", "cell_type"]


def test_a_pattern_takes_names_apart():
    read = read_names("{group}_{cell_type}_*.tif", KNOWN)

    assert read("disc 7_neuron_z01.tif") == {"group": "disc 7", "cell_type": "neuron"}
    assert read("disc 7.tif") is None
    assert read("_neuron_z01.tif") is None


def test_signs_in_a_pattern_mean_themselves():
    assert read_names("{group}(1).tif", KNOWN)("a(1).tif") == {"group": "a"}
    assert read_names("{group}(1).tif", KNOWN)("a1xtif") is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("*.tif", "names no part"),
        ("{mood}.tif", "'mood' is not one of"),
        ("{group}{group}.tif", "twice"),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(pattern, reason):
    with pytest.raises(PatternInvalid, match=reason):
        read_names(pattern, KNOWN)
