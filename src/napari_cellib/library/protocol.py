"""What every library, embedded or remote, can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from napari_cellib.errors import LibraryReadOnly
from napari_cellib.model._base import Model, Text
from napari_cellib.model.address import LibraryId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord, Page, Query, Representation
    from napari_cellib.model.statement import Statements


class LibraryInfo(Model):
    """What a library says of itself."""

    id: LibraryId
    name: Text
    location: Text
    writable: bool = False


@runtime_checkable
class Library(Protocol):
    """A searchable collection of image records.

    Every method may wait for a disk or a network: panels call them in a job. All
    may be called from any thread.
    """

    @property
    def info(self) -> LibraryInfo:
        """Id, name and place of the library."""
        ...

    def search(self, query: Query) -> Page:
        """Return one page of hits and, if the query asks for them, facet counts.

        Raises
        ------
        QueryInvalid
            When the cursor is none of this query's.
        """
        ...

    def record(self, record_id: str) -> ImageRecord:
        """Return one record, with its raw source document.

        Raises
        ------
        RecordNotFound
            When no record has that id.
        """
        ...

    def statements(self, record_id: str) -> Statements:
        """Return all that was ever said of a record and its regions.

        Raises
        ------
        RecordNotFound
            When no record has that id.
        """
        ...

    def siblings(self, record_id: str) -> tuple[ImageRecord, ...]:
        """Return the other images of the same group or study, by title."""
        ...

    def thumbnail(self, record_id: str) -> bytes | None:
        """Return the thumbnail as PNG or JPEG bytes, or None if there is none."""
        ...

    def locate(self, representation: Representation) -> str:
        """Return the path or URL under which a representation can be opened."""
        ...

    def close(self) -> None:
        """Release files and connections; the library cannot be used afterwards."""
        ...


@runtime_checkable
class AnnotatableLibrary(Library, Protocol):
    """A library in which something may be said of its images."""

    def annotate(self, record_id: str, said: Statements) -> Statements:
        """Add what was not yet said of a record, and return all that is said of it."""
        ...

    def annotate_many(self, said: Mapping[str, Statements]) -> Job[int]:
        """Add what was not yet said of many records; return how many have changed."""
        ...


def annotatable(library: Library) -> AnnotatableLibrary:
    """Return a library as one in which something may be said.

    Raises
    ------
    LibraryReadOnly
        When it is none.
    """
    if not isinstance(library, AnnotatableLibrary):
        raise LibraryReadOnly(library.info.location)
    return library
