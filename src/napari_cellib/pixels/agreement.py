"""What a record says of sizes, held against the image that was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellib.model import Dimensions
    from napari_cellib.pixels.multiscale import MultiscaleImage

_TOLERANCE = 0.01  # records are rounded


def agreed(
    image: MultiscaleImage, dimensions: Dimensions
) -> tuple[Dimensions, tuple[str, ...]]:
    """Return what of a record's sizes holds for an image, and where they differ.

    A picture that is smaller than the record says shows the same field with larger
    pixels. Where the sides do not fit either, nothing is known of its pixels.

    Parameters
    ----------
    image : MultiscaleImage
        The image; what its file says is shown.
    dimensions : Dimensions
        What the record says.

    Returns
    -------
    dimensions : Dimensions
        With the pixel sizes that hold for this image.
    warnings : tuple of str
        What a person should know, in sentences.
    """
    spacing = {str(axis): step for axis, step in dimensions.spacing_um.items()}
    warnings = []
    zoom = _zoom(image, dimensions)
    if zoom is None:
        known = [a for a in "yx" if a in spacing]
        spacing = {a: step for a, step in spacing.items() if a not in "yx"}
        if known:
            warnings.append(
                f"{_extents(image, dimensions)} The pixel size of the record is not "
                "used."
            )
    elif abs(zoom - 1) > _TOLERANCE:
        adapted = {a for a in "yx" if a in spacing and a not in image.spacing}
        for axis in adapted:
            spacing[axis] *= zoom
        if adapted:
            warnings.append(
                f"{_extents(image, dimensions)} The pixel size of the record was "
                "adapted."
            )
    depth = dimensions.sizes.get("z")
    if "z" in spacing and depth and depth != image.sizes.get("z", 1):
        del spacing["z"]
    warnings += _differences(image, spacing)
    return dimensions.model_copy(update={"spacing_um": spacing}), tuple(warnings)


def _zoom(image: MultiscaleImage, dimensions: Dimensions) -> float | None:
    """Return how many pixels of the record one of the image covers."""
    ratios = [
        dimensions.sizes[axis] / image.sizes[axis]
        for axis in ("y", "x")
        if axis in dimensions.sizes
    ]
    if not ratios:
        return 1.0
    # The shorter side may have been rounded by one pixel.
    slack = _TOLERANCE + 1 / min(image.sizes["y"], image.sizes["x"])
    return ratios[-1] if max(ratios) <= min(ratios) * (1 + slack) else None


def _extents(image: MultiscaleImage, dimensions: Dimensions) -> str:
    here, there = (
        f"{sizes.get('x', '?')} × {sizes.get('y', '?')}"
        for sizes in (image.sizes, {str(a): n for a, n in dimensions.sizes.items()})
    )
    return f"The file has {here} pixels, where the record has {there}."


def _differences(image: MultiscaleImage, spacing: dict[str, float]) -> list[str]:
    found: dict[str, str] = {}  # the axes of each sentence
    for axis, step in spacing.items():
        own = image.spacing.get(axis)
        if own is not None and abs(own / step - 1) > _TOLERANCE:
            words = (
                f"the file says {own:.4g} µm per pixel and the record {step:.4g} µm; "
                "that of the file is used."
            )
            found[words] = f"{found[words]} and {axis}" if words in found else axis
    return [f"Along {axes}, {words}" for words, axes in found.items()]
