import json

import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels import ngff

SPACE = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]


def axes(unit="micrometer", names="yx"):
    kinds = {"t": "time", "c": "channel"}
    return [
        {"name": n, "type": kinds.get(n, "space")}
        | ({"unit": unit} if unit and n not in kinds else {})
        for n in names
    ]


def scale(*values):
    return [{"type": "scale", "scale": list(values)}]


def multiscales(found, warn=lambda _: None, version="0.4"):
    found = {"version": version} | found
    group = ngff.parse_group(
        None, json.dumps({"multiscales": [found]}).encode(), "image"
    )
    return ngff.parse_multiscales(group, "image", warn)


def finest(transformations, the_axes=None, outer=None):
    """Return spacing and offset of level 0, and the warnings."""
    warnings = []
    found = {
        "axes": the_axes or axes(),
        "datasets": [{"path": "0", "coordinateTransformations": transformations}],
    }
    if outer:
        found["coordinateTransformations"] = outer
    level = multiscales(found, warnings.append).datasets[0]
    return level.spacing, level.offset, warnings


def v05(ome, **more):
    document = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}}
    return json.dumps(document | more).encode()


def refusal(zarr_json=None, zattrs=None):
    """Return the error of a document that is no image."""

    def read():
        group = ngff.parse_group(zarr_json, zattrs, "https://host/x")
        return ngff.parse_multiscales(group, "https://host/x", lambda _: None)

    with pytest.raises(PixelsUnreadable) as caught:
        read()
    return caught.value


def test_lengths_become_micrometers_and_offsets_too():
    both = [*scale(65, 130), {"type": "translation", "translation": [1000, 0]}]

    assert finest(both, axes("nanometer"))[:2] == ((0.065, 0.13), (1.0, 0.0))


def test_the_transformation_of_the_level_comes_before_that_of_the_image():
    inner = [*scale(2, 2), {"type": "translation", "translation": [1, 1]}]
    outer = [*scale(10, 10), {"type": "translation", "translation": [5, 0]}]

    assert finest(inner, outer=outer)[:2] == ((20.0, 20.0), (15.0, 10.0))


def test_products_of_decimals_are_not_spoilt_by_rounding():
    assert finest(scale(0.1, 0.1), outer=scale(3, 3))[0] == (0.3, 0.3)


def test_one_without_a_unit_is_what_writers_put_who_know_nothing():
    assert finest(scale(1.0, 1.0), axes(None)) == ((None, None), (None, None), [])


def test_one_with_a_unit_is_a_measure():
    assert finest(scale(1.0, 1.0))[0] == (1.0, 1.0)


def test_a_number_without_a_unit_is_unknown_and_said():
    spacing, _, warnings = finest(scale(0.3, 1.0), axes(None))

    assert spacing == (None, None)
    assert warnings == ["the spacing 0.3 of axis y has no unit: left unknown"]


def test_an_unknown_unit_is_unknown_and_said():
    spacing, _, warnings = finest(scale(0.3, 0.3), axes("parrot"))

    assert spacing == (None, None)
    assert "'parrot'" in warnings[0]


@pytest.mark.parametrize(
    "broken",
    [
        [{"type": "scale", "scale": [0.3]}],
        [{"type": "scale", "scale": [0.3, "0.3"]}],
        [{"type": "scale", "scale": [0.3, True]}],
        [{"type": "scale", "scale": [0.3, 0]}],
        [{"type": "scale", "scale": [0.3, -0.3]}],
        [{"type": "scale", "scale": [0.3, float("nan")]}],
        [{"type": "scale"}],
        [{"type": "rotation"}],
        [None],
    ],
)
def test_a_broken_transformation_leaves_spacing_unknown_and_is_said(broken):
    spacing, _, warnings = finest(broken)

    assert spacing == (None, None)
    assert len(warnings) == 1


@pytest.mark.parametrize("absent", [None, [], "scale", {}, [{"type": "identity"}]])
def test_an_absent_transformation_leaves_spacing_unknown(absent):
    assert finest(absent) == ((None, None), (None, None), [])


def test_channels_have_no_spacing():
    assert finest(scale(1, 2, 2), axes(names="cyx"))[0] == (None, 2.0, 2.0)


@pytest.mark.parametrize(
    ("found", "letters"),
    [
        (None, "tczyx"),
        (["t", "y", "x"], "tyx"),
        (axes(names="tczyx"), "tczyx"),
        (axes(names="xyz"), "xyz"),
        (axes(names="yxc"), "yxc"),
        ([{"name": n, "type": "space"} for n in ("k", "j", "i")], "zyx"),
        ([{"name": "Y", "type": "space"}, {"name": "X", "type": "space"}], "yx"),
        ([{"name": "time", "type": "time"}, *SPACE], "tyx"),
        ([{"name": "angle"}, *SPACE], "ayx"),
        ([{"name": "c"}, {"name": "y"}, {"name": "x"}], "cyx"),
        ([{"name": "a", "type": "channel"}, {"name": "b", "type": "channel"}, *SPACE],
         "cayx"),
    ],
)  # fmt: skip
def test_axes_of_every_version_get_their_letters(found, letters):
    image = multiscales({"axes": found, "datasets": [{"path": "0"}]})

    assert "".join(axis.letter for axis in image.axes) == letters


@pytest.mark.parametrize(
    "found",
    [
        [{"name": "y", "type": "space"}],
        [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}],
        [{"name": "y", "type": "space"}, {"name": "y", "type": "space"}],
        [1, 2],
        ["y", "x"] * 20,
    ],
)
def test_axes_that_make_no_picture_are_refused(found):
    with pytest.raises(PixelsUnreadable, match="axes"):
        multiscales({"axes": found, "datasets": [{"path": "0"}]})


@pytest.mark.parametrize(
    "path", ["../x", "/../x", "a/../../x", "", ".", "a\\b", 3, None]
)
def test_a_path_that_leads_out_of_the_image_is_refused(path):
    with pytest.raises(PixelsUnreadable):
        multiscales({"axes": axes(), "datasets": [{"path": path}]})


@pytest.mark.parametrize("datasets", [None, [], "0", {}])
def test_an_image_without_levels_is_refused(datasets):
    with pytest.raises(PixelsUnreadable, match="no levels"):
        multiscales({"axes": axes(), "datasets": datasets})


def test_of_several_images_in_a_group_the_first_is_shown_and_said():
    one = {"axes": axes(), "datasets": [{"path": "0"}]}
    two = {"axes": axes(), "datasets": [{"path": "1"}]}
    warnings = []
    group = ngff.parse_group(None, json.dumps({"multiscales": [one, two]}).encode(), "")

    image = ngff.parse_multiscales(group, "", warnings.append)

    assert image.datasets[0].path == "0"
    assert warnings == ["2 images in one group: the first is shown"]


def test_draft_writers_that_mixed_the_formats_are_understood():
    image = {"multiscales": [{"axes": axes(), "datasets": [{"path": "0"}]}]}
    in_zattrs = json.dumps({"ome": {"version": "0.5", **image}}).encode()
    flat = json.dumps({"node_type": "group", "attributes": image}).encode()

    assert ngff.parse_group(None, in_zattrs, "").version == "0.5"
    assert "multiscales" in ngff.parse_group(flat, None, "").attributes


@pytest.mark.parametrize("version", ["0.6", "0.6.dev4", "0.7", "1.0", "12.3"])
def test_a_newer_version_says_to_update(version):
    error = refusal(v05({"version": version, "multiscales": [{}]}))

    assert f"OME-Zarr {version}" in error.what
    assert "Update" in error.fix


@pytest.mark.parametrize(
    ("attributes", "what", "fix"),
    [
        ({"plate": {"wells": [{"path": "A/1"}, {"path": "A/2"}]}},
         "a plate of 2 wells", "https://host/x/A/1/0"),
        ({"well": {"images": [{"path": "3"}]}}, "a well of 1 images", "x/3."),
        ({"bioformats2raw.layout": 3}, "a collection of images", "x/0."),
        ({"labels": ["nuclei"]}, "a list of label images", "x/nuclei."),
        ({}, "without OME-Zarr metadata", "folder"),
        ({"multiscales": []}, "without OME-Zarr metadata", "folder"),
        ({"plate": {}}, "without OME-Zarr metadata", "folder"),
        ({"plate": {"wells": [None, {"path": 3}]}}, "without OME-Zarr metadata", ""),
    ],
)  # fmt: skip
def test_what_is_no_image_says_what_to_open_instead(attributes, what, fix):
    for error in (
        refusal(v05({"version": "0.5", **attributes})),
        refusal(None, json.dumps(attributes).encode()),
    ):
        assert what in error.what
        assert fix in error.fix
        assert str(error).endswith(".")


def test_a_plain_array_says_to_open_the_folder_above():
    document = json.dumps({"zarr_format": 3, "node_type": "array"}).encode()

    assert "the folder above" in refusal(document).fix


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b'{"zarr_format": 3, "attr', "damaged"),
        (b"\xff\xfe\x00", "damaged"),
        (b"", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"<!doctype html><title>Log in</title>", "web page"),
        (b"[]", "JSON object"),
        (b"null", "JSON object"),
    ],
)
def test_a_damaged_document_is_named(document, said):
    error = refusal(document)

    assert "https://host/x/zarr.json" in error.what
    assert said in error.what
