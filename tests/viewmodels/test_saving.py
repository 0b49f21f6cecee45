from napari_cellib.viewmodels.saving import Looked, parts


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


def test_each_part_says_how_large_it_is_at_the_level_that_is_seen():
    assert [part.words for part in parts(looked())] == [
        "What is seen, level 1: 80 kB",
        "The same of all planes, level 1: 320 kB",
        "All of level 1: 2.0 MB",
    ]


def test_parts_that_are_the_same_are_offered_once():
    whole = looked(view={}, plane={})
    flat = looked(axes=("y", "x"), shapes=((1000, 1000), (500, 500)), plane={})

    assert [part.words for part in parts(whole)] == ["What is seen, level 1: 2.0 MB"]
    assert len(parts(flat)) == 2
