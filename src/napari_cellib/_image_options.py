"""Options of the command line that say which part of an image is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from contextlib import ExitStack

    from napari_cellib.library import OpenLibrary
    from napari_cellib.settings import Settings

_PIXEL_SIZE = "side of a pixel in micrometers, where it is not said or wrong"


def add_pixel_size(parser: argparse.ArgumentParser, whose: str = "") -> None:
    """Add ``--pixel-size`` to a command, or as in ``--reference-pixel-size``."""
    parser.add_argument(
        f"--{whose}pixel-size", type=float, metavar="UM", help=_PIXEL_SIZE
    )


def add_part(parser: argparse.ArgumentParser) -> None:
    """Add ``--z``, ``--t``, ``--region`` and ``--label`` to a command."""
    parser.add_argument("--z", type=int, help="plane of the image, from 0")
    parser.add_argument("--t", type=int, help="time of the image, from 0")
    parser.add_argument(
        "--region", metavar="PARTS", help="of the image, as in y=0:512,x=100:300"
    )
    parser.add_argument(
        "--label", type=int, metavar="N", help="one object of the image's labels"
    )


def opening(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return how the image is to be opened, for `compare.opening.open_subject`."""
    from napari_cellib.pixels.regions import parse_region

    part = {name: getattr(arguments, name) for name in ("z", "t", "label")}
    region = parse_region(arguments.region) if arguments.region else None
    return {"pixel_size_um": arguments.pixel_size, "region": region, **part}


def image_at(place: str, settings: Settings, opened: ExitStack) -> Any:
    """Return an image of a library as such, and anything else as it is."""
    from napari_cellib.library import open_library
    from napari_cellib.model import Address
    from napari_cellib.model.address import SCHEME

    if not place.lower().startswith(SCHEME):
        return place
    address = Address.parse(place)
    library: OpenLibrary = opened.enter_context(
        open_library(address.library, settings=settings)
    )
    return library[address.record]
