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


def test_transformations_are_applied_in_the_order_in_which_they_are_listed():
    shift = {"type": "translation", "translation": [1, 1]}

    assert finest([shift, *scale(2, 2)])[1] == (2.0, 2.0)
    assert finest([*scale(2, 2), shift])[1] == (1.0, 1.0)
    nested = [{"type": "sequence", "transformations": [shift, *scale(2, 2)]}]
    assert finest(nested)[:2] == ((2.0, 2.0), (2.0, 2.0))


def affine_of(transformations, the_axes=None, outer=None):
    found = {
        "axes": the_axes or axes(),
        "datasets": [{"path": "0", "coordinateTransformations": transformations}],
        "coordinateTransformations": outer or [],
    }
    warnings = []
    level = multiscales(found, warnings.append).datasets[0]
    return level.spacing, level.affine, warnings


def test_a_rotation_of_the_image_leaves_its_pixels_their_size():
    turned = [{"type": "rotation", "rotation": [[0, -1], [1, 0]]}]
    spacing, affine, warnings = affine_of(scale(2, 3), outer=turned)

    assert spacing == (2.0, 3.0)
    assert affine == ((0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
    assert warnings == []


@pytest.mark.parametrize("last_row", [[], [[0, 0, 1]]])
def test_an_affine_map_is_given_in_micrometers(last_row):
    rows = [[1000, 500, 2000], [0, 1000, 0], *last_row]
    spacing, affine, _ = affine_of(
        [{"type": "affine", "affine": rows}], axes("nanometer")
    )

    edge = 1.25**0.5
    assert spacing == pytest.approx((1.0, edge))
    assert affine[0] == pytest.approx((1.0, 0.5 / edge, 2.0))
    assert affine[1] == pytest.approx((0.0, 1 / edge, 0.0))


def test_an_affine_map_that_only_stretches_is_a_scale():
    rows = [[2, 0, 5], [0, 3, 6]]
    found = [{"type": "affine", "affine": rows}]

    assert finest(found)[:2] == ((2.0, 3.0), (5.0, 6.0))
    assert affine_of(found)[1] is None


def test_a_mirrored_image_is_an_affine_map():
    rows = [[-2, 0, 5], [0, 3, 6]]
    spacing, affine, _ = affine_of([{"type": "affine", "affine": rows}])

    assert spacing == (2.0, 3.0)
    assert affine == ((-1.0, 0.0, 5.0), (0.0, 1.0, 6.0))


@pytest.mark.parametrize(
    ("rows", "the_axes"),
    [
        ([[1, 1, 0], [0, 1, 0]], axes(None)),
        ([[1, 1, 0], [0, 1, 0]], axes(names="cx") + SPACE[:1]),
        ([[0, 0, 0], [0, 0, 0]], axes()),
    ],
)
def test_an_affine_map_that_cannot_be_shown_is_left_out_and_said(rows, the_axes):
    count = len(the_axes)
    rows = [row[:-1] + [0] * (count - 2) + row[-1:] for row in rows]
    rows += [[0] * (count + 1)] * (count - len(rows))
    spacing, affine, warnings = affine_of(
        [{"type": "affine", "affine": rows}], the_axes
    )

    assert affine is None
    assert spacing[:2] == (None, None)
    assert "an affine transformation between these axes cannot be shown" in warnings


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
        [{"type": "rotation", "rotation": [[1, 0]]}],
        [{"type": "affine", "affine": [[1, 0, 0], [0, 1]]}],
        [{"type": "affine", "affine": [[1, 0, 0], [0, 1, "x"]]}],
        [{"type": "bend"}],
        [{"type": "scale", "scale": [1e200, 1e200]}],
        [{"type": "scale", "scale": [10**400, 1]}],
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
         "a plate where an image", "its own path"),
        ({"well": {"images": [{"path": "3"}]}}, "a well where an image", "own path"),
        ({"bioformats2raw.layout": 3}, "a collection of images", "own path"),
        ({"labels": ["nuclei"]}, "a list of label images", "own path"),
        ({"tables": ["measured"]}, "a table", "belongs to"),
        ({"encoding-type": "anndata"}, "a table", "belongs to"),
        ({}, "without OME-Zarr metadata", "folder"),
        ({"multiscales": []}, "without OME-Zarr metadata", "folder"),
        ({"plate": {}}, "without OME-Zarr metadata", "folder"),
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


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"bioformats2raw.layout": 3, "plate": {"wells": [{"path": "A/1"}]}}, "plate"),
        ({"bioformats2raw.layout": 3}, "collection"),
        ({"multiscales": [{}], "labels": ["a"]}, "image"),
        ({"well": {"images": [{}]}}, "well"),
        ({"labels": ["a"]}, "labels"),
        ({"fractal_table_version": "1"}, "table"),
        ({"series": ["0"]}, "unknown"),
    ],
)
def test_what_a_group_holds_is_told_by_its_attributes(attributes, kind):
    group = ngff.parse_group(None, json.dumps(attributes).encode(), "")

    assert ngff.kind_of(group) == kind


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
