"""What is asked about: a layer of the viewer or a part of it, or a library's image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_cellib.compare.opening import open_subject
from napari_cellib.jobs import Progress
from napari_cellib.library import OpenLibrary
from napari_cellib.model import Address
from napari_cellib.viewmodels.comparing.measuring import record_of
from napari_cellib.viewmodels.comparing.parts import WHOLE, Part

if TYPE_CHECKING:
    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.comparing.sides import Side
    from napari_cellib.viewmodels.libraries import Libraries


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """An image to which others are to be like.

    Attributes
    ----------
    name : str
        What a person calls it.
    side : Side or None
        The layer that shows it.
    address : str or None
        Its ``cellib://`` address, if it is of a library.
    """

    name: str
    side: Side | None = None
    address: str | None = None

    @property
    def key(self) -> str:
        """What tells it from other sources."""
        return f"layer {self.name}" if self.side else str(self.address)

    @property
    def is_scaled(self) -> bool:
        """Whether the size of its pixels is known; what a library has will say it."""
        return self.side is None or None not in self.side.pixel_sizes_um

    def read_job(
        self,
        libraries: Libraries,
        *,
        point: tuple[float, ...] = (),
        part: Part = WHOLE,
        pixel_size_um: float | None = None,
    ) -> Job[Subject]:
        """Return the job that reads it.

        Parameters
        ----------
        libraries : Libraries
            Where it is found.
        point : tuple of float
            The place in the world, of a layer.
        part : Part
            What of a layer is meant.
        pixel_size_um : float, optional
            Side of a pixel, where it is not known, or wrong.
        """
        if self.side is None:
            return _read(libraries, self, pixel_size_um)
        return _read_layer(libraries, self.side, point, part, pixel_size_um)


def of_layer(side: Side) -> Source:
    """Return a layer as a source."""
    return Source(name=side.name, side=side, address=side.address)


def of_record(library: str, record: str, title: str) -> Source:
    """Return an image of a library as a source."""
    return Source(name=title, address=str(Address(library=library, record=record)))


def _read_layer(
    libraries: Libraries,
    side: Side,
    point: tuple[float, ...],
    part: Part,
    pixel_size_um: float | None,
) -> Job[Subject]:
    yield Progress(f"Reading {side.name}")
    record, name = record_of(libraries, side.address)
    return side.read(
        point,
        part=part,
        pixel_size_um=pixel_size_um,
        record=record,
        library_name=name,
    )


def _read(
    libraries: Libraries, source: Source, pixel_size_um: float | None
) -> Job[Subject]:
    yield Progress(f"Reading {source.name}")
    address = Address.parse(str(source.address))
    settings = libraries.settings
    library = OpenLibrary(libraries.get(address.library), settings=settings)
    subject = yield from open_subject(
        library[address.record], timeout_s=settings.timeout_s
    )
    if pixel_size_um is None:
        return subject
    return replace(subject, pixel_size_um=pixel_size_um)
