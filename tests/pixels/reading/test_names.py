from __future__ import annotations

import pytest

from napari_cellib.errors import AxesUnknown, SeriesIncomplete
from napari_cellib.pixels.reading.names import read_names


@pytest.mark.parametrize(
    ("names", "axes", "lengths"),
    [
        (["em_z0000", "em_z0001", "em_z0002"], "z", (3,)),
        (["a_t1", "a_t2", "a_t10"], "t", (3,)),
        (["a_c0", "a_c1"], "c", (2,)),
        (["a_ch00", "a_ch01"], "c", (2,)),
        (["a_z_01", "a_z_02"], "z", (2,)),
        (["W2--T00000--Z000--C", "W2--T00001--Z000--C"], "t", (2,)),
        ([f"a_t{t}_z{z}_c{c}" for c in "01" for z in "012" for t in "01"], "tcz",
         (2, 2, 3)),
        (["img_Time1_slice3", "img_Time2_slice3"], "t", (2,)),
        (["well3_t1_w1DAPI", "well3_t1_w2GFP"], "c", (2,)),
        (["only"], "", ()),
    ],
)  # fmt: skip
def test_letters_before_numbers_say_what_they_count(names, axes, lengths):
    found = read_names(names)

    assert (found.axes, found.lengths) == (axes, lengths)


def test_numbers_are_sorted_as_numbers():
    assert read_names(["a_t10", "a_t2", "a_t1"]).places == ((2,), (1,), (0,))


def test_what_no_letter_tells_is_asked_and_then_known():
    names = ["D03f00d0", "D03f00d1", "D03f00d2"]

    with pytest.raises(AxesUnknown, match="3 files") as error:
        read_names(names)
    assert "--axes" in error.value.fix
    assert read_names(names, "c").axes == "c"


def test_words_that_differ_are_asked_and_then_name_channels():
    names = ["cell_DAPI", "cell_GFP"]

    with pytest.raises(AxesUnknown):
        read_names(names)
    assert read_names(names, "c").labels == {"c": ("DAPI", "GFP")}


def test_several_unknown_counts_are_named_in_their_order():
    names = [f"{a}-{b}" for a in "12" for b in "345"]

    found = read_names(names, "tz")

    assert (found.axes, found.lengths) == ("tz", (2, 3))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a_t1", "b_c_t2"], "of another form"),
        (["a_t1", "a_tx"], "of another form"),
        (["a-t1", "a_t2"], "of another form"),
        (["t1_z1", "t1_z2", "t2_z1"], "the file of t 2, z 2 is missing"),
        (["t1_z1", "t2_z2"], "the file of t 1, z 2 is missing"),
        (["a_t1", "a_t1"], "the same numbers"),
    ],
)
def test_what_does_not_fit_is_named(names, words):
    with pytest.raises(SeriesIncomplete, match=words):
        read_names(names)


def test_numbers_that_are_left_out_are_told():
    assert "1, 70" in read_names(["a_t1", "a_t70"]).warnings[0]
    assert read_names(["a_c1", "a_c3"]).warnings == ()
