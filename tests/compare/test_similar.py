"""Which images are found, in which order, and what is said of it."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import numpy as np
import pytest
from tests.compare.conftest import shelf_of
from tests.compare.pictures_of_disks import disks

import napari_cellib
from napari_cellib.compare.comparison import compare_subjects
from napari_cellib.compare.looking import look_for
from napari_cellib.compare.opening import open_subject
from napari_cellib.compare.similar import find_similar, index_library
from napari_cellib.errors import ComparisonRefused, LibraryNotFound, ModelUnusable
from napari_cellib.jobs import drive
from napari_cellib.library import SeveralLibraries
from napari_cellib.library.members import Member
from napari_cellib.notebook import OpenLibrary
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary


def stripes(size=128, period=9.0, seed=0):
    y, x = np.mgrid[:size, :size]
    wave = 500 + 400 * np.sin((x + 4 * np.sin(y / 15)) * 2 * np.pi / period)
    noise = np.random.default_rng(seed).normal(0, 20, wave.shape)
    return (wave + noise).astype("uint16")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(data_folder=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def library(settings, tmp_path_factory):
    """Return disks and stripes, both of two sizes, one of unknown pixel size."""
    opened = shelf_of(tmp_path_factory.mktemp("images"), [
        {"pixels": disks(radius=4, every=16), "um": 0.2},
        {"pixels": disks(256, radius=8, seed=1), "um": 0.1},  # the same, twice as fine
        {"pixels": stripes(), "um": 0.2},
        {"pixels": stripes(period=4.5, seed=1), "um": None},
        {"pixels": np.stack([stripes(seed=2), disks(radius=4, every=16, seed=2)]),
         "um": 0.2, "axes": "cyx", "channels": ["phalloidin", "DAPI"]},
    ])  # fmt: skip
    drive(index_library(opened, settings))
    return opened


def order(found):
    return [hit.record_id for hit in found.hits]


def test_what_is_alike_comes_first_at_whatever_magnification(library, settings):
    subject = drive(open_subject(disks(radius=4, every=16, seed=7), pixel_size_um=0.2))

    found = drive(find_similar(library, subject, settings))

    assert set(order(found)[:3]) == {"CLB0", "CLB1", "CLB4"}
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4, 5]
    distances = [hit.distance for hit in found.hits]
    assert distances == sorted(distances)
    by_id = {hit.record_id: hit for hit in found.hits}
    assert by_id["CLB4"].channel_name == "DAPI"
    assert by_id["CLB1"].step_um in (0.2, 0.4, 0.8)
    assert by_id["CLB3"].step_um is None
    assert found.scaled
    assert any("listed without a pixel size" in note for note in found.notes)
    worst = found.hits[-1].differences
    assert len(worst) == 5
    assert [abs(one.by) for one in worst] == sorted([abs(one.by) for one in worst])[
        ::-1
    ]
    assert np.sign(worst[0].by) == np.sign(worst[0].theirs - worst[0].own)
    frame = found.to_dataframe() if _has_pandas() else None
    assert frame is None or list(frame["rank"]) == [1, 2, 3, 4, 5]


def test_channels_meanings_searches_and_the_image_itself_narrow_it_down(
    library, settings
):
    two = drive(open_subject(library["CLB4"]))

    def found(**options):
        return order(drive(find_similar(library, two, settings, **options)))

    assert found()[0] == "CLB4"
    assert "CLB4" not in found(leave_out="CLB4")
    assert set(found(channel=1, leave_out="CLB4")[:2]) == {"CLB0", "CLB1"}
    assert set(found(channel=0, leave_out="CLB4")[:1]) == {"CLB2"}
    assert found(meaning="dna") == ["CLB4"]
    assert found(search="Disks 2") == ["CLB2"]
    assert found(search="cellib://search?q=Disks%202") == ["CLB2"]
    assert found(search="bananas") == []
    assert len(found(limit=2)) == 2
    for wrong in ({"channel": 2}, {"meaning": "bananas"}):
        with pytest.raises(ComparisonRefused):
            found(**wrong)


@pytest.mark.parametrize(
    ("pixels", "um", "said"),
    [
        (disks(radius=4, every=16), None, "is not known, so it is compared at any"),
        (disks(radius=4, every=16), 3000.0, "3000 µm cannot be the pixel size"),
        (disks(radius=4, every=16), 30.0, "None has a pixel size near"),
        (disks(8), 0.2, "only 8 × 8 pixels"),
        ((disks() > 500).astype("uint8") * 255, 0.2, "are saturated"),
        (np.where(disks() > 500, np.nan, disks()), 0.2, "are no numbers"),
        (disks().astype("uint8")[..., None].repeat(3, 2), 0.2, "brightness of the col"),
        (disks() > 500, 0.2, ""),
        (np.zeros((2, 2, 2, 64, 64)) + disks(64), 0.2, "Plane 2 of 2 is measured"),
    ],
)  # fmt: skip
def test_whatever_is_asked_for_is_answered_and_what_must_be_known_is_said(
    pixels, um, said, library, settings
):
    subject = drive(open_subject(pixels, pixel_size_um=um))
    options = {"search": "Disks 2"} if um == 30.0 else {}

    found = drive(find_similar(library, subject, settings, **options))

    assert said in " ".join(found.notes)
    assert all(np.isfinite(hit.distance) for hit in found.hits)
    assert bool(found.hits) == (um != 30.0)


@pytest.mark.parametrize("value", [0.0, np.nan, 65535.0])
def test_nothing_is_like_an_image_that_shows_nothing(value, library, settings):
    subject = drive(open_subject(np.full((64, 64), value)))

    with pytest.raises(ComparisonRefused, match="shows nothing"):
        drive(find_similar(library, subject, settings))


def test_a_notebook_asks_a_library_itself_and_new_images_are_described_first(
    shelf, tmp_path
):
    plain = shelf([{"pixels": disks(), "um": 0.2}, {"pixels": stripes(), "um": 0.2}])
    library = OpenLibrary(plain.library, settings=Settings(data_folder=tmp_path))

    found = library.similar(stripes(seed=5), pixel_size_um=0.2, mode="structure")

    assert order(found) == ["CLB1", "CLB0"]
    assert order(library.similar("cellib://shelf/CLB1")) == ["CLB0"]
    assert "CLB1" in repr(found)


def test_several_libraries_answer_with_one_list_and_who_is_missing_is_named(
    library, shelf, settings
):
    def gone():
        raise LibraryNotFound("gone")

    other = ShelfLibrary(
        [shelf([{"pixels": disks(radius=4, every=16), "um": 0.2}])["CLB0"].record],
        library_id="other",
    )
    members = [Member.of(library.library), Member.of(other), Member("x", "Mine", gone)]
    several = OpenLibrary(SeveralLibraries(members), settings=settings)

    found = several.similar(disks(radius=4, every=16, seed=7), pixel_size_um=0.2)

    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4, 5, 6]
    distances = [hit.distance for hit in found.hits]
    assert distances == sorted(distances)
    nearest = {hit.address for hit in found.hits[:3]}
    assert {"cellib://other/CLB0", "cellib://shelf/CLB0"} <= nearest
    assert "Mine is left out: There is no library 'gone'." in found.notes


def test_a_network_that_is_none_is_refused(library, settings, tmp_path):
    wrong = tmp_path / "mine.onnx"
    wrong.write_bytes(b"no network")

    with pytest.raises(ModelUnusable):
        drive(look_for(library, disks(), settings, mode="structure", network=wrong))


def test_nobody_is_called_to_find_describe_and_compare(library, settings, monkeypatch):
    def refuse(*whom):
        raise AssertionError(f"{whom} is called")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    for mode in ("setup", "structure"):
        found = drive(look_for(library, disks(seed=9), settings, mode=mode))
        assert found.hits
    mine = drive(open_subject(disks(seed=9), pixel_size_um=0.2))
    theirs = drive(open_subject(library["CLB0"]))
    assert drive(compare_subjects(mine, theirs)).rows


def test_nothing_that_is_near_is_ever_called_a_match():
    source = Path(napari_cellib.__file__).parent
    said = [
        f"{path.name}: {words}"
        for path in source.rglob("*.py")
        if re.search("similar|compar|_hit_", str(path.relative_to(source)))
        for words in re.findall(
            r'"[^"\n]*\bmatch(?:es|ing)?\b[^"\n]*"', path.read_text()
        )
    ]

    assert said == []


def _has_pandas():
    from importlib.util import find_spec

    return find_spec("pandas") is not None
