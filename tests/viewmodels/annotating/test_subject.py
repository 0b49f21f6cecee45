"""What a layer belongs to."""

from napari_cellib.viewmodels.annotating.subject import subject_of

OF_RECORD = {"cellib": {"address": "cellib://mine/CLB000001X", "title": "A cell"}}


def test_layers_of_one_record_are_one_subject():
    metadata = {"red": OF_RECORD, "green": OF_RECORD, "mine": {}}

    found = subject_of("green", metadata)

    assert (found.library, found.record) == ("mine", "CLB000001X")
    assert found.layers == ("red", "green")
    assert found.title == "A cell"
    assert found.key == "cellib://mine/CLB000001X"
    assert not found.writable  # until the library is asked


def test_a_layer_without_a_record_stands_for_itself():
    found = subject_of("mine", {"red": OF_RECORD, "mine": {}}, mark="mine (3, 4)")

    assert found.address is None
    assert found.layers == ("mine",)
    assert found.writable
    assert found.key.startswith("layers:")
    assert found.key != subject_of("mine", {"mine": {}}, mark="mine (5, 6)").key


def test_channels_of_one_file_are_one_subject():
    of_file = {"cellib": {"source": "/data/cells.zarr", "address": None}}

    found = subject_of("a", {"a": of_file, "b": of_file})

    assert found.layers == ("a", "b")
    assert found.key == subject_of("b", {"a": of_file, "b": of_file}).key


def test_layers_of_a_draft_are_that_draft():
    found = subject_of("a", {"a": {"cellib": {"draft": "f" * 32}}})

    assert found.draft == "f" * 32
    assert found.key == f"draft:{'f' * 32}"


def test_metadata_that_others_have_filled_is_survived():
    for odd in (
        {"cellib": 3},
        {"cellib": {"address": 7}},
        {"cellib": {"address": "x"}},
    ):
        assert subject_of("a", {"a": odd}).layers == ("a",)
