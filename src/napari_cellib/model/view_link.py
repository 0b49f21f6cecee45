"""Views of an image as links: ``cellib://demo/CLB0000044?x=40.5&y=12&zoom=8&z=12``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

from napari_cellib.model.address import SCHEME, SEARCH, Address
from napari_cellib.model.search_link import left_out

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 8_000  # characters, far more than any view needs
_MOST_VALUES = 100
_MOST_LAYERS = 256
_LONGEST_NAME = 200
_FARTHEST = 1e12  # in any unit; what is written otherwise was made up
_ZOOMS = (1e-9, 1e9)
_GAMMAS = (0.01, 100.0)

Unit: TypeAlias = Literal["um", "px"]

_REGION = re.compile(r"[0-9a-f]{16}")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}|[A-Za-z0-9][A-Za-z0-9_ .:()-]{0,59}")


@dataclass(frozen=True, slots=True)
class Look:
    """How one layer is shown; what is None is as the image was opened.

    Attributes
    ----------
    contrast : tuple of float, optional
        What is shown darkest and brightest.
    color : str, optional
        Name of a map of colours, or ``#RRGGBB``.
    gamma : float, optional
        Its exponent.
    """

    contrast: tuple[float, float] | None = None
    color: str | None = None
    gamma: float | None = None


@dataclass(frozen=True, slots=True)
class ViewLink:
    """What of an image is looked at, and how; what is None is left as it is.

    Attributes
    ----------
    address : Address
        The image.
    file : str, optional
        Name of the one of its files that is shown, where it is not the best one.
    center : tuple of float, optional
        (y, x), or (z, y, x) in 3D, of the middle of the canvas.
    unit : {"um", "px"}
        Of `center` and `zoom`: micrometers or pixels of the finest level.
    zoom : float, optional
        Pixels of the screen per `unit`.
    level : int, optional
        The level that is seen; 0 is the finest.
    is_locked : bool
        Whether the level stays whatever the zoom.
    planes : dict of str to int
        Index along each axis that is scrolled through, by the name of the axis.
    is_3d : bool
        Whether it is shown as a volume.
    angles : tuple of float, optional
        How the volume is turned, in degrees.
    perspective : float, optional
        Field of view in degrees.
    shown : tuple of int, optional
        Numbers of the layers that are shown, from 0 in the order of the image.
    looks : dict of int to Look
        How layers are shown, by their number.
    region : str, optional
        The region that is meant.
    """

    address: Address
    file: str | None = None
    center: tuple[float, ...] | None = None
    unit: Unit = "um"
    zoom: float | None = None
    level: int | None = None
    is_locked: bool = False
    planes: dict[str, int] = field(default_factory=dict)
    is_3d: bool = False
    angles: tuple[float, float, float] | None = None
    perspective: float | None = None
    shown: tuple[int, ...] | None = None
    looks: dict[int, Look] = field(default_factory=dict)
    region: str | None = None

    @property
    def is_view(self) -> bool:
        """Whether it asks for more than the image."""
        return self != ViewLink(self.address)

    def __str__(self) -> str:
        parts = [(key, value) for key, value in _written(self) if value]
        asked = urlencode(parts, quote_via=quote, safe=":,#") if parts else ""
        # A sharp sign would end what is asked for.
        asked = f"?{asked.replace('#', '%23')}" if asked else ""
        return f"{self.address}{asked}{f'#{self.region}' if self.region else ''}"


@dataclass(frozen=True, slots=True)
class Followed:
    """A link that was read: what it asks for, and what of it was left out."""

    view: ViewLink
    notes: tuple[str, ...] = ()


def read_view_link(link: str) -> Followed:
    """Read an address with or without a view; no view is so damaged as to lose it.

    Parameters
    ----------
    link : str
        As pasted or dropped. It came from elsewhere, so nothing in it is trusted.

    Returns
    -------
    Followed
        What it asks for, and what of it was not understood.

    Raises
    ------
    AddressInvalid
        When not even the image can be made out.

    Examples
    --------
    >>> read_view_link("cellib://demo/CLB0000044?z=12&zoom=8").view.planes
    {'z': 12}
    """
    bare = link.strip()
    where, _, region = bare.partition("#")
    where, _, asked = where.partition("?")
    view = ViewLink(Address.parse(where if _names_an_image(bare) else bare))
    if len(bare) > LONGEST:
        return Followed(view, ("The link is too long; only its image is opened.",))
    reading = _Reading(view)
    for key, value in parse_qsl(asked, keep_blank_values=True)[:_MOST_VALUES]:
        reading.take(key, value)
    if region:
        reading.take_region(region)
    return reading.followed()


def _names_an_image(link: str) -> bool:
    low = link.lower()
    return low.startswith(SCHEME) and not low.startswith(SEARCH)


class _Reading:
    """Takes a link apart, value by value."""

    def __init__(self, view: ViewLink) -> None:
        self._view = view
        self._place: dict[str, float] = {}
        self._unknown: list[str] = []

    def take(self, key: str, value: str) -> None:
        reader = _READERS.get(key)
        try:
            if reader is not None:
                self._view = reader(self._view, value)
            elif key in ("x", "y", "depth"):
                self._place[key] = _number(value)
            elif re.fullmatch(r"[a-z]", key):
                planes = {**self._view.planes, key: _count(value)}
                self._view = replace(self._view, planes=planes)
            else:
                self._unknown.append(f"{key}={value}")
        except ValueError:
            self._unknown.append(f"{key}={value}")

    def take_region(self, region: str) -> None:
        if _REGION.fullmatch(region):
            self._view = replace(self._view, region=region)
        else:
            self._unknown.append(f"#{region}")

    def followed(self) -> Followed:
        place, view = self._place, self._view
        if {"y", "x"} <= place.keys():
            deep = (place["depth"],) if "depth" in place else ()
            view = replace(view, center=(*deep, place["y"], place["x"]))
        elif place:  # half a place is none
            self._unknown += [f"{key}={value:g}" for key, value in place.items()]
        if view.is_locked and view.level is None:
            self._unknown.append("lock=1")
            view = replace(view, is_locked=False)
        if view.center is None and view.zoom is None:
            view = replace(view, unit="um")  # of nothing
        return Followed(view, left_out(self._unknown))


def _number(text: str, least: float = -_FARTHEST, most: float = _FARTHEST) -> float:
    value = float(text) if len(text) <= 40 else math.nan
    if not least <= value <= most:  # nor is what is no number
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


def _one_of(text: str, *known: str) -> str:
    if text not in known:
        raise ValueError(text)
    return text


def _angles(text: str) -> tuple[float, float, float]:
    first, second, third = text.split(",")
    return (
        _number(first, -720, 720),
        _number(second, -720, 720),
        _number(third, -720, 720),
    )


def _layers(text: str) -> tuple[int, ...]:
    numbers = [_count(one) for one in text.split(",") if one != "none"]
    if len(numbers) > _MOST_LAYERS or any(n >= _MOST_LAYERS for n in numbers):
        raise ValueError(text)
    return tuple(sorted(set(numbers)))


def _with_looks(
    view: ViewLink, text: str, read: Callable[[Look, list[str]], Look]
) -> ViewLink:
    """Add to the looks what ``NUMBER:VALUE[:VALUE],…`` says of each layer."""
    looks = dict(view.looks)
    for part in text.split(","):
        number, *values = part.split(":", 2)
        (key,) = _layers(number)
        looks[key] = read(looks.get(key, Look()), values)
    return replace(view, looks=looks)


def _contrast(look: Look, values: list[str]) -> Look:
    start, end = map(_number, values)
    if not start < end:
        raise ValueError(values)
    return replace(look, contrast=(start, end))


def _color(look: Look, values: list[str]) -> Look:
    text = ":".join(values)
    if not _COLOR.fullmatch(text):
        raise ValueError(text)
    return replace(look, color=text)


def _gamma(look: Look, values: list[str]) -> Look:
    (text,) = values
    return replace(look, gamma=_number(text, *_GAMMAS))


def _file(view: ViewLink, text: str) -> ViewLink:
    if not text or len(text) > _LONGEST_NAME or not text.isprintable() or "/" in text:
        raise ValueError(text)
    return replace(view, file=text)


_READERS: dict[str, Callable[[ViewLink, str], ViewLink]] = {
    "file": _file,
    "unit": lambda view, text: replace(
        view, unit="px" if _one_of(text, "um", "px") == "px" else "um"
    ),
    "zoom": lambda view, text: replace(view, zoom=_number(text, *_ZOOMS)),
    "level": lambda view, text: replace(view, level=min(_count(text), 99)),
    "lock": lambda view, text: replace(view, is_locked=_one_of(text, "0", "1") == "1"),
    "mode": lambda view, text: replace(view, is_3d=_one_of(text, "2d", "3d") == "3d"),
    "angles": lambda view, text: replace(view, angles=_angles(text)),
    "perspective": lambda view, text: replace(
        view, perspective=_number(text, 0.0, 179.0)
    ),
    "channels": lambda view, text: replace(view, shown=_layers(text)),
    "contrast": lambda view, text: _with_looks(view, text, _contrast),
    "color": lambda view, text: _with_looks(view, text, _color),
    "gamma": lambda view, text: _with_looks(view, text, _gamma),
}


def _written(view: ViewLink) -> list[tuple[str, str]]:
    """Return all that a link says, in the order in which a person reads it."""
    place = dict(zip(("x", "y", "depth"), reversed(view.center or ()), strict=False))
    is_measured = bool(place) or view.zoom is not None
    looks = sorted(view.looks.items())
    shown = view.shown
    return [
        ("file", view.file or ""),
        *((key, _text(value)) for key, value in place.items()),
        ("zoom", _text(view.zoom)),
        ("unit", "px" if is_measured and view.unit == "px" else ""),
        *((axis, str(index)) for axis, index in sorted(view.planes.items())),
        ("level", "" if view.level is None else str(view.level)),
        ("lock", "1" if view.is_locked else ""),
        ("mode", "3d" if view.is_3d else ""),
        ("angles", ",".join(map(_text, view.angles or ()))),
        ("perspective", _text(view.perspective)),
        ("channels", "" if shown is None else ",".join(map(str, shown)) or "none"),
        (
            "contrast",
            ",".join(
                f"{n}:{_text(look.contrast[0])}:{_text(look.contrast[1])}"
                for n, look in looks
                if look.contrast
            ),
        ),
        ("color", ",".join(f"{n}:{look.color}" for n, look in looks if look.color)),
        (
            "gamma",
            ",".join(
                f"{n}:{_text(look.gamma)}"
                for n, look in looks
                if look.gamma is not None
            ),
        ),
    ]


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.7g}"
