import pytest

from napari_cellib.pixels.units import unit_size


@pytest.mark.parametrize(
    ("unit", "micrometers"),
    [
        ("micrometer", 1), ("micrometre", 1), ("Micrometers", 1), ("micron", 1),
        ("um", 1), ("\u00b5m", 1), ("\u03bcm", 1), ("nanometer", 1e-3),
        ("nm", 1e-3), ("angstrom", 1e-4), ("\u212b", 1e-4), ("millimeter", 1e3),
        ("centimeter", 1e4), ("meter", 1e6), ("inch", 25_400),
    ],
)  # fmt: skip
def test_lengths_are_told_in_micrometers(unit, micrometers):
    assert unit_size(unit, "space") == pytest.approx(micrometers)


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [("second", 1), ("s", 1), ("millisecond", 1e-3), ("ms", 1e-3), ("minute", 60),
     ("hours", 3600), ("day", 86_400)],
)  # fmt: skip
def test_times_are_told_in_seconds(unit, seconds):
    assert unit_size(unit, "time") == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("unit", "kind"),
    [("pixel", "space"), ("", "space"), ("micrometer", "time"), ("second", "space"),
     ("micrometer", "channel")],
)  # fmt: skip
def test_a_unit_that_does_not_suit_its_axis_is_unknown(unit, kind):
    assert unit_size(unit, kind) is None
