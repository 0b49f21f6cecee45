"""Metadata broken at random: an image or one of our errors, never anything else."""

import json
import random

import numpy as np
import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples, load_whole, write_image

JUNK = [
    None, True, 0, -1, 1.5, 10**30, "", "x", "\x00", "../..", [], {}, [None], {"a": 1},
    ["x", "y"], [[1]], float("nan"), float("inf"), "0" * 500,
]  # fmt: skip


def places(node, path=()):
    """Yield the path of every value in a JSON document."""
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def broken(document, chance):
    """Return a copy of which one value is replaced, removed or doubled."""
    copy = json.loads(json.dumps(document))
    *parents, last = chance.choice(list(places(copy)))
    holder = copy
    for key in parents:
        holder = holder[key]
    if chance.random() < 0.2:
        del holder[last]
    else:
        holder[last] = chance.choice(JUNK)
    return copy


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "part", ["zarr.json", "0/zarr.json", "labels/zarr.json", "labels/n/zarr.json"]
)
def test_no_damage_to_metadata_escapes_as_another_error(tmp_path, opened, part, seed):
    data = np.zeros((2, 8, 8), "uint8")
    drive(write_image(tmp_path / "x", data, axes="cyx", labels={"n": data[0]}))
    file = tmp_path / "x" / part
    document = json.loads(file.read_text())
    chance = random.Random(f"{part}{seed}")
    opened_at_all = 0
    for _ in range(25):
        file.write_text(json.dumps(broken(document, chance)))
        try:
            layer_tuples(drive(load_whole(opened(tmp_path / "x"))))
        except PixelsUnreadable:
            continue
        opened_at_all += 1

    assert opened_at_all, "nothing at all was tolerated"
