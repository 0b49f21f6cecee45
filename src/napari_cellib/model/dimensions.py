"""How large an image is: axes, sizes, spacing and channels."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, PositiveInt, model_validator

from napari_cellib.model._base import Micrometers, Model, Seconds, Text
from napari_cellib.model.term import Term

Axis: TypeAlias = Literal["t", "c", "z", "y", "x"]
SpaceAxis: TypeAlias = Literal["z", "y", "x"]
# The axis of a plate along which it was imaged again, in layers and on their slider.
ACQUISITION = "acquisition"


class Window(Model):
    """Contrast limits: what is shown, and the range that the data can have."""

    start: float
    end: float
    min: float | None = None
    max: float | None = None
    estimated: bool = Field(
        default=False, description="computed from the pixels, not chosen by a person"
    )


class Channel(Model):
    """One channel of an image."""

    name: Text | None = None
    color: Annotated[str, Field(pattern=r"^[0-9A-F]{6}$")] | None = Field(
        default=None, description="RRGGBB, upper case", examples=["00FF00"]
    )
    window: Window | None = None
    inverted: bool = Field(
        default=False, description="shown with dark and bright exchanged: a negative"
    )
    emission_nm: Annotated[float, Field(gt=0)] | None = None
    excitation_nm: Annotated[float, Field(gt=0)] | None = None
    term: Term | None = Field(default=None, description="what the channel shows")


class Dimensions(Model):
    """Sizes in pixels, spacing in micrometers, time in seconds; unknown is None."""

    sizes: dict[Axis, PositiveInt] = Field(
        description="length of each axis, slowest axis first", min_length=1
    )
    spacing_um: dict[SpaceAxis, Micrometers] = Field(
        default_factory=dict, description="pixel size; an absent axis is unknown"
    )
    time_step_s: Seconds | None = None
    channels: tuple[Channel, ...] = ()
    dtype: Text | None = Field(default=None, examples=["uint16"])
    rgb: bool = Field(
        default=False, description="the channels are red, green and blue of one picture"
    )
    inferred: tuple[Text, ...] = Field(
        default=(), description="names of the fields that we inferred"
    )

    @model_validator(mode="after")
    def _channels_fit(self) -> Dimensions:
        count = self.sizes.get("c", 1)
        if self.channels and len(self.channels) != count:
            raise ValueError(f"{len(self.channels)} channels named, {count} present")
        return self

    @property
    def axes(self) -> str:
        """Axis names, slowest first, e.g. ``"czyx"``."""
        return "".join(self.sizes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, in the order of `axes`."""
        return tuple(self.sizes.values())
