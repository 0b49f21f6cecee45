from __future__ import annotations

from napari_cellib.errors import PixelsUnreachable
from napari_cellib.viewmodels.streaming import Seen, StreamingModel


def seen(**changes):
    return Seen(**{"level": 2, "level_count": 5, "zoom_out": 4} | changes)


def test_without_a_streamed_layer_nothing_is_said():
    model = StreamingModel()

    model.take([])

    assert not model.is_shown


def test_the_level_and_the_bytes_are_said():
    model = StreamingModel()

    model.take([seen(received_bytes=1_800_000)])

    assert model.is_shown
    assert not model.is_loading
    assert model.words == "1/4 size, level 2 · 1.8 MB loaded"


def test_what_is_to_come_is_counted_over_all_layers():
    model = StreamingModel()

    model.take([seen(missing=4), seen(missing=3)])

    assert model.is_loading
    assert model.words == "Level 2 · 7 parts to come · 0 bytes"


def test_the_selected_layer_speaks_for_all():
    model = StreamingModel()

    model.take([seen(level=0, zoom_out=1, is_chosen=True), seen(level=3)])

    assert model.words.startswith("Full size, level 0 · ")


def test_an_image_of_one_level_is_shown_in_full():
    model = StreamingModel()

    model.take([seen(level=0, zoom_out=1, level_count=1)])

    assert model.words == "Full size · 0 bytes loaded"

    model.take([seen(level=0, zoom_out=1, level_count=1, missing=1)])

    assert model.words == "1 part to come · 0 bytes"


def test_bytes_are_those_of_all_layers():
    model = StreamingModel()

    model.take([seen(received_bytes=1_000_000), seen(received_bytes=500_000)])

    assert model.words.endswith("1.5 MB loaded")


def test_a_problem_is_said_with_what_can_be_done():
    model = StreamingModel()
    away = PixelsUnreachable("https://example.org", "no answer in time")

    model.take([seen(problems=(away, away))])

    assert model.problem == f"2 parts not loaded. {away.what} {away.fix}"
    model.take([seen()])
    assert model.problem == ""


def test_absent_chunks_are_counted_once_for_all_layers_of_an_image():
    model = StreamingModel()
    absent = ("level 0: 12 of 12 chunks absent", "level 1: 1 of 4 chunks absent")

    model.take([seen(absent=absent), seen(absent=absent)])

    assert model.notes == (
        "Level 0: 12 of 12 chunks absent; level 1: 1 of 4 chunks absent"
    )


def test_an_estimated_contrast_is_marked():
    model = StreamingModel()

    model.take([seen(has_contrast=True, is_estimated=True)])

    assert model.notes == "Contrast estimated"
    assert model.channels == 1
