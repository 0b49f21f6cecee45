from napari_cellib.viewmodels.keeping import keepable


def test_a_part_is_kept_in_all_levels_and_says_the_most_that_it_takes(looked):
    assert [part.words for part in keepable(looked())] == [
        "What is seen, in all planes: at most 1.6 MB",
        "The whole image: at most 10 MB",
    ]


def test_what_is_seen_is_not_offered_where_it_is_the_whole_image(looked):
    (part,) = keepable(looked(view={}, plane={}))

    assert part.words.startswith("The whole image")
