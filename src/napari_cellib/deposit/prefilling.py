"""What the metadata of an image already say, so that nobody has to type it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.deposit.draft import Origin

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model.statement import Statements
    from napari_cellib.pixels.multiscale import MultiscaleImage
    from napari_cellib.pixels.reading.source import SourceImage
    from napari_cellib.pixels.writing import ImageToWrite

# What is usually the same, and not when the file says otherwise.
_WEAKER = {Origin.RECORD, Origin.TEMPLATE}
_PIXELS = {Origin.FILE, Origin.LAYER}  # what is chosen, and may be chosen anew


def fill_from_file(draft: Draft, image: SourceImage) -> Draft:
    """Return the draft with what a file says: sizes, pixel size, channels, its name.

    What a person has typed stays; what an earlier file said goes.

    Parameters
    ----------
    draft : Draft
        The draft so far.
    image : SourceImage
        The file, opened by one of `pixels.reading`.
    """
    planes = image.planes
    return _filled(
        draft,
        title=planes.path.name.partition(".")[0],
        sizes=dict(zip(image.axes, planes.shape, strict=True)),
        dtype=str(planes.dtype),
        spacing_um=dict(image.spacing_um),
        time_step_s=image.time_step_s,
        channels=image.channels,
        rgb=image.rgb,
    )


def fill_from_image(draft: Draft, image: MultiscaleImage) -> Draft:
    """Return the draft with what an OME-Zarr says: sizes, pixel size, channels, title.

    What a person has typed stays; what an earlier file said goes.

    Parameters
    ----------
    draft : Draft
        The draft so far.
    image : MultiscaleImage
        The opened image.
    """
    spacing = dict(image.spacing)
    return _filled(
        draft,
        title=image.name,
        sizes=image.sizes,
        dtype=str(image.dtype),
        time_step_s=spacing.pop("t", None),
        spacing_um={axis: step for axis, step in spacing.items() if axis in "zyx"},
        channels=() if image.labels_only else image.channels,
        rgb=image.rgb,
    )


def fill_from_layers(
    draft: Draft, image: ImageToWrite, said: Statements | None = None
) -> Draft:
    """Return the draft with what layers say: sizes, pixel size, channels, title.

    What a person has typed stays; what was chosen before goes.

    Parameters
    ----------
    draft : Draft
        The draft so far.
    image : ImageToWrite
        What the layers will be written as; see `pixels.layer_sets.plan_layers`.
    said : Statements, optional
        What was said of them; see `pixels.layer_sets.statements.said_of_layers`.
    """
    levels = image.data if isinstance(image.data, list | tuple) else [image.data]
    spacing = dict(image.spacing)
    filled = _filled(
        draft,
        Origin.LAYER,
        title=image.name,
        sizes=dict(zip(image.axes, levels[0].shape, strict=True)),
        dtype=str(levels[0].dtype),
        time_step_s=spacing.pop("t", None),
        spacing_um={axis: step for axis, step in spacing.items() if axis in "zyx"},
        channels=tuple(image.channels),
        rgb=image.rgb,
    )
    return filled if said is None else filled.with_said(said)


def _filled(draft: Draft, origin: Origin = Origin.FILE, **values: Any) -> Draft:
    # How large it is, nobody can know better than the file.
    facts = {name: values[name] for name in ("sizes", "dtype", "rgb")}
    cleared = _cleared(draft, values).typed(sizes={}, dtype=None, rgb=False)
    return cleared.filled(origin, **facts).filled(origin, **values)


def _cleared(draft: Draft, values: dict[str, Any]) -> Draft:
    """Take out what other pixels said, and of others what this one knows better."""

    def stays(key: str, *, is_told: bool) -> bool:
        origin = draft.origins.get(key)
        return origin not in _PIXELS and not (is_told and origin in _WEAKER)

    spacing = {
        axis: step
        for axis, step in draft.spacing_um.items()
        if stays(f"spacing_um.{axis}", is_told=axis in values["spacing_um"])
    }
    empty = {"title": None, "time_step_s": None, "channels": ()}
    gone = {
        name: value
        for name, value in empty.items()
        if not stays(name, is_told=bool(values[name]) and name != "title")
    }
    return draft.typed(spacing_um=spacing, **gone)
