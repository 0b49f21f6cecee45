from __future__ import annotations

import pytest

from napari_cellib.archives.cil.people import read_credits
from napari_cellib.model import CreditRole


def people(line):
    return [(one.name, one.affiliation) for one in read_credits(line).people]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Ann Day", [("Ann Day", None)]),
        ("Day, Ann", [("Day, Ann", None)]),
        (" Ann  Day,", [("Ann Day", None)]),
        ("Ann Day, Jr.", [("Ann Day, Jr.", None)]),
        ("Ann Day (Hill College)", [("Ann Day", "Hill College")]),
        ("Ann Day, Hill University, OR", [("Ann Day", "Hill University, OR")]),
        ("Ann Day, TILL Photonics", [("Ann Day", "TILL Photonics")]),
        ("Ann Day; Bob Fox", [("Ann Day", None), ("Bob Fox", None)]),
        ("Day, Ann; Fox, Bob", [("Day, Ann", None), ("Fox, Bob", None)]),
        ("Ann Day & Bob Fox", [("Ann Day", None), ("Bob Fox", None)]),
        ("Ann Day, Bob Fox, Eve Fall", [("Ann Day", None), ("Bob Fox", None),
                                        ("Eve Fall", None)]),
        ("Ann Day011", [("Ann Day", None)]),
        ("Bo&#233; Day", [("Boé Day", None)]),
    ],
)  # fmt: skip
def test_a_line_of_credits_names_people_and_places(line, expected):
    assert people(line) == expected


def test_what_was_written_is_kept_where_it_differs():
    (plain,) = read_credits("Ann Day").people
    (changed,) = read_credits("Ann Day (Hill College) (imaging)").people

    assert plain.raw is None
    assert changed.raw == "Ann Day (Hill College) (imaging)"
    assert changed.roles == (CreditRole.INVESTIGATION,)


def test_a_prize_is_no_person():
    found = read_credits("2011  Olympus BioScapes Digital Imaging Competition®")

    assert found.people == ()
    assert found.prizes == ("2011 Olympus BioScapes Digital Imaging Competition®",)


def test_the_number_of_another_record_is_no_person():
    assert read_credits("CCDB 7351").numbers == ("CCDB 7351",)


@pytest.mark.parametrize("line", ["()", "12", "; ;", "-"])
def test_a_line_without_letters_names_nobody(line):
    assert not any(read_credits(line))
