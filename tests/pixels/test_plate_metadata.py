import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.plates import parse_plate, parse_well


@pytest.mark.parametrize(
    "damage",
    [
        {"wells": [{"path": "../../etc/1"}, {"path": "A/../1"}, {"path": "A"}]},
        {"wells": [None, 3, [], {}, {"path": 3}, {"path": "C/1", "rowIndex": 7}]},
        {"wells": [{"path": "A/1", "rowIndex": -1, "columnIndex": True}]},
    ],
)
def test_wells_that_lead_elsewhere_are_left_out(damage):
    plate = {"rows": [{"name": "A"}], "columns": [{"name": "1"}], **damage}
    with pytest.raises(PixelsUnreadable, match="without wells"):
        parse_plate({"plate": plate}, "plate", lambda _: None)


def test_a_well_that_makes_no_sense_costs_a_warning():
    wells = [{"path": "A/1"}, {"path": "A"}, {"path": "../1"}, {"path": "B/2"}]
    warnings = []
    plate = parse_plate({"plate": {"wells": wells}}, "plate", warnings.append)

    assert [(w.name, w.row, w.column) for w in plate.wells] == [
        ("A1", 0, 0),
        ("B2", 1, 1),
    ]
    assert plate.columns == ("1", "2")
    assert warnings == ["2 of 4 wells of the plate cannot be made out"]


def test_columns_are_sorted_by_number_however_many_digits_they_have():
    long = "9" * 5000  # Python makes no number of so many
    wells = [{"path": f"A/{column}"} for column in (long, "10", "x", "02", "1")]
    plate = parse_plate({"plate": {"wells": wells}}, "plate", lambda _: None)

    assert plate.columns == ("1", "02", "10", long, "x")


def test_acquisitions_in_the_paths_of_an_old_plate_show_the_first():
    wells = [{"path": f"2020-10-{day}/A/{n}"} for day in (10, 11) for n in (1, 2)]
    warnings = []
    plate = parse_plate({"plate": {"wells": wells}}, "plate", warnings.append)

    assert [(w.name, w.path) for w in plate.wells] == [
        ("A1", "2020-10-10/A/1"),
        ("A2", "2020-10-10/A/2"),
    ]
    assert warnings == ["2 wells are listed again: the first is shown"]


@pytest.mark.parametrize(
    "plate",
    [
        {"wells": [{"path": f"A/{n}"} for n in range(10**5)]},
        {"wells": [{"path": f"{n}/{n}"} for n in range(1000)]},
        {"wells": [{"path": "A/1"}], "rows": [{"name": "A"}] * 10**5},
        {"wells": [{"path": "A/1"}], "rows": [{"name": str(n)} for n in range(500)],
         "columns": [{"name": str(n)} for n in range(500)]},
    ],
)  # fmt: skip
def test_a_plate_beyond_all_measure_is_refused(plate):
    with pytest.raises(PixelsUnreadable, match="beyond all measure"):
        parse_plate({"plate": plate}, "plate", lambda _: None)


@pytest.mark.parametrize("images", [None, [], [None], [{"path": "../1"}], "0", [{}]])
def test_a_well_without_images_is_refused(images):
    with pytest.raises(PixelsUnreadable, match="without images"):
        parse_well({"well": {"images": images}}, "well", lambda _: None)
