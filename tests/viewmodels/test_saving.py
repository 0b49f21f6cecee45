from napari_cellib.viewmodels.saving import parts


def test_each_part_says_how_large_it_is_at_the_level_that_is_seen(looked):
    assert [part.words for part in parts(looked())] == [
        "What is seen, level 1: 80 kB",
        "The same of all planes, level 1: 320 kB",
        "All of level 1: 2.0 MB",
    ]


def test_parts_that_are_the_same_are_offered_once(looked):
    whole = looked(view={}, plane={})
    flat = looked(axes=("y", "x"), shapes=((1000, 1000), (500, 500)), plane={})

    assert [part.words for part in parts(whole)] == ["What is seen, level 1: 2.0 MB"]
    assert len(parts(flat)) == 2
