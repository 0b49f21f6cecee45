from napari_cellib.viewmodels.keeping import keepable
from napari_cellib.viewmodels.saving import Looked


def looked(**changes):
    about = {
        "where": "cells.zarr",
        "title": "Cells",
        "axes": ("t", "y", "x"),
        "shapes": ((4, 1000, 1000), (4, 500, 500)),
        "level": 1,
        "view": {"y": slice(0, 400), "x": slice(200, 600)},
        "plane": {"t": slice(3, 4)},
        "pixel_bytes": 2,
    }
    return Looked(**(about | changes))


def test_a_part_is_kept_in_all_levels_and_says_the_most_that_it_takes():
    assert [part.words for part in keepable(looked())] == [
        "What is seen, in all planes: at most 1.6 MB",
        "The whole image: at most 10 MB",
    ]


def test_what_is_seen_is_not_offered_where_it_is_the_whole_image():
    (part,) = keepable(looked(view={}, plane={}))

    assert part.words.startswith("The whole image")
