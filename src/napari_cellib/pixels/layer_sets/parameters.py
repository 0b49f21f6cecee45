"""Which attributes of a layer are kept, by its type.

They are those that all supported versions of napari take, so that what a newer one
has written opens in an older one. What follows from others, such as `properties` from
`features`, is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.layer_sets.accepted import stored_text
from napari_cellib.pixels.layer_sets.encoding import encode
from napari_cellib.pixels.layer_sets.statements import KEY, encode_statements
from napari_cellib.pixels.layer_sets.tables import Unstorable, as_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.pixels.layer_sets.encoding import Array

_ALL = (
    "name", "visible", "opacity", "blending", "projection_mode", "scale", "translate",
    "rotate", "shear", "affine", "units", "axis_labels", "experimental_clipping_planes",
)  # fmt: skip
_COLORS = ("colormap", "contrast_limits", "gamma")
_VOLUME = ("rendering", "depiction", "plane")
_MARKED = ("features", "feature_defaults", "text", "face_color", "face_color_cycle",
           "face_colormap", "face_contrast_limits")  # fmt: skip
_OWN = {
    "image": (
        *_COLORS, *_VOLUME, "interpolation2d", "interpolation3d", "iso_threshold",
        "attenuation",
    ),
    "labels": (*_VOLUME, "colormap", "features", "iso_gradient_mode"),
    "points": (
        *_MARKED, "ndim", "symbol", "size", "border_width", "border_width_is_relative",
        "border_color", "border_color_cycle", "border_colormap",
        "border_contrast_limits", "shading", "antialiasing", "canvas_size_limits",
        "shown",
    ),
    "shapes": (
        *_MARKED, "ndim", "shape_type", "z_index", "edge_width", "edge_color",
        "edge_color_cycle", "edge_colormap", "edge_contrast_limits",
    ),
    "tracks": (
        "features", "graph", "color_by", "colormap", "tail_width", "tail_length",
        "head_length", "hide_completed_tracks",
    ),
    "surface": (
        *_COLORS, "shading", "features", "feature_defaults", "wireframe", "normals",
        "texture", "texcoords", "vertex_colors",
    ),
    "vectors": (
        "features", "feature_defaults", "ndim", "length", "edge_width",
        "vector_style", "edge_color", "edge_color_cycle", "edge_colormap",
        "edge_contrast_limits",
    ),
}  # fmt: skip
KINDS = tuple(_OWN)
# What our reader says of an image's origin: it stays with the layer.
_ORIGIN = ("record", "library", "address", "licence", "citation", "title")


def known_parameters(kind: str) -> tuple[str, ...]:
    """Return the attributes that a layer of a type can have in a file."""
    return (*_ALL, *_OWN[kind], "metadata")


def encode_parameters(
    kind: str, meta: Mapping[str, Any], arrays: dict[str, Array]
) -> tuple[dict[str, Any], list[str]]:
    """Return the attributes of a layer as JSON, and the names of those left out.

    Parameters
    ----------
    kind : str
        Type of the layer.
    meta : dict
        Its attributes, as napari gives them to writers.
    arrays : dict of str to numpy.ndarray
        Where arrays are put.

    Returns
    -------
    parameters : dict
        JSON types, by name.
    left_out : list of str
        Attributes that no file can hold.
    """
    found: dict[str, Any] = {}
    left_out = []
    for key in (*_ALL, *_OWN[kind]):
        if key not in meta:
            continue
        value = meta[key]
        if kind == "labels" and key == "colormap":
            colors = getattr(value, "color_dict", None)
            if colors is None:  # drawn at random
                continue
            value = dict(colors)
        if key == "text":
            value = stored_text(value)
        if key == "units":
            value = tuple(str(getattr(unit, "units", unit)) for unit in value or ())
        try:
            found[key] = encode(value, key, arrays)
        except Unstorable:
            left_out.append(key)
        if key == "features":
            columns = as_texts(found.get(key, {}))
            left_out += [f"{key}[{name!r}] other than as text" for name in columns]
    metadata, lost = _metadata(meta.get("metadata") or {}, arrays)
    if metadata:
        found["metadata"] = metadata
    return found, left_out + lost


def _metadata(
    metadata: Mapping[Any, Any], arrays: dict[str, Array]
) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    left_out = []
    for key, value in metadata.items():
        try:
            if key == "cellib" and isinstance(value, dict):
                found[key] = _own(value, arrays)
            else:
                found[str(key)] = encode(value, f"metadata.{key}", arrays)
        except Unstorable:
            left_out.append(f"metadata[{key!r}]")
    return {
        key: value for key, value in found.items() if value not in ({}, [])
    }, left_out


def _own(value: Mapping[str, Any], arrays: dict[str, Array]) -> dict[str, Any]:
    origin = {k: v for k, v in value.items() if k in _ORIGIN and v is not None}
    found: dict[str, Any] = encode(origin, "metadata.cellib", arrays)
    if value.get(KEY):
        found[KEY] = encode_statements(value[KEY], arrays)
    return found
