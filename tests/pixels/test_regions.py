import pytest

from napari_cellib.errors import QueryInvalid
from napari_cellib.pixels.regions import parse_region, scaled


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z=",
        "z=5:3",
        "q=1",
        "z=1:2:3",
        "z=-1:2",
        pytest.param("z=" + "9" * 5000, id="long"),
    ],
)
def test_what_is_no_region_says_how_one_is_written(text):
    with pytest.raises(QueryInvalid, match="z=3:10"):
        parse_region(text)


def test_a_region_covers_the_same_of_each_level():
    region = parse_region("z=3:10,y=101:201")

    fine = scaled(region, "zyx", (20, 400, 400), (20, 400, 400))
    coarse = scaled(region, "zyx", (20, 100, 100), (20, 400, 400))

    assert fine == (slice(3, 10), slice(101, 201), slice(0, 400))
    assert coarse == (slice(3, 10), slice(25, 51), slice(0, 100))


def test_a_region_that_is_too_long_ends_with_the_image():
    assert scaled(parse_region("y=5:900"), "y", (4,), (8,)) == (slice(2, 4),)


def test_a_region_outside_of_the_image_is_refused():
    with pytest.raises(QueryInvalid, match="y of the image ends at 8"):
        scaled(parse_region("y=8:9"), "y", (4,), (8,))


def test_axes_that_the_image_does_not_have_are_left_alone():
    assert scaled(parse_region("c=0,x=1:2"), "yx", (4, 4), (4, 4)) == (
        slice(0, 4),
        slice(1, 2),
    )
