from __future__ import annotations

import random
import string

import pytest

from napari_cellib.errors import AddressInvalid
from napari_cellib.model import Address
from napari_cellib.model.view_link import LONGEST, Look, ViewLink, read_view_link

ADDRESS = Address(library="demo", record="CLB0000044")
FULL = ViewLink(
    ADDRESS,
    file="movie 1.mp4",
    center=(3.5, 104.25, 88.1),
    unit="px",
    zoom=4.2,
    level=1,
    is_locked=True,
    planes={"t": 3, "z": 12},
    is_3d=True,
    angles=(0.0, 30.0, -90.0),
    perspective=45.0,
    shown=(0, 2),
    looks={
        0: Look((10.0, 200.0), "#ff8000", 1.2),
        2: Look(color="green"),
    },
    region="0123456789abcdef",
)


def test_a_view_is_written_so_that_a_person_can_read_it():
    view = ViewLink(
        ADDRESS,
        center=(104.25, 88.0),
        zoom=8.0,
        planes={"z": 12},
        shown=(0,),
        looks={0: Look((100.0, 2500.0))},
        region="0123456789abcdef",
    )

    assert str(view) == (
        "cellib://demo/CLB0000044?x=88&y=104.25&zoom=8&z=12&channels=0"
        "&contrast=0:100:2500#0123456789abcdef"
    )


def test_a_link_brings_back_all_that_it_was_made_of():
    followed = read_view_link(str(FULL))

    assert followed.view == FULL
    assert followed.notes == ()


def test_an_address_alone_is_a_link_that_asks_for_no_view():
    followed = read_view_link(" CELLIB://Demo/CLB0000044/ ")

    assert followed.view == ViewLink(ADDRESS)
    assert not followed.view.is_view
    assert str(followed.view) == str(ADDRESS)


def test_an_address_leads_to_its_image_with_a_view_or_without():
    assert Address.parse(str(FULL)) == ADDRESS


def _some_view(dice):
    def number(low=-1e6, high=1e6):
        return float(f"{dice.uniform(low, high):.7g}")

    def maybe(value):
        return value if dice.random() < 0.6 else None

    looks = {}
    for key in dice.sample(range(200), dice.randrange(4)):
        low = number()
        look = Look(
            maybe((low, float(f"{low + abs(low) + 1:.7g}"))),
            maybe(dice.choice(["green", "#ff00ff", "gray_r", "I Blue", "viridis"])),
            maybe(number(0.02, 50)),
        )
        if look != Look():
            looks[key] = look
    center = maybe(tuple(number() for _ in range(dice.choice([2, 3]))))
    zoom = maybe(number(1e-6, 1e6))
    level = maybe(dice.randrange(20))
    return ViewLink(
        Address(library="a-b", record=dice.choice(["CIL:10107", "x.y", "CLB0000044"])),
        file=maybe(dice.choice(["a b.tif", "1%.tif", "ä&b=c.tif", "x?y#z"])),
        center=center,
        unit=dice.choice(["um", "px"]) if center or zoom else "um",
        zoom=zoom,
        level=level,
        is_locked=level is not None and dice.random() < 0.5,
        planes={axis: dice.randrange(10**6) for axis in dice.sample("ztqw", 2)},
        is_3d=dice.random() < 0.5,
        angles=maybe((number(-720, 720), number(-720, 720), number(-720, 720))),
        perspective=maybe(number(0, 179)),
        shown=maybe(tuple(sorted(dice.sample(range(250), dice.randrange(5))))),
        looks=looks,
        region=maybe(f"{dice.getrandbits(64):016x}"),
    )


def test_any_view_comes_back_from_its_link():
    dice = random.Random(8)
    for _ in range(2000):
        view = _some_view(dice)
        followed = read_view_link(str(view))
        assert followed.view == view
        assert followed.notes == ()


def test_whatever_is_done_to_a_link_the_image_is_kept_or_said_to_be_none():
    dice = random.Random(9)
    alphabet = string.printable + "äß\u202e\ud800🔬%#?&=,:;"
    start = len(str(ADDRESS)) + 1
    for _ in range(3000):
        letters = list(f"{ADDRESS}?")
        letters += list(str(FULL)[start:])
        for _ in range(dice.randrange(1, 12)):
            place = dice.randrange(start, len(letters) + 1)
            letters[place : place + dice.randrange(4)] = dice.choices(
                alphabet, k=dice.randrange(4)
            )
        followed = read_view_link("".join(letters))
        assert followed.view.address == ADDRESS
        # What came through is sound: it comes back as it is.
        assert read_view_link(str(followed.view)).view == followed.view


@pytest.mark.parametrize(
    "asked",
    [
        "zoom=nan",
        "zoom=inf&z=1",
        "zoom=1e300",
        "zoom=-1",
        "zoom=0",
        "x=1e999&y=1",
        "x=1",
        "z=-1",
        "z=1.5",
        "z=٣",
        "z=99999999999999999999",
        "level=1e3",
        "lock=1",
        "mode=4d",
        "angles=1,2",
        "angles=1,2,3,4",
        "perspective=400",
        "channels=0,x",
        "channels=" + ",".join(["1"] * 500),
        "contrast=0:5:1",
        "contrast=0:1",
        "contrast=0:a:b",
        "contrast=999999:0:1",
        "color=0:<b>",
        "color=0:#12",
        "gamma=0:0",
        "gamma=0:1e9",
        "gamma=0",
        "file=../../etc/passwd",
        "file=",
        "unit=mile",
        "plot=1",
        "ZOOM=1",
    ],
)
def test_what_is_wrong_in_a_link_is_left_out_and_told(asked):
    followed = read_view_link(f"{ADDRESS}?{asked}")

    assert followed.view.address == ADDRESS
    assert "was left out" in followed.notes[0]
    assert followed.view.zoom is None


def test_what_is_right_stays_where_something_else_is_wrong():
    followed = read_view_link(f"{ADDRESS}?zoom=oops&z=4#not-a-region")

    assert followed.view == ViewLink(ADDRESS, planes={"z": 4})
    assert "zoom=oops, #not-a-region" in followed.notes[0]


def test_a_link_of_endless_length_still_opens_its_image():
    followed = read_view_link(f"{ADDRESS}?{'z=1&' * LONGEST}")

    assert followed.view == ViewLink(ADDRESS)
    assert "too long" in followed.notes[0]


def test_many_values_are_not_read_for_ever():
    asked = "&".join(f"k{n}=1" for n in range(900))
    (note,) = read_view_link(f"{ADDRESS}?{asked}").notes

    assert "and 97 more" in note


@pytest.mark.parametrize(
    "link", ["cellib://search?q=actin", "cellib://?z=1", "cellib:///x?z=1", "z=1", ""]
)
def test_a_link_without_an_image_is_refused(link):
    with pytest.raises(AddressInvalid):
        read_view_link(link)
