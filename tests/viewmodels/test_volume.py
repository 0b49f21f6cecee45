from __future__ import annotations

from napari_cellib.viewmodels.volume import refined, volumes

SHAPES = [(40, 4096, 4096), (40, 2048, 2048), (40, 512, 512)]


def choices(memory_bytes=10**9):
    return volumes(SHAPES, voxel_bytes=2, channels=3, memory_bytes=memory_bytes)


def test_the_size_of_all_channels_is_said_before_loading():
    assert [v.words for v in choices()] == [
        "Level 0: 40 × 4096 × 4096, 4.0 GB, too large",
        "Level 1: 40 × 2048 × 2048, 1.0 GB, too large",
        "Level 2: 40 × 512 × 512, 63 MB",
    ]


def test_a_side_that_no_graphics_card_takes_is_too_large():
    (long, _) = volumes(
        [(1, 1, 4096), (1, 1, 2048)], voxel_bytes=1, channels=1, memory_bytes=10**9
    )

    assert not long.is_possible


def test_the_coarsest_level_can_always_be_had():
    assert choices(memory_bytes=1)[-1].is_possible


def test_what_is_loaded_without_asking_is_the_finest_that_is_small_enough():
    assert refined(choices(2 * 10**9), most_bytes=2 * 10**9) == 1
    assert refined(choices(2 * 10**9), most_bytes=10**8) == 2
    assert refined(choices(), most_bytes=1) == 2
