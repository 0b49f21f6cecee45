import json
import random
import re

import pytest

from napari_cellib.pixels.validating.attributes import validate

AXES = [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
SCALE = {"type": "scale", "scale": [1, 1]}
SHIFT = {"type": "translation", "translation": [1, 1]}
WINDOW = {"start": 0, "end": 1, "min": 0, "max": 1}
PLATE = {
    "name": "p", "rows": [{"name": "A"}], "columns": [{"name": "1"}],
    "wells": [{"path": "A/1", "rowIndex": 0, "columnIndex": 0}],
}  # fmt: skip

# Where the suites of the specification and its text contradict each other, the text
# counts here.
DIFFERENCES = {
    # A scale of two numbers for three axes; the case is about units.
    ("0.4", "image_suite.json", "valid/mismatch_axes_units.json"),
    # Axes of time should have a unit, which this one lacks.
    ("0.4", "strict_image_suite.json", "valid_strict/image_omero.json"),
    ("0.5", "strict_image_suite.json", "valid_strict/image_omero.json"),
}


def errors(attributes):
    return [str(fault) for fault in validate(attributes) if fault.required]


def image(**changes):
    level = {"path": "0", "coordinateTransformations": [SCALE]}
    found = {"name": "i", "type": "t", "metadata": {}, "axes": AXES}
    return {
        "ome": {
            "version": "0.5",
            "multiscales": [found | {"datasets": [level]} | changes],
        }
    }


def test_the_suites_of_the_specification_are_judged_as_they_say(shared_data):
    files = sorted((shared_data / "ngff").glob("0.*/tests/*_suite.json"))
    count, differing = 0, set()
    for file in files:
        strict = file.name.startswith("strict")
        for case in json.loads(file.read_text())["tests"]:
            faults = validate(case["data"])
            is_valid = not any(fault.required or strict for fault in faults)
            count += 1
            if is_valid != case["valid"]:
                version = file.parent.parent.name
                differing.add((version, file.name, case["formerly"]))

    assert count == 178
    assert differing == DIFFERENCES


def test_the_examples_of_the_specification_are_valid(shared_data):
    for file in (shared_data / "ngff").glob("0.*/examples/*/[a-z]*.json"):
        example = json.loads(re.sub(r"\s//.*", "", file.read_text()))
        assert errors(example.get("attributes", example)) == [], file


def test_what_is_right_has_no_fault():
    assert validate(image()) == []
    assert validate({"ome": {"version": "0.5", "plate": PLATE}}) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"axes": AXES[:1]}, "must be two to five"),
        ({"axes": [*AXES, {"name": "t", "type": "time"}]}, "order"),
        ({"axes": [*AXES, {"name": "z", "type": "space"}]}, "each of 3 axes"),
        ({"axes": [{"name": "a"}, {"name": "b"}, *AXES]}, "at most one that is not"),
        ({"axes": [{"name": n, "type": "time"} for n in "ts"] + AXES}, "axis of time"),
        ({"axes": "yx"}, "must be a list"),
        ({"axes": [3, *AXES]}, "must be an object"),
        ({"name": 3}, "must be a text"),
        ({"datasets": []}, "must not be empty"),
        ({"datasets": [{"path": "0"}]}, "must be a list"),
        ({"coordinateTransformations": []}, "must not be empty"),
        ({"coordinateTransformations": [SCALE, SCALE]}, "same twice"),
        ({"coordinateTransformations": [SHIFT, SCALE]}, "scale first"),
        ({"coordinateTransformations": [SHIFT]}, "exactly one scale"),
        ({"coordinateTransformations": [{"type": "affine"}]}, "scale or translation"),
        ({"coordinateTransformations": [{"type": "scale", "scale": [1]}]}, "each of 2"),
        ({"coordinateTransformations": [{"type": "scale", "scale": [1, True]}]},
         "list of numbers"),
    ],
)  # fmt: skip
def test_what_an_image_must_not_be_is_named(changes, said):
    assert any(said in error for error in errors(image(**changes)))


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "nothing of OME-Zarr"),
        ({"ome": 3}, "ome must be an object"),
        ({"ome": {"version": "0.5"}}, "nothing of OME-Zarr"),
        ({"ome": {"multiscales": []}}, "ome.version must be a text"),
        (
            {"ome": {"version": "0.6.dev2"}},
            "'0.6.dev2' is newer than the versions known",
        ),
        ({"ome": {"version": "0.4"}}, "must be 0.5"),
        ({"plate": {"version": "0.4"}, "well": {"version": "0.3"}}, "several versions"),
        ({"labels": ["a", 3]}, "labels[1] must be a path"),
        ({"series": []}, "series must not be empty"),
        ({"bioformats2raw.layout": 2}, "must be 3"),
        ({"bioformats2raw.layout": True}, "must be 3"),
        ({"image-label": []}, "must be an object"),
        ({"image-label": {"source": {"image": 3}}}, "must be a path"),
        ({"image-label": {"properties": [{"label-value": 1.5}]}}, "number of a label"),
        ({"well": []}, "must be an object"),
        ({"well": {"images": [{"path": "a/b"}]}}, "letters and digits"),
    ],
)
def test_what_a_group_must_not_be_is_named(attributes, said):
    assert any(said in error for error in errors(attributes))


def test_a_number_too_large_for_a_float_is_a_number():
    attributes = image()
    window = WINDOW | {"end": 10**400}
    attributes["ome"]["omero"] = {"channels": [{"color": "FF0000", "window": window}]}

    assert errors(attributes) == []


@pytest.mark.parametrize(
    ("omero", "said"),
    [
        ([], "must be an object"),
        ({}, "channels must be a list"),
        ({"channels": [3]}, "must be an object"),
        ({"channels": [{"color": "red", "window": WINDOW}]}, "hexadecimal"),
        ({"channels": [{"color": "FF0000"}]}, "window must be an object"),
        (
            {"channels": [{"color": "FF0000", "window": WINDOW | {"end": None}}]},
            "number",
        ),
        ({"channels": [{"color": "FF0000", "window": WINDOW, "label": 3}]}, "text"),
        ({"channels": [{"color": "FF0000", "window": WINDOW, "active": 1}]}, "false"),
    ],
)
def test_what_channels_must_not_be_is_named(omero, said):
    attributes = image()
    attributes["ome"]["omero"] = omero

    assert any(said in error for error in errors(attributes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wells": [{"path": "B/1", "rowIndex": 0, "columnIndex": 0}]}, "must be A/1"),
        ({"wells": [{"path": "A/1", "rowIndex": 1, "columnIndex": 0}]}, "from 0 to 0"),
        ({"rows": [{"name": "A"}, {"name": "A", "x": 1}]}, "different names"),
        ({"acquisitions": 3}, "must be a list"),
        ({"acquisitions": [3]}, "must be an object"),
        ({"acquisitions": [{"id": 1}, {"id": 1, "name": "b"}]}, "different ids"),
        ({"name": 3}, "must be a text"),
    ],
)
def test_what_a_plate_must_not_be_is_named(changes, said):
    found = errors({"ome": {"version": "0.5", "plate": PLATE | changes}})

    assert any(said in error for error in found)


def test_what_only_should_be_is_told_apart():
    axes = [AXES[0], {"name": "x", "type": "space", "unit": "um"}]
    faults = validate(image(axes=axes))

    assert [str(fault) for fault in faults] == [
        "multiscales[0].axes[1].unit should be a unit of space"
    ]
    assert not faults[0].required


@pytest.mark.parametrize(
    ("version", "axes", "is_valid"),
    [
        ("0.1", None, True), ("0.2", None, True), ("0.3", ["t", "y", "x"], True),
        ("0.3", ["t", "q"], False), ("0.3", None, False), ("0.4", ["t", "y"], False),
    ],
)  # fmt: skip
def test_older_versions_are_held_against_their_own_rules(version, axes, is_valid):
    found = {"version": version, "datasets": [{"path": "0"}]}
    found |= {"axes": axes} if axes else {}

    assert (errors({"multiscales": [found]}) == []) is is_valid


JUNK = [
    None, True, 0, -1, 1.5, 10**30, "", "x", "../..", [], {}, [None], {"a": 1},
    ["x", "y"], [[1]], float("nan"), float("inf"), "0" * 500,
]  # fmt: skip


def places(node, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


@pytest.mark.parametrize("seed", range(5))
def test_no_damage_is_too_much_to_be_judged(seed):
    chance = random.Random(seed)
    whole = image()
    whole["ome"] |= {
        "omero": {"channels": [{"color": "FF0000", "window": WINDOW}]},
        "plate": PLATE | {"acquisitions": [{"id": 0}]},
        "well": {"images": [{"path": "0", "acquisition": 0}]},
        "image-label": {
            "colors": [{"label-value": 1, "rgba": [0, 0, 0, 0]}],
            "source": {"image": ".."},
        },
        "labels": ["a"], "series": ["0"], "bioformats2raw.layout": 3,
    }  # fmt: skip
    for _ in range(300):
        copy = json.loads(json.dumps(whole))
        *parents, last = chance.choice(list(places(copy)))
        holder = copy
        for key in parents:
            holder = holder[key]
        holder[last] = chance.choice(JUNK)
        validate(copy)
        validate(copy["ome"] if isinstance(copy.get("ome"), dict) else {})
