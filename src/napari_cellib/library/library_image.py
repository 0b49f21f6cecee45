"""One image of a library, as a notebook holds it in its hands."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from napari_cellib.citing import cite
from napari_cellib.errors import PixelsNotFound
from napari_cellib.jobs import drive
from napari_cellib.library.table import data_frame
from napari_cellib.model import Address
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas

    from napari_cellib.citing import Style
    from napari_cellib.library.protocol import Library
    from napari_cellib.model import (
        Contributor,
        Dimensions,
        ImageRecord,
        Licence,
        Representation,
        Term,
        TermField,
    )
    from napari_cellib.model.statement import Statements
    from napari_cellib.pixels.multiscale import MultiscaleImage


class LibraryImage:
    """One image of a library: its record, and the way to its pixels.

    Parameters
    ----------
    library : Library
        Where the record comes from.
    record : ImageRecord
        All that is known of the image.
    settings : Settings, optional
        Say where downloaded images are kept; defaults to those of this user.
    warnings : tuple of str, optional
        Which libraries did not say whether they have an image of that number, too.
    """

    def __init__(
        self,
        library: Library,
        record: ImageRecord,
        *,
        settings: Settings | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._library = library
        self._settings = settings
        self.record = record
        self.warnings = warnings

    @property
    def id(self) -> str:
        """Identifier within the library."""
        return self.record.id

    @property
    def library_id(self) -> str:
        """Name of the library in addresses."""
        return self._library.info.id

    @property
    def library_name(self) -> str:
        """Name of the library as a person reads it."""
        return self._library.info.name

    @property
    def title(self) -> str:
        """Title of the image."""
        return self.record.title

    @property
    def description(self) -> str | None:
        """What the image shows, in words; None if nobody said."""
        return self.record.description

    @property
    def licence(self) -> Licence | None:
        """What the image may be used for; None is unknown."""
        return self.record.licence

    @property
    def contributors(self) -> tuple[Contributor, ...]:
        """Who made the image."""
        return self.record.contributors

    @property
    def dimensions(self) -> Dimensions | None:
        """Size in pixels and spacing in micrometers; None is unknown."""
        return self.record.dimensions

    @property
    def address(self) -> str:
        """The ``cellib://`` address of the image."""
        return str(Address(library=self.library_id, record=self.record.id))

    @property
    def statements(self) -> Statements:
        """All that was ever said of the image and its regions; see `annotations`."""
        return self._library.statements(self.record.id)

    def annotations(self, *, history: bool = False) -> pandas.DataFrame:
        """Return what is said of the image and its regions, a statement per row.

        The columns are those of ``cellib annotations --csv``; needs pandas.

        Parameters
        ----------
        history : bool, default: False
            Whether also what was superseded, taken away or rejected.

        Raises
        ------
        MissingExtra
            When pandas is not installed.
        """
        from napari_cellib.library.annotation_table import COLUMNS, annotation_rows

        said = self.statements if history else self.statements.present
        return data_frame(list(annotation_rows(self.id, said)), COLUMNS)

    def terms(self, field: TermField) -> tuple[Term, ...]:
        """Return the terms of one field."""
        return self.record.terms(field)

    def pixels(self) -> MultiscaleImage:
        """Return the pixels as lazy arrays, with axes, scale and channels.

        Files of archives are downloaded first, and kept.

        Raises
        ------
        PixelsNotFound
            When the library has no pixels of the image.
        DownloadFailed
            When they cannot be had.
        """
        where = self.located()
        from napari_cellib.pixels.disk_cache import DiskCache
        from napari_cellib.pixels.image import open_image  # zarr and dask: 0.5 s

        settings = self._settings or Settings.load()
        disk = DiskCache.if_offline(settings)
        file = self.record.best_file(settings.cache_bytes)
        known = file.manifest if file is not None and file.role == "pyramid" else None
        return drive(
            open_image(where, timeout_s=settings.timeout_s, disk=disk, known=known)
        )

    def located(self) -> str:
        """Return the folder or address of the pixels, an OME-Zarr.

        Files of archives are downloaded first, and kept.

        Raises
        ------
        PixelsNotFound
            When the library has no pixels of the image.
        DownloadFailed
            When they cannot be had.
        """
        settings = self._settings or Settings.load()
        file = self.record.best_file(settings.cache_bytes)
        if file is None:
            raise PixelsNotFound(self.address)
        where = self._library.locate(file)
        if file.role == "pyramid":
            return where
        return self._fetched(file, where, settings)

    def is_at_hand(self) -> bool:
        """Say whether its pixels can be read without downloading a whole file first."""
        settings = self._settings or Settings.load()
        file = self.record.best_file(settings.cache_bytes)
        if file is None or file.role == "pyramid":
            return file is not None
        from napari_cellib.library.fetching import ImageFile, is_at_hand
        from napari_cellib.library.image_cache import ImageCache

        wanted = ImageFile.of(self.record, file, self._library.locate(file))
        return is_at_hand(wanted, ImageCache.of(settings))

    def _fetched(self, file: Representation, where: str, settings: Settings) -> str:
        from napari_cellib.library.fetching import ImageFile, fetch_image
        from napari_cellib.library.image_cache import ImageCache

        wanted, cache = ImageFile.of(self.record, file, where), ImageCache.of(settings)
        job = fetch_image(wanted, cache, timeout_s=settings.timeout_s)
        return str(drive(job).folder)

    def thumbnail(self) -> bytes | None:
        """Return a small picture as PNG or JPEG bytes, or None if there is none."""
        return self._library.thumbnail(self.record.id)

    def siblings(self) -> tuple[LibraryImage, ...]:
        """Return the other images of the same group or study, by title."""
        return tuple(
            LibraryImage(self._library, record, settings=self._settings)
            for record in self._library.siblings(self.record.id)
        )

    def citation(self, style: Style = "text") -> str:
        """Return how to cite the image, or its description; see `citing.cite`.

        Parameters
        ----------
        style : {"text", "bibtex", "ris", "csl", "datacite", "cff", "ro-crate"}
            In words, for a reference manager, or as metadata for others.
        """
        said = self.statements if style == "ro-crate" else None
        return cite(self.record, self._library.info.name, style, said)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LibraryImage):
            return NotImplemented
        return self.address == other.address and self.record == other.record

    def __hash__(self) -> int:
        return hash(self.address)

    def __repr__(self) -> str:
        return f"<{self.address} {self.title!r}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td>{escape(value)}</td></tr>"
            for name, value in self._facts()
        )
        # Everything but the frame comes from a library, so nothing of it is HTML.
        return (
            "<div style='display:flex;gap:1em'>"
            f"{self._picture_html()}<div><b>{escape(self.title)}</b>"
            f"<table>{rows}</table></div></div>"
        )

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "Address", self.address
        by = "; ".join(person.name for person in self.contributors)
        if by:
            yield "By", by
        if self.dimensions is not None:
            sizes = self.dimensions.sizes.items()
            yield "Size", " × ".join(f"{axis} {length}" for axis, length in sizes)
        yield "Licence", self.licence.name if self.licence else "not stated"

    def _picture_html(self) -> str:
        content = self.thumbnail()
        if content is None:
            return ""
        kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
        data = base64.b64encode(content).decode()
        return f"<img alt='' height='128' src='data:image/{kind};base64,{data}'>"
