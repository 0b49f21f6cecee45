"""What a search found, fetched page by page as it is looked at."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from napari_cellib.library.library_image import LibraryImage
from napari_cellib.library.several import SeveralLibraries
from napari_cellib.library.table import COLUMNS, data_frame, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas

    from napari_cellib.library.protocol import Library
    from napari_cellib.model import Facet, ImageRecord, Page, Query
    from napari_cellib.settings import Settings

_SHOWN = 5  # images in a printed answer


class Results:
    """What a search found: iterate over it, and pages are fetched as needed.

    Parameters
    ----------
    library : Library
        Where to search.
    query : Query
        What for.
    limit : int or None
        How many images to give at most; None gives all.
    settings : Settings, optional
        Say where downloaded images are kept; defaults to those of this user.
    notes : tuple of str
        What of a link was left out.
    """

    def __init__(
        self,
        library: Library,
        query: Query,
        *,
        limit: int | None = None,
        settings: Settings | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._library = library
        self._notes = notes
        self._query = query
        self._limit = limit
        self._settings = settings
        self._first = library.search(query)

    @property
    def query(self) -> Query:
        """What was asked."""
        return self._query

    @property
    def total(self) -> int:
        """How many images match, whatever the limit."""
        return self._first.total

    @property
    def total_is_exact(self) -> bool:
        """Whether so many match: copies, and libraries that fail, make it uncertain."""
        return self._first.total_is_exact

    @property
    def total_in_words(self) -> str:
        """How many images match, and how far that can be relied on."""
        return self._first.total_in_words

    @property
    def libraries(self) -> tuple[str, ...]:
        """The libraries that were searched, by name."""
        if isinstance(self._library, SeveralLibraries):
            return tuple(member.id for member in self._library.members)
        return (self._library.info.id,)

    @property
    def facets(self) -> tuple[Facet, ...]:
        """By what the results can be narrowed down, with counts."""
        return self._first.facets

    @property
    def facets_note(self) -> str:
        """What to know of the counts; empty if there is nothing."""
        return self._first.facets_note

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the answer may lack something, and what was not understood."""
        return (*self._notes, *self._first.warnings)

    @property
    def suggestion(self) -> str | None:
        """A text that finds much more, where next to nothing was found."""
        return self._first.suggestion

    def __len__(self) -> int:
        return self.total if self._limit is None else min(self.total, self._limit)

    def __iter__(self) -> Iterator[LibraryImage]:
        given = 0
        for page in self._pages():
            for hit in page.hits:
                if given == self._limit:
                    return
                given += 1
                home = home_of(self._library, hit.record)
                yield LibraryImage(home, hit.record, settings=self._settings)

    def __repr__(self) -> str:
        shown = [f"  {image!r}" for image in islice(self, _SHOWN)]
        if self.total > len(shown):
            shown.append(f"  and {self.total - len(shown)} more")
        return "\n".join(
            [f"<{self.total} images of {' and '.join(self.libraries)}>", *shown]
        )

    def to_dataframe(self) -> pandas.DataFrame:
        """Return one row per image; needs pandas.

        The columns are those of ``cellib search --csv``.

        Raises
        ------
        MissingExtra
            When pandas is not installed.
        """
        return data_frame([row_of(image) for image in self], COLUMNS)

    def _pages(self) -> Iterator[Page]:
        page = self._first
        yield page
        while page.next is not None:
            # Counted once; every further page is only hits.
            page = self._library.search(
                self._query.model_copy(update={"cursor": page.next, "facets": False})
            )
            yield page


def home_of(library: Library, record: ImageRecord) -> Library:
    """Return the library that holds a record; one of several, if they were asked."""
    return library.home(record) if isinstance(library, SeveralLibraries) else library
