import sys
import weakref

import numpy as np
import pytest

from napari_cellib.pixels.streaming.pages import Pages, tidy_heap

UINT16 = np.dtype("uint16")


def test_pictures_count_for_as_long_as_a_part_of_them_is_held():
    pages = Pages()
    picture = pages.blank((300, 400), UINT16)
    part = picture[100:200].T
    whole = weakref.ref(picture)
    other = pages.blank((500, 500), np.dtype("float32"))
    assert pages.nbytes == 240_000 + 1_000_000

    del picture, other
    assert whole() is not None
    assert pages.nbytes == 240_000
    del part
    assert pages.nbytes == 0


@pytest.mark.parametrize("shape", [(0, 5), (), (20, 30), (300, 400)])
def test_a_picture_is_black_and_can_be_painted(shape):
    picture = Pages().blank(shape, UINT16)
    assert (picture.shape, picture.dtype) == (shape, UINT16)
    assert not picture.any()
    picture[...] = 7
    assert (picture == 7).all()


@pytest.mark.skipif(sys.platform != "linux", reason="others do it by themselves")
def test_what_is_free_between_others_goes_back_to_the_system():
    def resident():
        with open("/proc/self/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * 4096

    # Small enough to come from the heap, whatever it has given before.
    blocks = [np.ones(100_000, "uint8") for _ in range(2000)]
    del blocks[:-1]
    before = resident()
    tidy_heap()
    assert resident() < before - 100_000_000
    assert blocks[0].all()
